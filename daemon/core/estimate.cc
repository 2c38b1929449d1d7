#include "core/estimate.h"

#include <algorithm>
#include <map>

#include "base/text.h"

namespace baton::core {
namespace {

/// How a subtask is called in a sentence.
std::string called(const SubtaskSpec& spec) {
  if (spec.worker_type == "audit") return spec.assigned_to == "security" ? "security audit" : "audit";
  if (spec.worker_type == "test") return "tests";
  if (spec.worker_type == "planner") return "design";
  for (std::string_view word : {"implementation", "documentation", "deployment", "catalog"})
    if (spec.worker_type == word) return std::string(word);
  return text::lower(spec.title);
}

/// The master with the most subtasks; of several the one that comes first.
std::string main_master(const std::vector<PlannedSubtask>& subtasks) {
  std::map<std::string, int> counts;
  for (const PlannedSubtask& subtask : subtasks) ++counts[subtask.spec.assigned_to];
  const PlannedSubtask* most = &subtasks.front();
  for (const PlannedSubtask& subtask : subtasks)
    if (counts[subtask.spec.assigned_to] > counts[most->spec.assigned_to]) most = &subtask;
  return most->spec.assigned_to;
}

/// Everybody waits for one subtask, which waits itself, and for another master than the plan's main one.
std::vector<std::string> bottlenecks_of(const std::vector<PlannedSubtask>& subtasks, const Dependencies& dependencies) {
  std::map<int, std::vector<std::size_t>> stages;
  for (std::size_t at = 0; at < subtasks.size(); ++at) stages[subtasks[at].stage].push_back(at);
  const std::string main = main_master(subtasks);
  std::vector<std::string> sentences;
  for (const auto& [stage, members] : stages) {
    const std::size_t only = members.front();
    if (members.size() != 1 || dependencies[only].empty() || subtasks[only].spec.assigned_to == main) continue;
    std::vector<std::string> causes;
    for (int before : dependencies[only]) {
      std::string cause = called(subtasks[static_cast<std::size_t>(before)].spec);
      if (std::find(causes.begin(), causes.end(), cause) == causes.end()) causes.push_back(std::move(cause));
    }
    sentences.push_back("stage_" + std::to_string(stage) + ": " + called(subtasks[only].spec) + " must wait for " +
                        text::join(causes, ", "));
  }
  return sentences;
}

}  // namespace

Estimate estimate_plan(const std::vector<PlannedSubtask>& subtasks, const Dependencies& dependencies) {
  Estimate estimate;
  std::vector<int> minutes;
  std::map<int, int> in_stage;
  for (const PlannedSubtask& subtask : subtasks) {
    minutes.push_back(subtask.spec.estimated_minutes);
    estimate.total_minutes += subtask.spec.estimated_minutes;
    estimate.tokens += subtask.spec.estimated_tokens;
    if (++in_stage[subtask.stage] > 1) estimate.parallelization_possible = true;
    if (std::find(estimate.masters.begin(), estimate.masters.end(), subtask.spec.assigned_to) == estimate.masters.end())
      estimate.masters.push_back(subtask.spec.assigned_to);
  }
  estimate.critical_path_minutes = critical_path(dependencies, minutes);
  const int count = static_cast<int>(subtasks.size());
  estimate.workers = count == 1 ? 1 : count + (count + 3) / 4;  // one in four is expected to need a second attempt
  estimate.bottlenecks = bottlenecks_of(subtasks, dependencies);
  return estimate;
}

}  // namespace baton::core
