// The door for bytes from outside: size, UTF-8, depth and grammar are checked by simdjson before any DOM is made.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace baton::protocol {

inline constexpr std::size_t k_max_depth = 256;  // nesting of one document

/// invalid, with line and column: empty, only white space, not UTF-8, too deep, not JSON, or more than one document.
Result<> check_json(std::string_view bytes);
/// The same, and invalid where it has so many values that a DOM of it would take a hundred times its bytes.
Result<> check_document(std::string_view bytes);
inline constexpr std::size_t k_max_values = 500'000;  // of one document, in lists and objects
/// invalid: empty, not UTF-8, or binary (a NUL byte).
Result<> check_text(std::string_view bytes);
/// Line and column (from 1) of a byte offset.
Place place_of_offset(std::string_view bytes, std::size_t offset);
/// Line and column of what a JSON pointer names in these (valid) bytes; the nearest enclosing value where it is missing.
Place place_of_pointer(std::string_view bytes, std::string_view pointer);

/// Language models like to put their answer into a fence, with words before and after it; then only what the first one holds
/// counts.
std::string_view without_fence(std::string_view bytes);

}  // namespace baton::protocol
