#include "base/time.h"
#include "protocol/write_parts.h"
#include "protocol/writers.h"

namespace baton::protocol {
namespace {

using core::Subtask;
using core::SubtaskStatus;

// spec: "Subtask Template", in its order.
void template_members(JsonWriter& out, const Subtask& subtask) {
  const core::SubtaskSpec& spec = subtask.spec;
  out.member("subtask_id", spec.id);
  out.member("parent_task_id", subtask.task_id);
  out.member("title", spec.title);
  out.member("description", spec.description);
  out.member("assigned_to", spec.assigned_to);
  out.member("worker_type", spec.worker_type);
  out.member("dependencies", spec.dependencies);
  out.member("estimated_duration_minutes", spec.estimated_minutes);
  out.member("estimated_tokens", spec.estimated_tokens);
  out.member("files_affected", spec.files_affected);
  out.member("success_criteria", spec.success_criteria);
  out.member("status", core::name(subtask.status));
  out.member("created_at", format_utc(subtask.created_at));
  if (subtask.retry_count == 0) return;
  out.member("retry_count", subtask.retry_count);
  out.member("retry_reason", subtask.retry_reason);
  out.member_if("retry_modifications", subtask.retry_modifications);
}

void waiting_members(JsonWriter& out, const Subtask& subtask, const std::vector<core::WaitsFor>& waits_for) {
  if (subtask.undelivered) out.member("undelivered", true);
  if (waits_for.empty()) return;
  out.begin_array("waits_for");
  for (const core::WaitsFor& wait : waits_for) {
    out.begin_object();
    out.member("reason", wait.reason);
    out.member("subject", wait.subject);
    out.end_object();
  }
  out.end_array();
}

void carried_members(JsonWriter& out, const core::SubtaskSpec& spec) {
  out.member_if("estimated_complexity", spec.estimated_complexity);
  out.member_if("orchestration_prompt", spec.orchestration_prompt);
  out.carried_if("checkpoint", spec.checkpoint);
  if (spec.time_limit_ms > 0) out.member("time_limit", format_duration(spec.time_limit_ms));
  if (spec.orchestrate) out.member("orchestrate", true);
}

// A heartbeat alone writes no view: last_heartbeat is the last one before this was written.
void worker_object(JsonWriter& out, const core::WorkerStanding& worker) {
  out.begin_object("worker");
  out.member("state", core::name(worker.state));
  out.member_if("worker_id", worker.worker_id);
  out.member_if("host", worker.host);
  if (worker.pid != 0) out.member("pid", worker.pid);
  out.time_if("last_heartbeat", worker.last_heartbeat);
  out.member_if("reason", worker.reason);
  out.member_if("evidence", worker.evidence);
  out.member_if("not_ended", worker.not_ended);
  out.end_object();
}

void history_members(JsonWriter& out, const Subtask& subtask, const std::optional<core::WorkerStanding>& worker) {
  out.time_if("handed_off_at", subtask.handed_off_at);
  out.time_if("claimed_at", subtask.claimed_at);
  out.member_if("claimed_how", subtask.claimed_how);
  out.member_if("worker_id", subtask.worker_id);
  if (worker) worker_object(out, *worker);
  out.time_if("started_at", subtask.started_at);
  if (core::is_in_flight(subtask.status) && subtask.progress_percent > 0)
    out.member("progress_percent", subtask.progress_percent);
  out.time_if("completed_at", subtask.completed_at);
}

void end_members(JsonWriter& out, const Subtask& subtask) {
  check_object(out, "checkpoint_result", subtask.check);
  if (subtask.status == SubtaskStatus::completed) {
    if (subtask.verified) out.member("verified", *subtask.verified);
    outcome_object(out, "result", subtask.outcome);
  }
  if (!subtask.error.empty()) {
    out.begin_object("failure");
    out.member("error", subtask.error);
    out.member("failure_class", core::name(subtask.failure_class));
    out.member("cause", core::name(subtask.failure_cause));
    if (!subtask.evidence.empty()) out.member("evidence", subtask.evidence);
    out.end_object();
  }
  out.member_if("skip_reason", subtask.skip_reason);
}

}  // namespace

void subtask_members(JsonWriter& out, const Subtask& subtask, const Standing& standing) {
  template_members(out, subtask);
  out.member("stage", subtask.stage);
  out.member("order", subtask.order);
  out.member("attempt", subtask.attempt);
  out.member("epoch", subtask.epoch);
  if (subtask.given_id != subtask.spec.id) out.member_if("given_id", subtask.given_id);
  out.member_if("split_of", subtask.split_of);
  out.time_if("retry_at", subtask.retry_at);
  waiting_members(out, subtask, standing.waits_for);
  carried_members(out, subtask.spec);
  out.member_if("child_task", subtask.child_task);
  history_members(out, subtask, standing.worker);
  end_members(out, subtask);
}

std::string write_subtask(const core::Task& task, const Subtask& subtask, const Standing& standing) {
  BATON_ASSERT(subtask.task_id == task.spec.id);
  JsonWriter out;
  out.begin_object();
  subtask_members(out, subtask, standing);
  out.member("schema_version", 1);
  out.end_object();
  return out.take_line();
}

}  // namespace baton::protocol
