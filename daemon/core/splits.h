// Names of subtasks that come up while a plan runs: the parts that one is split in, and what mends a whole task.
#pragma once

#include <string>
#include <vector>

namespace baton::core {

/// <id>-a to <id>-h; the first two that were never used become the parts.
std::vector<std::string> split_ids(const std::string& subtask_id);
/// <task_id>-fix-1 to -8; the first that was never used mends what the final validation found.
std::vector<std::string> fix_ids(const std::string& task_id);

}  // namespace baton::core
