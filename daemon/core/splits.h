// Names of the parts that a subtask may be split in.
#pragma once

#include <string>
#include <vector>

namespace baton::core {

/// <id>-a to <id>-h; the first two that were never used become the parts.
std::vector<std::string> split_ids(const std::string& subtask_id);

}  // namespace baton::core
