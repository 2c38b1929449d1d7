// Files that people write by hand (config, masters, playbooks) may hold comments, which JSON does not know.
#pragma once

#include <string>
#include <string_view>

namespace baton::protocol {

/// The text with // and /* */ comments replaced by spaces: every other byte keeps its place, line and column.
std::string blank_comments(std::string_view text);

}  // namespace baton::protocol
