// Plan, subtask and handoff.
#include "protocol/writers.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "protocol/validate.h"
#include "sample_task.h"

using Json = nlohmann::ordered_json;
using baton::protocol::Kind;

using baton::protocol::Standing;
using baton::protocol::write_handoff;
using baton::protocol::write_plan;
using baton::protocol::write_subtask;
using namespace baton::core;

namespace {

// Reads what was written, after its schema agreed to it.
Json valid(Kind kind, const std::string& text) {
  CHECK(text.back() == '\n');
  for (const auto& problem : baton::protocol::problems(kind, nlohmann::json::parse(text)))
    FAIL_CHECK(baton::protocol::name(kind), " ", problem.pointer, ": ", problem.message);
  return Json::parse(text);
}

std::vector<std::string> first_keys(const Json& object, std::size_t count) {
  std::vector<std::string> keys;
  for (auto item = object.begin(); item != object.end() && keys.size() < count; ++item) keys.push_back(item.key());
  return keys;
}

using List = std::vector<std::string>;

const List k_template = {"subtask_id",
                         "parent_task_id",
                         "title",
                         "description",
                         "assigned_to",
                         "worker_type",
                         "dependencies",
                         "estimated_duration_minutes",
                         "estimated_tokens",
                         "files_affected",
                         "success_criteria",
                         "status",
                         "created_at"};

}  // namespace

TEST_CASE("a plan has the seed's fields first, in the seed's order") {
  const Json plan = valid(Kind::plan, write_plan(sample::task(), {}));
  CHECK(first_keys(plan, 10) == List{"orchestration_id", "parent_task_id", "task_title", "complexity", "created_at", "status",
                                     "subtasks", "execution_plan", "resource_estimate", "progress"});
  CHECK(first_keys(plan["subtasks"][0], 13) == k_template);
  CHECK(first_keys(plan["resource_estimate"], 5) ==
        List{"total_subtasks", "duration_estimate", "token_estimate", "masters", "workers"});
  CHECK(first_keys(plan["progress"], 5) ==
        List{"current_stage", "completed_subtasks", "active_subtasks", "failed_subtasks", "zombie_subtasks"});
  CHECK(plan["orchestration_id"] == "orch-task-1");
  CHECK(plan["created_at"] == "2025-11-05T18:00:00Z");
  CHECK(plan["complexity"] == "high");
  CHECK(plan["execution_plan"] ==
        Json::parse(R"({"stage_1": ["auth-001-design"], "stage_2": ["auth-002-backend", "auth-003-frontend"],
      "stage_3": ["auth-004-tests"], "stage_4": ["auth-005-security"], "stage_5": ["auth-006-docs"]})"));
  CHECK(plan["resource_estimate"]["duration_estimate"] == "90-120 minutes");
  CHECK(plan["progress"]["current_stage"] == 2);
  CHECK(plan["progress"]["completed_subtasks"] == Json{"auth-001-design"});
  CHECK(plan["progress"]["active_subtasks"] == Json{"auth-002-backend", "auth-003-frontend"});
  CHECK(plan["planner"] == "playbook:authentication");
  CHECK(plan["schema_version"] == 1);
  CHECK(!plan.contains("orchestration_status"));
}

TEST_CASE("a blocked plan says what blocks it") {
  Task task = sample::task();
  task.status = PlanStatus::blocked;
  task.blocking_subtask = "auth-002-backend";
  task.failure_reason = "Implementation worker failed 3 times";
  task.subtasks[1].status = SubtaskStatus::failed;
  const Json plan = valid(Kind::plan, write_plan(task, {}));
  CHECK(plan["orchestration_status"] == "blocked");
  CHECK(plan["blocking_subtask"] == "auth-002-backend");
  CHECK(plan["failure_reason"] == "Implementation worker failed 3 times");
  CHECK(plan["escalation"] == "Subtask auth-002-backend did not complete: somebody has to retry it, skip it or cancel the task.");
  CHECK(plan["progress"]["failed_subtasks"] == Json{"auth-002-backend"});
}

TEST_CASE("a plan without subtasks yet, and one of the largest size") {
  Task task = sample::task();
  task.planned = false;
  task.status = PlanStatus::planning;
  task.subtasks.clear();
  task.spec.title.clear();
  const Json empty = valid(Kind::plan, write_plan(task, {}));
  CHECK(empty["execution_plan"] == Json::object());
  CHECK(empty["planner"] == "undecided");
  CHECK(empty["task_title"] == "Users log in.");

  task.planned = true;
  for (int i = 0; i < 2000; ++i)
    task.subtasks.push_back(sample::subtask("s-" + std::to_string(i), "development", "test", 1 + i / 200, {}));
  const Json large = valid(Kind::plan, write_plan(task, {}));
  CHECK(large["subtasks"].size() == 2000);
  CHECK(large["execution_plan"]["stage_10"].size() == 200);
}

