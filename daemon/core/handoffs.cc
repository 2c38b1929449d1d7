// The way of one handoff: out to a master, taken by it, given back, and the worker that is seen with it.
#include <algorithm>

#include "base/text.h"
#include "core/orchestrator_state.h"

namespace baton::core {
namespace {

constexpr std::int64_t k_progress_pause_ms = 5'000;  // docs/protocol.md, "Events": at most 1 per 5 s and worker

/// 0 = the live one; what no handoff was ever published for belongs to none.
bool is_live_epoch(const Subtask& subtask, int epoch) { return epoch == 0 || epoch == subtask.epoch; }

}  // namespace

void Orchestrator::State::hand_off(const Subtask& chosen) {
  const SubtaskRef ref = find(chosen.spec.id);
  const bool moved = move(ref, SubtaskCause::handed_off);
  BATON_ASSERT(moved);
  ++ref->epoch;
  if (!std::exchange(ref->same_attempt, false)) {
    ++ref->attempt;
    ++ref->tries;
  }
  ref->handed_off_at = now.wall_ms;
  ref->claimed_at = ref->claimed_mono = ref->started_at = ref->completed_at = 0;
  ref->claimed_how.clear();
  ref->worker_id.clear();
  ref->progress_percent = 0;
  ref->outcome = {};
  changes.effects.push_back(PublishHandoff{ref->spec.id, ref->epoch});
  await_claim(*ref, catalogue.settings.recovery.claim_timeout_ms);
  tell("subtask_handed_off", *ref,
       {{"master", ref->spec.assigned_to}, {"epoch", std::int64_t{ref->epoch}}, {"attempt", std::int64_t{ref->attempt}}});
}

void Orchestrator::State::on(const HandoffClaimed& event) {
  const SubtaskRef ref = find(event.subtask_id);
  if (!ref || !is_live_epoch(*ref, event.epoch) || ref->spec.orchestrate) return;
  const SubtaskStatus before = ref->status;
  if (!move(ref, SubtaskCause::claimed) || ref->status == before) return;
  delivered(*ref.live, *ref);
  ref->claimed_at = now.wall_ms;
  ref->claimed_mono = now.mono_ms;
  ref->claimed_how = event.how;
  tell("subtask_claimed", *ref, {{"how", event.how}, {"master", ref->spec.assigned_to}, {"epoch", std::int64_t{ref->epoch}}});
  watch(ref, {});
  judge(ref);
}

void Orchestrator::State::on(const HandoffReleased& event) {
  const SubtaskRef ref = find(event.subtask_id);
  if (!ref || !is_live_epoch(*ref, event.epoch) || ref->spec.orchestrate) return;
  const SubtaskStatus before = ref->status;
  if (!move(ref, SubtaskCause::unclaimed) || ref->status == before) return;
  workers.erase(ref->worker_id);
  ref->claimed_at = ref->claimed_mono = ref->started_at = 0;
  ref->claimed_how.clear();
  ref->worker_id.clear();
  ref->progress_percent = 0;
  await_claim(*ref, catalogue.settings.recovery.claim_timeout_ms);
  tell("subtask_handed_off", *ref,
       {{"master", ref->spec.assigned_to},
        {"epoch", std::int64_t{ref->epoch}},
        {"attempt", std::int64_t{ref->attempt}},
        {"reason", "released by " + ref->spec.assigned_to}});
}

/// Changes no record that is journalled: a worker may say so every second.
void Orchestrator::State::progress_seen(Subtask& subtask, const WorkerSeen& seen) {
  if (seen.progress_percent >= 0) subtask.progress_percent = std::min(seen.progress_percent, 100);
  if (seen.progress_percent < 0 && seen.current_step.empty()) return;
  const auto [note, first] = workers.try_emplace(seen.worker_id);
  WorkerNote& told = note->second;
  if (!first && now.mono_ms - told.mono_ms < k_progress_pause_ms) return;
  if (told.progress_percent == subtask.progress_percent && told.current_step == seen.current_step) return;
  told = {now.mono_ms, subtask.progress_percent, seen.current_step};
  Fields fields{{"progress_percent", std::int64_t{subtask.progress_percent}}};
  if (!seen.current_step.empty()) fields.emplace_back("current_step", text::ellipsis(seen.current_step, 200));
  tell("subtask_progress", subtask, std::move(fields));
}

void Orchestrator::State::retire_worker(Subtask& subtask, std::string folder, std::optional<WorkerVerdict> verdict) {
  if (subtask.worker_id.empty()) return;
  workers.erase(subtask.worker_id);
  changes.effects.push_back(RetireWorker{subtask.worker_id, std::move(folder), std::move(verdict)});
}

/// REQUIRES: completed_at and outcome are those of this try.
void Orchestrator::State::end_try(Subtask& subtask) {
  if (subtask.spec.orchestrate) return count_child(subtask);
  const std::int64_t begin = subtask.claimed_at != 0 ? subtask.claimed_at : subtask.handed_off_at;
  subtask.worked_ms += std::max<std::int64_t>(0, subtask.completed_at - begin);
  subtask.spent_tokens += subtask.outcome.tokens_used;
}

void Orchestrator::State::take_back(SubtaskRef ref) {
  if (ref->status == SubtaskStatus::validating) return stop_check(ref);
  if (ref->spec.orchestrate) return end_child(ref);
  if (!is_in_flight(*ref)) return;
  dismiss_worker(ref);
  changes.effects.push_back(RetireHandoff{ref->spec.id, ref->spec.assigned_to, ref->epoch, false});
  retire_worker(*ref, "stale");
}

void Orchestrator::State::on(const HandoffDelivery& event) {
  const SubtaskRef ref = find(event.subtask_id);
  if (!ref || !is_live_epoch(*ref, event.epoch) || !is_handed_out(*ref)) return;
  if (event.delivered) return delivered(*ref.live, *ref);
  raise(about_delivery(*ref, event.reason));
  if (ref->undelivered) return;  // the next try is due already
  ref->undelivered = true;
  stop_awaiting_claim(*ref);  // nobody could
  touch(*ref.live, *ref);
  const Redelivery next{now.boot_ms + k_redelivery_first_ms, k_redelivery_first_ms * 2};
  redeliveries[ref->spec.id] = next;
  redelivery_at.emplace(next.due, ref->spec.id);
}

void Orchestrator::State::delivered(LiveTask& live, Subtask& subtask) {
  if (!subtask.undelivered) return;
  subtask.undelivered = false;
  touch(live, subtask);
  clear(subtask.task_id, subtask.spec.id, "undelivered");
  if (subtask.status == SubtaskStatus::handed_off) await_claim(subtask, catalogue.settings.recovery.claim_timeout_ms);
  const auto planned = redeliveries.find(subtask.spec.id);
  BATON_ASSERT(planned != redeliveries.end());
  redelivery_at.erase({planned->second.due, subtask.spec.id});
  redeliveries.erase(planned);
}

void Orchestrator::State::redeliver() {
  while (!redelivery_at.empty() && redelivery_at.begin()->first <= now.boot_ms) {
    const std::string subtask_id = redelivery_at.begin()->second;
    redelivery_at.erase(redelivery_at.begin());
    changes.effects.push_back(PublishHandoff{subtask_id, find(subtask_id)->epoch});
    Redelivery& next = redeliveries.at(subtask_id);
    next.due = now.boot_ms + next.delay;
    next.delay = std::min(next.delay * 2, k_redelivery_longest_ms);
    redelivery_at.emplace(next.due, subtask_id);
  }
}

}  // namespace baton::core
