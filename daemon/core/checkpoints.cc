// A subtask that was answered is not done before its checkpoint has passed. docs/protocol.md, "Checkpoints".
#include "base/text.h"
#include "core/orchestrator_state.h"

namespace baton::core {

std::string sentence_about(const CheckResult& check) {
  const std::string command = text::ellipsis(text::printable(text::join(check.command, " ")), 200);
  return "its checkpoint did not pass: " + (command.empty() ? "" : command + ": ") + check.message;
}

bool Orchestrator::State::is_run(const std::string& checkpoint) const {
  return checkpoint.starts_with('{') || catalogue.settings.checkpoints.contains(checkpoint);
}

/// What was a program's when it was planned, or has failed once, does not become words because its name went from the settings.
bool Orchestrator::State::runs_check(const Task& task, const Subtask& subtask) const {
  return is_fix(subtask) || subtask.program_checks || is_run(checkpoint_of(task, subtask));
}

bool Orchestrator::State::has_check_in_words(const Task& task, const Subtask& subtask) const {
  const auto in_words = [this](const std::string& checkpoint, bool is_known) {
    return !checkpoint.empty() && !is_known && !is_run(checkpoint);
  };
  return in_words(subtask.spec.checkpoint, subtask.program_checks) ||
         (in_words(task.spec.checkpoint, task.program_checks) && subtask.stage == stage_count(task));
}

/// Its files stay its own meanwhile: a check of what others are changing says nothing.
void Orchestrator::State::begin_check(SubtaskRef ref, const ResultArrived& result) {
  const bool held = is_handed_out(ref->status);
  const bool had_failed = ref->status == SubtaskStatus::failed;
  if (!move(ref, SubtaskCause::answered)) return;
  if (!held) scheduler.occupy(*ref);
  ref->completed_at = now.wall_ms;
  ref->progress_percent = 100;
  ref->outcome = result.outcome;
  ref->refused.clear();
  end_try(*ref);
  delivered(*ref.live, *ref);
  clear(ref->task_id, ref->spec.id, "result_refused");
  check_master(*ref);
  tell("checkpoint_started", *ref, {{"master", ref->spec.assigned_to}, {"epoch", std::int64_t{ref->epoch}}});
  changes.effects.push_back(RunCheck{ref->spec.id, ref->epoch});
  if (held) changes.effects.push_back(RetireHandoff{ref->spec.id, ref->spec.assigned_to, ref->epoch, true});
  retire_worker(*ref, "completed");
  if (!had_failed) return;
  --ref.live->failed;
  resume_if_clear(*ref.live);
}

void Orchestrator::State::on(const CheckFinished& event) {
  const SubtaskRef ref = find(event.subject);
  if (LiveTask* live = ref ? nullptr : find_task(event.subject)) return finish_final_check(*live, event);
  if (!ref || ref->status != SubtaskStatus::validating || event.epoch != ref->epoch) return;
  ref->check = event.result;
  ref->check.at = now.wall_ms;
  const CheckResult& check = ref->check;
  FeedEntry about{"", ref->task_id, ref->spec.id, ref->worker_id, {{"epoch", std::int64_t{ref->epoch}}}};
  tell_check(std::move(about), check);
  if (!check.passed) return fail_subtask(ref, {FailureCause::checkpoint, class_of(ref), sentence_about(check), {}, 0});
  if (!move(ref, SubtaskCause::completed)) return;
  ref->completed_at = now.wall_ms;
  ref->verified = true;
  tell_completed(ref);
  learn_from(*ref);
  speak_for(ref->spec.assigned_to);
  settled(ref);
}

/// No worker can mend that there is nothing to run any more.
FailureClass Orchestrator::State::class_of(SubtaskRef checked) const {
  return is_run(checkpoint_of(checked.live->task, *checked)) ? FailureClass::transient : FailureClass::permanent;
}

void Orchestrator::State::tell_check(FeedEntry about, const CheckResult& check) {
  about.type = check.passed ? "checkpoint_passed" : "checkpoint_failed";
  about.fields.emplace_back("took_ms", check.took_ms);
  about.fields.emplace_back("command", check.command);
  if (!check.passed) {
    about.fields.emplace_back("reason", check.reason);
    about.fields.emplace_back("message", text::ellipsis(check.message, 300));
    if (check.reason == "exit_code") about.fields.emplace_back("exit_code", std::int64_t{check.exit_code});
  }
  changes.effects.emplace_back(std::move(about));
}

void Orchestrator::State::stop_check(SubtaskRef ref) { changes.effects.push_back(StopCheck{ref->spec.id, ref->epoch}); }

void Orchestrator::State::run_check_again(const std::string& id) {
  if (const SubtaskRef ref = find(id); ref && ref->status == SubtaskStatus::validating)
    changes.effects.push_back(RunCheck{id, ref->epoch});
  else if (const LiveTask* live = find_task(id); live != nullptr && live->task.validating)
    changes.effects.push_back(RunCheck{id, 0});
}

}  // namespace baton::core
