// Why a text is no JSON document, with line and column, in words for its author. Slow and exact: only asked when the door
// refused.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"

namespace baton::protocol {

/// Nothing when the text is one JSON document after all (a number that only the door's parser finds too large).
std::optional<Error> find_json_fault(std::string_view bytes);

/// The bytes without a UTF-8 byte order mark.
std::string_view without_bom(std::string_view bytes);

}  // namespace baton::protocol