TEST_CASE("stages list their subtasks in the order they run, without what was split") {
  Task task = sample::task();
  task.subtasks[1].order = 2;
  task.subtasks[4].status = SubtaskStatus::superseded;
  task.conflicts = {{"src/app.js", {"auth-003-frontend", "auth-002-backend"}}};
  const Json plan = valid(Kind::plan, write_plan(task, {}));
  CHECK(plan["execution_plan"]["stage_2"] == Json{"auth-003-frontend", "auth-002-backend"});
  CHECK(!plan["execution_plan"].contains("stage_4"));
  CHECK(plan["resource_estimate"]["total_subtasks"] == 5);
  CHECK(plan["conflicts"][0]["file"] == "src/app.js");
}

TEST_CASE("an estimate of one number, and of one minute") {
  Task task = sample::simple_task();
  CHECK(valid(Kind::plan, write_plan(task, {}))["resource_estimate"]["duration_estimate"] == "15 minutes");
  task.estimate.total_minutes = task.estimate.critical_path_minutes = 1;
  CHECK(valid(Kind::plan, write_plan(task, {}))["resource_estimate"]["duration_estimate"] == "1 minute");
}

TEST_CASE("a subtask says why it waits") {
  const Task task = sample::task();
  const Standing waits{{{"dependency", "auth-002-backend"}, {"limit", "2 subtasks"}}, {}};
  const Json subtask = valid(Kind::subtask, write_subtask(task, task.subtasks[3], waits));
  CHECK(first_keys(subtask, 13) == k_template);
  CHECK(
      subtask["waits_for"] ==
      Json::parse(R"([{"reason": "dependency", "subject": "auth-002-backend"}, {"reason": "limit", "subject": "2 subtasks"}])"));
  const Json plan = valid(Kind::plan, write_plan(task, {{"auth-004-tests", waits}}));
  CHECK(plan["subtasks"][3]["waits_for"] == subtask["waits_for"]);
  CHECK(!plan["subtasks"][4].contains("waits_for"));
}

TEST_CASE("a claimed subtask says how its worker stands, and what that rests on") {
  const Task task = sample::task();
  using baton::core::WorkerState;
  const Standing unseen{{}, baton::core::WorkerStanding{}};
  CHECK(valid(Kind::subtask, write_subtask(task, task.subtasks[1], unseen))["worker"] == Json::parse(R"({"state": "starting"})"));
  const Standing zombie{{},
                        baton::core::WorkerStanding{WorkerState::zombie,
                                                    "w1",
                                                    "far",
                                                    4711,
                                                    sample::k_created,
                                                    "no_progress",
                                                    {"no heartbeat for 21 min"},
                                                    {"it runs on far"}}};
  const Json subtask = valid(Kind::subtask, write_subtask(task, task.subtasks[1], zombie));
  CHECK(subtask["worker"] == Json::parse(R"({"state": "zombie", "worker_id": "w1", "host": "far", "pid": 4711,
    "last_heartbeat": "2025-11-05T18:00:00Z", "reason": "no_progress", "evidence": ["no heartbeat for 21 min"],
    "not_ended": ["it runs on far"]})"));
  const Json plan = valid(Kind::plan, write_plan(task, {{"auth-002-backend", zombie}}));
  CHECK(plan["subtasks"][1]["worker"] == subtask["worker"]);
  CHECK(!plan["subtasks"][2].contains("worker"));
}

TEST_CASE("a subtask tells what it delivered, or what went wrong") {
  Task task = sample::task();
  task.subtasks[0].outcome.data = R"({"coverage": 0.90})";
  task.subtasks[0].verified = false;
  const std::string text = write_subtask(task, task.subtasks[0], {});
  const Json done = valid(Kind::subtask, text);
  CHECK(done["result"]["summary"] == "Did auth-001-design");
  CHECK(done["result"]["tokens_used"] == 1200);
  CHECK(text.find("\"coverage\": 0.90") != std::string::npos);
  CHECK(done["verified"] == false);
  task.subtasks[0].verified = true;
  CHECK(valid(Kind::subtask, write_subtask(task, task.subtasks[0], {}))["verified"] == true);
  task.subtasks[0].verified.reset();
  CHECK(!valid(Kind::subtask, write_subtask(task, task.subtasks[0], {})).contains("verified"));
  CHECK(!done.contains("failure"));

  Subtask& failed = task.subtasks[1];
  failed.status = SubtaskStatus::failed;
  failed.error = "no compiler";
  failed.failure_class = FailureClass::permanent;
  failed.retry_count = 1;
  failed.retry_reason = "asked for by a person";
  failed.given_id = "backend";
  failed.undelivered = true;
  failed.spec.time_limit_ms = 45 * sample::k_minute;
  failed.spec.checkpoint = "\"tests pass\"";
  const Json other = valid(Kind::subtask, write_subtask(task, failed, {}));
  CHECK(other["failure"] == Json::parse(R"({"error": "no compiler", "failure_class": "permanent", "cause": "reported"})"));
  CHECK(other["retry_count"] == 1);
  CHECK(other["retry_reason"] == "asked for by a person");
  CHECK(other["given_id"] == "backend");
  CHECK(other["undelivered"] == true);
  CHECK(other["time_limit"] == "45m");
  CHECK(other["checkpoint"] == "tests pass");
  CHECK(!other.contains("result"));
}

