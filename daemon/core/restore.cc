// From what the store remembers back to everything that follows from it.
#include <algorithm>
#include <limits>

#include "core/orchestrator_state.h"

namespace baton::core {

void Orchestrator::restore(Remembered remembered) {
  BATON_ASSERT(state_->tasks.empty());
  state_->restore(std::move(remembered));
}

void Orchestrator::State::restore(Remembered remembered) {
  totals = remembered.totals;
  paused = remembered.paused;
  for (WorkerRecord& record : remembered.workers) remembered_workers.emplace(record.subtask_id, std::move(record));
  for (MasterRecord& record : remembered.masters) masters.emplace(record.name, std::move(record));
  for (Task& task : remembered.live) {
    BATON_ASSERT(!is_final(task.status));
    const std::string task_id = task.spec.id;
    LiveTask& record = tasks[task_id];
    record.task = std::move(task);
    index(record);
    for (const std::string& dependency : record.task.awaits) awaited_by[dependency].insert(task_id);
    running += record.task.status == PlanStatus::in_progress && !is_child(record.task);
    if (!record.task.planned) unasked.push_back(task_id);  // the command died with the last run
  }
  for (EndedTask& each : remembered.ended_dependencies)
    if (!tasks.contains(each.id)) missed.push_back(std::move(each));
  for (const Attention& each : remembered.attention) attention.raise(each);
  machine = remembered.machine;
  catalogue.durations = std::move(remembered.durations);
  if (paused) raise(about_pause_of_all());
  for (auto& [task_id, record] : tasks) {
    raise_standing(record.task);
    gate(record);
    for (const Subtask& subtask : record.task.subtasks) record.failed += subtask.status == SubtaskStatus::failed;
  }
  for (const auto& [master, record] : masters) {
    if (record.paused) raise(about_pause(record));
    if (record.parked_until != 0) raise(about_parking(record));
    if (record.breaker != Breaker::closed) raise(about_breaker(record));
  }
  for (const auto& [task_id, record] : tasks) note_progress(record);
  recall_leaving();
  reschedule();
  changes = {};  // what stood before is no news
}

/// What the journal knows by the wall clock, which may have been set meanwhile, goes on by clocks that nobody sets.
void Orchestrator::State::resume_waits() {
  const RecoverySettings& settings = catalogue.settings.recovery;
  for (const auto& [task_id, live] : tasks)
    for (const Subtask& subtask : live.task.subtasks) {
      if (subtask.retry_at != 0) backoffs.set(subtask.spec.id, boot_ms_of(subtask.retry_at, settings.retry_backoff_max_ms));
      // Whoever claims may have been away with this program, so it gets all its time again.
      if (subtask.status == SubtaskStatus::handed_off && !subtask.undelivered) await_claim(subtask, settings.claim_timeout_ms);
    }
  for (const auto& [master, record] : masters) {
    if (record.parked_until != 0) parkings.set(master, boot_ms_of(record.parked_until, k_longest_parking_ms));
    if (record.breaker != Breaker::closed) resets.set(master, boot_ms_of(record.open_until, settings.breaker_reset_ms));
  }
  resume_watches();
  review_attention();
}

/// What may have ended with the run before: nobody waits for a worker that could not be ended any more, a master may have been
/// relieved of all that lay there, and the machine may have got what it was short of. Or it is short of something only now.
void Orchestrator::State::review_attention() {
  for (const Attention& each : attention.all()) {
    const bool of_master = each.reason == "unclaimed" && each.subtask_id.empty();
    const bool of_machine = each.reason.starts_with("short_of_") && each.reason != "short_of_" + machine.shortage;
    if (each.reason == "worker_left" || of_machine || (of_master && lying_for(each.master).empty()))
      clear(each.task_id, each.subtask_id, each.reason, each.master);
  }
  if (!machine.shortage.empty()) raise(about_shortage(machine));
}

void Orchestrator::State::raise_standing(const Task& task) {
  if (task.status == PlanStatus::awaiting_approval) raise(about_approval(task));
  if (task.status == PlanStatus::blocked) raise(about_block(task));
  if (task.paused) raise(about_pause(task));
  if (task.validating) unchecked.push_back(task.spec.id);
  for (const std::string& dependency : task.awaits)
    if (!tasks.contains(dependency) && std::ranges::find(missed, dependency, &EndedTask::id) == missed.end())
      raise(about_unknown(task, dependency));
  for (const Subtask& subtask : task.subtasks) {
    if (!subtask.refused.empty()) raise(about_refusal(subtask));
    if (subtask.status == SubtaskStatus::validating) unchecked.push_back(subtask.spec.id);
    if (subtask.splitting && subtask.retry_at == 0) unsplit.push_back(subtask.spec.id);
    if (subtask.retry_at != 0) backoffs.set(subtask.spec.id, std::numeric_limits<std::int64_t>::max());  // until clocks are known
    if (!subtask.undelivered) continue;
    raise(about_delivery(subtask, "not tried again yet"));
    redeliveries[subtask.spec.id] = {0, k_redelivery_first_ms};
    redelivery_at.emplace(0, subtask.spec.id);
  }
}

void Orchestrator::State::reschedule() {
  scheduler = Scheduler(catalogue.settings.file_conflicts);
  scheduler.configure(catalogue);
  for (const auto& [master, record] : masters) scheduler.gate(master, gate_of(record));
  for (auto& [task_id, live] : tasks) {
    live.progress = PlanProgress(live.task, scheduler.rule() != FileConflicts::off);
    for (const Subtask& subtask : live.task.subtasks)
      if (is_in_flight(subtask)) scheduler.occupy(subtask);
  }
  for (auto& [task_id, live] : tasks) let_go(live);
}

}  // namespace baton::core
