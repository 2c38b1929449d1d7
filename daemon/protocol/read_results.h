// Results as they stand in documents of several kinds: of their own, inside a handoff, inside a worker spec.
#pragma once

#include <optional>
#include <string_view>

#include "protocol/readers.h"
#include "protocol/tolerance.h"

namespace baton::protocol {

/// success, done, … → completed; error, failure, … → failed; nothing for any other word.
std::optional<std::string_view> final_status(std::string_view word);

/// Everything of a result but its status: older names, the body, what went wrong.
Result<> normalise_result(Fields& fields);
/// After the schema.
ResultIn convert_result(const Document& document, const nlohmann::json& object);

}  // namespace baton::protocol