TEST_CASE("what did not pass its checkpoint is told to whoever mends it, with what was run") {
  Task task = sample::task();
  Subtask& subtask = task.subtasks[1];
  subtask.status = SubtaskStatus::failed;
  subtask.check = {false, "exit_code",     "it ended with exit code 3", {"npm", "test"}, 3, "1 test failed\n",
                   1'500, sample::k_minute};
  subtask.retry_count = 1;
  subtask.retry_reason = "Checkpoint failed, fixing";
  const Json check = valid(Kind::subtask, write_subtask(task, subtask, {}))["checkpoint_result"];
  CHECK(check == Json::parse(R"({"passed": false, "reason": "exit_code", "message": "it ended with exit code 3",
      "command": ["npm", "test"], "exit_code": 3, "output": "1 test failed\n", "took_ms": 1500, "ended_at": "1970-01-01T00:01:00Z"})"));
  const Json handoff = valid(Kind::handoff, write_handoff(task, subtask, sample::k_minute));
  CHECK(handoff["task"]["worker_type"] == "fix-executor");
  CHECK(handoff["retry"]["last_check"] == check);
  CHECK(valid(Kind::plan, write_plan(task, {}))["subtasks"][1]["checkpoint_result"] == check);
  task.status = PlanStatus::blocked;
  task.blocking_subtask = subtask.spec.id;
  task.failure_reason = "it does not pass";
  CHECK(valid(Kind::escalation, baton::protocol::write_escalation(task))["evidence"]["checkpoint_result"] == check);

  task.status = PlanStatus::cancelled;
  CHECK(valid(Kind::report, baton::protocol::write_report(task))["subtasks"][1]["checkpoint_result"] == check);

  subtask.check = {true, "", "", {"npm", "test"}, 0, "", 1'500, sample::k_minute};
  const Json passed = valid(Kind::handoff, write_handoff(task, subtask, sample::k_minute));
  CHECK(passed["task"]["worker_type"] == subtask.spec.worker_type);
  CHECK(!passed["retry"].contains("last_check"));
}

TEST_CASE("a handoff has the seed's fields first, in the seed's order") {
  const Task task = sample::task();
  const Json handoff = valid(Kind::handoff, write_handoff(task, task.subtasks[1], sample::k_created + 5 * sample::k_minute));
  CHECK(first_keys(handoff, 8) ==
        List{"handoff_id", "from", "to", "subtask_id", "parent_orchestration", "priority", "context", "created_at"});
  CHECK(first_keys(handoff["context"], 4) ==
        List{"orchestration_context", "dependencies_completed", "next_subtasks", "related_subtasks"});
  CHECK(handoff["handoff_id"] == "to-development-subtask-auth-002-backend");
  CHECK(handoff["from"] == "orchestrator");
  CHECK(handoff["created_at"] == "2025-11-05T18:05:00Z");
  CHECK(handoff["status"] == "pending");
  const Json& context = handoff["context"];
  CHECK(context["orchestration_context"] ==
        "Step 2 of 6 (stage 2 of 5) of the task \"Add authentication system with security audit\".");
  CHECK(context["dependencies_completed"] == Json{"auth-001-design"});
  CHECK(context["next_subtasks"] == Json{"auth-004-tests (waits for this)"});
  CHECK(context["related_subtasks"] == Json{"auth-003-frontend (parallel)"});
  CHECK(handoff["upstream_results"][0]["subtask_id"] == "auth-001-design");
  CHECK(handoff["upstream_results"][0]["summary"] == "Did auth-001-design");
  CHECK(handoff["upstream_results"][0]["artifacts"] == Json{"docs/auth-001-design.md"});
  CHECK(handoff["request"]["title"] == "Add authentication system with security audit");
  CHECK(handoff["result_file"] == "masters/development/handoffs/from-development-subtask-auth-002-backend.json");
  CHECK(handoff["how_to_answer"].get<std::string>().find("claimed/") != std::string::npos);
  CHECK(handoff["how_to_answer"].get<std::string>().find(R"("epoch": 1)") != std::string::npos);
  CHECK(!handoff.contains("retry"));
  CHECK(!handoff.contains("deadline"));
}

TEST_CASE("context that a user gave is carried as JSON, number by number") {
  const Task task = sample::task();
  CHECK(write_handoff(task, task.subtasks[1], sample::k_created).find("\"size\": 1.50") != std::string::npos);
}

TEST_CASE("the handoff of a simple task is about the whole") {
  Task task = sample::simple_task();
  task.spec.context = "{}";
  const Json handoff = valid(Kind::handoff, write_handoff(task, task.subtasks[0], sample::k_created));
  CHECK(handoff["context"]["orchestration_context"] ==
        "The whole of the task \"Add authentication system with security audit\".");
  CHECK(handoff["context"]["related_subtasks"] == Json::array());
  CHECK(!handoff.contains("request"));
}

TEST_CASE("a further attempt says why, and a time limit makes a deadline") {
  Task task = sample::task();
  task.spec.context.clear();
  Subtask& subtask = task.subtasks[1];
  subtask.attempt = subtask.epoch = subtask.retry_count = 2;
  subtask.retry_reason = "asked for by a person";
  subtask.error = "no compiler";
  subtask.spec.time_limit_ms = 30 * sample::k_minute;
  const Json handoff = valid(Kind::handoff, write_handoff(task, subtask, sample::k_created));
  CHECK(handoff["retry"] == Json::parse(R"({"count": 2, "reason": "asked for by a person", "last_failure": "no compiler"})"));
  CHECK(handoff["deadline"] == "2025-11-05T18:30:00Z");
}

TEST_CASE("neighbours of the same stage: same file, sequential, skipped before, and too many to name") {
  Task task = sample::task();
  task.spec.context.clear();
  task.conflicts = {{"a.js", {"auth-002-backend", "auth-003-frontend"}}};
  task.subtasks[0].status = SubtaskStatus::skipped;
  Json context = valid(Kind::handoff, write_handoff(task, task.subtasks[2], sample::k_created))["context"];
  CHECK(context["related_subtasks"] == Json{"auth-002-backend (before this, both write a.js)"});
  CHECK(context["dependencies_completed"] == Json{"auth-001-design (skipped)"});
  context = valid(Kind::handoff, write_handoff(task, task.subtasks[1], sample::k_created))["context"];
  CHECK(context["related_subtasks"] == Json{"auth-003-frontend (after this, both write a.js)"});

  task.conflicts.clear();
  task.spec.mode = ExecutionMode::sequential;
  context = valid(Kind::handoff, write_handoff(task, task.subtasks[1], sample::k_created))["context"];
  CHECK(context["related_subtasks"] == Json{"auth-003-frontend (same stage)"});

  for (int i = 0; i < 30; ++i)
    task.subtasks.push_back(sample::subtask("s-" + std::to_string(i), "development", "test", 2, {"auth-002-backend"}));
  context = valid(Kind::handoff, write_handoff(task, task.subtasks[1], sample::k_created))["context"];
  CHECK(context["related_subtasks"].size() == 21);
  CHECK(context["related_subtasks"].back() == "and 11 more");
  CHECK(context["next_subtasks"].back() == "and 11 more");
}

TEST_CASE("results from before are cut where they would swell the handoff") {
  Task task = sample::task();
  task.spec.context.clear();
  task.subtasks[0].outcome.summary = std::string(100'000, 's');
  task.subtasks[0].outcome.artifacts.assign(201, "a");
  const Json upstream = valid(Kind::handoff, write_handoff(task, task.subtasks[1], sample::k_created))["upstream_results"][0];
  CHECK(upstream["summary"].get<std::string>().size() <= 4096);
  CHECK(upstream["artifacts"].size() == 201);
  CHECK(upstream["artifacts"].back() == "and 1 more");
  CHECK(upstream["subtask_file"] == "orchestrator/subtasks/auth-001-design.json");
}

TEST_CASE("text that is not UTF-8 never makes an invalid document") {
  Task task = sample::task();
  task.spec.context.clear();
  task.spec.title = task.spec.description = task.subtasks[0].outcome.summary = task.subtasks[1].spec.title =
      "\xff\xc3(\n\x1b[31m";
  task.subtasks[1].spec.files_affected = {"\xfe.js"};
  valid(Kind::plan, write_plan(task, {}));
  valid(Kind::subtask, write_subtask(task, task.subtasks[1], {}));
  valid(Kind::handoff, write_handoff(task, task.subtasks[1], sample::k_created));
}
