#include "core/attention.h"

#include "base/result.h"
#include "base/text.h"
#include "base/time.h"

namespace baton::core {

Attention about_approval(const Task& task) {
  return {task.spec.id, "", "awaiting_approval", "the plan of " + task.spec.id + " waits for approve or reject"};
}

Attention about_block(const Task& task) {
  const std::string& id = task.spec.id;
  const std::string message =
      task.blocking_subtask.empty()
          ? id + " " + task.failure_reason + ": skip it with a reason to go on without, or cancel it"
          : task.blocking_subtask + " failed: " + task.failure_reason + ": retry it, skip it with a reason, or cancel " + id;
  return {id, "", "blocked", message};
}

Attention about_pause(const Task& task) {
  return {task.spec.id, "", "paused", task.spec.id + " is paused: nothing of it is handed off until resume"};
}

Attention about_pause_of_all() { return {"", "", "paused", "everything is paused: nothing is handed off until resume"}; }

Attention about_pause(const MasterRecord& master) {
  return {"", "", "paused", master.name + " is paused: nothing is handed to it until resume", master.name};
}

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

Attention about_claim(const std::string& master, std::size_t lying, std::int64_t timeout_ms) {
  const std::string what = lying == 1 ? "a handoff lies" : std::to_string(lying) + " handoffs lie";
  return {"", "", "unclaimed",
          what + " in masters/" + master + "/handoffs, and " + master + " has claimed or answered nothing for " +
              format_duration(timeout_ms) + ": is anybody at work there?",
          master};
}

Attention about_overlooked(const Subtask& subtask, std::int64_t bound_ms) {
  const std::string& master = subtask.spec.assigned_to;
  return {subtask.task_id, subtask.spec.id, "unclaimed",
          "the handoff of " + subtask.spec.id + " has lain in masters/" + master + "/handoffs for " + format_duration(bound_ms) +
              ", while " + master + " took others that came later: does anybody there take work like this?",
          master};
}

Attention about_silence(const Subtask& subtask, const std::vector<std::string>& evidence) {
  return {subtask.task_id, subtask.spec.id, "stalled",
          "the worker of " + subtask.spec.id + " is silent: " + text::join(evidence, "; ")};
}

Attention about_lateness(const Subtask& subtask) {
  return {subtask.task_id, subtask.spec.id, "late",
          subtask.spec.id + " takes three times as long as the " + std::to_string(subtask.spec.estimated_minutes) +
              " min that were estimated"};
}

Attention about_overdue(const Subtask& subtask, const std::vector<std::string>& evidence) {
  return {subtask.task_id, subtask.spec.id, "overdue",
          "the worker of " + subtask.spec.id + " may be dead (" + text::join(evidence, "; ") + "): `baton release " +
              subtask.spec.id + "` hands it out anew"};
}

Attention about_zombie(const Subtask& subtask, const std::vector<std::string>& why_not_ended) {
  return {subtask.task_id, subtask.spec.id, "zombie",
          "the worker of " + subtask.spec.id + " counts as dead and may still be at work (" + text::join(why_not_ended, "; ") +
              "): when it is gone, `baton release " + subtask.spec.id + "` hands it out anew"};
}

Attention about_leftover(const Subtask& subtask, const std::vector<std::string>& left) {
  return {subtask.task_id, subtask.spec.id, "worker_left",
          "the last worker of " + subtask.spec.id + " could not be ended (" + text::join(left, "; ") +
              "): when it is gone, `baton retry " + subtask.spec.id + "` hands it out anew"};
}

Attention about_parking(const MasterRecord& master) {
  return {"", "", "master_parked",
          master.name + " is given " + (master.on_trial ? "one subtask at a time" : "nothing") + " until " +
              format_utc(master.parked_until) + ": " + master.parked_reason,
          master.name};
}

Attention about_shortage(const MachineSeen& machine) {
  return {"", "", "short_of_" + machine.shortage, "nothing new is handed off: " + machine.message};
}

Attention about_breaker(const MasterRecord& master) {
  std::string message = master.name + " failed " + std::to_string(master.failures) + " times in a row: it is given ";
  switch (master.breaker) {
    case Breaker::closed: BATON_ASSERT(false && "nothing is wrong with it");
    case Breaker::degraded: message += "one subtask at a time"; break;
    case Breaker::open: message += "nothing until " + format_utc(master.open_until); break;
    case Breaker::half_open: message += "one subtask, to see whether it works again"; break;
  }
  return {"", "", "breaker", std::move(message), master.name};
}

bool is_journalled(std::string_view reason) {
  return reason == "stalled" || reason == "late" || reason == "overdue" || reason == "zombie" || reason == "worker_left" ||
         reason == "unclaimed" || reason == "short_of_memory" || reason == "short_of_disk";
}

bool AttentionBoard::raise(const Attention& attention) {
  return messages_
      .insert_or_assign({attention.task_id, attention.subtask_id, attention.reason, attention.master}, attention.message)
      .second;
}

bool AttentionBoard::is_up(const Attention& attention) const {
  return messages_.contains({attention.task_id, attention.subtask_id, attention.reason, attention.master});
}

bool AttentionBoard::clear(const std::string& task_id, const std::string& subtask_id, const std::string& reason,
                           const std::string& master) {
  return messages_.erase({task_id, subtask_id, reason, master}) > 0;
}

std::vector<Attention> AttentionBoard::clear_task(const std::string& task_id) {
  std::vector<Attention> gone;
  auto at = messages_.lower_bound({task_id, "", "", ""});
  while (at != messages_.end() && std::get<0>(at->first) == task_id) {
    const auto& [task, subtask, reason, master] = at->first;
    gone.push_back({task, subtask, reason, at->second, master});
    at = messages_.erase(at);
  }
  return gone;
}

std::vector<Attention> AttentionBoard::all() const {
  std::vector<Attention> result;
  for (const auto& [key, message] : messages_) {
    const auto& [task, subtask, reason, master] = key;
    result.push_back({task, subtask, reason, message, master});
  }
  return result;
}

}  // namespace baton::core
