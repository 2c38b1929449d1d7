#include "core/attention.h"

namespace baton::core {

Attention about_approval(const Task& task) {
  return {task.spec.id, "", "awaiting_approval", "the plan of " + task.spec.id + " waits for approve or reject"};
}

Attention about_block(const Task& task) {
  const std::string& id = task.spec.id;
  const std::string message =
      task.blocking_subtask.empty()
          ? id + " " + task.failure_reason + ": skip it to go on without, or cancel it"
          : task.blocking_subtask + " failed: " + task.failure_reason + ": retry it, skip it, or cancel " + id;
  return {id, "", "blocked", message};
}

Attention about_pause(const Task& task) {
  return {task.spec.id, "", "paused", task.spec.id + " is paused: nothing of it is handed off until resume"};
}

Attention about_pause_of_all() { return {"", "", "paused", "everything is paused: nothing is handed off until resume"}; }

Attention about_unknown(const Task& task, const std::string& dependency) {
  return {task.spec.id, dependency, "waiting_for_unknown_task",
          task.spec.id + " waits for " + dependency + ", which nobody has submitted"};
}

Attention about_delivery(const Subtask& subtask, const std::string& reason) {
  return {
      subtask.task_id, subtask.spec.id, "undelivered",
      "the handoff of " + subtask.spec.id + " cannot be written to masters/" + subtask.spec.assigned_to + "/handoffs: " + reason};
}

Attention about_refusal(const Subtask& subtask) {
  return {subtask.task_id, subtask.spec.id, "result_refused",
          "an answer to " + subtask.spec.id + " was refused and lies in " + subtask.refused};
}

Attention about_master(const Subtask& subtask) {
  return {subtask.task_id, subtask.spec.id, "no_master",
          subtask.spec.id + " waits for masters/" + subtask.spec.assigned_to + ", which does not exist"};
}

bool AttentionBoard::raise(const Attention& attention) {
  return messages_.insert_or_assign({attention.task_id, attention.subtask_id, attention.reason}, attention.message).second;
}

bool AttentionBoard::clear(const std::string& task_id, const std::string& subtask_id, const std::string& reason) {
  return messages_.erase({task_id, subtask_id, reason}) > 0;
}

std::vector<Attention> AttentionBoard::clear_task(const std::string& task_id) {
  std::vector<Attention> gone;
  auto at = messages_.lower_bound({task_id, "", ""});
  while (at != messages_.end() && std::get<0>(at->first) == task_id) {
    const auto& [task, subtask, reason] = at->first;
    gone.push_back({task, subtask, reason, at->second});
    at = messages_.erase(at);
  }
  return gone;
}

std::vector<Attention> AttentionBoard::all() const {
  std::vector<Attention> result;
  for (const auto& [key, message] : messages_) result.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), message});
  return result;
}

}  // namespace baton::core
