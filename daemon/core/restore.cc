// From what the store remembers back to everything that follows from it.
#include <algorithm>

#include "core/orchestrator_state.h"

namespace baton::core {

namespace {

/// Older journals say it in words only.
void recall_lost(Task& task) {
  for (const std::string& id : task.spec.depends_on)
    if (task.failure_reason.find("depends on " + id + ", which ended as ") != std::string::npos) task.lost.push_back(id);
}

}  // namespace

void Orchestrator::restore(std::vector<Task> live, Totals totals, bool paused, std::vector<EndedTask> ended_dependencies) {
  BATON_ASSERT(state_->tasks.empty());
  state_->totals = totals;
  state_->paused = paused;
  state_->restore(std::move(live), std::move(ended_dependencies));
}

void Orchestrator::State::restore(std::vector<Task> live, std::vector<EndedTask> ended) {
  for (Task& task : live) {
    BATON_ASSERT(!is_final(task.status));
    const std::string task_id = task.spec.id;
    if (task.status == PlanStatus::blocked && task.lost.empty()) recall_lost(task);
    LiveTask& record = tasks[task_id];
    record.task = std::move(task);
    index(record);
    for (const std::string& dependency : record.task.awaits) awaited_by[dependency].insert(task_id);
    running += record.task.status == PlanStatus::in_progress;
    if (!record.task.planned) unasked.push_back(task_id);  // the command died with the last run
  }
  for (EndedTask& each : ended)
    if (!tasks.contains(each.id)) missed.push_back(std::move(each));
  if (paused) raise(about_pause_of_all());
  for (auto& [task_id, record] : tasks) {
    raise_standing(record.task);
    gate(record);
    for (const Subtask& subtask : record.task.subtasks) record.failed += subtask.status == SubtaskStatus::failed;
  }
  reschedule();
  changes = {};  // what stood before is no news
}

void Orchestrator::State::raise_standing(const Task& task) {
  if (task.status == PlanStatus::awaiting_approval) raise(about_approval(task));
  if (task.status == PlanStatus::blocked) raise(about_block(task));
  if (task.paused) raise(about_pause(task));
  for (const std::string& dependency : task.awaits)
    if (!tasks.contains(dependency) && std::ranges::find(missed, dependency, &EndedTask::id) == missed.end())
      raise(about_unknown(task, dependency));
  for (const Subtask& subtask : task.subtasks) {
    if (!subtask.refused.empty()) raise(about_refusal(subtask));
    if (!subtask.undelivered) continue;
    raise(about_delivery(subtask, "not tried again yet"));
    redeliveries[subtask.spec.id] = {0, k_redelivery_first_ms};
    redelivery_at.emplace(0, subtask.spec.id);
  }
}

void Orchestrator::State::reschedule() {
  scheduler = Scheduler(catalogue.settings.file_conflicts);
  scheduler.configure(catalogue);
  for (auto& [task_id, live] : tasks) {
    live.progress = PlanProgress(live.task, scheduler.rule() != FileConflicts::off);
    for (const Subtask& subtask : live.task.subtasks)
      if (is_in_flight(subtask.status)) scheduler.occupy(subtask);
  }
  for (auto& [task_id, live] : tasks) let_go(live);
}

}  // namespace baton::core
