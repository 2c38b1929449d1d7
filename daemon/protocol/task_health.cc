#include "protocol/task_health.h"

#include <algorithm>

namespace baton::protocol {
namespace {

using core::Attention;
using core::Subtask;
using core::SubtaskStatus;

// Waiting for a person's word is no illness.
bool is_trouble(const Attention& attention) { return attention.reason != "awaiting_approval" && attention.reason != "paused"; }

bool went_wrong(const Subtask& subtask) {
  return subtask.undelivered || subtask.status == SubtaskStatus::failed || subtask.status == SubtaskStatus::zombie;
}

/// What others suffer from keeps it from going on.
bool is_affected(const Subtask& subtask, const Troubles& troubles) {
  if (subtask.spec.orchestrate) return false;  // nobody is given it
  const std::string& master = subtask.spec.assigned_to;
  if (subtask.status == SubtaskStatus::ready && troubles.shortage) return true;
  if (subtask.status == SubtaskStatus::handed_off && troubles.silent.contains(master)) return true;
  return (subtask.status == SubtaskStatus::ready || core::is_in_flight(subtask.status)) && troubles.masters.contains(master);
}

}  // namespace

Troubles troubles_of(const std::vector<Attention>& attention) {
  Troubles troubles;
  for (const Attention& each : attention) {
    if (!is_trouble(each)) continue;
    if (!each.task_id.empty())
      troubles.tasks.insert(each.task_id);
    else if (each.reason == "unclaimed")
      troubles.silent.insert(each.master);
    else if (!each.master.empty())
      troubles.masters.insert(each.master);
    else if (each.reason.starts_with("short_of_"))
      troubles.shortage = true;
  }
  return troubles;
}

std::string_view health_of(const core::Task& task, const Troubles& troubles) {
  if (task.status == core::PlanStatus::blocked) return "blocked";
  const bool suffers = std::ranges::any_of(
      task.subtasks, [&](const Subtask& subtask) { return went_wrong(subtask) || is_affected(subtask, troubles); });
  return suffers || troubles.tasks.contains(task.spec.id) ? "degraded" : "healthy";
}

}  // namespace baton::protocol
