// Requests of people: each is either applied, or refused with what to do instead. docs/protocol.md, "Commands".
#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "core/orchestrator_state.h"

namespace baton::core {
namespace {

using Answer = Result<std::string>;

tl::unexpected<Error> no(std::string message) { return fail(ErrorCode::refused, std::move(message)); }

constexpr std::int64_t k_before_all_others = 1;  // a moment to be ready since

std::string with(const std::string& reason) { return reason.empty() ? "" : " (" + reason + ")"; }

/// "..." stands in an escalation for the words that a person has to find.
bool says_something(const std::string& reason) {
  return std::ranges::any_of(reason, [](unsigned char c) { return std::isalnum(c) != 0 || c >= 0x80; });
}

}  // namespace

std::string_view name(Verb verb) {
  switch (verb) {
    case Verb::retry: return "retry";
    case Verb::skip: return "skip";
    case Verb::cancel: return "cancel";
    case Verb::release: return "release";
    case Verb::pause: return "pause";
    case Verb::resume: return "resume";
    case Verb::approve: return "approve";
    case Verb::reject: return "reject";
  }
  BATON_ASSERT(false && "an unknown verb");
}

void Orchestrator::State::on(const CommandArrived& event) {
  FeedEntry entry{"command_applied", "", "", "", {{"command", std::string(name(event.verb))}}};
  if (!event.reason.empty()) entry.fields.emplace_back("reason", text::ellipsis(event.reason, 500));
  const Answer answer = apply(event, entry);
  if (answer) changes.effects.push_back(std::move(entry));
  changes.effects.push_back(AnswerCommand{event.input, answer.has_value(), answer ? *answer : answer.error().message});
}

Answer Orchestrator::State::apply(const CommandArrived& command, FeedEntry& entry) {
  if (!command.master.empty()) return apply_to_master(command, entry);
  if (command.subject.empty()) {
    if (command.verb == Verb::pause) return pause_all();
    if (command.verb == Verb::resume) return resume_all();
    return no(std::string(name(command.verb)) + " needs the id of a task or a subtask");
  }
  TRY_VALUE(const Subject subject, resolve(command));
  entry.task_id = subject.live->task.spec.id;
  if (subject.subtask) entry.subtask_id = subject.subtask->spec.id;
  switch (command.verb) {
    case Verb::retry: return retry(subject, command.reason);
    case Verb::skip: return skip(subject, command.reason);
    case Verb::cancel: return cancel(subject, command.reason);
    case Verb::release: return release(subject);
    case Verb::pause: return pause(subject);
    case Verb::resume: return resume(subject);
    case Verb::approve: return approve(subject);
    case Verb::reject: return reject(subject, command.reason);
  }
  BATON_ASSERT(false && "an unknown verb");
}

Result<Orchestrator::State::Subject> Orchestrator::State::resolve(const CommandArrived& command) {
  const std::string& words = command.subject;
  // A simple task's subtask is called like the task, until it was split.
  if (const SubtaskRef ref = find(words))
    return Subject{ref.live, ref->status == SubtaskStatus::superseded && words == ref->task_id ? SubtaskRef{} : ref};
  LiveTask* live = find_task(words);
  if (live == nullptr && words.starts_with("orch-")) live = find_task(std::string_view(words).substr(5));
  const bool is_one = live != nullptr && live->task.simple && live->task.subtasks.size() == 1;
  if (live != nullptr) return Subject{live, is_one ? SubtaskRef{live, 0} : SubtaskRef{}};
  if (const SubtaskRef ref = find_short(words)) return Subject{ref.live, ref};
  if (command.ended) {
    const std::string status(name(command.ended->status));
    if (command.verb == Verb::retry)
      return no(command.ended->id + " is already " + status +
                "; what has ended does not run again: submit it anew under another id");
    return no(command.ended->id + " is already " + status);
  }
  return fail(ErrorCode::not_found, "no live task or subtask is called " + words + text::did_you_mean(words, live_ids()));
}

std::vector<std::string> Orchestrator::State::live_ids() const {
  std::vector<std::string> ids;
  ids.reserve(tasks.size() + subtasks.size());
  for (const auto& [id, live] : tasks) ids.push_back(id);
  for (const auto& [id, ref] : subtasks)
    if (!ref.live->task.simple) ids.push_back(id);
  return ids;
}

std::vector<SubtaskRef> Orchestrator::State::failed_of(LiveTask& live) const {
  std::vector<SubtaskRef> failed;
  for (std::size_t i = 0; i < live.task.subtasks.size(); ++i)
    if (live.task.subtasks[i].status == SubtaskStatus::failed) failed.push_back({&live, i});
  return failed;
}

/// Not before what else it waits for.
std::string Orchestrator::State::when(SubtaskRef ref) const {
  const std::vector<WaitsFor> waits = waits_for(ref);
  if (waits.empty() || waits.front().reason == "turn") return "now";
  return "as soon as nothing else holds it (" + waits.front().reason + ")";
}

/// What only waits for its time, its master's or its parts need not wait when a person says so.
bool Orchestrator::State::hurry(SubtaskRef ref) {
  if (ref->status != SubtaskStatus::ready || ref->spec.orchestrate) return false;
  if (leaving.contains(ref->spec.id)) {
    stop_waiting_for_worker(ref);
    return true;
  }
  const MasterRecord master = record_of(ref->spec.assigned_to);
  if (ref->retry_at == 0 && !ref->splitting && master.parked_until == 0 && master.breaker != Breaker::open) return false;
  leave_line(*ref);
  touch(*ref.live, *ref);
  ask_anew(ref);
  let_go(ref);
  return true;
}

/// A master that is given nothing is given one again, this one first: a person thinks that it goes. The others see how that ends.
void Orchestrator::State::ask_anew(SubtaskRef ref) {
  const std::string& master = ref->spec.assigned_to;
  if (ref->spec.orchestrate || gate_of(record_of(master)) != Scheduler::Gate::shut) return;
  scheduler.withdraw(*ref);
  ref->ready_at = k_before_all_others;
  try_parked(master);
  probe(master);
}

Answer Orchestrator::State::retry(const Subject& subject, const std::string& reason) {
  Task& task = subject.live->task;
  std::vector<SubtaskRef> failed;
  if (subject.subtask) {
    if (subject.subtask->status == SubtaskStatus::failed) failed.push_back(subject.subtask);
  } else {
    failed = failed_of(*subject.live);
  }
  if (subject.subtask && subject.subtask->status == SubtaskStatus::zombie) {
    withdraw(subject.subtask);
    subject.subtask->attempt = subject.subtask->conflicts = 0;
    return subject.subtask->spec.id + " is tried again" + with(reason);
  }
  if (subject.subtask && hurry(subject.subtask))
    return subject.subtask->spec.id + " is tried again " + when(subject.subtask) + with(reason);
  if (failed.empty() && !task.lost.empty())
    return no(task.spec.id + " " + task.failure_reason + ": skip it to go on without, or cancel it");
  if (failed.empty() && subject.subtask) {
    const Subtask& subtask = *subject.subtask;
    return no(subtask.spec.id + " is " + std::string(name(subtask.status)) + "; only what has failed can be retried" +
              (is_in_flight(subtask)       ? " (release hands it out again)"
               : is_done_by_child(subtask) ? " (its child task " + subtask.child_task + " does it)"
                                           : ""));
  }
  if (failed.empty()) return no("nothing of " + task.spec.id + " has failed");
  for (const SubtaskRef ref : failed) retry_one(ref, reason);
  resume_if_clear(*subject.live);
  if (failed.size() == 1) return failed.front()->spec.id + " is tried again" + with(reason);
  return std::to_string(failed.size()) + " failed subtasks of " + task.spec.id + " are tried again" + with(reason);
}

void Orchestrator::State::retry_one(SubtaskRef ref, const std::string& reason) {
  ref->attempt = ref->conflicts = 0;
  ref->same_attempt = false;
  try_again(ref, 0, reason.empty() ? "retried by hand" : reason);
  ask_anew(ref);
  let_go(ref);
}

Answer Orchestrator::State::skip(const Subject& subject, const std::string& reason) {
  LiveTask& live = *subject.live;
  Task& task = live.task;
  // spec: "NEVER skip a sub-task". A person may, and says why: the report does.
  if (!says_something(reason))
    return no("skip " + (subject.subtask ? subject.subtask->spec.id : task.spec.id) + " with a reason");
  if (!task.lost.empty()) {
    if (!subject.subtask || task.simple) return waive(live, reason);
    return no(task.spec.id + " " + task.failure_reason + ": skip " + task.spec.id + " to go on without; then " +
              subject.subtask->spec.id + " can be skipped");
  }
  if (task.started_at == 0) return no(task.spec.id + " has not started; cancel it if it is not wanted");
  std::vector<SubtaskRef> chosen = subject.subtask ? std::vector<SubtaskRef>{subject.subtask} : failed_of(live);
  if (chosen.empty()) return no("nothing of " + task.spec.id + " has failed; name the subtask to skip");
  for (const SubtaskRef ref : chosen)
    if (!after(ref->status, SubtaskCause::skipped)) return no(ref->spec.id + " is already " + std::string(name(ref->status)));
  // Its name first: the last one that is skipped ends the task.
  const std::string message =
      chosen.size() == 1 ? chosen.front()->spec.id + " is skipped" + with(reason)
                         : std::to_string(chosen.size()) + " subtasks of " + task.spec.id + " are skipped" + with(reason);
  for (const SubtaskRef ref : chosen) skip_one(ref, reason);
  return message;
}

/// It goes on without the tasks that it depends on and that were lost; what still runs is waited for.
Answer Orchestrator::State::waive(LiveTask& live, const std::string& reason) {
  Task& task = live.task;
  if (!move(live, TaskCause::waived)) return no(task.spec.id + " cannot go on");
  task.lost.clear();
  const std::string lost = std::exchange(task.failure_reason, "");
  task.waived += (task.waived.empty() ? "" : "; ") + lost + ": " + reason;
  clear(task.spec.id, "", "blocked");
  gate(live);
  return task.spec.id + " goes on, although it " + lost + with(reason);
}

void Orchestrator::State::skip_one(SubtaskRef ref, const std::string& reason) {
  take_back(ref);
  const bool had_failed = ref->status == SubtaskStatus::failed;
  const bool was_worked_on = ref->status == SubtaskStatus::in_progress || ref->status == SubtaskStatus::zombie;
  if (!move(ref, SubtaskCause::skipped)) return;
  if (had_failed) --ref.live->failed;
  ref->completed_at = now.wall_ms;
  if (was_worked_on) end_try(*ref);
  ref->skip_reason = reason;
  tell("subtask_skipped", *ref, {{"reason", text::ellipsis(ref->skip_reason, 500)}});
  settled(ref);
}

Answer Orchestrator::State::cancel(const Subject& subject, const std::string& reason) {
  LiveTask& live = *subject.live;
  Task& task = live.task;
  if (subject.subtask && !task.simple)
    return no("a subtask cannot be cancelled alone: skip " + subject.subtask->spec.id + ", or cancel " + task.spec.id);
  if (!task.planned) changes.effects.push_back(StopPlanner{task.spec.id});
  if (std::exchange(task.validating, false)) changes.effects.push_back(StopCheck{task.spec.id, 0});
  for (std::size_t i = 0; i < task.subtasks.size(); ++i) {
    const SubtaskRef ref{&live, i};
    if (is_final(ref->status)) continue;
    take_back(ref);
    const bool was_worked_on = ref->status == SubtaskStatus::in_progress || ref->status == SubtaskStatus::zombie;
    if (!move(ref, SubtaskCause::cancelled)) continue;
    ref->completed_at = now.wall_ms;
    if (was_worked_on) end_try(*ref);
  }
  live.failed = 0;
  end(live, TaskCause::cancelled, reason.empty() ? "cancelled by hand" : reason);
  return task.spec.id + " is cancelled" + with(reason);
}

/// Its handoff, and whoever works on it.
bool Orchestrator::State::withdraw(SubtaskRef ref) {
  take_back(ref);
  if (!move(ref, SubtaskCause::withdrawn)) return false;
  let_go(*ref.live);
  check_master(*ref);
  return true;
}

Answer Orchestrator::State::release(const Subject& subject) {
  if (!subject.subtask) return no("name the subtask of " + subject.live->task.spec.id + " to release");
  const SubtaskRef ref = subject.subtask;
  if (is_done_by_child(*ref))
    return no(ref->spec.id + " is done by its child task " + ref->child_task + ": no handoff of it is out; cancel " +
              ref->child_task + ", then retry " + ref->spec.id + " to have it done anew");
  if (!is_in_flight(*ref))
    return no(ref->spec.id + " is " + std::string(name(ref->status)) + "; only what is handed off can be released");
  if (!withdraw(ref)) return no(ref->spec.id + " cannot be released");
  ref->same_attempt = true;
  return ref->spec.id + " is taken back and will be handed out again to " + ref->spec.assigned_to;
}

Answer Orchestrator::State::pause(const Subject& subject) {
  Task& task = subject.live->task;
  if (subject.subtask && !task.simple) return no("a subtask cannot be paused alone: pause " + task.spec.id);
  if (task.paused) return no(task.spec.id + " is already paused");
  pause_one(*subject.live);
  pause_children(*subject.live);
  return task.spec.id + " is paused; what is handed off goes on";
}

void Orchestrator::State::pause_one(LiveTask& live) {
  live.task.paused = true;
  touch(live.task);
  leave_admission(live.task);
  hold(live);
  raise(about_pause(live.task));
}

Answer Orchestrator::State::resume(const Subject& subject) {
  Task& task = subject.live->task;
  if (subject.subtask && !task.simple) return no("a subtask cannot be resumed alone: resume " + task.spec.id);
  if (!task.paused) return no(task.spec.id + " is not paused" + (paused ? "; everything is: resume without an id" : ""));
  resume_one(*subject.live);
  resume_children(*subject.live);
  return task.spec.id + " goes on";
}

void Orchestrator::State::resume_one(LiveTask& live) {
  live.task.paused = false;
  touch(live.task);
  clear(live.task.spec.id, "", "paused");
  gate(live);
  let_go(live);
}

Answer Orchestrator::State::pause_all() {
  if (paused) return no("everything is already paused");
  paused = true;
  note_all_waits();
  raise(about_pause_of_all());
  return "everything is paused; what is handed off goes on";
}

Answer Orchestrator::State::resume_all() {
  if (!paused) return no("nothing is paused as a whole");
  paused = false;
  note_all_waits();
  clear("", "", "paused");
  return "everything goes on";
}

Answer Orchestrator::State::approve(const Subject& subject) {
  Task& task = subject.live->task;
  if (task.status != PlanStatus::awaiting_approval)
    return no(task.spec.id + " does not wait for approval: it is " + std::string(name(task.status)));
  if (!move(*subject.live, TaskCause::approved)) return no(task.spec.id + " cannot be approved");
  task.approved = true;
  clear(task.spec.id, "", "awaiting_approval");
  gate(*subject.live);
  return task.spec.id + " is approved";
}

Answer Orchestrator::State::reject(const Subject& subject, const std::string& reason) {
  Task& task = subject.live->task;
  if (task.status != PlanStatus::awaiting_approval)
    return no(task.spec.id + " does not wait for approval: it is " + std::string(name(task.status)) + "; cancel ends it");
  TRY(cancel({subject.live, {}}, "rejected" + (reason.empty() ? "" : ": " + reason)));
  return task.spec.id + " is rejected and cancelled" + with(reason);
}

}  // namespace baton::core
