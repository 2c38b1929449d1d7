// A subtask that was answered is not done before its checkpoint has passed. docs/protocol.md, "Checkpoints".
#include "base/text.h"
#include "core/orchestrator_state.h"

namespace baton::core {
namespace {

std::string sentence_about(const CheckResult& check) {
  const std::string command = text::ellipsis(text::printable(text::join(check.command, " ")), 200);
  return "its checkpoint did not pass: " + (command.empty() ? "" : command + ": ") + check.message;
}

}  // namespace

bool Orchestrator::State::runs_check(const Task& task, const Subtask& subtask) const {
  const std::string& checkpoint = checkpoint_of(task, subtask);
  return checkpoint.starts_with('{') || catalogue.settings.checkpoints.contains(checkpoint);
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
  ref->check = {};
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
  const SubtaskRef ref = find(event.subtask_id);
  if (!ref || ref->status != SubtaskStatus::validating || event.epoch != ref->epoch) return;
  ref->check = event.result;
  ref->check.at = now.wall_ms;
  const CheckResult& check = ref->check;
  Fields fields{{"epoch", std::int64_t{ref->epoch}}, {"took_ms", check.took_ms}, {"command", check.command}};
  if (!check.passed) {
    fields.emplace_back("reason", check.reason);
    fields.emplace_back("message", text::ellipsis(check.message, 300));
    if (check.reason == "exit_code") fields.emplace_back("exit_code", std::int64_t{check.exit_code});
  }
  tell(check.passed ? "checkpoint_passed" : "checkpoint_failed", *ref, std::move(fields));
  if (!check.passed) return fail_subtask(ref, {FailureCause::checkpoint, FailureClass::transient, sentence_about(check), {}, 0});
  if (!move(ref, SubtaskCause::completed)) return;
  ref->completed_at = now.wall_ms;
  ref->verified = true;
  tell_completed(ref);
  speak_for(ref->spec.assigned_to);
  settled(ref);
}

void Orchestrator::State::stop_check(SubtaskRef ref) { changes.effects.push_back(StopCheck{ref->spec.id, ref->epoch}); }

}  // namespace baton::core
