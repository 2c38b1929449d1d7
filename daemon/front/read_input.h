// Documents that a user names on the command line: a path anywhere, or "-" for standard input.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace baton::front {

/// At most k_max_input bytes. not_found, invalid (no regular file, too large).
inline constexpr std::size_t k_max_input = 64 << 20;
Result<std::string> read_input(const std::string& path);

/// Replaces the file, readable for its owner alone.
Result<> write_output(const std::string& path, std::string_view bytes);

/// By the name's ending; standard input by whether it begins like JSON.
bool is_markdown(std::string_view path, std::string_view bytes);

}  // namespace baton::front
