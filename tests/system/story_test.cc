// The main stories over the real program.
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>

#include "system/sandbox.h"

using baton::test::json;
using baton::test::Sandbox;

namespace {

const json k_auth = {{"id", "task-1762342920"}, {"title", "Add authentication system with security audit and documentation"}};

std::vector<std::string> ids_of(const json& subtasks) {
  std::vector<std::string> ids;
  for (const json& subtask : subtasks) ids.push_back(subtask["subtask_id"]);
  return ids;
}

}  // namespace

TEST_CASE("a simple task: drop, handoff, claim, result, report") {
  Sandbox box;
  box.start();
  box.drop("typo.json", {{"title", "Fix typo in README.md"}, {"priority", "high"}});
  box.require_handoff("development", "typo");
  const json handoff = box.document(Sandbox::handoff_path("development", "typo"));
  CHECK(handoff["handoff_id"] == "to-development-subtask-typo");
  CHECK(handoff["from"] == "orchestrator");
  CHECK(handoff["priority"] == "high");
  CHECK(handoff["epoch"] == 1);
  CHECK(handoff["task"]["title"] == "Fix typo in README.md");
  box.require_eventually("the file is filed", [&] { return box.exists("task-queue.d/accepted/typo.json"); });
  box.claim("development", "typo");
  box.require_eventually("claimed", [&] { return !box.feed("subtask_claimed").empty(); });
  box.complete("development", "typo", "fixed it");
  box.require_eventually("the report", [&] { return box.exists("orchestrator/reports/typo.json"); });
  const json report = box.document("orchestrator/reports/typo.json");
  CHECK(report.dump().find("fixed it") != std::string::npos);
  box.require_eventually("the plan is completed", [&] { return box.status("typo") == "completed"; });
  CHECK(box.document("orchestrator/tasks/typo.json") == box.plan("typo"));
  CHECK(box.exists("masters/development/handoffs/done/to-development-subtask-typo.json"));
  CHECK(box.exists("masters/development/handoffs/done/from-development-subtask-typo.json"));
  CHECK(box.list("masters/development/handoffs/claimed").empty());
  CHECK(box.stop() == 0);
  box.check_seq();
  CHECK(box.feed("daemon_stopped").size() == 1);
}

TEST_CASE("the seed's authentication task: six subtasks in five stages, a report at the end") {
  Sandbox box;
  box.start();
  box.drop("auth.json", k_auth);
  box.require_eventually("the plan", [&] { return box.plan("task-1762342920").is_object(); });
  const json plan = box.plan("task-1762342920");
  CHECK(plan["orchestration_id"] == "orch-task-1762342920");
  CHECK(ids_of(plan["subtasks"]) == std::vector<std::string>{"auth-001-design", "auth-002-backend", "auth-003-frontend",
                                                             "auth-004-tests", "auth-005-security", "auth-006-docs"});
  CHECK(plan["execution_plan"] == json{{"stage_1", {"auth-001-design"}},
                                       {"stage_2", {"auth-002-backend", "auth-003-frontend"}},
                                       {"stage_3", {"auth-004-tests"}},
                                       {"stage_4", {"auth-005-security"}},
                                       {"stage_5", {"auth-006-docs"}}});
  CHECK(plan["resource_estimate"]["duration_estimate"] == "90-120 minutes");
  CHECK(plan["resource_estimate"]["token_estimate"] == 75000);
  CHECK(plan["resource_estimate"]["workers"] == 8);
  box.require_handoff("development", "auth-001-design");
  CHECK_FALSE(box.exists(Sandbox::handoff_path("development", "auth-002-backend")));
  box.play([&] { return box.exists("orchestrator/reports/task-1762342920.json"); });
  box.require_eventually("completed", [&] { return box.status("task-1762342920") == "completed"; });
  const json state = box.document("orchestrator/state/current.json");
  box.require_eventually("the state counts it",
                         [&] { return box.document("orchestrator/state/current.json")["completed_orchestrations"] == 1; });
  CHECK(box.feed("stage_completed").size() == 5);
  CHECK(box.feed("subtask_handed_off").size() == 6);
  const json last = box.document("masters/development/handoffs/done/to-development-subtask-auth-006-docs.json");
  CHECK(last["upstream_results"][0]["subtask_id"] == "auth-005-security");
  box.check_seq();
}

