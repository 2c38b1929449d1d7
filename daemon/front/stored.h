// Views of ended tasks stay readable after `baton archive` has moved them to orchestrator/archive/YYYY-MM/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "front/folder.h"

namespace baton::front {

/// Where a view stands: `path` itself, or its place in the archive. Nothing when it is in neither.
std::optional<std::string> place_of(const Folder& folder, const std::string& path);
/// Names that stand in a folder of orchestrator/, as they are in the archive, of all months.
std::vector<std::string> archived_names(const Folder& folder, std::string_view path);
bool is_stored(const Folder& folder, const std::string& path);
/// Its bytes from there. not_found.
Result<std::string> read_stored(const Folder& folder, const std::string& path);

}  // namespace baton::front
