#include "core/orchestrator.h"

#include "base/text.h"
#include "core/orchestrator_state.h"

namespace baton::core {

Orchestrator::Orchestrator() : state_(std::make_unique<State>()) {}
Orchestrator::~Orchestrator() = default;
Orchestrator::Orchestrator(Orchestrator&&) noexcept = default;
Orchestrator& Orchestrator::operator=(Orchestrator&&) noexcept = default;

Changes Orchestrator::step(const Event& event) {
  state_->now = event.now;
  state_->random = event.random;
  std::visit([this](const auto& what) { state_->on(what); }, event.what);
  state_->settle();
  // At a start nothing is news: who shows what waits, and who works, compares everything.
  if (const auto* start = std::get_if<CatalogueChanged>(&event.what); start != nullptr && start->at_start) {
    state_->changes.waiting.clear();
    state_->changes.standing.clear();
  }
  return std::exchange(state_->changes, {});
}

std::optional<std::int64_t> Orchestrator::next_deadline(const Moment& now) const {
  std::optional<std::int64_t> next;
  const auto consider = [&next](std::optional<std::int64_t> due) {
    if (due && (!next || *due < *next)) next = due;
  };
  if (!state_->redelivery_at.empty()) consider(state_->redelivery_at.begin()->first);
  for (const Alarms* alarms : {&state_->backoffs, &state_->resets, &state_->parkings}) consider(alarms->next());
  // The mono clock stands still in suspend: a look that comes too early finds nothing to do.
  for (const Alarms* alarms : {&state_->unclaimed, &state_->judgements})
    if (const auto due = alarms->next()) consider(now.boot_ms + (*due - now.mono_ms));
  return next;
}

void Orchestrator::State::settle() {
  for (const EndedTask& ended : std::exchange(missed, {})) wake_dependents(ended);
  for (const std::string& task_id : std::exchange(unasked, {}))
    if (const LiveTask* live = find_task(task_id); live != nullptr && !live->task.planned)
      changes.effects.push_back(AskPlanner{task_id});
  for (const std::string& subtask_id : std::exchange(unsplit, {}))
    if (const SubtaskRef ref = find(subtask_id)) ask_for_parts(ref);
  for (const std::string& id : std::exchange(unchecked, {})) run_check_again(id);
  while (!over.empty()) {
    LiveTask* live = find_task(over.front());
    over.pop_front();
    BATON_ASSERT(live != nullptr);
    const Task& task = live->task;
    wake_dependents({task.spec.id, task.status, task.spec.content_hash});
    child_ended(task);  // what its parent comes to by that may end it, too
    forget(*live);
  }
  if (paused) return;
  admit();
  ask_for_children();
  if (machine.shortage.empty())
    while (const Subtask* subtask = scheduler.next()) hand_off(*subtask);
  changes.waiting.merge(scheduler.take_changed());
}

void Orchestrator::State::note_all_waits() {
  for (const auto& [task_id, live] : tasks) changes.waiting.insert(task_id);
}

void Orchestrator::State::on(const Tick&) {
  redeliver();
  wake_masters();
  wake_retries();
  report_unclaimed();
  judge_workers();
}

void Orchestrator::State::on(const MachineSeen& event) {
  if (event.shortage == machine.shortage) return;
  if (!machine.shortage.empty()) clear("", "", "short_of_" + machine.shortage);
  machine = event;
  if (!machine.shortage.empty()) raise(about_shortage(machine));
  note_all_waits();
}

void Orchestrator::State::on(const CatalogueChanged& event) {
  const FileConflicts before = catalogue.settings.file_conflicts;
  Durations learned = std::move(catalogue.durations);
  catalogue = event.catalogue;
  catalogue.durations = std::move(learned);
  if (before != catalogue.settings.file_conflicts)
    reschedule();
  else
    scheduler.configure(catalogue);
  if (event.at_start)
    resume_waits();
  else
    renew_limits();
  if (catalogue.settings.recovery.breaker_failures == 0) close_breakers();
  for (auto& [task_id, live] : tasks) {
    promote(live, live.progress.open(live.task));  // another rule may have set something free
    for (const Subtask& subtask : live.task.subtasks) {
      if (subtask.status != SubtaskStatus::ready) continue;
      if (event.at_start && lacks_master(subtask))
        attention.raise(about_master(subtask));  // told when it came up; what stood before is no news
      else
        check_master(subtask);
    }
  }
  note_all_waits();
}

void Orchestrator::State::tell(std::string type, const Task& task, Fields fields) {
  changes.effects.push_back(FeedEntry{std::move(type), task.spec.id, "", "", std::move(fields)});
}

void Orchestrator::State::tell(std::string type, const Subtask& subtask, Fields fields) {
  changes.effects.push_back(FeedEntry{std::move(type), subtask.task_id, subtask.spec.id, subtask.worker_id, std::move(fields)});
}

void Orchestrator::State::accept(const InputRef& input) {
  if (input.id != 0) changes.effects.push_back(AcceptInput{input});
}

void Orchestrator::State::refuse(const InputRef& input, Error error) {
  changes.effects.push_back(RefuseInput{input, std::move(error)});
}

void Orchestrator::State::touch(Task& task) {
  task.updated_at = now.wall_ms;
  changes.tasks.insert(task.spec.id);
}

void Orchestrator::State::touch(LiveTask& live, const Subtask& subtask) {
  changes.subtasks.insert(subtask.spec.id);
  touch(live.task);
}

void Orchestrator::State::raise(Attention about) {
  if (!attention.raise(about)) return;
  if (is_journalled(about.reason)) changes.attention.push_back({about, true});
  Fields fields{{"reason", about.reason}, {"message", about.message}};
  if (!about.master.empty()) fields.emplace_back("master", about.master);
  changes.effects.push_back(FeedEntry{"attention_raised", about.task_id, about.subtask_id, "", std::move(fields)});
}

void Orchestrator::State::clear(const std::string& task_id, const std::string& subtask_id, const std::string& reason,
                                const std::string& master) {
  if (!attention.clear(task_id, subtask_id, reason, master)) return;
  if (is_journalled(reason)) changes.attention.push_back({{task_id, subtask_id, reason, "", master}, false});
  Fields fields{{"reason", reason}};
  if (!master.empty()) fields.emplace_back("master", master);
  changes.effects.push_back(FeedEntry{"attention_cleared", task_id, subtask_id, "", std::move(fields)});
}

bool Orchestrator::State::move(LiveTask& live, TaskCause cause) {
  Task& task = live.task;
  const std::optional<PlanStatus> next = after(task.status, cause);
  if (!next) {
    tell("document_rejected", task,
         {{"reason", "impossible_move"}, {"status", std::string(name(task.status))}, {"cause", std::string(name(cause))}});
    return false;
  }
  if (!is_child(task)) running += (*next == PlanStatus::in_progress) - (task.status == PlanStatus::in_progress);
  if (*next != PlanStatus::blocked)
    task.blocked_at = 0;
  else if (task.status != PlanStatus::blocked)
    task.blocked_at = now.wall_ms;
  task.status = *next;
  touch(task);
  note_parents(task);
  return true;
}

bool Orchestrator::State::move(SubtaskRef ref, SubtaskCause cause) {
  const std::optional<SubtaskStatus> next = after(ref->status, cause);
  if (!next) {
    tell("document_rejected", *ref,
         {{"reason", "impossible_move"}, {"status", std::string(name(ref->status))}, {"cause", std::string(name(cause))}});
    return false;
  }
  if (*next == ref->status) return true;
  const bool was_in_flight = is_in_flight(*ref);
  const bool in_line = ref->status == SubtaskStatus::ready || ref->status == SubtaskStatus::pending;
  if (in_line && *next != SubtaskStatus::ready) leave_line(*ref);
  const bool was_lying = ref->status == SubtaskStatus::handed_off;
  ref->status = *next;
  if (*next != SubtaskStatus::in_progress && *next != SubtaskStatus::zombie) unwatch(*ref);
  if (cause == SubtaskCause::claimed) note_claim(*ref);
  if (was_lying) stop_awaiting_claim(*ref);
  // handed_off is entered by the scheduler's own choice, which has counted it already.
  if (was_in_flight && !is_in_flight(*ref)) {
    scheduler.release(*ref);
    delivered(*ref.live, *ref);  // whether it could be written no longer matters
    ref->refused.clear();
    clear(ref->task_id, ref->spec.id, "result_refused");
  }
  touch(*ref.live, *ref);
  return true;
}

}  // namespace baton::core
