#include "core/plan_progress.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "base/result.h"

namespace baton::core {
namespace {

using Indices = std::unordered_map<std::string_view, int>;

/// (before, after) of every dependency and, if asked for, of every two neighbours in a write conflict.
std::vector<std::pair<int, int>> edges_of(const Task& task, bool write_conflicts) {
  Indices index;
  for (std::size_t i = 0; i < task.subtasks.size(); ++i) index.emplace(task.subtasks[i].spec.id, static_cast<int>(i));
  const auto at = [&index](const std::string& id) {
    const auto found = index.find(id);
    BATON_ASSERT(found != index.end());
    return found->second;
  };
  std::vector<std::pair<int, int>> edges;
  for (const Subtask& subtask : task.subtasks)
    for (const std::string& dependency : subtask.spec.dependencies) edges.emplace_back(at(dependency), at(subtask.spec.id));
  if (write_conflicts)
    for (const Conflict& conflict : task.conflicts)
      for (std::size_t i = 1; i < conflict.subtasks.size(); ++i)
        edges.emplace_back(at(conflict.subtasks[i - 1]), at(conflict.subtasks[i]));
  return edges;
}

}  // namespace

bool is_settled(SubtaskStatus status) {
  return status == SubtaskStatus::completed || status == SubtaskStatus::skipped || status == SubtaskStatus::superseded;
}

PlanProgress::PlanProgress(const Task& task, bool write_conflicts) : mode_(task.spec.mode) {
  const std::size_t count = task.subtasks.size();
  dependents_.resize(count);
  waits_for_.resize(count);
  stage_of_.reserve(count);
  unsettled_in_.resize(static_cast<std::size_t>(stage_count(task)) + 1);
  for (const Subtask& subtask : task.subtasks) {
    stage_of_.push_back(subtask.stage);
    if (is_settled(subtask.status)) continue;
    ++unsettled_;
    ++unsettled_in_[static_cast<std::size_t>(subtask.stage)];
  }
  for (const auto& [before, behind] : edges_of(task, write_conflicts)) {
    dependents_[static_cast<std::size_t>(before)].push_back(behind);
    if (!is_settled(task.subtasks[static_cast<std::size_t>(before)].status)) ++waits_for_[static_cast<std::size_t>(behind)];
  }
  for (std::vector<int>& each : dependents_) std::sort(each.begin(), each.end());
  sequence_.resize(count);
  std::iota(sequence_.begin(), sequence_.end(), 0);
  std::sort(sequence_.begin(), sequence_.end(), [&task](int a, int b) {
    const Subtask& left = task.subtasks[static_cast<std::size_t>(a)];
    const Subtask& right = task.subtasks[static_cast<std::size_t>(b)];
    return std::tie(left.stage, left.order, left.spec.id) < std::tie(right.stage, right.order, right.spec.id);
  });
  advance(task);
}

void PlanProgress::advance(const Task& task) {
  while (static_cast<std::size_t>(stage_) < unsettled_in_.size() && unsettled_in_[static_cast<std::size_t>(stage_)] == 0)
    ++stage_;
  while (cursor_ < sequence_.size() && is_settled(task.subtasks[static_cast<std::size_t>(sequence_[cursor_])].status)) ++cursor_;
}

bool PlanProgress::may_start(int index) const {
  const auto at = static_cast<std::size_t>(index);
  if (waits_for_[at] > 0) return false;
  if (mode_ == ExecutionMode::staged) return stage_of_[at] == stage_;
  if (mode_ == ExecutionMode::sequential) return current() == index;
  return true;
}

std::vector<int> PlanProgress::settle(const Task& task, int index) {
  const auto at = static_cast<std::size_t>(index);
  --unsettled_;
  --unsettled_in_[static_cast<std::size_t>(stage_of_[at])];
  BATON_ASSERT(unsettled_ >= 0 && unsettled_in_[static_cast<std::size_t>(stage_of_[at])] >= 0);
  for (const int dependent : dependents_[at]) --waits_for_[static_cast<std::size_t>(dependent)];
  const int stage_before = stage_;
  const std::size_t cursor_before = cursor_;
  advance(task);

  if (mode_ == ExecutionMode::sequential) {
    if (cursor_ == cursor_before || current() < 0 || !may_start(current())) return {};
    return {current()};
  }
  // A stage that has just been entered frees its members; before that only those behind this one can have become free.
  if (mode_ == ExecutionMode::staged && stage_ != stage_before) return open(task);
  std::vector<int> freed;
  for (const int dependent : dependents_[at])
    if (may_start(dependent)) freed.push_back(dependent);
  return freed;
}

std::vector<int> PlanProgress::open(const Task& task) const {
  std::vector<int> result;
  for (std::size_t at = cursor_; at < sequence_.size(); ++at) {
    const int index = sequence_[at];
    if (mode_ != ExecutionMode::eager && stage_of_[static_cast<std::size_t>(index)] > stage_) break;
    if (!is_settled(task.subtasks[static_cast<std::size_t>(index)].status) && may_start(index)) result.push_back(index);
  }
  return result;
}

}  // namespace baton::core
