#include "service/inputs.h"

#include <doctest/doctest.h>

#include "protocol/readers.h"
#include "service/workshop.h"

using namespace baton;
using namespace baton::test;
using service::InputKind;

namespace {

const std::string k_task = R"({"id": "t-1", "title": "Fix typo in README.md"})";

/// Everything in the drop folder and the folders of results and commands is looked at.
void look(Run& run) {
  for (const char* folder : {"task-queue.d", "orchestrator/commands", "masters/development/handoffs"})
    for (const std::string& name : run.workshop.list(folder)) run.intake.look_again(std::string(folder) + "/" + name);
  run.take();
}

core::InputRef take(Run& run, const std::string& path, InputKind kind = InputKind::drop, std::string bytes = {}) {
  return run.inputs.take(kind, path, run.workshop.identity(path), std::move(bytes));
}

int count(const Workshop& workshop, const std::string& text) {
  const std::string feed = workshop.get("dashboard-events.jsonl");
  int n = 0;
  for (auto at = feed.find(text); at != std::string::npos; at = feed.find(text, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("a dropped task is accepted; a crash at any step counts it once") {
  const int stops = crash_everywhere([](Workshop& workshop) { workshop.drop("task-queue.d/t.json", k_task); }, look,
                                     [](Run& run) {
                                       for (const std::string& path : run.inputs.file()) run.intake.look_again(path);
                                       static_cast<void>(run.feed.append());
                                       look(run);
                                       CHECK(run.core.task("t-1") != nullptr);
                                       CHECK(run.workshop.list("task-queue.d").empty());
                                       CHECK(run.workshop.list("task-queue.d/accepted") == std::vector<std::string>{"t.json"});
                                       CHECK(run.workshop.get("task-queue.d/accepted/t.json") == k_task);
                                       CHECK(count(run.workshop, "task_received") == 1);
                                       CHECK(run.workshop.list("task-queue.d/rejected").empty());
                                     });
  CHECK(stops >= 6);
}

TEST_CASE("a refused file has its reason beside it; a crash at any step keeps both whole") {
  const int stops = crash_everywhere(
      [](Workshop& workshop) { workshop.drop("task-queue.d/t.json", "{\"title\": "); }, look,
      [](Run& run) {
        for (const std::string& path : run.inputs.file()) run.intake.look_again(path);
        static_cast<void>(run.feed.append());
        look(run);
        CHECK(run.workshop.list("task-queue.d", true).empty());
        CHECK(run.workshop.list("task-queue.d/rejected") == std::vector<std::string>{"t.json", "t.json.error.json"});
        CHECK(run.workshop.document("task-queue.d/rejected/t.json.error.json").contains("message"));
        CHECK(count(run.workshop, "task_rejected") == 1);
      });
  CHECK(stops >= 6);
}

TEST_CASE("nothing is overwritten: taken names get a number, and each refused file keeps its own reason") {
  Workshop workshop;
  Run run(workshop);
  for (const char* bytes : {"[", "{", "nothing"}) {
    workshop.drop("task-queue.d/t.json", bytes);
    look(run);
  }
  const std::string folder = "task-queue.d/rejected/";
  CHECK(workshop.get(folder + "t.json") == "[");
  CHECK(workshop.get(folder + "t.json.1") == "{");
  CHECK(workshop.get(folder + "t.json.2") == "nothing");
  CHECK(workshop.list(folder).size() == 6);
  CHECK(workshop.get(folder + "t.json.error.json") != workshop.get(folder + "t.json.2.error.json"));
}

TEST_CASE("a command is answered and removed; a crash at any step answers it") {
  const std::string request = R"({"command": "retry", "task_id": "nobody"})";
  const int stops = crash_everywhere([&](Workshop& workshop) { workshop.drop("orchestrator/commands/c.json", request); }, look,
                                     [](Run& run) {
                                       for (const std::string& path : run.inputs.file()) run.intake.look_again(path);
                                       look(run);
                                       CHECK(run.workshop.list("orchestrator/commands").empty());
                                       const json answer = run.workshop.document("orchestrator/commands/done/c.json");
                                       CHECK(answer["ok"] == false);
                                       CHECK(answer["command"] == "retry");
                                       CHECK_FALSE(answer["message"].get<std::string>().empty());
                                     });
  CHECK(stops >= 4);
}

TEST_CASE("a command is answered even when its request was taken away") {
  Workshop workshop;
  Run run(workshop);
  workshop.drop("orchestrator/commands/c.json", "{\"command\": \"pause\"}");
  static_cast<void>(run.turn([&](service::Turn& turn) {
    const auto input = take(run, "orchestrator/commands/c.json", InputKind::command, "{\"command\": \"pause\"}");
    turn.changes.effects.emplace_back(core::AnswerCommand{input, true, "done"});
    workshop.remove("orchestrator/commands/c.json");
  }));
  CHECK(workshop.document("orchestrator/commands/done/c.json")["message"] == "done");
}

TEST_CASE("a file that is replaced between reading and filing is new input") {
  Workshop workshop;
  Run run(workshop);
  workshop.drop("task-queue.d/t.json", k_task);
  static_cast<void>(run.turn([&](service::Turn& turn) {
    turn.changes.effects.emplace_back(core::AcceptInput{take(run, "task-queue.d/t.json")});
    workshop.drop("task-queue.d/t.json", R"({"id": "t-2", "title": "Another"})");
  }));
  CHECK(workshop.has("task-queue.d/t.json"));
  CHECK(workshop.list("task-queue.d/accepted").empty());
  CHECK_FALSE(run.inputs.known("task-queue.d/t.json", workshop.identity("task-queue.d/t.json")));
}

TEST_CASE("a file that is replaced at the very rename goes back, under another name when its own is taken") {
  for (const bool taken : {false, true}) {
    CAPTURE(taken);
    Workshop workshop;
    Run run(workshop);
    workshop.drop("task-queue.d/t.json", k_task);
    workshop.files.count_only([](Primitive primitive, const std::string& path) {
      return primitive == Primitive::rename && path.starts_with("task-queue.d/");
    });
    workshop.files.before(1, [&] { workshop.drop("task-queue.d/t.json", R"({"id": "t-2", "title": "Second"})"); });
    if (taken) workshop.files.after(1, [&] { workshop.drop("task-queue.d/t.json", R"({"id": "t-3", "title": "Third"})"); });
    static_cast<void>(run.turn(
        [&](service::Turn& turn) { turn.changes.effects.emplace_back(core::AcceptInput{take(run, "task-queue.d/t.json")}); }));
    workshop.files.clear();
    CHECK(run.intake.more());
    look(run);
    CHECK(run.core.task("t-2") != nullptr);
    CHECK((run.core.task("t-3") != nullptr) == taken);
    CHECK(workshop.list("task-queue.d").empty());
    CHECK(workshop.list("task-queue.d/accepted").size() == (taken ? 2 : 1));
  }
}

TEST_CASE("what was filed and is moved back by hand is a new drop") {
  Workshop workshop;
  Run run(workshop);
  workshop.drop("task-queue.d/x.json", R"({"title": "Fix typo in README.md"})");
  look(run);
  REQUIRE(run.core.task("x") != nullptr);
  workshop.move("task-queue.d/accepted/x.json", "task-queue.d/y.json");
  look(run);
  CHECK(run.core.task("y") != nullptr);
  workshop.move("task-queue.d/accepted/y.json", "task-queue.d/x.json");
  CHECK_FALSE(run.inputs.known("task-queue.d/x.json", workshop.identity("task-queue.d/x.json")));
}

TEST_CASE("a document that cannot be filed is not taken twice, and filed when it can be") {
  Workshop workshop;
  Run run(workshop);
  workshop.drop("task-queue.d/t.json", k_task);
  workshop.files.count_only([](Primitive primitive, const std::string& path) {
    return primitive == Primitive::rename && path == "task-queue.d/t.json";
  });
  workshop.files.fail_all(Error{ErrorCode::io, "no", {}, {}});
  look(run);
  CHECK(run.inputs.retry_due());
  look(run);
  CHECK(count(workshop, "task_received") == 1);
  workshop.files.clear();
  CHECK(run.inputs.file().empty());
  CHECK_FALSE(run.inputs.retry_due());
  CHECK(workshop.list("task-queue.d/accepted").size() == 1);
}

TEST_CASE("a place that cannot be looked at is not taken for filed") {
  Workshop workshop;
  Run run(workshop);
  workshop.drop("task-queue.d/t.json", k_task);
  static_cast<void>(run.turn([&](service::Turn& turn) {
    turn.changes.effects.emplace_back(core::AcceptInput{take(run, "task-queue.d/t.json")});
    workshop.files.count_only([](Primitive primitive, const std::string&) { return primitive == Primitive::stat; });
    workshop.files.fail_all(Error{ErrorCode::io, "Permission denied", {}, {}});
  }));
  workshop.files.clear();
  CHECK(run.inputs.retry_due());
  CHECK(run.inputs.known("task-queue.d/t.json", workshop.identity("task-queue.d/t.json")));
}

TEST_CASE("a file of another kind is left and reported once, until it changes or goes") {
  Workshop workshop;
  workshop.drop("task-queue.d/notes.txt", "hello");
  {
    Run run(workshop);
    look(run);
    look(run);
    CHECK(count(workshop, "document_rejected") == 1);
  }
  {
    Run run(workshop);
    run.inputs.file();
    run.inputs.forget_missing();
    look(run);
    CHECK(count(workshop, "document_rejected") == 1);
    workshop.drop("task-queue.d/notes.txt", "hello again");
    look(run);
    CHECK(count(workshop, "document_rejected") == 2);
    CHECK(workshop.get("task-queue.d/notes.txt") == "hello again");
  }
  workshop.remove("task-queue.d/notes.txt");
  {
    Run run(workshop);
    run.inputs.forget_missing();
    static_cast<void>(run.turn([](service::Turn&) {}));
  }
  Run run(workshop);
  CHECK(run.loaded.inputs.empty());
}

TEST_CASE("rows go once the folders are synced") {
  Workshop workshop;
  {
    Run run(workshop);
    workshop.drop("task-queue.d/t.json", k_task);
    look(run);
    CHECK(run.inputs.sync_due());
  }
  {
    Run run(workshop);
    REQUIRE(run.loaded.inputs.size() == 1);
    CHECK(run.inputs.file().empty());
    REQUIRE(run.inputs.sync().has_value());
    CHECK_FALSE(run.inputs.sync_due());
    static_cast<void>(run.turn([](service::Turn&) {}));
  }
  Run run(workshop);
  CHECK(run.loaded.inputs.empty());
  CHECK(run.loaded.last_input_id > 0);
}
