// What a refused document is told: the place of what is wrong, in the names that its author used; and which documents are the
// same.
#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include "base/ids.h"
#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_queue = "task-queue.json";

void take_all(Run& run) {
  for (int n = 0; n < 8; ++n) run.take();
  static_cast<void>(run.inputs.file());
}

void drop(Run& run, const std::string& name, const std::string& bytes) {
  run.workshop.drop("task-queue.d/" + name, bytes);
  run.intake.notice({platform::Notice::What::appeared, "task-queue.d", name, false});
  take_all(run);
}

/// The reason file of this dropped document.
json refused(const std::string& name, const std::string& bytes) {
  Workshop workshop;
  Run run(workshop);
  drop(run, name, bytes);
  CAPTURE(bytes);
  REQUIRE(workshop.has("task-queue.d/rejected/" + name + ".error.json"));
  const json reason = workshop.document("task-queue.d/rejected/" + name + ".error.json");
  const std::string feed = workshop.get("dashboard-events.jsonl");
  const auto at = feed.find("task_rejected");
  REQUIRE(at != std::string::npos);
  CHECK(feed.find("\"line\":" + reason.value("line", json()).dump(), at) != std::string::npos);
  CHECK(feed.find("\"pointer\":" + reason["pointer"].dump(), at) != std::string::npos);
  return reason;
}

/// The newest line of the feed of this type.
json last_entry(const Workshop& workshop, const std::string& type) {
  json last;
  std::istringstream feed(workshop.get("dashboard-events.jsonl"));
  for (std::string line; std::getline(feed, line);)
    if (json entry = json::parse(line); entry["type"] == type) last = std::move(entry);
  REQUIRE_MESSAGE(last.is_object(), "the feed has no ", type);
  return last;
}

void check_place(const json& reason, const std::string& pointer, int line, int column) {
  CHECK(reason["pointer"] == pointer);
  CHECK(reason["line"] == line);
  CHECK(reason["column"] == column);
  CHECK(!reason.value("hint", "").empty());
}

/// The reason file of the only entry of the queue that was refused.
json refused_entry(const std::string& queue) {
  Workshop workshop;
  Run run(workshop);
  workshop.drop(k_queue, queue);
  run.queue.look();
  take_all(run);
  const auto files = workshop.list("task-queue.d/rejected");
  CAPTURE(queue);
  REQUIRE(files.size() == 1);
  return workshop.document("task-queue.d/rejected/" + files.front());
}

}  // namespace

TEST_CASE("a rule that only the core knows names the place in the file") {
  check_place(refused("a.json", "[{\"title\": \"a\"},\n {\"title\": \"b\", \"to_master\": \"nobody\"}]"), "/1/to_master", 2, 30);
  check_place(refused("a.json",
                      "{\"tasks\": [{\"title\": \"a\"}, {\"title\": \"b\",\n \"subtasks\": [{\"id\": \"x\", \"title\": \"X\","
                      " \"depends_on\": [\"y\"]},\n {\"id\": \"y\", \"title\": \"Y\", \"depends_on\": [\"x\"]}]}]}"),
              "/tasks/1/subtasks/0/depends_on", 2, 55);
  check_place(refused("a.json",
                      "{\"title\": \"b\", \"subtasks\": [{\"id\": \"x\", \"title\": \"X\"},\n"
                      " {\"title\": \"Y\", \"dependencies\": [\"x\", \"zz\"]}]}"),
              "/subtasks/1/dependencies/1", 2, 39);
  check_place(
      refused("a.json", "{\"title\": \"b\", \"subtasks\": [{\"title\": \"X\"},\n {\"title\": \"Y\", \"master\": \"nobody\"}]}"),
      "/subtasks/1/master", 2, 27);
  check_place(refused("a.json", "{\"title\": \"b\",\n \"id\": \"b\", \"depends_on\": \"b\"}"), "/depends_on", 2, 27);
  check_place(refused("a.json", "{\"title\": \"b\",\n \"playbook\": \"nothing\"}"), "/playbook", 2, 14);
  check_place(refused("a.json", "[{\"title\": \"a\", \"id\": \"t\"},\n {\"title\": \"b\", \"task_id\": \"t\"}]"), "/1/task_id", 2,
              28);
  check_place(refused("a.md", "---\nmaster: nobody\n---\n# Do it\n"), "/master", 2, 1);
}

