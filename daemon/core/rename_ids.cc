// Ids of subtasks are global names. docs/protocol.md, "Ids of subtasks".
#include <unordered_map>
#include <unordered_set>

#include "base/ids.h"
#include "core/planning.h"

namespace baton::core {

std::string id_instead(const std::string& task_id, const std::string& id, int number) {
  return shorten_id(task_id + "." + id + (number == 1 ? "" : "-" + std::to_string(number)));
}

void rename_taken_ids(Plan& plan, const std::string& task_id, const std::vector<std::string>& taken) {
  const std::unordered_set<std::string> elsewhere(taken.begin(), taken.end());
  std::unordered_set<std::string> used = elsewhere;
  for (const PlannedSubtask& subtask : plan.subtasks) used.insert(subtask.spec.id);
  std::unordered_map<std::string, std::string> renamed;
  std::unordered_set<std::string> seen;
  for (PlannedSubtask& subtask : plan.subtasks) {
    const std::string old = subtask.spec.id;
    const bool first = seen.insert(old).second;
    if (first && !elsewhere.contains(old)) continue;
    std::string id = id_instead(task_id, old);
    for (int number = 2; !used.insert(id).second; ++number) id = id_instead(task_id, old, number);
    if (first) renamed[old] = id;  // of two with one id, dependencies mean the first
    if (subtask.given_id.empty()) subtask.given_id = old;
    subtask.spec.id = std::move(id);
  }
  const auto follow = [&](std::vector<std::string>& ids) {
    for (std::string& id : ids)
      if (const auto found = renamed.find(id); found != renamed.end()) id = found->second;
  };
  for (PlannedSubtask& subtask : plan.subtasks) follow(subtask.spec.dependencies);
  for (Conflict& conflict : plan.conflicts) follow(conflict.subtasks);
}

}  // namespace baton::core
