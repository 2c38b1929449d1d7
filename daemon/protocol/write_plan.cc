#include <algorithm>
#include <map>

#include "base/time.h"
#include "protocol/paths.h"
#include "protocol/write_parts.h"
#include "protocol/writers.h"

namespace baton::protocol {
namespace {

using core::PlanStatus;
using core::Subtask;
using core::SubtaskStatus;
using core::Task;

auto with_status(SubtaskStatus status) {
  return [status](const Subtask& subtask) { return subtask.status == status; };
}

void subtasks_array(JsonWriter& out, const Task& task, const Standings& standings) {
  out.begin_array("subtasks");
  for (const Subtask& subtask : task.subtasks) {
    const auto found = standings.find(subtask.spec.id);
    out.begin_object();
    subtask_members(out, subtask, found == standings.end() ? Standing{} : found->second);
    out.end_object();
  }
  out.end_array();
}

// spec: "Map Dependencies (DAG)". What was split is no longer part of the plan.
void execution_plan(JsonWriter& out, const Task& task) {
  std::map<int, std::vector<const Subtask*>> stages;
  for (const Subtask& subtask : task.subtasks) {
    if (subtask.status != SubtaskStatus::superseded) stages[subtask.stage].push_back(&subtask);
  }
  out.begin_object("execution_plan");
  for (auto& [stage, subtasks] : stages) {
    std::ranges::stable_sort(subtasks, {}, &Subtask::order);
    std::vector<std::string> ids;
    for (const Subtask* subtask : subtasks) ids.push_back(subtask->spec.id);
    out.member("stage_" + std::to_string(stage), ids);
  }
  out.end_object();
}

// spec: "Write Orchestration Plan", then ours.
void resource_estimate(JsonWriter& out, const Task& task) {
  const core::Estimate& estimate = task.estimate;
  out.begin_object("resource_estimate");
  out.member("total_subtasks", task.subtasks.size() - ids_where(task, with_status(SubtaskStatus::superseded)).size());
  out.member("duration_estimate", duration_estimate(estimate));
  out.member("token_estimate", estimate.tokens);
  out.member("masters", estimate.masters);
  out.member("workers", estimate.workers);
  out.member("critical_path_minutes", estimate.critical_path_minutes);
  out.member("parallelization_possible", estimate.parallelization_possible);
  out.member("bottlenecks", estimate.bottlenecks);
  out.end_object();
}

void progress(JsonWriter& out, const Task& task) {
  out.begin_object("progress");
  out.member("current_stage", core::current_stage(task));
  out.member("completed_subtasks", ids_where(task, with_status(SubtaskStatus::completed)));
  out.member("active_subtasks", ids_where(task, [](const Subtask& subtask) { return core::is_in_flight(subtask.status); }));
  out.member("failed_subtasks", ids_where(task, with_status(SubtaskStatus::failed)));
  out.member("zombie_subtasks", ids_where(task, with_status(SubtaskStatus::zombie)));
  out.member("progress_percent", core::progress_percent(task));
  remaining_members(out, task);
  out.end_object();
}

// spec: "Failure Handling", option 2.
void trouble(JsonWriter& out, const Task& task) {
  if (task.status == PlanStatus::blocked) {
    out.member("orchestration_status", core::name(task.status));
    out.member_if("blocking_subtask", task.blocking_subtask);
    out.member("failure_reason", task.failure_reason);
    out.member("escalation", escalation_sentence(task));
  } else {
    out.member_if("failure_reason", task.failure_reason);
  }
}

void conflicts_array(JsonWriter& out, const Task& task) {
  out.begin_array("conflicts");
  for (const core::Conflict& conflict : task.conflicts) {
    out.begin_object();
    out.member("file", conflict.file);
    out.member("subtasks", conflict.subtasks);
    out.end_object();
  }
  out.end_array();
}

std::string planner_word(const Task& task) {
  if (!task.planned) return "undecided";
  std::string word(core::name(task.planner));
  if (!task.planner_name.empty()) word += ":" + task.planner_name;
  return word;
}

void own_members(JsonWriter& out, const Task& task) {
  out.member("schema_version", 1);
  out.member("priority", core::name(task.spec.priority));
  out.member("execution_mode", core::name(task.spec.mode));
  wish_members(out, task.spec);
  out.member("simple", task.simple);
  out.member("planner", planner_word(task));
  analysis_object(out, task.analysis);
  conflicts_array(out, task);
  out.member("skipped_subtasks", ids_where(task, with_status(SubtaskStatus::skipped)));
  out.member_if("depends_on", task.spec.depends_on);
  parent_members(out, task.spec);
  if (task.spec.approval_required) out.member("approved", task.approved);
  if (task.paused) out.member("paused", true);
  if (task.validating) out.member("validating", true);
  check_object(out, "final_validation", task.check);
  out.time_if("started_at", task.started_at);
  out.time_if("updated_at", task.updated_at);
  out.time_if("completed_at", task.completed_at);
}

}  // namespace

std::string write_plan(const Task& task, const Standings& standings) {
  JsonWriter out;
  out.begin_object();
  out.member("orchestration_id", paths::orchestration_id(task.spec.id));
  out.member("parent_task_id", task.spec.id);
  out.member("task_title", title_of(task.spec));
  out.member("complexity", core::name(task.analysis.complexity));
  out.member("created_at", format_utc(task.created_at));
  out.member("status", core::name(task.status));
  subtasks_array(out, task, standings);
  execution_plan(out, task);
  resource_estimate(out, task);
  progress(out, task);
  trouble(out, task);
  own_members(out, task);
  out.end_object();
  return out.take_line();
}

}  // namespace baton::protocol
