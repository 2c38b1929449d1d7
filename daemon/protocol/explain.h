// What a schema validator found, in words for the author of the document.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "protocol/validate.h"

namespace baton::protocol {

/// One complaint as the validator gives it: where (steps from the root) and its own words.
struct Complaint {
  std::vector<std::string> path;
  std::string words;
};

/// In the validator's order, without the echoes that a problem leaves on every level above it; at most `limit`.
std::vector<Problem> explain(const nlohmann::json& schema, const nlohmann::json& document,
                             const std::vector<Complaint>& complaints, std::size_t limit);

/// `step` as one step of a JSON pointer: "/a~1b".
std::string pointer_step(std::string_view step);

}  // namespace baton::protocol
