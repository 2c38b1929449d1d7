// list, status, show, graph, explain, report, wait: what they make of the daemon's documents.
#include "front_fixture.h"

using namespace baton;
using namespace baton::front;

namespace {

constexpr const char* k_plan = R"json({
  "orchestration_id": "orch-auth", "parent_task_id": "auth", "task_title": "Add \"auth\" <now>", "complexity": "high",
  "created_at": "2025-11-05T18:00:00Z", "status": "STATUS",
  "subtasks": [
    {"subtask_id": "auth-001-design", "parent_task_id": "auth", "title": "Design", "assigned_to": "development", "worker_type": "planner",
     "dependencies": [], "status": "completed", "stage": 1, "order": 1, "result": {"summary": "JWT it is"}},
    {"subtask_id": "auth-002-backend", "parent_task_id": "auth", "title": "Backend", "assigned_to": "development", "worker_type": "implementation",
     "dependencies": ["auth-001-design"], "status": "failed", "stage": 2, "order": 1, "failure": {"error": "no database"}},
    {"subtask_id": "auth-003-tests", "parent_task_id": "auth", "title": "Tests", "assigned_to": "development", "worker_type": "test",
     "dependencies": ["auth-002-backend"], "status": "pending", "stage": 3, "order": 1,
     "waits_for": [{"reason": "dependency", "subject": "auth-002-backend"}, {"reason": "paused", "subject": "auth"}]}],
  "execution_plan": {}, "resource_estimate": {"duration_estimate": "40-60 minutes", "token_estimate": 30000, "masters": ["development"], "workers": 3},
  "progress": {"current_stage": 2, "progress_percent": 33}, "blocking_subtask": "auth-002-backend", "failure_reason": "it failed 3 times",
  "analysis": {"score": 7, "domains": ["development"], "reasons": ["two domains (+3)"]},
  "conflicts": [{"file": "a.js", "subtasks": ["auth-002-backend", "auth-003-tests"]}]})json";

void add_plan(const Coordination& coordination, const std::string& status) {
  std::string plan = k_plan;
  plan.replace(plan.find("STATUS"), 6, status);
  coordination.write("orchestrator/tasks/orch-auth.json", plan);
}

void add_state(const Coordination& coordination) {
  coordination.write("orchestrator/state/current.json",
                     R"({"schema_version":1,"active_orchestrations":1,"total_orchestrations":1200,
    "completed_orchestrations":1199,"failed_orchestrations":0,"seq":9,"last_update":"2025-11-05T18:10:00Z",
    "daemon":{"version":"0.1.0","pid":1,"started_at":"2025-11-05T18:00:00Z","state":"running"},
    "masters":{"development":{"queued":2,"active":1},"security":{"queued":0,"active":0}},
    "attention":[{"task_id":"auth","subtask_id":"","reason":"blocked","message":"auth-002-backend failed"}],
    "current_orchestrations":[{"orchestration_id":"orch-auth","status":"blocked","current_stage":2,"progress_percent":33,
      "active_subtasks":["auth-002-backend"],"health":"blocked","title":"Add auth","priority":"high","simple":false,
      "created_at":"2025-11-05T18:00:00Z","masters":["development"]}]})");
}

}  // namespace

TEST_CASE("list shows live tasks from the state alone") {
  const Coordination coordination;
  const Ran before = coordination.run({"list"});
  CHECK(before.code == 4);
  CHECK(contains(before.err, "start it with: baton daemon"));
  CHECK(coordination.run({"status"}).code == 4);
  add_state(coordination);
  const Ran ran = coordination.run({"list"});
  CHECK(ran.code == 0);
  CHECK(contains(ran.out, "TASK  STATUS   DONE  PRIORITY  AGE"));
  CHECK(contains(ran.out, "auth  blocked  33%   high"));
  CHECK(contains(coordination.run({"list", "--status", "in_progress"}).err, "no live tasks"));
  CHECK(coordination.run({"list", "--status", "broken"}).code == 2);
  CHECK(
      coordination.run({"list", "--json"})
          .out.starts_with(
              R"({"schema_version":1,"data":{"tasks":[{"task_id":"auth","title":"Add auth","status":"blocked","priority":"high","progress_percent":33,)"));
}

TEST_CASE("list --all adds those that have ended") {
  const Coordination coordination;
  add_plan(coordination, "completed");
  coordination.write("orchestrator/tasks/auth.json", k_plan);  // where symlinks fail the plan has a copy
  const Ran ran = coordination.run({"list", "--all"});
  CHECK(ran.code == 0);
  CHECK(contains(ran.out, "auth  completed"));
  CHECK(std::count(ran.out.begin(), ran.out.end(), '\n') == 2);
}

