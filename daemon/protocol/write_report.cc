#include "base/time.h"
#include "protocol/paths.h"
#include "protocol/report_facts.h"
#include "protocol/write_parts.h"
#include "protocol/writers.h"

namespace baton::protocol {
namespace {

using core::Subtask;
using core::SubtaskStatus;
using core::Task;

std::int64_t seconds(std::int64_t ms) { return (ms + 500) / 1000; }

void asked(JsonWriter& out, const Task& task) {
  out.member("title", title_of(task.spec));
  out.member("description", task.spec.description);
  wish_members(out, task.spec);
  out.member("priority", core::name(task.spec.priority));
  out.member("complexity", core::name(task.analysis.complexity));
  out.member("simple", task.simple);
  out.member("planner", core::name(task.planner));
  out.member_if("planner_name", task.planner_name);
}

void times(JsonWriter& out, const Task& task) {
  out.member("created_at", format_utc(task.created_at));
  out.time_if("started_at", task.started_at);
  out.time_if("completed_at", task.completed_at);
}

void figures(JsonWriter& out, const Task& task, const ReportFacts& facts) {
  out.begin_object("totals");
  out.member("subtasks", facts.subtasks);
  out.member("completed", facts.completed);
  out.member("skipped", facts.skipped);
  out.member("failed", facts.failed);
  out.member("attempts", facts.attempts);
  out.end_object();
  out.begin_object("estimate");
  out.member("duration", duration_estimate(task.estimate));
  out.member("critical_path_minutes", task.estimate.critical_path_minutes);
  out.member("total_minutes", task.estimate.total_minutes);
  out.member("tokens", task.estimate.tokens);
  out.end_object();
  out.begin_object("actual");
  out.member("elapsed_seconds", seconds(facts.elapsed_ms));
  out.member("worked_seconds", seconds(facts.worked_ms));
  out.member("tokens", facts.tokens_used);
  out.end_object();
}

void delivered(JsonWriter& out, const Subtask& subtask) {
  const core::Outcome& outcome = subtask.outcome;
  out.member("summary", outcome.summary);
  out.member("artifacts", outcome.artifacts);
  out.member("files_modified", outcome.files_modified);
  out.carried_if("data", outcome.data);
  if (subtask.status == SubtaskStatus::completed && subtask.verified) out.member("verified", *subtask.verified);
  check_object(out, "checkpoint_result", subtask.check);
  out.member_if("error", subtask.error);
  out.member_if("skip_reason", subtask.skip_reason);
  child_members(out, subtask);
}

void measured(JsonWriter& out, const Subtask& subtask) {
  out.member("attempts", subtask.tries);
  out.member_if("worker_id", subtask.worker_id);
  out.time_if("handed_off_at", subtask.handed_off_at);
  out.time_if("claimed_at", subtask.claimed_at);
  out.time_if("started_at", subtask.started_at);
  out.time_if("completed_at", subtask.completed_at);
  out.member("estimated_duration_minutes", subtask.spec.estimated_minutes);
  out.member("worked_seconds", seconds(subtask.worked_ms));
  out.member("estimated_tokens", subtask.spec.estimated_tokens);
  out.member("tokens_used", subtask.spent_tokens);
}

void subtask_object(JsonWriter& out, const Subtask& subtask) {
  out.begin_object();
  out.member("subtask_id", subtask.spec.id);
  out.member("title", subtask.spec.title);
  out.member("status", core::name(subtask.status));
  out.member("assigned_to", subtask.spec.assigned_to);
  out.member("worker_type", subtask.spec.worker_type);
  out.member("stage", subtask.stage);
  delivered(out, subtask);
  measured(out, subtask);
  out.end_object();
}

void skipped(JsonWriter& out, const Task& task) {
  out.begin_array("skipped");
  for (const Subtask& subtask : task.subtasks) {
    if (subtask.status != SubtaskStatus::skipped) continue;
    out.begin_object();
    out.member("subtask_id", subtask.spec.id);
    out.member("reason", subtask.skip_reason);
    out.end_object();
  }
  out.end_array();
}

}  // namespace

std::string write_report(const Task& task) {
  const ReportFacts facts = report_facts(task);
  JsonWriter out(JsonWriter::without_secrets());
  out.begin_object();
  out.member("schema_version", 1);
  out.member("orchestration_id", paths::orchestration_id(task.spec.id));
  out.member("task_id", task.spec.id);
  parent_members(out, task.spec);
  out.member("status", core::name(task.status));
  out.member("summary", report_summary(task, facts));
  out.member_if("failure_reason", task.failure_reason);
  out.member_if("waived", task.waived);
  asked(out, task);
  times(out, task);
  figures(out, task, facts);
  out.begin_array("subtasks");
  for (const Subtask& subtask : task.subtasks) subtask_object(out, subtask);
  out.end_array();
  if (const auto validated = core::is_validated(task)) out.member("validated", *validated);
  check_object(out, "final_validation", task.check);
  skipped(out, task);
  out.member("artifacts", facts.artifacts);
  out.member("files_modified", facts.files_modified);
  out.end_object();
  return out.take_line();
}

}  // namespace baton::protocol
