// What follows when an attempt did not succeed, as far as it concerns the subtask itself: again, in two parts, or a person.
#include <algorithm>

#include "base/text.h"
#include "base/time.h"
#include "core/orchestrator_state.h"

namespace baton::core {
namespace {

/// spec: "retry_reason".
std::string reason_of(const Subtask& subtask, const Failure& failure) {
  switch (failure.cause) {
    case FailureCause::reported:
      if (failure.failure_class == FailureClass::rate_limited) return "Rate limit of " + subtask.spec.assigned_to + ", waiting";
      if (failure.failure_class == FailureClass::conflict) return "Merge conflict, fixing";
      return "Worker failed, reassigning";
    case FailureCause::gone: return "Worker gone, reassigning";
    case FailureCause::zombie: return "Worker zombie detected, reassigning";
    case FailureCause::time_limit: return "Time limit exceeded, reassigning";
    case FailureCause::checkpoint: return "Checkpoint failed, fixing";
    case FailureCause::child_task: return "Child task did not complete";
  }
  BATON_ASSERT(false && "an unknown cause");
}

/// The same number comes with all that one event brings: what failed together must not come back together. (FNV-1a.)
std::uint32_t jitter_of(std::uint32_t random, const Subtask& subtask) {
  for (const char letter : subtask.spec.id + "." + std::to_string(subtask.epoch))
    random = (random ^ static_cast<unsigned char>(letter)) * 16'777'619U;
  return random;
}

}  // namespace

void Orchestrator::State::recover(SubtaskRef ref, const Failure& failure) {
  const RecoverySettings& settings = catalogue.settings.recovery;
  if (speaks_against_master(failure)) speak_against(ref->spec.assigned_to);
  const std::string reason = reason_of(*ref, failure);
  const bool conflict = failure.failure_class == FailureClass::conflict;
  if (conflict) ++ref->conflicts;
  // Nothing has to get better before a conflict can be mended.
  const std::int64_t wait_ms = conflict ? 0 : backoff_ms(ref->attempt - ref->conflicts, jitter_of(random, *ref), settings);
  Remedy remedy = remedy_for(*ref, failure, settings);
  // What is checked as a whole cannot be good in parts.
  if (remedy == Remedy::split && runs_check(ref.live->task, *ref)) remedy = Remedy::retry;
  switch (remedy) {
    case Remedy::escalate: return block(*ref.live, *ref);
    case Remedy::park:
      park(ref->spec.assigned_to, failure);
      ref->same_attempt = true;
      return try_again(ref, 0, reason);
    case Remedy::split: try_again(ref, wait_ms, reason); return plan_split(ref);
    case Remedy::retry: return try_again(ref, wait_ms, reason);
  }
}

/// REQUIRES: status failed.
void Orchestrator::State::try_again(SubtaskRef ref, std::int64_t wait_ms, const std::string& reason) {
  if (!move(ref, SubtaskCause::retried)) return;
  --ref.live->failed;
  ++ref->retry_count;
  ref->retry_reason = reason;
  ref->retry_modifications.clear();
  ref->child_task.clear();
  ref->ready_at = now.wall_ms;
  Fields fields{{"reason", text::ellipsis(reason, 500)}, {"retry_count", std::int64_t{ref->retry_count}}};
  if (wait_ms > 0) {
    ref->retry_at = now.wall_ms + wait_ms;
    backoffs.set(ref->spec.id, now.boot_ms + wait_ms);
    fields.emplace_back("wait_ms", wait_ms);
  }
  check_master(*ref);
  tell("subtask_retried", *ref, std::move(fields));
  let_go(ref);
}

void Orchestrator::State::leave_line(Subtask& subtask) {
  scheduler.withdraw(subtask);
  want_no_child(subtask);
  backoffs.clear(subtask.spec.id);
  subtask.retry_at = 0;
  subtask.splitting = false;
}

void Orchestrator::State::wake_retries() {
  while (const auto subtask_id = backoffs.take_due(now.boot_ms)) {
    const SubtaskRef ref = find(*subtask_id);
    BATON_ASSERT(ref);
    ref->retry_at = 0;
    touch(*ref.live, *ref);
    ref->splitting ? ask_for_parts(ref) : let_go(ref);
  }
}

std::int64_t Orchestrator::State::boot_ms_of(std::int64_t wall_ms, std::int64_t longest_ms) const {
  return now.boot_ms + std::clamp<std::int64_t>(wall_ms - now.wall_ms, 0, longest_ms);
}

}  // namespace baton::core