TEST_CASE("status of everything") {
  const Coordination coordination;
  add_state(coordination);
  const Ran ran = coordination.run({"status"});
  CHECK(ran.code == 0);
  CHECK(contains(ran.out, "daemon   not running"));
  CHECK(contains(ran.out, "1 active, 1,199 completed, 0 failed, 1,200 in all"));
  CHECK(contains(ran.out, "development  2          1"));
  CHECK(!contains(ran.out, "security"));
  CHECK(contains(ran.out, "auth: auth-002-backend failed"));
  CHECK(contains(coordination.run({"status", "--json"}).out, R"("data":{"schema_version":1,"active_orchestrations":1)"));
}

TEST_CASE("an unreadable state is said so") {
  const Coordination coordination;
  coordination.write("orchestrator/state/current.json", "{");
  const Ran ran = coordination.run({"status", "--json"});
  CHECK(ran.code == 8);
  CHECK(contains(ran.out, "orchestrator/state/current.json: the state is not readable"));
  CHECK(contains(ran.out, "without a daemon, remove it"));
}

TEST_CASE("status of one task ends with its exit code") {
  const Coordination coordination;
  for (const auto& [status, code] : {std::pair{"completed", 0},
                                     {"in_progress", 0},
                                     {"failed", 1},
                                     {"cancelled", 1},
                                     {"blocked", 6},
                                     {"awaiting_approval", 6}}) {
    const char* const wanted = status;
    add_plan(coordination, wanted);
    INFO(wanted);
    CHECK(coordination.run({"status", "auth"}).code == code);
    CHECK(coordination.run({"status", "orch-auth"}).code == code);
  }
  const Ran unknown = coordination.run({"status", "auht"});
  CHECK(unknown.code == 3);
  CHECK(contains(unknown.err, "no task \"auht\" (did you mean \"auth\"?)"));
  CHECK(coordination.run({"status", "../../etc/passwd"}).code == 3);
}

TEST_CASE("a zombie that a person has to look at is no task under way") {
  const Coordination coordination;
  const auto add = [&](const std::string& worker) {
    const std::string subtask =
        R"({"subtask_id":"t","parent_task_id":"t","title":"T","assigned_to":"development","status":"zombie","stage":1,)"
        R"("worker_id":"w1","worker":{"state":"zombie","worker_id":"w1","pid":4711,"reason":"no_progress",)"
        R"("evidence":["no heartbeat for 21 min"])" +
        worker + "}}";
    coordination.write("orchestrator/subtasks/t.json", subtask);
    coordination.write(
        "orchestrator/tasks/orch-t.json",
        R"({"orchestration_id":"orch-t","parent_task_id":"t","task_title":"T","status":"in_progress","simple":true,)"
        R"("subtasks":[)" +
            subtask + "]}");
  };
  add("");
  CHECK(coordination.run({"status", "t"}).code == 0);
  CHECK(
      contains(coordination.run({"status", "t"}).out, "now      the worker of development counts as dead, its process is being"));
  CHECK(contains(coordination.run({"explain", "t"}).out, "then it is tried again by itself"));
  add(R"(,"not_ended":["it belongs to user 7"])");
  const Ran status = coordination.run({"status", "t"});
  CHECK(status.code == 6);
  CHECK(contains(status.out, "a person has to look at it"));
  const Ran wait = coordination.run({"wait", "t"});
  CHECK(wait.code == 6);
  CHECK(contains(wait.out, "task t needs a person: the worker of t counts as dead"));
  CHECK(contains(wait.err, "when it is gone: baton release t"));
  const Ran explain = coordination.run({"explain", "t"});
  INFO(explain.out);
  CHECK(contains(explain.out, "it may still be at work: it belongs to user 7"));
  CHECK(contains(explain.out, "worker w1 (process 4711) counts as dead"));
  CHECK(contains(explain.out, "it made no progress for too long: no heartbeat for 21 min"));
  CHECK(contains(explain.out, "baton release t"));
  CHECK(contains(coordination.run({"show", "t"}).out, "no heartbeat for 21 min"));
}

