// Dependencies as a directed graph over indices: levels, cycles, write conflicts. Knows nothing of tasks.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace baton::core {

/// dependencies[i] = indices that must be finished before i.
using Dependencies = std::vector<std::vector<int>>;

/// Level of each node by longest path, from 1; the error is a cycle as indices, first = last.
tl::expected<std::vector<int>, std::vector<int>> levels(const Dependencies& dependencies);

/// Sum of weights along the heaviest path.
int critical_path(const Dependencies& dependencies, const std::vector<int>& weights);

/// One is the other, or a folder above it. Paths are normalised and relative; "" and "." are the workspace itself.
bool paths_overlap(std::string_view a, std::string_view b);
/// "./src//a.js" → "src/a.js"; a trailing slash goes; ".." is resolved where possible. The error: it leads out of the workspace
/// or is absolute.
Result<std::string> normalise_path(std::string_view path);

}  // namespace baton::core
