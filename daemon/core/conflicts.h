// Which subtasks of one stage write the same file, or one a file in the other's folder.
#pragma once

#include <vector>

#include "core/model.h"

namespace baton::core {

/// In the order of stages, then of paths. A conflict names the deeper path.
std::vector<Conflict> write_conflicts(const std::vector<PlannedSubtask>& subtasks);

}  // namespace baton::core