TEST_CASE("who is silent is shown where one looks") {
  const Coordination coordination;
  const std::string subtask =
      R"({"subtask_id":"t","parent_task_id":"t","title":"T","assigned_to":"development","status":"STATUS","stage":1,)"
      R"("waits_for":[WAITS],"worker_id":"w1","worker":{"state":"stalled","worker_id":"w1","host":"far","reason":"no_heartbeat",)"
      R"("last_heartbeat":"2025-11-05T18:00:00Z","evidence":["no heartbeat for 4 min"]}})";
  const auto add = [&](const std::string& status, const std::string& waits) {
    std::string text = subtask;
    text.replace(text.find("STATUS"), 6, status);
    text.replace(text.find("WAITS"), 5, waits);
    coordination.write("orchestrator/subtasks/t.json", text);
    coordination.write(
        "orchestrator/tasks/orch-t.json",
        R"({"orchestration_id":"orch-t","parent_task_id":"t","task_title":"T","status":"in_progress","subtasks":[)" + text +
            "]}");
  };
  add("in_progress", "");
  CHECK(contains(coordination.run({"status", "t"}).out, "now      development at work, silent"));
  CHECK(contains(coordination.run({"explain", "t"}).out, "worker w1 on far is stalled (silent, and nothing moves), heard of "));
  CHECK(contains(coordination.run({"explain", "t"}).out, "it is silent: no heartbeat for 4 min"));
  CHECK(contains(coordination.run({"show", "t"}).out, "no heartbeat for 4 min"));
  add("ready", R"({"reason":"worker","subject":"w0"})");
  CHECK(contains(coordination.run({"explain", "t"}).out, "its last worker w0 has not ended"));
}

TEST_CASE("a task that is dropped and not planned is known") {
  const Coordination coordination;
  coordination.write("task-queue.d/new.json", "{}");
  const Ran ran = coordination.run({"show", "new"});
  CHECK(ran.code == 3);
  CHECK(contains(ran.err, "task new is handed in, but not planned yet"));
}

TEST_CASE("show draws the stages as a tree") {
  const Coordination coordination;
  add_plan(coordination, "blocked");
  const Ran ran = coordination.run({"show", "auth"});
  CHECK(ran.out ==
        "Add \"auth\" <now>  [blocked]\n"
        "stage 1\n"
        "  └─ ✔ auth-001-design  Design (development, completed)\n"
        "       JWT it is\n"
        "stage 2  ◀\n"
        "  └─ ✘ auth-002-backend  Backend (development, failed)\n"
        "       no database\n"
        "stage 3\n"
        "  └─ · auth-003-tests  Tests (development, pending)\n"
        "       waits for auth-002-backend (dependency), auth (paused)\n");
  const Ran verbose = coordination.run({"-v", "show", "auth"});
  CHECK(contains(verbose.out, "complexity high, score 7\n  - two domains (+3)"));
  CHECK(contains(verbose.out, "estimate   40-60 minutes, 30,000 tokens, 3 workers, masters development"));
  CHECK(contains(verbose.out, "same file  a.js: auth-002-backend, then auth-003-tests"));
  CHECK(contains(coordination.run({"show", "auth", "--json"}).out, R"("parent_task_id": "auth")"));
}

TEST_CASE("graphs quote what documents say") {
  const Coordination coordination;
  add_plan(coordination, "blocked");
  const Ran dot = coordination.run({"graph", "auth"});
  CHECK(contains(dot.out, "label=\"Add \\\"auth\\\" <now>\""));
  CHECK(contains(dot.out, "\"auth-001-design\" -> \"auth-002-backend\";"));
  CHECK(contains(dot.out, "subgraph cluster_3"));
  const Ran mermaid = coordination.run({"graph", "auth", "--format", "mermaid"});
  CHECK(mermaid.out.starts_with("flowchart LR\n"));
  CHECK(contains(mermaid.out, "s0 --> s1"));
  CHECK(contains(mermaid.out, "style s0 fill:palegreen"));
  CHECK(contains(coordination.run({"graph", "auth", "--format", "svg"}).err, "unknown format \"svg\""));
}

TEST_CASE("explain gives reasons, and the commands that would help") {
  const Coordination coordination;
  add_plan(coordination, "blocked");
  add_state(coordination);
  const Ran task = coordination.run({"explain", "auth"});
  CHECK(task.code == 0);
  CHECK(contains(task.out, "auth is blocked\n"));
  CHECK(contains(task.out, "auth-002-backend \"Backend\" (failed): it failed 3 times"));
  CHECK(contains(task.out, "baton retry auth-002-backend"));
  CHECK(contains(task.out, "it needs the result of auth-002-backend \"Backend\" (failed)"));
  CHECK(contains(task.out, "two domains (+3)"));
  CHECK(!contains(task.out, "auth-001-design is"));

  coordination.write("orchestrator/subtasks/auth-003-tests.json",
                     R"({"subtask_id":"auth-003-tests","parent_task_id":"auth","status":"pending",
    "waits_for":[{"reason":"paused","subject":"auth"}]})");
  const Ran subtask = coordination.run({"explain", "auth-003-tests"});
  CHECK(contains(subtask.out, "auth-003-tests is pending"));
  CHECK(contains(subtask.out, "auth is paused"));
  CHECK(contains(subtask.out, "baton resume auth"));
  CHECK(contains(coordination.run({"explain", "auth-003-tests", "--json"}).out, R"("commands":["baton resume auth"])"));
}

