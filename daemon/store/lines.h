// Lists in one text column: every item ends with a newline; a backslash in an item is written \\ and a newline \n. A list of
// ids or files thus reads as plain lines in any SQLite shell, "" is the empty list and "\n" the list of one empty item.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model.h"

namespace baton::store {

std::string to_lines(const std::vector<std::string>& items);
/// Nothing when the text is no such list: a last line without its newline, or an unknown escape.
std::optional<std::vector<std::string>> from_lines(std::string_view text);

/// One line per conflict, which is itself a list: the file, then its subtasks.
std::string to_lines(const std::vector<core::Conflict>& conflicts);
std::optional<std::vector<core::Conflict>> conflicts_from_lines(std::string_view text);

}  // namespace baton::store
