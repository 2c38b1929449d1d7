// What a plan will take. spec: "Step 4: Resource Estimation".
#pragma once

#include <optional>
#include <vector>

#include "core/graph.h"
#include "core/model.h"

namespace baton::core {

/// `conflicts` and `mode` keep apart what could run side by side by its dependencies.
Estimate estimate_plan(const std::vector<PlannedSubtask>& subtasks, const Dependencies& dependencies,
                       const std::vector<Conflict>& conflicts, ExecutionMode mode);

/// How long all of it takes with as many workers as there is use for. `stages`, `weights`: of each subtask.
int shortest_time(const std::vector<int>& stages, const Dependencies& graph, const std::vector<int>& weights, ExecutionMode mode);

/// What is left of a planned task, in minutes, by its estimates and by how those of its finished subtasks held; as of the last
/// time that something of it changed. Nothing: it is not planned, or it has ended.
std::optional<int> remaining_minutes(const Task& task);

}  // namespace baton::core
