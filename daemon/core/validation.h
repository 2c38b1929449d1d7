// Names of the subtasks that mend what the final validation of a task found.
#pragma once

#include <string>
#include <vector>

namespace baton::core {

/// <task_id>-fix-1 to -8; the first that was never used is taken.
std::vector<std::string> fix_ids(const std::string& task_id);

}  // namespace baton::core
