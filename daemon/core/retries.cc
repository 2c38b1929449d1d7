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
      return "Worker failed, reassigning";
    case FailureCause::gone: return "Worker gone, reassigning";
    case FailureCause::zombie: return "Worker zombie detected, reassigning";
    case FailureCause::time_limit: return "Time limit exceeded, reassigning";
    case FailureCause::checkpoint: return "Checkpoint failed, fixing";
  }
  BATON_ASSERT(false && "an unknown cause");
}

}  // namespace

void Orchestrator::State::recover(SubtaskRef ref, const Failure& failure) {
  const RecoverySettings& settings = catalogue.settings.recovery;
  if (speaks_against_master(failure)) speak_against(ref->spec.assigned_to);
  const std::string reason = reason_of(*ref, failure);
  const std::int64_t wait_ms = backoff_ms(ref->attempt, random, settings);
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

void Orchestrator::State::await_claim(const Subtask& subtask, std::int64_t timeout_ms) {
  unclaimed.set(subtask.spec.id, now.mono_ms + timeout_ms);
}

void Orchestrator::State::report_unclaimed() {
  const std::int64_t timeout_ms = catalogue.settings.recovery.claim_timeout_ms;
  while (const auto subtask_id = unclaimed.take_due(now.mono_ms)) {
    const SubtaskRef ref = find(*subtask_id);
    BATON_ASSERT(ref && ref->status == SubtaskStatus::handed_off);
    const auto sign = last_sign.find(ref->spec.assigned_to);
    if (sign != last_sign.end() && now.mono_ms - sign->second < timeout_ms)
      unclaimed.set(*subtask_id, sign->second + timeout_ms);  // it is at work, and has more than it can take at once
    else
      report_silence(*ref, timeout_ms);
  }
}

/// A master of which nothing is heard is told once, however much lies there for it.
void Orchestrator::State::report_silence(const Subtask& lying, std::int64_t timeout_ms) {
  const std::string& master = lying.spec.assigned_to;
  const std::size_t count = lying_for(master).size();
  if (attention.is_up(about_claim(master, 0, 0))) return;
  tell("handoff_unclaimed", lying,
       {{"master", master}, {"handoffs", static_cast<std::int64_t>(count)}, {"after", format_duration(timeout_ms)}});
  raise(about_claim(master, count, timeout_ms));
}

std::vector<const Subtask*> Orchestrator::State::lying_for(const std::string& master) const {
  std::vector<const Subtask*> lying;
  for (const auto& [id, ref] : subtasks)
    if (ref->status == SubtaskStatus::handed_off && !ref->undelivered && ref->spec.assigned_to == master) lying.push_back(&*ref);
  return lying;
}

void Orchestrator::State::sign_of(const std::string& master) {
  last_sign[master] = now.mono_ms;
  if (!attention.is_up(about_claim(master, 0, 0))) return;
  clear("", "", "unclaimed", master);
  const std::int64_t timeout_ms = catalogue.settings.recovery.claim_timeout_ms;
  for (const Subtask* subtask : lying_for(master)) await_claim(*subtask, timeout_ms);
}

}  // namespace baton::core
