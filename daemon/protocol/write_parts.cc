#include "protocol/write_parts.h"

#include "base/text.h"
#include "base/time.h"
#include "core/estimate.h"
#include "protocol/paths.h"

namespace baton::protocol {
namespace {

constexpr std::size_t k_title_bytes = 120;  // of a title that is made from a description

}  // namespace

std::string title_of(const core::TaskSpec& spec) {
  if (!spec.title.empty()) return spec.title;
  const std::string_view all = text::trim(spec.description);
  return text::ellipsis(all.substr(0, all.find('\n')), k_title_bytes);
}

void check_object(JsonWriter& out, std::string_view name, const core::CheckResult& check) {
  if (check.at == 0) return;
  out.begin_object(name);
  out.member("passed", check.passed);
  out.member_if("reason", check.reason);
  out.member_if("message", check.message);
  out.member("command", check.command);
  if (check.passed || check.reason == "exit_code") out.member("exit_code", check.exit_code);
  out.member("output", check.output);
  out.member("took_ms", check.took_ms);
  out.time_if("ended_at", check.at);
  out.end_object();
}

void wish_members(JsonWriter& out, const core::TaskSpec& spec) {
  out.member_if("success_criteria", spec.success_criteria);
  out.carried_if("checkpoint", spec.checkpoint);
  if (spec.time_limit_ms > 0) out.member("time_limit", format_duration(spec.time_limit_ms));
}

std::string duration_estimate(const core::Estimate& estimate) {
  const std::string total = std::to_string(estimate.total_minutes);
  if (estimate.critical_path_minutes == estimate.total_minutes)
    return total + (estimate.total_minutes == 1 ? " minute" : " minutes");
  return std::to_string(estimate.critical_path_minutes) + "-" + total + " minutes";
}

void remaining_members(JsonWriter& out, const core::Task& task) {
  const auto minutes = core::remaining_minutes(task);
  if (!minutes) return;
  out.member("estimated_remaining", std::to_string(*minutes) + (*minutes == 1 ? " minute" : " minutes"));
  constexpr std::int64_t k_minute_ms = 60'000;
  if (task.status == core::PlanStatus::in_progress) out.time_if("eta", task.updated_at + *minutes * k_minute_ms);
}

std::vector<std::string> ids_where(const core::Task& task, const std::function<bool(const core::Subtask&)>& wanted) {
  std::vector<std::string> ids;
  for (const core::Subtask& subtask : task.subtasks) {
    if (wanted(subtask)) ids.push_back(subtask.spec.id);
  }
  return ids;
}

void outcome_object(JsonWriter& out, std::string_view name, const core::Outcome& outcome) {
  out.begin_object(name);
  out.member("summary", outcome.summary);
  out.member("artifacts", outcome.artifacts);
  out.member("files_modified", outcome.files_modified);
  out.member("tokens_used", outcome.tokens_used);
  out.member_if("worktree", outcome.worktree);
  out.carried_if("data", outcome.data);
  out.end_object();
}

void parent_members(JsonWriter& out, const core::TaskSpec& spec) {
  if (spec.parent_subtask_id.empty()) return;
  out.member("parent_orchestration", paths::orchestration_id(spec.parent_task_id));
  out.member("parent_subtask_id", spec.parent_subtask_id);
}

void child_members(JsonWriter& out, const core::Subtask& subtask) {
  if (subtask.child_task.empty()) return;
  out.member("child_task", subtask.child_task);
  out.member("child_report", paths::report_json(subtask.child_task));
}

void analysis_object(JsonWriter& out, const core::Analysis& analysis) {
  out.begin_object("analysis");
  out.member("score", analysis.score);
  out.member("complex", analysis.complex);
  out.member("domains", analysis.domains);
  out.member("reasons", analysis.reasons);
  out.end_object();
}

std::vector<std::string> failed_ids(const core::Task& task) {
  return ids_where(task, [](const core::Subtask& subtask) { return subtask.status == core::SubtaskStatus::failed; });
}

std::string escalation_sentence(const core::Task& task) {
  if (task.blocking_subtask.empty())
    return "A task that this one depends on did not complete: somebody has to decide what becomes of it.";
  if (const std::size_t failed = failed_ids(task).size(); failed > 1)
    return std::to_string(failed) + " subtasks did not complete, " + task.blocking_subtask +
           " first: somebody has to retry them, skip them or cancel the task.";
  return "Subtask " + task.blocking_subtask + " did not complete: somebody has to retry it, skip it or cancel the task.";
}

}  // namespace baton::protocol
