// How far one plan has come: which subtasks its own rules let go next, by execution mode. spec: "Stage Progression".
// Bookkeeping over the statuses in a Task, so that a finished subtask costs what it frees and not the size of the plan.
#pragma once

#include <vector>

#include "core/model.h"

namespace baton::core {

/// completed, skipped or superseded: what waited for it may go on.
bool is_settled(SubtaskStatus status);

class PlanProgress {
 public:
  PlanProgress() = default;
  /// `write_conflicts`: subtasks of one stage that write the same file run one after the other.
  PlanProgress(const Task& task, bool write_conflicts);

  /// Subtask `index` of `task` has just been settled. Answers with those that may start because of it (their status is the
  /// caller's to look at).
  std::vector<int> settle(const Task& task, int index);
  /// All that may start by the rules of the plan and are not settled.
  std::vector<int> open(const Task& task) const;

  bool may_start(int index) const;
  /// The first unsettled one by (stage, order); -1 when there is none.
  int current() const { return cursor_ < sequence_.size() ? sequence_[cursor_] : -1; }
  bool all_settled() const { return unsettled_ == 0; }
  /// The first stage with something unsettled; one past the last when nothing is.
  int stage() const { return stage_; }

 private:
  void advance(const Task& task);

  ExecutionMode mode_ = ExecutionMode::staged;
  std::vector<std::vector<int>> dependents_;  // by index; also those that wait for a write conflict
  std::vector<int> waits_for_;                // by index: how many of those are unsettled
  std::vector<int> stage_of_;                 // by index
  std::vector<int> sequence_;                 // indices by (stage, order)
  std::vector<int> unsettled_in_;             // by stage
  std::size_t cursor_ = 0;                    // into sequence_: the first unsettled
  int stage_ = 1;
  int unsettled_ = 0;
};

}  // namespace baton::core
