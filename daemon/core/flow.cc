// A task from start to end: when it may begin, what its subtasks' progress sets free, and how it ends.
#include <algorithm>

#include "base/text.h"
#include "core/orchestrator_state.h"

namespace baton::core {

void Orchestrator::State::gate(LiveTask& live) {
  Task& task = live.task;
  if (live.over || !task.planned || task.status != PlanStatus::planning) return;
  if (task.spec.approval_required && !task.approved) {
    move(live, TaskCause::approval_needed);
    raise(about_approval(task));
    return;
  }
  if (!task.awaits.empty() || task.paused) return;
  (is_child(task) ? admitted : admission).insert({urgency(task.spec.priority, task.created_at), task.spec.id});
}

void Orchestrator::State::leave_admission(const Task& task) {
  (is_child(task) ? admitted : admission).erase({urgency(task.spec.priority, task.created_at), task.spec.id});
}

void Orchestrator::State::admit() {
  const int limit = catalogue.settings.max_active_orchestrations;
  const auto start_first = [this](auto& of) {
    LiveTask* live = find_task(of.extract(of.begin()).value().second);
    BATON_ASSERT(live != nullptr);
    start(*live);
  };
  while (!admitted.empty()) start_first(admitted);
  while (!admission.empty() && (limit == 0 || running < limit)) start_first(admission);
}

void Orchestrator::State::start(LiveTask& live) {
  Task& task = live.task;
  if (!move(live, TaskCause::started)) return;
  task.started_at = now.wall_ms;
  if (!task.simple) {
    tell("orchestration_started", task, {{"subtasks", static_cast<std::int64_t>(task.subtasks.size())}});
    tell("stage_started", task, {{"stage", static_cast<std::int64_t>(live.progress.stage())}});
  }
  promote(live, live.progress.open(task));
}

void Orchestrator::State::promote(LiveTask& live, const std::vector<int>& open) {
  if (live.task.status != PlanStatus::in_progress) return;
  for (const int index : open) {
    const SubtaskRef ref{&live, static_cast<std::size_t>(index)};
    if (ref->status != SubtaskStatus::pending || !move(ref, SubtaskCause::freed)) continue;
    ref->ready_at = now.wall_ms;
    let_go(ref);
    check_master(*ref);
  }
}

void Orchestrator::State::let_go(SubtaskRef ref) {
  const Task& task = ref.live->task;
  if (task.paused || task.status != PlanStatus::in_progress || ref->status != SubtaskStatus::ready) return;
  if (ref->spec.orchestrate) return want_child(*ref);
  if (ref->splitting || backoffs.contains(ref->spec.id) || leaving.contains(ref->spec.id)) return;
  if (scheduler.is_queued(*ref)) return;
  scheduler.enqueue(*ref, task.spec.priority);
}

void Orchestrator::State::let_go(LiveTask& live) {
  for (std::size_t i = 0; i < live.task.subtasks.size(); ++i) let_go(SubtaskRef{&live, i});
}

void Orchestrator::State::hold(LiveTask& live) {
  for (const Subtask& subtask : live.task.subtasks) {
    scheduler.withdraw(subtask);
    want_no_child(subtask);
  }
}

/// Whoever is to be given it does not exist.
bool Orchestrator::State::lacks_master(const Subtask& subtask) const {
  return !subtask.spec.orchestrate && !scheduler.has_master(subtask.spec.assigned_to);
}

void Orchestrator::State::check_master(const Subtask& subtask) {
  if (subtask.status == SubtaskStatus::ready && lacks_master(subtask))
    raise(about_master(subtask));
  else
    clear(subtask.task_id, subtask.spec.id, "no_master");
}

void Orchestrator::State::settled(SubtaskRef ref) {
  LiveTask& live = *ref.live;
  check_master(*ref);
  const int stage_before = live.progress.stage();
  const std::vector<int> freed = live.progress.settle(live.task, static_cast<int>(ref.index));
  tell_stages(live, stage_before);
  note_progress(live);
  promote(live, freed);
  resume_if_clear(live);
  finish_if_done(live);
}

void Orchestrator::State::tell_stages(const LiveTask& live, int from) {
  if (live.task.simple) return;
  for (std::int64_t stage = from; stage < live.progress.stage(); ++stage) {
    tell("stage_completed", live.task, {{"stage", stage}});
    if (stage < stage_count(live.task)) tell("stage_started", live.task, {{"stage", stage + 1}});
  }
}

void Orchestrator::State::resume_if_clear(LiveTask& live) {
  Task& task = live.task;
  if (task.status != PlanStatus::blocked || task.started_at == 0) return;
  if (live.failed > 0) return blame(live);
  move(live, TaskCause::resumed);
  task.blocking_subtask.clear();
  task.failure_reason.clear();
  clear(task.spec.id, "", "blocked");
  promote(live, live.progress.open(task));
  let_go(live);
}

/// The failure that a person is pointed at stays the same as long as it lasts.
void Orchestrator::State::blame(LiveTask& live) {
  Task& task = live.task;
  if (const SubtaskRef named = find(task.blocking_subtask); named && named->status == SubtaskStatus::failed) return;
  const SubtaskRef next = failed_of(live).front();
  task.blocking_subtask = next->spec.id;
  task.failure_reason = reason_to_block(*next);
  touch(task);
  raise(about_block(task));
}

void Orchestrator::State::finish_if_done(LiveTask& live) {
  if (live.task.status != PlanStatus::in_progress || live.task.validating || !live.progress.all_settled()) return;
  has_final_check(live.task) ? begin_final_check(live) : end(live, TaskCause::finished, "");
}

void Orchestrator::State::end(LiveTask& live, TaskCause cause, const std::string& reason) {
  Task& task = live.task;
  leave_admission(task);
  if (!move(live, cause)) return;
  task.completed_at = now.wall_ms;
  task.failure_reason = reason;
  live.over = true;
  over.push_back(task.spec.id);
  Fields fields{{"took_ms", task.completed_at - task.created_at}};
  if (!reason.empty()) fields.emplace_back("reason", text::ellipsis(reason, 500));
  if (task.status == PlanStatus::completed) {
    ++totals.completed;
    fields.emplace_back("subtasks", std::ranges::count_if(task.subtasks, [](const Subtask& each) {
                          return each.status != SubtaskStatus::superseded;
                        }));
    tell("orchestration_completed", task, std::move(fields));
  } else if (task.status == PlanStatus::cancelled) {
    ++totals.cancelled;
    tell("orchestration_cancelled", task, std::move(fields));
  } else {
    ++totals.failed;
    tell("orchestration_failed", task, std::move(fields));
  }
}

void Orchestrator::State::wake_dependents(const EndedTask& ended) {
  const auto waiting = awaited_by.find(ended.id);
  if (waiting == awaited_by.end()) return;
  const std::set<std::string> ids = std::move(waiting->second);
  awaited_by.erase(waiting);
  for (const std::string& id : ids) {
    LiveTask* live = find_task(id);
    BATON_ASSERT(live != nullptr);
    if (live->over) continue;
    std::erase(live->task.awaits, ended.id);
    touch(live->task);
    if (ended.status == PlanStatus::completed)
      gate(*live);
    else
      obstruct(*live, ended);
  }
}

void Orchestrator::State::obstruct(LiveTask& live, const EndedTask& dependency) {
  Task& task = live.task;
  leave_admission(task);
  clear(task.spec.id, "", "awaiting_approval");
  const bool first = task.status != PlanStatus::blocked;
  if (!move(live, TaskCause::obstructed)) return;
  const std::string reason = "depends on " + dependency.id + ", which ended as " + std::string(name(dependency.status));
  task.failure_reason += task.failure_reason.empty() ? reason : "; " + reason;
  task.lost.push_back(dependency.id);
  if (first) tell("orchestration_blocked", task, {{"reason", reason}});
  raise(about_block(task));
}

void Orchestrator::State::forget(LiveTask& live) {
  Task& task = live.task;
  const std::string task_id = task.spec.id;
  for (Attention& gone : attention.clear_task(task_id)) {
    changes.effects.push_back(FeedEntry{"attention_cleared", gone.task_id, gone.subtask_id, "", {{"reason", gone.reason}}});
    if (is_journalled(gone.reason)) changes.attention.push_back({std::move(gone), false});
  }
  for (const std::string& dependency : task.awaits) {
    const auto waiting = awaited_by.find(dependency);
    if (waiting == awaited_by.end()) continue;
    waiting->second.erase(task_id);
    if (waiting->second.empty()) awaited_by.erase(waiting);
  }
  for (Subtask& subtask : task.subtasks) {
    BATON_ASSERT(!scheduler.is_queued(subtask) && !is_in_flight(subtask.status));
    subtasks.erase(subtask.spec.id);
    leaving.erase(subtask.spec.id);
    const auto [first, last] = given_ids.equal_range(subtask.given_id);
    for (auto at = first; at != last; ++at)
      if (at->second == subtask.spec.id) {
        given_ids.erase(at);
        break;
      }
  }
  changes.ended.push_back(std::make_shared<const Task>(std::move(task)));
  tasks.erase(task_id);
}

}  // namespace baton::core
