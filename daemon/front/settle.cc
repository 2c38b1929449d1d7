#include "front/settle.h"

#include <algorithm>
#include <optional>

#include "base/ids.h"
#include "core/model.h"
#include "front/await.h"
#include "front/feed_reader.h"
#include "front/lookup.h"
#include "front/standing.h"
#include "front/stored.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

bool is_handed_out(const SubtaskView& subtask) {
  const auto status = core::parse<core::SubtaskStatus>(subtask.status);
  return status && core::is_handed_out(*status);
}

/// A view that is not as far as the handoff has an older epoch; without one, only the status can tell.
Shows of_handoff(const Assignment& assignment, std::function<bool(const SubtaskView&)> over) {
  return [id = assignment.subtask_id, epoch = assignment.epoch, over = std::move(over)](const PlanView& plan) {
    const SubtaskView* subtask = plan.find(id);
    return subtask == nullptr || subtask->epoch > epoch || (subtask->epoch == epoch && over(*subtask));
  };
}

bool has_failed(const SubtaskView& subtask) { return subtask.status == "failed"; }

Shows shows_retry(const std::string& subtask_id) {
  return [subtask_id](const PlanView& plan) {
    if (const SubtaskView* subtask = plan.find(subtask_id)) return !has_failed(*subtask);
    return std::none_of(plan.subtasks.begin(), plan.subtasks.end(), has_failed);
  };
}

Shows shows_skip(const PlanView& before, const std::string& subtask_id) {
  const SubtaskView* subtask = before.find(subtask_id);
  // A task that is blocked by another task loses that one; nothing of its own is skipped.
  const bool waived = before.status == "blocked" && before.blocking_subtask.empty();
  if (subtask == nullptr || waived) return [](const PlanView& plan) { return plan.status != "blocked"; };
  return [subtask_id](const PlanView& plan) {
    const SubtaskView* now = plan.find(subtask_id);
    return now == nullptr || now->status == "skipped";
  };
}

Shows shows_release(const PlanView& before, const std::string& subtask_id) {
  const SubtaskView* subtask = before.find(subtask_id);
  if (subtask == nullptr) return [](const PlanView&) { return true; };
  return [subtask_id, epoch = subtask->epoch](const PlanView& plan) {
    const SubtaskView* now = plan.find(subtask_id);
    return now == nullptr || now->epoch > epoch || !is_in_flight(*now);
  };
}

}  // namespace

void await_report(const Folder& folder, const std::string& task_id) {
  const std::string path = paths::report_json(task_id);  // the last of its files
  if (is_stored(folder, path) || !folder.daemon()) return;
  static_cast<void>(await(folder, {std::string(paths::k_reports)}, k_view_ms, [&] { return is_stored(folder, path); }));
}

void await_plan(const Folder& folder, const std::string& task_id, const Shows& shows) {
  if (!is_task_id(task_id) || !folder.daemon()) return;
  const std::string path = paths::plan(task_id);
  std::optional<platform::Identity> seen;
  bool ended = false;
  const auto look = [&] {
    const auto stat = folder.files().stat(path);
    if (stat && seen == stat->identity) return false;
    if (stat) seen = stat->identity;
    const auto bytes = read_stored(folder, path);
    const auto plan = bytes ? read_plan(*bytes) : Result<PlanView>(tl::make_unexpected(bytes.error()));
    ended = plan && is_final_status(plan->status);
    return plan && shows(*plan);
  };
  const auto woke = await(folder, {std::string(paths::k_plans)}, k_view_ms, look);
  if (woke && *woke == Woke::changed && ended) await_report(folder, task_id);
}

void await_state(const Folder& folder) {
  if (!folder.daemon()) return;
  const std::int64_t seq = last_seq(folder);
  const auto look = [&] {
    const auto bytes = folder.read(std::string(paths::k_state));
    const auto state = bytes ? read_state(*bytes) : Result<StateView>(tl::make_unexpected(bytes.error()));
    return state && state->seq >= seq;
  };
  static_cast<void>(await(folder, {std::string(paths::k_state_folder)}, k_view_ms, look));
}

Shows shows_claim(const Assignment& assignment) {
  return of_handoff(assignment, [](const SubtaskView& subtask) { return subtask.status != "handed_off"; });
}

Shows shows_answer(const Assignment& assignment) {
  return of_handoff(assignment, [](const SubtaskView& subtask) { return !is_handed_out(subtask); });
}

Shows shows_command(std::string_view verb, const PlanView& before, const std::string& subtask_id) {
  if (verb == "cancel" || verb == "reject") return [](const PlanView& plan) { return is_final_status(plan.status); };
  if (verb == "approve") return [](const PlanView& plan) { return plan.status != "awaiting_approval"; };
  if (verb == "pause") return [](const PlanView& plan) { return plan.paused || is_final_status(plan.status); };
  if (verb == "resume") return [](const PlanView& plan) { return !plan.paused; };
  if (verb == "retry") return shows_retry(subtask_id);
  if (verb == "skip") return shows_skip(before, subtask_id);
  return shows_release(before, subtask_id);
}

}  // namespace baton::front
