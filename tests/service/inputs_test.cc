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

TEST_CASE("a file of another kind is left and reported once, as long as something has its name") {
  Workshop workshop;
  const std::string path = "task-queue.d/agent.log";
  workshop.drop(path, "one line");
  {
    Run run(workshop);
    look(run);
    for (int n = 0; n < 5; ++n) {
      workshop.drop(path, "another line " + std::to_string(n));
      look(run);
    }
    CHECK(count(workshop, "document_rejected") == 1);
  }
  {
    Run run(workshop);
    REQUIRE(run.loaded.inputs.size() == 1);
    run.intake.list_again();
    run.take();
    CHECK(count(workshop, "document_rejected") == 1);
    CHECK(workshop.get(path) == "another line 4");
    workshop.remove(path);
    run.intake.notice({platform::Notice::What::gone, "task-queue.d", "agent.log"});
    run.take();
    CHECK_FALSE(run.inputs.is_left(path));
    workshop.drop(path, "a new one");
    look(run);
    CHECK(count(workshop, "document_rejected") == 2);
  }
  workshop.remove(path);
  {
    Run run(workshop);
    run.intake.list_again();
    run.take();
    static_cast<void>(run.turn([](service::Turn&) {}));
  }
  Run run(workshop);
  CHECK(run.loaded.inputs.empty());
}

TEST_CASE("what is left where it is: a newer one takes over the row, and one that is noted lazily goes with the next commit") {
  Workshop workshop;
  const std::string path = "worker-specs/completed/w.json";
  workshop.put(path, "1");
  {
    Run run(workshop);
    run.inputs.leave_lazily(path, workshop.identity(path));
    CHECK(run.inputs.owes_journal());
    CHECK(run.inputs.known(path, workshop.identity(path)));
    workshop.put(path, "22");
    CHECK_FALSE(run.inputs.known(path, workshop.identity(path)));
    run.inputs.leave_lazily(path, workshop.identity(path));
    static_cast<void>(run.turn([](service::Turn&) {}));
    CHECK_FALSE(run.inputs.owes_journal());
  }
  Run run(workshop);
  REQUIRE(run.loaded.inputs.size() == 1);
  CHECK(run.inputs.known(path, workshop.identity(path)));
  run.inputs.keep_only("worker-specs", {});
  CHECK(run.inputs.is_left(path));
  run.inputs.keep_only("worker-specs/completed", {{"w.json", platform::FileType::regular}});
  CHECK(run.inputs.is_left(path));
  run.inputs.keep_only("worker-specs/completed", {{"v.json", platform::FileType::regular}});
  CHECK_FALSE(run.inputs.is_left(path));
}

TEST_CASE("rows go once the folders are synced") {
  Workshop workshop;
  {
    Run run(workshop);
    workshop.drop("task-queue.d/t.json", k_task);
    look(run);
    CHECK_FALSE(run.inputs.owes_journal());
  }
  {
    Run run(workshop);
    REQUIRE(run.loaded.inputs.size() == 1);
    CHECK(run.inputs.file().empty());
    REQUIRE(run.inputs.sync().has_value());
    CHECK(run.inputs.owes_journal());
    static_cast<void>(run.turn([](service::Turn&) {}));
  }
  Run run(workshop);
  CHECK(run.loaded.inputs.empty());
  CHECK(run.loaded.last_input_id > 0);
}

TEST_CASE("what was filed, synced and remembered is a new drop when it is moved back, also after a kill") {
  Workshop workshop;
  workshop.drop("task-queue.d/scan.json", R"({"title": "Fix typo in README.md"})");
  {
    Run run(workshop);
    look(run);
    REQUIRE(run.inputs.sync().has_value());
    store::Commit commit;
    run.inputs.remember_into(commit);
    REQUIRE(run.store.commit(commit).has_value());
    run.complete("scan");
  }
  workshop.move("task-queue.d/accepted/scan.json", "task-queue.d/scan.json");
  Run run(workshop);
  CHECK(run.inputs.file().empty());
  look(run);
  CHECK(run.core.task("scan-2") != nullptr);
}

TEST_CASE("a document that cannot be opened now waits; one that can never be read is refused") {
  Workshop workshop;
  Run run(workshop);
  workshop.drop("task-queue.d/t.json", k_task);
  workshop.files.count_only(
      [](Primitive primitive, const std::string&) { return primitive == Primitive::read || primitive == Primitive::list; });
  workshop.files.fail_all(Error{ErrorCode::io, "cannot read: Too many open files", {}, {}});
  look(run);
  CHECK(workshop.list("task-queue.d") == std::vector<std::string>{"t.json"});
  CHECK(run.intake.next_deadline().has_value());
  workshop.files.count_only(
      [](Primitive primitive, const std::string& path) { return primitive == Primitive::read && path == "task-queue.d/t.json"; });
  look(run);
  CHECK(workshop.list("task-queue.d/rejected").size() == 2);
  CHECK(count(workshop, "Too many open files") == 1);
}

TEST_CASE("a folder that cannot be synced holds back only its own rows, and is tried again after a pause") {
  Workshop workshop;
  Run run(workshop);
  const std::string bad = "task-queue.d/rejected";
  workshop.drop("task-queue.d/good.json", k_task);
  workshop.drop("task-queue.d/bad.json", "{");
  look(run);
  workshop.files.restart_count();
  workshop.files.count_only(
      [&](Primitive primitive, const std::string& path) { return primitive == Primitive::sync && path == bad; });
  workshop.files.fail_all(Error{ErrorCode::io, "cannot sync it", {}, {}});
  const auto synced = run.inputs.sync();
  REQUIRE_FALSE(synced.has_value());
  CHECK(synced.error().message == "cannot sync it");
  static_cast<void>(run.turn([](service::Turn&) {}));
  const auto rows = [&] { return run.store.load()->inputs; };
  REQUIRE(rows().size() == 1);
  CHECK(rows()[0].folder == bad);

  CHECK(workshop.files.count() == 1);
  CHECK_FALSE(run.inputs.sync().has_value());
  CHECK(workshop.files.count() == 1);  // its pause is not over
  REQUIRE(run.inputs.next_sync().has_value());
  const auto wait = [&] { return *run.inputs.next_sync() - run.world.now.boot_ms; };
  const auto first = wait();
  CHECK(first > 0);
  run.world.now.boot_ms = *run.inputs.next_sync();
  CHECK_FALSE(run.inputs.sync().has_value());
  CHECK(workshop.files.count() == 2);
  CHECK(wait() > first);

  workshop.files.clear();
  run.world.now.boot_ms = *run.inputs.next_sync();
  CHECK(run.inputs.sync().has_value());
  CHECK_FALSE(run.inputs.next_sync().has_value());
  static_cast<void>(run.turn([](service::Turn&) {}));
  CHECK(rows().empty());
}