TEST_CASE("report") {
  const Coordination coordination;
  add_plan(coordination, "in_progress");
  const Ran early = coordination.run({"report", "auth"});
  CHECK(early.code == 3);
  CHECK(contains(early.err, "task auth has no report yet: it is in_progress"));
  coordination.write("orchestrator/reports/auth.md", "# Auth\n\nall \x1b[31mdone\n");
  coordination.write("orchestrator/reports/auth.json", "{\"status\": \"completed\"}\n");
  CHECK(coordination.run({"report", "auth"}).out == "# Auth\n\nall [31mdone\n");
  CHECK(coordination.run({"report", "auth", "--json"}).out == "{\"schema_version\":1,\"data\":{\"status\": \"completed\"}}\n");
}

TEST_CASE("wait ends with the task") {
  const Coordination coordination;
  CHECK(coordination.run({"wait", "auth"}).code == 3);
  add_plan(coordination, "in_progress");
  CHECK(coordination.run({"wait", "auth"}).code == 4);
  const PlayedDaemon daemon(coordination, nullptr);
  const Ran late = coordination.run({"wait", "auth", "--timeout", "1ms"});
  CHECK(late.code == 124);
  CHECK(contains(late.err, "task auth has not ended within 1ms"));
  {
    std::jthread ending([&] {
      std::string plan = k_plan;
      plan.replace(plan.find("STATUS"), 6, "completed");
      coordination.write("orchestrator/reports/auth.md", "# Auth\n");
      coordination.write("orchestrator/tasks/.orch-auth", plan);
      std::filesystem::rename(coordination.at("orchestrator/tasks/.orch-auth"),
                              coordination.at("orchestrator/tasks/orch-auth.json"));
    });
    CHECK(coordination.run({"wait", "auth", "--timeout", "60s"}).code == 0);
  }
  add_plan(coordination, "blocked");
  const Ran blocked = coordination.run({"wait", "auth"});
  CHECK(blocked.code == 6);
  CHECK(contains(blocked.out, "task auth is blocked by auth-002-backend: it failed 3 times"));
}

TEST_CASE("watch without a terminal prints the feed of a task and ends with it") {
  const Coordination coordination;
  add_plan(coordination, "completed");
  coordination.write("dashboard-events.jsonl",
                     "{\"seq\":1,\"timestamp\":\"2025-11-05T18:00:04Z\",\"type\":\"task_received\",\"task_id\":\"auth\"}\n"
                     "{\"seq\":2,\"timestamp\":\"2025-11-05T18:00:05Z\",\"type\":\"task_received\",\"task_id\":\"other\"}\n");
  const Ran ran = coordination.run({"watch", "auth"});
  CHECK(ran.code == 0);
  CHECK(contains(ran.out, "2025-11-05 18:00:04Z  task_received"));
  CHECK(!contains(ran.out, "other"));
  CHECK(coordination.run({"watch", "nope"}).code == 3);
}

TEST_CASE("what no program checked and what did not pass are told apart") {
  const Coordination coordination;
  const auto show = [&](const std::string& more) {
    std::string plan = k_plan;
    plan.replace(plan.find("STATUS"), 6, "completed");
    const std::string at = R"("result": {"summary": "JWT it is"})";
    plan.replace(plan.find(at), at.size(), at + more);
    coordination.write("orchestrator/tasks/orch-auth.json", plan);
    return coordination.run({"show", "auth"}).out;
  };
  CHECK(contains(show(R"(, "verified": false)"), "completed, not checked by a program)"));
  const std::string let_pass = show(R"(, "verified": false, "skip_reason": "flaky", "checkpoint_result":
    {"passed": false, "message": "exit code 2", "command": ["make"], "output": "", "took_ms": 1})");
  CHECK(contains(let_pass, "completed, its check did not pass: a person let it)"));
  CHECK_FALSE(contains(let_pass, "not checked by a program"));
  coordination.write("orchestrator/subtasks/auth-001-design.json",
                     R"({"subtask_id":"auth-001-design","parent_task_id":"auth","status":"completed","skip_reason":"flaky"})");
  CHECK(contains(coordination.run({"explain", "auth-001-design"}).out, "its check did not pass, and a person let it: flaky"));
}