TEST_CASE("a task in the queue file is taken up and written back; its neighbours keep their bytes") {
  Sandbox box;
  const std::string foreign = "{\"id\": \"old-1\",   \"title\": \"x\", \"status\": \"worker_spawned\", \"n\": 1.50}";
  box.put("task-queue.json",
          "{\"tasks\": [" + foreign + ",\n {\"id\": \"t1\", \"title\": \"Fix typo in README.md\"}\n], \"stats\": {\"n\": 1}}");
  box.start();
  box.require_handoff("development", "t1");
  box.require_eventually("written back", [&] { return box.read("task-queue.json").find("\"assigned\"") != std::string::npos; });
  CHECK(box.read("task-queue.json").find(foreign) != std::string::npos);
  box.play([&] { return box.exists("orchestrator/reports/t1.json"); });
  box.require_eventually("final", [&] {
    const json queue = box.document("task-queue.json");
    return queue.is_object() && queue["tasks"][1].value("status", "") == "completed";
  });
  CHECK(box.read("task-queue.json").find(foreign) != std::string::npos);
  CHECK(box.document("task-queue.json")["stats"]["n"] == 1);
  CHECK(box.exists(box.document("task-queue.json")["tasks"][1]["report"]));
}

TEST_CASE("a broken file is rejected with its reason; the next one is served") {
  Sandbox box;
  box.start();
  box.drop("broken.json", std::string("{\"title\": \"x\",\n \"priority\": }"));
  box.require_eventually("the reason", [&] { return box.exists("task-queue.d/rejected/broken.json.error.json"); });
  box.require_eventually("the file", [&] { return box.exists("task-queue.d/rejected/broken.json"); });
  const json reason = box.document("task-queue.d/rejected/broken.json.error.json");
  CHECK(reason.dump().find("\"line\":2") != std::string::npos);
  box.drop("prompt.md", std::string("# Fix typo in README.md\n\nIt says teh.\n"));
  box.require_handoff("development", "prompt");
  CHECK(box.feed("task_rejected").size() == 1);
}

TEST_CASE("a failed result blocks its task with an escalation; retry brings it back; others go on") {
  Sandbox box;
  box.start();
  box.drop("auth.json", k_auth);
  box.drop("other.json", {{"title", "Fix typo in README.md"}});
  box.claim("development", "auth-001-design");
  box.answer("development", "auth-001-design", {{"status", "failed"}, {"error", "no idea"}, {"failure_class", "permanent"}});
  box.require_eventually("the escalation", [&] { return box.exists("orchestrator/escalations/task-1762342920.json"); });
  const json escalation = box.document("orchestrator/escalations/task-1762342920.json");
  CHECK(escalation["blocking_subtask"] == "auth-001-design");
  CHECK(escalation["failure_reason"] == "no idea");
  CHECK(box.status("task-1762342920") == "blocked");
  box.require_handoff("development", "other");
  const auto retried = box.run({"retry", "auth-001-design"});
  CHECK_MESSAGE(retried.code == 0, retried.error_output);
  box.require_handoff("development", "auth-001-design");
  CHECK(box.document(Sandbox::handoff_path("development", "auth-001-design"))["epoch"] == 2);
  box.play([&] { return box.exists("orchestrator/reports/task-1762342920.json"); });
  box.require_eventually("no escalation any more", [&] { return !box.exists("orchestrator/escalations/task-1762342920.json"); });
}

TEST_CASE("kill -9 in the middle and a start later: nothing lost, nothing twice") {
  Sandbox box;
  box.start();
  box.drop("auth.json", k_auth);
  box.claim("development", "auth-001-design");
  box.require_eventually("claimed", [&] { return !box.feed("subtask_claimed").empty(); });
  box.kill9();
  box.complete("development", "auth-001-design");
  box.drop("late.json", {{"title", "Fix typo in README.md"}});
  box.start();
  box.require_handoff("development", "auth-002-backend");
  box.require_handoff("development", "late");
  box.kill9();
  box.start();
  box.play(
      [&] { return box.exists("orchestrator/reports/task-1762342920.json") && box.exists("orchestrator/reports/late.json"); });
  CHECK(box.feed("subtask_handed_off").size() == 7);
  CHECK(box.feed("task_received").size() == 2);
  CHECK(box.stop() == 0);
  box.check_seq();
}

