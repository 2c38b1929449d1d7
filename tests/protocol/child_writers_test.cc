// What documents say of child tasks, of whose subtask they do, and of subtasks that are done by one.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "protocol/state_writer.h"
#include "protocol/validate.h"
#include "protocol/writers.h"
#include "sample_task.h"

using Json = nlohmann::ordered_json;
using namespace baton::core;
using namespace baton::protocol;

namespace {

Json valid(Kind kind, const std::string& text) {
  for (const auto& problem : problems(kind, nlohmann::json::parse(text)))
    FAIL_CHECK(name(kind), " ", problem.pointer, ": ", problem.message);
  return Json::parse(text);
}

/// Its second subtask is done by a child task.
Task parent() {
  Task task = sample::task();
  Subtask& backend = task.subtasks[1];
  backend.spec.orchestrate = true;
  backend.status = SubtaskStatus::in_progress;
  backend.child_task = "auth-002-backend.task";
  backend.handed_off_at = 0;
  backend.started_at = sample::k_created;
  return task;
}

Task child() {
  Task task = sample::task();
  task.spec.id = "auth-002-backend.task";
  task.spec.source = Source::subtask;
  task.spec.parent_task_id = "task-1";
  task.spec.parent_subtask_id = "auth-002-backend";
  task.subtasks = {sample::subtask("api-001", "development", "implementation", 1, {}),
                   sample::subtask("api-002", "security", "audit", 1, {})};
  for (Subtask& each : task.subtasks) each.task_id = task.spec.id;
  return task;
}

void fail(Task& task, Subtask& failed) {
  failed.status = SubtaskStatus::failed;
  failed.attempt = failed.tries = failed.epoch = 1;
  failed.error = "no";
  task.status = PlanStatus::blocked;
  task.blocking_subtask = failed.spec.id;
  task.failure_reason = "no";
}

Json state(std::vector<Task> live) {
  Orchestrator core;
  core.restore({.live = std::move(live), .totals = {2, 0, 0, 0}});
  return valid(Kind::state, StateWriter().write(core, {12, sample::k_created, "0.1.0", 4711, sample::k_created, "running", ""}));
}

}  // namespace

TEST_CASE("a subtask names the task that does it, and that names the subtask") {
  const Json plan = valid(Kind::plan, write_plan(parent(), {}));
  CHECK(plan["subtasks"][1]["orchestrate"] == true);
  CHECK(plan["subtasks"][1]["child_task"] == "auth-002-backend.task");
  CHECK_FALSE(plan["subtasks"][0].contains("orchestrate"));
  CHECK_FALSE(plan["subtasks"][0].contains("child_task"));
  CHECK_FALSE(plan.contains("parent_subtask_id"));
  const Task below = child();
  const Json its = valid(Kind::plan, write_plan(below, {}));
  CHECK(its["parent_orchestration"] == "orch-task-1");
  CHECK(its["parent_subtask_id"] == "auth-002-backend");
  const Task above = parent();
  CHECK(valid(Kind::subtask, write_subtask(above, above.subtasks[1], {}))["child_task"] == "auth-002-backend.task");
}

TEST_CASE("progress counts what the child task has done") {
  Task task = parent();
  CHECK(progress_percent(task) == 16);  // one of six, all of the same size
  task.subtasks[1].progress_percent = 60;
  CHECK(progress_percent(task) == 26);
  CHECK(write_plan(task, {}).find("\"progress_percent\": 26") != std::string::npos);
}

TEST_CASE("the report names that of the child task, in both forms") {
  Task task = parent();
  sample::complete(task.subtasks[1]);
  task.status = PlanStatus::completed;
  const Json report = valid(Kind::report, write_report(task));
  CHECK(report["subtasks"][1]["child_task"] == "auth-002-backend.task");
  CHECK(report["subtasks"][1]["child_report"] == "orchestrator/reports/auth-002-backend.task.json");
  CHECK_FALSE(report["subtasks"][0].contains("child_report"));
  CHECK(write_report_markdown(task).find(
            "done by task `auth-002-backend.task`, see `orchestrator/reports/auth-002-backend.task.md`") != std::string::npos);
  Task below = child();
  below.status = PlanStatus::cancelled;
  CHECK(valid(Kind::report, write_report(below))["parent_orchestration"] == "orch-task-1");
  CHECK(write_report_markdown(below).find("does `auth-002-backend` of `task-1`") != std::string::npos);
}

TEST_CASE("the escalation of either says where the other is") {
  Task task = parent();
  fail(task, task.subtasks[1]);
  task.subtasks[1].failure_cause = FailureCause::child_task;
  const Json escalation = valid(Kind::escalation, write_escalation(task));
  CHECK(escalation["evidence"]["cause"] == "child_task");
  CHECK(escalation["evidence"]["child_report"] == "orchestrator/reports/auth-002-backend.task.json");
  Task below = child();
  fail(below, below.subtasks[0]);
  CHECK(valid(Kind::escalation, write_escalation(below))["parent_subtask_id"] == "auth-002-backend");
}

TEST_CASE("the state tells whose child a task is, and a parent suffers with it") {
  const Json healthy = state({parent(), child()})["current_orchestrations"];
  REQUIRE(healthy.size() == 2);
  CHECK(healthy[0]["parent_orchestration"] == "orch-task-1");
  CHECK(healthy[0]["parent_subtask_id"] == "auth-002-backend");
  CHECK(healthy[1]["health"] == "healthy");
  CHECK(healthy[1]["active_subtasks"] == Json{"auth-002-backend", "auth-003-frontend"});
  Task below = child();
  fail(below, below.subtasks[1]);
  const Json blocked = state({parent(), below})["current_orchestrations"];
  CHECK(blocked[0]["health"] == "blocked");
  CHECK(blocked[1]["health"] == "degraded");
  CHECK(blocked[1]["status"] == "in_progress");
}

TEST_CASE("a subtask that is done by a child task is no load of its master") {
  const Json masters = state({parent()})["masters"];
  CHECK(masters["development"]["active"] == 0);
  CHECK(masters["development"]["queued"] == 1);  // auth-003-frontend
}

TEST_CASE("a child task is told what the whole is for, and what came before") {
  Task task = parent();
  task.spec.description = std::string(5'000, 'x');
  const Json context = Json::parse(write_child_context(task, task.subtasks[1]));
  CHECK(context["parent"]["task_id"] == "task-1");
  CHECK(context["parent"]["subtask_id"] == "auth-002-backend");
  CHECK(context["parent"]["title"] == task.spec.title);
  CHECK(context["parent"]["description"].get<std::string>().size() == 4'096);
  REQUIRE(context["upstream_results"].size() == 1);
  CHECK(context["upstream_results"][0]["summary"] == "Did auth-001-design");
  CHECK(write_child_context(task, task.subtasks[1]).find(R"("context":{"repository":"x","size":1.50})") != std::string::npos);
  task.spec.context.clear();
  CHECK_FALSE(Json::parse(write_child_context(task, task.subtasks[1])).contains("context"));
}
