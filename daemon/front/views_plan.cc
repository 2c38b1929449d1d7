#include <algorithm>

#include "base/text.h"
#include "front/dom.h"
#include "front/views.h"
#include "front/views_parse.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

void add_outcome(const dom::Object& item, SubtaskView& view) {
  dom::within(item, "result", [&](const dom::Object& result) {
    view.summary = dom::text(result, "summary");
    view.worktree = dom::text(result, "worktree");
    view.artifacts = dom::texts(result, "artifacts");
    view.files_modified = dom::texts(result, "files_modified");
    view.tokens_used = dom::number(result, "tokens_used");
  });
  view.failure = dom::text(item, "failure");
  dom::within(item, "failure", [&](const dom::Object& failure) {
    for (const char* key : {"error", "message", "reason"})
      if (view.failure.empty()) view.failure = dom::text(failure, key);
  });
}

WorkerRow worker_row(const dom::Object& worker) {
  WorkerRow row;
  row.state = dom::text(worker, "state");
  row.host = dom::text(worker, "host");
  row.pid = dom::number(worker, "pid");
  row.last_heartbeat = dom::text(worker, "last_heartbeat");
  row.reason = dom::text(worker, "reason");
  row.evidence = dom::texts(worker, "evidence");
  row.not_ended = dom::texts(worker, "not_ended");
  return row;
}

std::string check_line(const dom::Object& check) {
  const std::string command = text::join(dom::texts(check, "command"), " ");
  return command + (dom::flag(check, "passed") ? ": passed" : ": did not pass: " + dom::text(check, "message"));
}

SubtaskView subtask_view(const dom::Object& item) {
  SubtaskView view;
  view.id = dom::text(item, "subtask_id");
  view.given_id = dom::text(item, "given_id");
  view.task_id = dom::text(item, "parent_task_id");
  view.title = dom::text(item, "title");
  view.description = dom::text(item, "description");
  view.master = dom::text(item, "assigned_to");
  view.worker_type = dom::text(item, "worker_type");
  view.status = dom::text(item, "status");
  view.worker_id = dom::text(item, "worker_id");
  view.success_criteria = dom::text(item, "success_criteria");
  view.dependencies = dom::texts(item, "dependencies");
  view.files = dom::texts(item, "files_affected");
  view.stage = dom::integer(item, "stage", 1);
  view.order = dom::integer(item, "order", 1);
  view.attempt = dom::integer(item, "attempt");
  view.epoch = dom::integer(item, "epoch");
  view.minutes = dom::integer(item, "estimated_duration_minutes");
  view.retries = dom::integer(item, "retry_count");
  view.tokens = dom::number(item, "estimated_tokens");
  view.undelivered = dom::flag(item, "undelivered");
  if (bool verified = false; item["verified"].get(verified) == simdjson::SUCCESS) view.verified = verified;
  view.progress = dom::integer(item, "progress_percent");
  view.handed_off_at = dom::text(item, "handed_off_at");
  view.claimed_at = dom::text(item, "claimed_at");
  view.retry_reason = dom::text(item, "retry_reason");
  view.skip_reason = dom::text(item, "skip_reason");
  view.orchestrate = dom::flag(item, "orchestrate");
  view.child_task = dom::text(item, "child_task");
  view.started_at = dom::text(item, "started_at");
  view.completed_at = dom::text(item, "completed_at");
  dom::each(item, "waits_for", [&](const dom::Object& wait) {
    view.waits_for.push_back({dom::text(wait, "reason"), dom::text(wait, "subject")});
  });
  add_outcome(item, view);
  dom::within(item, "worker", [&](const dom::Object& worker) { view.worker = worker_row(worker); });
  dom::within(item, "checkpoint_result", [&](const dom::Object& check) {
    view.check = check_line(check);
    view.check_failed = !dom::flag(check, "passed");
    view.check_output = dom::text(check, "output");
  });
  return view;
}

