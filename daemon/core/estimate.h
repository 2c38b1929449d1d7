// What a plan will take. spec: "Step 4: Resource Estimation".
#pragma once

#include <vector>

#include "core/graph.h"
#include "core/model.h"

namespace baton::core {

/// `conflicts` and `mode` keep apart what could run side by side by its dependencies.
Estimate estimate_plan(const std::vector<PlannedSubtask>& subtasks, const Dependencies& dependencies,
                       const std::vector<Conflict>& conflicts, ExecutionMode mode);

}  // namespace baton::core
