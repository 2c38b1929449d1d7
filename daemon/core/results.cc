// What masters answer: which results count, and what a completed or failed subtask means for its task.
#include <algorithm>

#include "base/text.h"
#include "core/orchestrator_state.h"

namespace baton::core {
namespace {

const std::string k_unwanted = "nothing waits for it; keep it if it is of use";

/// The live epoch was answered: completed_at is set by an answer and reset by the next handoff.
bool is_answered(const Subtask& subtask) {
  const bool ended_otherwise = is_final(subtask.status) && subtask.status != SubtaskStatus::completed;
  return subtask.epoch > 0 && subtask.completed_at != 0 && !ended_otherwise;
}

bool is_same_answer(const Subtask& subtask, const ResultArrived& result) {
  if (result.epoch != 0 && result.epoch != subtask.epoch) return false;
  if (subtask.outcome != result.outcome) return false;
  if (result.completed) return subtask.status == SubtaskStatus::completed || subtask.status == SubtaskStatus::validating;
  return subtask.status != SubtaskStatus::completed && subtask.error == result.error;
}

bool is_another_master(const Subtask& subtask, const ResultArrived& result) {
  return !result.master.empty() && result.master != subtask.spec.assigned_to;
}

std::string_view stale_reason(const Subtask& subtask, const ResultArrived& result) {
  if (result.epoch != 0 && result.epoch < subtask.epoch) return "old_epoch";
  return is_answered(subtask) ? "already_answered" : name(subtask.status);
}

std::string place_of_refused(const ResultArrived& result) {
  return result.master.empty() ? "worker-specs/stale" : "masters/" + result.master + "/handoffs/stale";
}

}  // namespace

// Nobody but its author knows that the work is done: without a word the subtask would wait for ever.
void Orchestrator::State::on(const ResultRefused& event) {
  const SubtaskRef ref = find(event.subtask_id);
  if (!ref || !is_handed_out(*ref)) return;
  ref->refused = event.place + ": " + event.reason;
  changes.subtasks.insert(ref->spec.id);
  raise(about_refusal(*ref));
}

void Orchestrator::State::on(const ResultArrived& event) {
  const SubtaskRef ref = event.ended ? find(event.subtask_id) : find_short(event.subtask_id);
  const Subtask* subtask = ref ? &*ref : event.ended ? &*event.ended : nullptr;
  if (subtask == nullptr) {
    Error error = no_subtask(event.subtask_id);
    FeedEntry entry{
        "document_rejected", "", event.subtask_id, event.worker_id, {{"reason", error.message}, {"path", event.input.path}}};
    if (!error.hint.empty()) entry.fields.emplace_back("hint", error.hint);
    changes.effects.emplace_back(std::move(entry));
    return refuse(event.input, std::move(error));
  }
  if (subtask->spec.orchestrate) return refuse_for_child(*subtask, event);
  if (!is_another_master(*subtask, event) && is_answered(*subtask) && is_same_answer(*subtask, event)) return accept(event.input);
  Result<> checked = acceptable(*subtask, event);
  if (checked && !ref) checked = fail(ErrorCode::refused, "the task of " + subtask->spec.id + " has ended", k_unwanted);
  if (!checked) {
    const bool stale = subtask->epoch > 0 && event.epoch <= subtask->epoch && !is_another_master(*subtask, event);
    const std::string reason = stale ? std::string(stale_reason(*subtask, event)) : checked.error().message;
    if (ref && !stale) on(ResultRefused{ref->spec.id, checked.error().message, place_of_refused(event)});
    tell(stale ? "result_stale" : "document_rejected", *subtask,
         {{"reason", reason}, {"path", event.input.path}, {"epoch", std::int64_t{event.epoch}}, {"hint", checked.error().hint}});
    return refuse(event.input, checked.error());
  }
  if (!event.worker_id.empty() && ref->worker_id != event.worker_id) {
    workers.erase(ref->worker_id);
    ref->worker_id = event.worker_id;
  }
  sign_of(ref->spec.assigned_to);
  if (event.completed && runs_check(ref.live->task, *ref))
    begin_check(ref, event);
  else if (event.completed)
    complete_subtask(ref, event);
  else
    report_failure(ref, event);
  accept(event.input);
}

/// Nobody was asked for it: no handoff of it was ever out.
void Orchestrator::State::refuse_for_child(const Subtask& subtask, const ResultArrived& result) {
  const std::string& id = subtask.spec.id;
  Error error{ErrorCode::refused,
              id + " is done by " +
                  (subtask.child_task.empty() ? "a child task of its own" : "its child task " + subtask.child_task) +
                  ": it takes no result",
              "answer the subtasks of that task; `baton skip " + id + " --reason TEXT` goes on without it",
              {}};
  tell("document_rejected", subtask, {{"reason", error.message}, {"path", result.input.path}, {"hint", error.hint}});
  refuse(result.input, std::move(error));
}

Result<> Orchestrator::State::acceptable(const Subtask& subtask, const ResultArrived& result) const {
  const std::string& id = subtask.spec.id;
  if (is_another_master(subtask, result))
    return fail(ErrorCode::refused, id + " was handed to " + subtask.spec.assigned_to + ", not to " + result.master,
                "put the result into masters/" + subtask.spec.assigned_to + "/handoffs");
  if (subtask.epoch == 0)
    return fail(ErrorCode::refused, id + " was never handed off: nobody was asked for a result",
                "answer when its handoff lies in masters/" + subtask.spec.assigned_to + "/handoffs");
  if (result.epoch > subtask.epoch)
    return fail(
        ErrorCode::invalid,
        id + " has no epoch " + std::to_string(result.epoch) + "; its last handoff is epoch " + std::to_string(subtask.epoch),
        "copy the epoch from the handoff, or leave it out");
  if (result.epoch != 0 && result.epoch < subtask.epoch)
    return fail(ErrorCode::refused,
                "this answers epoch " + std::to_string(result.epoch) + " of " + id + "; it was handed off again as epoch " +
                    std::to_string(subtask.epoch),
                "whoever has the new handoff answers it; keep this if it is of use");
  if (is_answered(subtask))
    return fail(ErrorCode::refused, id + " was already answered; the first answer counts",
                "look at both answers; to have it done again, submit it as a new task");
  const SubtaskCause cause = result.completed ? SubtaskCause::completed : SubtaskCause::failed;
  if (!after(subtask.status, cause))
    return fail(ErrorCode::refused, id + " is " + std::string(name(subtask.status)) + "; its result is no longer wanted",
                k_unwanted);
  return {};
}

void Orchestrator::State::complete_subtask(SubtaskRef ref, const ResultArrived& result) {
  const bool held = is_in_flight(ref->status);
  const bool had_failed = ref->status == SubtaskStatus::failed;
  const bool same_attempt = std::exchange(ref->same_attempt, false);
  if (!move(ref, SubtaskCause::completed)) return;
  if (had_failed) --ref.live->failed;
  ref->completed_at = now.wall_ms;
  ref->progress_percent = 100;
  ref->outcome = result.outcome;
  if (has_check_in_words(ref.live->task, *ref)) ref->verified = false;  // no program can run it
  if (held || same_attempt)
    end_try(*ref);
  else  // the verdict that came before it has counted its time
    ref->spent_tokens += ref->outcome.tokens_used;
  tell_completed(ref);
  learn_from(*ref);
  if (held) changes.effects.push_back(RetireHandoff{ref->spec.id, ref->spec.assigned_to, ref->epoch, true});
  retire_worker(*ref, "completed");
  speak_for(ref->spec.assigned_to);
  settled(ref);
}

/// What nobody claimed was handed over some other way; how long it lay there is not how long it took.
void Orchestrator::State::learn_from(const Subtask& completed) {
  if (completed.claimed_at == 0) return;
  const DurationKey key{completed.spec.worker_type, completed.spec.assigned_to};
  if (learn(catalogue.durations, key, completed.worked_ms)) changes.durations.insert(key);
}

void Orchestrator::State::tell_completed(SubtaskRef ref) {
  Fields fields{{"master", ref->spec.assigned_to},
                {"epoch", std::int64_t{ref->epoch}},
                {"took_ms", ref->completed_at - (ref->spec.orchestrate ? ref->started_at : ref->handed_off_at)},
                {"tokens_used", ref->outcome.tokens_used}};
  if (ref->spec.orchestrate) fields.emplace_back("child_task", ref->child_task);
  if (ref->verified) fields.emplace_back("verified", *ref->verified);
  fields.emplace_back("summary", text::ellipsis(ref->outcome.summary, 300));
  tell("subtask_completed", *ref, std::move(fields));
}

void Orchestrator::State::report_failure(SubtaskRef ref, const ResultArrived& result) {
  ref->outcome = result.outcome;
  if (ref->status != SubtaskStatus::ready || ref->same_attempt)
    return fail_subtask(ref, {FailureCause::reported, result.failure_class, result.error, {}, result.retry_after_ms});
  ref->completed_at = now.wall_ms;  // a verdict came before it, and the next attempt is on its way
  ref->spent_tokens += ref->outcome.tokens_used;
  touch(*ref.live, *ref);
}

void Orchestrator::State::fail_subtask(SubtaskRef ref, const Failure& failure) {
  const bool held = is_handed_out(*ref);
  const bool validated = ref->status == SubtaskStatus::validating;  // the answer was taken before
  const bool reported = failure.cause == FailureCause::reported;
  const bool answered = reported || validated || ref->spec.orchestrate;
  if (!move(ref, SubtaskCause::failed)) return;
  ++ref.live->failed;
  ref->completed_at = now.wall_ms;
  ref->error = failure.error;
  ref->failure_class = failure.failure_class;
  ref->failure_cause = failure.cause;
  ref->evidence = failure.evidence;
  ref->same_attempt = false;
  if (!validated) end_try(*ref);
  Fields fields{{"master", ref->spec.assigned_to},
                {"epoch", std::int64_t{ref->epoch}},
                {"attempt", std::int64_t{ref->attempt}},
                {"error", text::ellipsis(ref->error, 500)},
                {"failure_class", std::string(name(ref->failure_class))}};
  if (!reported) fields.emplace_back("reason", std::string(name(failure.cause)));
  if (!failure.evidence.empty()) fields.emplace_back("evidence", failure.evidence);
  tell("subtask_failed", *ref, std::move(fields));
  if (!answered) ref->completed_at = 0;  // until the next handoff is published an answer still counts
  if (held) changes.effects.push_back(RetireHandoff{ref->spec.id, ref->spec.assigned_to, ref->epoch, answered});
  if (!validated) retire_worker(*ref, "failed", failure.verdict);
  check_master(*ref);
  recover(ref, failure);
}

void Orchestrator::State::block(LiveTask& live, const Subtask& failed) {
  Task& task = live.task;
  if (task.status == PlanStatus::blocked) return;  // by an earlier failure, which stays the one to look at
  if (!move(live, TaskCause::obstructed)) return;
  task.blocking_subtask = failed.spec.id;
  task.failure_reason = reason_to_block(failed);
  hold(live);
  tell("orchestration_blocked", task,
       {{"blocking_subtask", failed.spec.id}, {"failure_reason", text::ellipsis(task.failure_reason, 500)}});
  raise(about_block(task));
}

}  // namespace baton::core