TEST_CASE("a refused queue entry is told its place in the queue file") {
  check_place(
      refused_entry("{\"tasks\": [\n {\"id\": \"a\", \"title\": \"Fix typo in README.md\"},\n {\"id\": \"b\", \"title\": \"x\",\n"
                    "  \"assigned_to\": \"nobody\"}]}"),
      "/tasks/1/assigned_to", 4, 18);
  check_place(refused_entry("[{\"id\": \"b\", \"title\": \"x\", \"status\": \"pendign\"}]"), "/0/status", 1, 38);
}

TEST_CASE("a queue file that is none: feed and reason file name the place and what to do") {
  Workshop workshop;
  Run run(workshop);
  workshop.drop(k_queue, "{\"x\": 1,\n  \"tasks\": 7}");
  run.queue.look();
  take_all(run);
  const json reason = workshop.document("task-queue.json.error.json");
  check_place(reason, "/tasks", 2, 12);
  const json entry = last_entry(workshop, "queue_rejected");
  for (const char* key : {"pointer", "line", "column", "hint"}) CHECK(entry[key] == reason[key]);
}

TEST_CASE("a displaced version that is no queue is kept with its reason beside it") {
  Workshop workshop;
  const std::string name = "task-queue.json.displaced-1.2.3-4-5";
  workshop.put("." + name, "{\"tasks\": [\n {\"id\": }]}");
  workshop.put("task-queue.d/rejected/" + name, "taken by another");
  Run run(workshop);
  run.queue.look();
  take_all(run);
  static_cast<void>(run.turn([&](service::Turn& turn) { REQUIRE(run.queue.tidy(turn).has_value()); }));
  CHECK(!workshop.has("." + name));
  CHECK(workshop.has("task-queue.d/rejected/" + name + ".1"));
  const json reason = workshop.document("task-queue.d/rejected/" + name + ".1.error.json");
  check_place(reason, "", 2, 9);
  CHECK(reason["file"] == name + ".1");
  const json entry = last_entry(workshop, "queue_rejected");
  CHECK(entry["path"] == "task-queue.d/rejected/" + name + ".1");
  for (const char* key : {"line", "column", "hint"}) CHECK(entry[key] == reason[key]);
}

TEST_CASE("settings, masters and playbooks that are refused have their reason beside them, as long as it is so") {
  struct Case {
    std::string path;
    std::string good;
    bool goes;
  };
  const std::string playbook = R"({"match": {"any": ["x"]}, "steps": [{"role": "a", "title": "T"}]})";
  for (const Case& each :
       {Case{"orchestrator/config.json", "{}", false}, Case{"orchestrator/config.json", "", true},
        Case{"masters/security/master.json", "{}", false}, Case{"masters/security/master.json", "", true},
        Case{"orchestrator/playbooks/p.json", playbook, false}, Case{"orchestrator/playbooks/p.json", "", true}}) {
    CAPTURE(each.path);
    CAPTURE(each.goes);
    Workshop workshop;
    const std::string reason_path = each.path + ".error.json";
    const auto reload = [](Run& run) {
      run.intake.reload();
      take_all(run);
    };
    {
      Run run(workshop);
      workshop.drop(each.path, "{\n  \"unknown\": [}");
      reload(run);
      const json reason = workshop.document(reason_path);
      check_place(reason, "", 2, 15);
      const json entry = last_entry(workshop, "document_rejected");
      CHECK(entry["path"] == each.path);
      for (const char* key : {"line", "column", "hint"}) CHECK(entry[key] == reason[key]);
      reload(run);
      CHECK(run.core.catalogue().playbooks.empty());  // a reason file is none
    }
    if (each.goes)
      workshop.remove(each.path);
    else
      workshop.drop(each.path, each.good);
    Run run(workshop);  // another life: it knows only what lies there
    reload(run);
    CHECK(!workshop.has(reason_path));
  }
}

