// Subtasks that are done by a task of their own: how that begins, what its end means, and what one of the two does to the other.
// A child task runs in its parent's place: it takes no other of max_active_orchestrations, and its parent's subtask takes no
// master, no worker and no files, or the two would wait for each other. docs/protocol.md, "Child tasks".
#include <utility>

#include "core/child_task.h"
#include "core/orchestrator_state.h"

namespace baton::core {

int Orchestrator::State::level_of(const Task& task) const {
  int level = 1;
  for (SubtaskRef parent = parent_of(task); parent; parent = parent_of(parent.live->task)) ++level;
  return level;
}

/// The subtask that it does.
SubtaskRef Orchestrator::State::parent_of(const Task& task) const {
  return is_child(task) ? find(task.spec.parent_subtask_id) : SubtaskRef{};
}

/// The task that does it now; nullptr: none does.
LiveTask* Orchestrator::State::child_of(const Subtask& subtask) {
  if (!is_done_by_child(subtask)) return nullptr;
  LiveTask* live = find_task(subtask.child_task);
  return live == nullptr || live->task.spec.parent_subtask_id != subtask.spec.id ? nullptr : live;
}

std::vector<LiveTask*> Orchestrator::State::children_of(LiveTask& live) {
  std::vector<LiveTask*> children;
  for (const Subtask& subtask : live.task.subtasks)
    if (LiveTask* child = child_of(subtask); child != nullptr && !child->over) children.push_back(child);
  return children;
}

// ---- how it begins

/// Its turn has come. What the child task is asked, and its plan, are made outside.
void Orchestrator::State::want_child(const Subtask& subtask) {
  if (unborn.insert(subtask.spec.id).second) to_ask.insert(subtask.spec.id);
}

/// It is not its turn any more: an answer that is on its way does not count.
void Orchestrator::State::want_no_child(const Subtask& subtask) {
  unborn.erase(subtask.spec.id);
  to_ask.erase(subtask.spec.id);
}

void Orchestrator::State::ask_for_children() {
  for (const std::string& id : std::exchange(to_ask, {})) changes.effects.push_back(ProposeChild{id, find(id)->epoch});
}

void Orchestrator::State::on(const ChildProposed& event) {
  const SubtaskRef ref = find(event.subtask_id);
  if (!ref || event.epoch != ref->epoch || !unborn.contains(ref->spec.id)) return;
  if (paused) {  // nothing is begun: it is asked for again when everything goes on
    to_ask.insert(ref->spec.id);
    return;
  }
  const std::string& id = event.task.spec.id;
  BATON_ASSERT(!tasks.contains(id) && !subtasks.contains(id));
  if (!delegate(ref, id)) return;
  if (event.task.plan && !*event.task.plan) {
    ref->child_task.clear();
    return fail_delegated(ref, "no plan could be made for it: " + event.task.plan->error().message);
  }
  tell("subtask_delegated", *ref,
       {{"child_task", id}, {"epoch", std::int64_t{ref->epoch}}, {"attempt", std::int64_t{ref->attempt}}});
  add(event.task);
}

/// As when it is handed off, but to nobody.
bool Orchestrator::State::delegate(SubtaskRef ref, const std::string& child) {
  if (!move(ref, SubtaskCause::delegated)) return false;
  ++ref->epoch;
  ++ref->attempt;
  ++ref->tries;
  ref->started_at = now.wall_ms;
  ref->completed_at = 0;
  ref->progress_percent = 0;
  ref->outcome = {};
  ref->child_task = child;
  return true;
}

// ---- what its end means

void Orchestrator::State::child_ended(const Task& child) {
  const SubtaskRef ref = parent_of(child);
  if (!ref || !is_done_by_child(*ref) || ref->child_task != child.spec.id) return;  // nobody waits for it any more
  if (child.status == PlanStatus::completed)
    complete_delegated(ref, child);
  else
    fail_delegated(ref, failure_of(child));
}

/// Its checkpoint was the child task's, and is not run twice.
void Orchestrator::State::complete_delegated(SubtaskRef ref, const Task& child) {
  if (!move(ref, SubtaskCause::completed)) return;
  ref->completed_at = now.wall_ms;
  ref->progress_percent = 100;
  ref->outcome = outcome_of(child);
  ref->verified = is_validated(child);
  ref->check = last_check_of(child);
  if (ref->verified == false) ref->skip_reason = let_pass_of(child);
  if (!ref->verified && has_check_in_words(ref.live->task, *ref)) ref->verified = false;
  end_try(*ref);
  tell_completed(ref);
  settled(ref);
}

/// What a person did to it, or what nobody could plan: trying the same again would lead to the same.
void Orchestrator::State::fail_delegated(SubtaskRef ref, const std::string& error) {
  fail_subtask(ref, {FailureCause::child_task, FailureClass::permanent, error, {}, 0});
  note_progress(*ref.live);  // what it had come to does not count any more
}

/// What all of its subtasks took is what this try took.
void Orchestrator::State::count_child(Subtask& subtask) {
  const LiveTask* child = find_task(subtask.child_task);  // it leaves the core at the end of the step
  if (child == nullptr) return;
  for (const Subtask& each : child->task.subtasks) {
    subtask.worked_ms += each.worked_ms;
    subtask.spent_tokens += each.spent_tokens;
  }
}

/// As far as it is done its parent's subtask is.
void Orchestrator::State::note_progress(const LiveTask& child) {
  const SubtaskRef ref = parent_of(child.task);
  if (!ref || !is_done_by_child(*ref) || ref->child_task != child.task.spec.id) return;
  const int percent = progress_percent(child.task);
  if (std::exchange(ref->progress_percent, percent) == percent) return;
  changes.standing.insert(ref->spec.id);
  note_progress(*ref.live);
}

void Orchestrator::State::note_parents(const Task& child) {
  for (SubtaskRef parent = parent_of(child); parent; parent = parent_of(parent.live->task))
    changes.waiting.insert(parent->task_id);
}

std::vector<WaitsFor> Orchestrator::State::waits_for_child(const Subtask& delegated) const {
  std::vector<WaitsFor> reasons{{"child_task", delegated.child_task}};
  if (std::string blocked = blocked_below(delegated.child_task); !blocked.empty()) reasons.push_back({"blocked", blocked});
  return reasons;
}

/// This task, or the first of those that do subtasks of it, which waits for a person; empty: none does.
std::string Orchestrator::State::blocked_below(const std::string& task_id) const {
  const auto live = tasks.find(task_id);
  if (live == tasks.end()) return "";
  const Task& task = live->second.task;
  if (task.status == PlanStatus::blocked) return task_id;
  for (const Subtask& subtask : task.subtasks)
    if (is_done_by_child(subtask))
      if (std::string blocked = blocked_below(subtask.child_task); !blocked.empty()) return blocked;
  return "";
}

// ---- what is done to both

/// Nobody wants any more what it does.
void Orchestrator::State::end_child(SubtaskRef ref) {
  LiveTask* child = child_of(*ref);
  if (child == nullptr || child->over) return;
  const auto ended = cancel({child, {}}, ref->spec.id + " of " + ref->task_id + " is not wanted any more");
  BATON_ASSERT(ended.has_value());
}

void Orchestrator::State::pause_children(LiveTask& live) {
  for (LiveTask* child : children_of(live)) {
    if (!child->task.paused) pause_one(*child);
    pause_children(*child);
  }
}

void Orchestrator::State::resume_children(LiveTask& live) {
  for (LiveTask* child : children_of(live)) {
    if (child->task.paused) resume_one(*child);
    resume_children(*child);
  }
}

}  // namespace baton::core
