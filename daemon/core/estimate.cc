#include "core/estimate.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <unordered_map>

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

/// With an edge between neighbours of a write conflict: they run in this order.
Dependencies with_conflicts(const std::vector<PlannedSubtask>& subtasks, Dependencies graph,
                            const std::vector<Conflict>& conflicts) {
  std::unordered_map<std::string_view, int> index;
  if (!conflicts.empty())
    for (std::size_t at = 0; at < subtasks.size(); ++at) index.emplace(subtasks[at].spec.id, static_cast<int>(at));
  for (const Conflict& conflict : conflicts)
    for (std::size_t at = 1; at < conflict.subtasks.size(); ++at)
      graph[static_cast<std::size_t>(index.at(conflict.subtasks[at]))].push_back(index.at(conflict.subtasks[at - 1]));
  return graph;
}

/// A stage begins when all of the one before is done.
int staged_path(const std::vector<int>& stages, const Dependencies& graph, const std::vector<int>& weights) {
  Dependencies within(graph.size());
  std::map<int, std::vector<int>> alone;  // stage → weights, those of other stages 0
  for (std::size_t at = 0; at < graph.size(); ++at) {
    alone.try_emplace(stages[at], weights.size(), 0).first->second[at] = weights[at];
    for (int before : graph[at])
      if (stages[static_cast<std::size_t>(before)] == stages[at]) within[at].push_back(before);
  }
  int path = 0;
  for (const auto& [stage, own] : alone) path += critical_path(within, own);
  return path;
}

}  // namespace

int shortest_time(const std::vector<int>& stages, const Dependencies& graph, const std::vector<int>& weights,
                  ExecutionMode mode) {
  switch (mode) {
    case ExecutionMode::staged: return staged_path(stages, graph, weights);
    case ExecutionMode::eager: return critical_path(graph, weights);
    case ExecutionMode::sequential: break;
  }
  return std::accumulate(weights.begin(), weights.end(), 0);
}

Estimate estimate_plan(const std::vector<PlannedSubtask>& subtasks, const Dependencies& dependencies,
                       const std::vector<Conflict>& conflicts, ExecutionMode mode) {
  Estimate estimate;
  std::vector<int> minutes, stages;
  for (const PlannedSubtask& subtask : subtasks) {
    stages.push_back(subtask.stage);
    minutes.push_back(subtask.spec.estimated_minutes);
    estimate.total_minutes += subtask.spec.estimated_minutes;
    estimate.tokens += subtask.spec.estimated_tokens;
    if (std::find(estimate.masters.begin(), estimate.masters.end(), subtask.spec.assigned_to) == estimate.masters.end())
      estimate.masters.push_back(subtask.spec.assigned_to);
  }
  const Dependencies graph = with_conflicts(subtasks, dependencies, conflicts);
  estimate.critical_path_minutes = shortest_time(stages, graph, minutes, mode);
  const int count = static_cast<int>(subtasks.size());
  estimate.parallelization_possible = shortest_time(stages, graph, std::vector<int>(subtasks.size(), 1), mode) < count;
  estimate.workers = count == 1 ? 1 : count + (count + 3) / 4;  // one in four is expected to need a second attempt
  estimate.bottlenecks = bottlenecks_of(subtasks, dependencies);
  return estimate;
}

}  // namespace baton::core