TEST_CASE("a second daemon on the folder exits 5 and names the holder") {
  Sandbox box;
  box.start();
  const auto second = box.run({"daemon"});
  CHECK(second.code == 5);
  CHECK(second.error_output.find(std::to_string(box.pid())) != std::string::npos);
}

TEST_CASE("archive moves what ended out of the way; its id stays taken") {
  Sandbox box;
  box.start();
  box.drop("typo.json", {{"id", "typo"}, {"title", "Fix typo in README.md"}});
  box.play([&] { return box.exists("orchestrator/reports/typo.json"); });
  CHECK(box.run({"archive", "--older-than", "30d"}).code == 0);
  CHECK(box.exists("orchestrator/reports/typo.json"));
  const auto archived = box.run({"archive", "--older-than", "0s"});
  CHECK_MESSAGE(archived.code == 0, archived.error_output);
  CHECK(archived.output.find("1 task was moved") != std::string::npos);
  const std::string month = box.feed().front()["timestamp"].get<std::string>().substr(0, 7);
  for (const char* name :
       {"reports/typo.json", "reports/typo.md", "tasks/orch-typo.json", "tasks/typo.json", "subtasks/typo.json"})
    CHECK_MESSAGE(box.exists("orchestrator/archive/" + month + "/" + name), name);
  CHECK_FALSE(box.exists("orchestrator/tasks/orch-typo.json"));
  box.drop("again.json", {{"id", "typo"}, {"title", "Something else"}});
  box.require_eventually("refused", [&] { return box.exists("task-queue.d/rejected/again.json"); });
  CHECK(box.feed("view_restored").empty());
  CHECK(box.run({"archive"}).code == 2);
}

TEST_CASE("archive takes old answers to commands along") {
  Sandbox box;
  box.start();
  const std::string done = "orchestrator/commands/done/";
  const auto put_old = [&](const std::string& name, const std::string& bytes) {
    box.put(done + name, bytes);
    const std::chrono::sys_seconds january = std::chrono::sys_days(std::chrono::year{2024} / 1 / 15);
    std::filesystem::last_write_time(box.path(done + name), std::chrono::file_clock::from_sys(january));
  };
  put_old("pause.json", "{}");
  REQUIRE(box.run({"archive", "--older-than", "30d"}).code == 0);
  put_old("pause.json", "{\"ok\": true}");
  put_old("odd.json.request", "?");
  REQUIRE(box.run({"archive", "--older-than", "0s"}).code == 0);
  CHECK(box.list("orchestrator/archive/2024-01/commands") ==
        std::vector<std::string>{"odd.json.request", "pause.json", "pause.json.1"});
  CHECK(box.list("orchestrator/commands/done").size() == 2);  // whoever asked has perhaps not read these yet
}

TEST_CASE("doctor has the daemon try what its commands may do where they run, and starts none") {
  Sandbox box;
  const std::string started = box.path("../started");
  box.configure({{"planner", {{"command", {"/bin/sh", "-c", "touch " + started}}}},
                 {"notify", {"no-such-notifier"}},
                 {"checkpoints", {{"tests pass", json::array({json::array({"touch", started})})}}}});
  box.start();
  const auto ran = box.run({"doctor"});
  CHECK(ran.code == 1);
  const auto says = [&](const std::string& words) { return ran.output.find(words) != std::string::npos; };
  CHECK_MESSAGE(says("the planner command /bin/sh can be started"), ran.output);
  CHECK(says("the notify command no-such-notifier cannot be started: not found in PATH"));
  CHECK(says("\"tests pass\": touch can be started"));
  CHECK_FALSE(box.exists("../started"));
  box.stop();
  CHECK(box.run({"doctor"}).output.find("what it may do is tried when a daemon runs") != std::string::npos);
}

TEST_CASE("doctor sees what this filesystem can do, and a running daemon") {
  Sandbox box;
  box.start();
  const auto healthy = box.run({"doctor"});
  CHECK(healthy.code == 0);
  CHECK_MESSAGE(healthy.output.find("it can be told whether somebody still writes a file") != std::string::npos, healthy.output);
  CHECK(healthy.output.find("pid " + std::to_string(box.pid())) != std::string::npos);
}
