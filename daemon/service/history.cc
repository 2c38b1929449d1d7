#include "service/history.h"

#include <utility>

namespace baton::service {
namespace {

core::EndedTask summary_of(const core::Task& task) { return {task.spec.id, task.status, task.spec.content_hash}; }

}  // namespace

void History::add(std::shared_ptr<const core::Task> task) {
  for (const core::Subtask& subtask : task->subtasks) subtasks_[subtask.spec.id] = task->spec.id;
  tasks_[task->spec.id] = std::move(task);
}

void History::committed() {
  tasks_.clear();
  subtasks_.clear();
}

Result<std::optional<core::EndedTask>> History::ended(const std::string& task_id) {
  const auto recent = tasks_.find(task_id);
  if (recent != tasks_.end()) return summary_of(*recent->second);
  return store_.ended(task_id);
}

Result<std::optional<core::Task>> History::load_task(const std::string& task_id) {
  const auto recent = tasks_.find(task_id);
  if (recent != tasks_.end()) return *recent->second;
  return store_.load_task(task_id);
}

Result<std::vector<std::string>> History::taken(const std::vector<std::string>& ids) {
  std::vector<std::string> taken, others;
  for (const std::string& id : ids) (tasks_.contains(id) || subtasks_.contains(id) ? taken : others).push_back(id);
  TRY_VALUE(const auto journalled, store_.taken(others));
  taken.insert(taken.end(), journalled.begin(), journalled.end());
  return taken;
}

Result<std::optional<core::EndedTask>> History::task_of_subtask(const std::string& subtask_id) {
  const auto recent = subtasks_.find(subtask_id);
  if (recent != subtasks_.end()) return summary_of(*tasks_.at(recent->second));
  return store_.task_of_subtask(subtask_id);
}

std::optional<core::Subtask> History::ended_subtask(const std::string& subtask_id) {
  const auto owner = task_of_subtask(subtask_id);
  if (!owner || !*owner) return std::nullopt;
  auto task = load_task((*owner)->id);
  if (!task || !*task) return std::nullopt;
  for (core::Subtask& subtask : (*task)->subtasks)
    if (subtask.spec.id == subtask_id) return std::move(subtask);
  return std::nullopt;
}

}  // namespace baton::service
