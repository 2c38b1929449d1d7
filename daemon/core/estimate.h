// What a plan will take. spec: "Step 4: Resource Estimation".
#pragma once

#include <vector>

#include "core/graph.h"
#include "core/model.h"

namespace baton::core {

Estimate estimate_plan(const std::vector<PlannedSubtask>& subtasks, const Dependencies& dependencies);

}  // namespace baton::core