TEST_CASE("an entry with its members in another order is the same task") {
  Workshop workshop;
  Run run(workshop);
  const auto look = [&] {
    run.queue.look();
    take_all(run);
    REQUIRE(run.queue.write().has_value());
    take_all(run);
  };
  workshop.drop(
      k_queue,
      R"({"tasks": [{"title": "Fix typo in README.md", "id": "q", "context": {"b": 1, "a": 2}}, {"title": "Fix typo in NEWS.md", "context": {"z": 1, "y": 2}}]})");
  look();
  REQUIRE(run.core.live_tasks() == 2);
  workshop.drop(k_queue, workshop.document(k_queue).dump());  // as a program writes it that sorts members
  look();
  CHECK(workshop.get("dashboard-events.jsonl").find("task_rejected") == std::string::npos);
  json queue = workshop.document(k_queue);
  queue["tasks"].push_back(json::parse(R"({"context": {"y": 2, "z": 1}, "title": "Fix typo in NEWS.md"})"));
  queue["tasks"].erase(1);
  workshop.drop(k_queue, queue.dump());
  look();
  CHECK(run.core.live_tasks() == 2);
}

TEST_CASE("a dropped document in another order, or known by an older journal, is the same task") {
  Workshop workshop;
  Run run(workshop);
  drop(run, "t.json", R"({"title": "Fix typo in README.md", "id": "t", "type": "bug"})");
  drop(run, "t.json", R"({"type": "bug", "id": "t", "title": "Fix typo in README.md"})");
  CHECK(workshop.list("task-queue.d/rejected").empty());
  CHECK(workshop.list("task-queue.d/accepted").size() == 2);
  const std::string bytes = R"({"title": "Fix typo in NEWS.md", "id": "u"})";
  core::TaskSpec older;
  older.id = "u";
  older.title = "Fix typo in NEWS.md";
  older.content_hash = content_hash(R"({"title":"Fix typo in NEWS.md","id":"u"})");
  core::TasksArrived arrived{{}, core::Source::drop, {}};
  arrived.tasks.emplace_back();
  arrived.tasks.back().plan = run.core.plan(older);
  arrived.tasks.back().spec = older;
  REQUIRE(run.tell(std::move(arrived)).has_value());
  drop(run, "u.json", bytes);
  CHECK(workshop.list("task-queue.d/rejected").empty());
  CHECK(workshop.has("task-queue.d/accepted/u.json"));
}

TEST_CASE("the wishes of a decomposed task are told to everybody, and a checkpoint that nobody ran is not verified") {
  Workshop workshop;
  Run run(workshop);
  drop(run, "t.json",
       R"({"id": "t", "title": "Two things", "checkpoint": "all is well", "time_limit": "2h", "success_criteria": "it works",
                    "subtasks": [{"id": "one", "title": "A"}, {"id": "two", "title": "B", "depends_on": ["one"]}]})");
  REQUIRE(run.core.subtask("one") != nullptr);
  const std::string master = run.core.subtask("one")->spec.assigned_to;
  const json handoff = workshop.document("masters/" + master + "/handoffs/to-" + master + "-subtask-one.json");
  CHECK(handoff["request"]["checkpoint"] == "all is well");
  CHECK(handoff["request"]["time_limit"] == "2h");
  CHECK(handoff["request"]["success_criteria"] == "it works");
  run.write_views();
  const json plan = workshop.document("orchestrator/tasks/orch-t.json");
  CHECK(plan["checkpoint"] == "all is well");
  CHECK(plan["time_limit"] == "2h");
  CHECK(plan["success_criteria"] == "it works");
  run.complete("one");
  CHECK(!run.core.subtask("one")->verified.has_value());
  run.complete("two");
  take_all(run);
  run.write_views();
  const json report = workshop.document("orchestrator/reports/t.json");
  CHECK(report["checkpoint"] == "all is well");
  CHECK(report["time_limit"] == "2h");
  CHECK(!report["subtasks"][0].contains("verified"));  // nobody asked for a check of it
  CHECK(report["subtasks"][1]["verified"] == false);
  const std::string text = workshop.get("orchestrator/reports/t.md");
  CHECK(text.find("> all is well") != std::string::npos);
  CHECK(text.find("Time allowed: 2 h") != std::string::npos);
}