void add_estimate(const dom::Object& root, PlanView& plan) {
  dom::within(root, "resource_estimate", [&](const dom::Object& estimate) {
    plan.duration = dom::text(estimate, "duration_estimate");
    plan.tokens = dom::number(estimate, "token_estimate");
    plan.masters = dom::texts(estimate, "masters");
    plan.workers = dom::integer(estimate, "workers");
    plan.critical_path_minutes = dom::integer(estimate, "critical_path_minutes");
    plan.bottlenecks = dom::texts(estimate, "bottlenecks");
  });
}

}  // namespace

int PlanView::stages() const {
  int last = 0;
  for (const SubtaskView& subtask : subtasks) last = std::max(last, subtask.stage);
  return last;
}

const SubtaskView* PlanView::find(std::string_view subtask_id) const {
  for (const SubtaskView& subtask : subtasks)
    if (subtask.id == subtask_id) return &subtask;
  return nullptr;
}

const SubtaskView* PlanView::left_to_person() const {
  for (const SubtaskView& subtask : subtasks)
    if (subtask.needs_person()) return &subtask;
  return nullptr;
}

std::string SubtaskView::blocked_below() const {
  const auto blocked =
      std::find_if(waits_for.begin(), waits_for.end(), [](const WaitRow& wait) { return wait.reason == "blocked"; });
  return is_done_by_child() && blocked != waits_for.end() ? blocked->subject : "";
}

std::string PlanView::blocked_below() const {
  for (const SubtaskView& subtask : subtasks)
    if (std::string blocked = subtask.blocked_below(); !blocked.empty()) return blocked;
  return "";
}

Result<PlanView> read_plan(std::string_view bytes) {
  simdjson::dom::parser parser;
  TRY_VALUE(const dom::Object root, parse_object(parser, bytes, "the plan"));
  PlanView plan;
  plan.orchestration_id = dom::text(root, "orchestration_id");
  plan.id = dom::text(root, "parent_task_id");
  if (plan.id.empty()) plan.id = protocol::paths::task_of_orchestration(plan.orchestration_id);
  plan.title = dom::text(root, "task_title");
  plan.complexity = dom::text(root, "complexity");
  plan.status = dom::text(root, "status");
  plan.priority = dom::text(root, "priority");
  plan.mode = dom::text(root, "execution_mode");
  plan.planner = dom::text(root, "planner");
  plan.simple = dom::flag(root, "simple");
  plan.paused = dom::flag(root, "paused");
  plan.validating = dom::flag(root, "validating");
  plan.depends_on = dom::texts(root, "depends_on");
  plan.parent_task = protocol::paths::task_of_orchestration(dom::text(root, "parent_orchestration"));
  plan.parent_subtask = dom::text(root, "parent_subtask_id");
  plan.created_at = dom::text(root, "created_at");
  plan.updated_at = dom::text(root, "updated_at");
  plan.completed_at = dom::text(root, "completed_at");
  plan.blocking_subtask = dom::text(root, "blocking_subtask");
  plan.failure_reason = dom::text(root, "failure_reason");
  dom::within(root, "analysis", [&](const dom::Object& analysis) {
    plan.score = dom::integer(analysis, "score");
    plan.domains = dom::texts(analysis, "domains");
    plan.reasons = dom::texts(analysis, "reasons");
  });
  dom::within(root, "progress", [&](const dom::Object& progress) {
    plan.current_stage = dom::integer(progress, "current_stage");
    plan.progress = dom::integer(progress, "progress_percent");
    plan.remaining = dom::text(progress, "estimated_remaining");
  });
  dom::each(root, "conflicts", [&](const dom::Object& conflict) {
    plan.conflicts.emplace_back(dom::text(conflict, "file"), dom::texts(conflict, "subtasks"));
  });
  add_estimate(root, plan);
  dom::each(root, "subtasks", [&](const dom::Object& item) { plan.subtasks.push_back(subtask_view(item)); });
  return plan;
}

Result<SubtaskView> read_subtask(std::string_view bytes) {
  simdjson::dom::parser parser;
  TRY_VALUE(const dom::Object root, parse_object(parser, bytes, "the subtask"));
  return subtask_view(root);
}

}  // namespace baton::front
