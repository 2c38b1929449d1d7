// Members that nobody reads, but whose name is one slip away from one that is read: "aproval", "match_ayn", "dependsOn". Readers
// ignore what they do not know, so that documents can grow; these are told to the author.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/validate.h"

namespace baton::protocol {

/// Of a task (also a list of them, or {"tasks": [...]}), a master or a playbook, and of what stands in their lists.
std::vector<Problem> near_misses(Kind kind, const nlohmann::json& document);
/// The same of one member where these names are known.
std::optional<Problem> near_miss(std::string_view key, std::span<const std::string_view> known);
/// "/aproval: nobody reads "aproval" (did you mean "approval"?)"
std::string in_words(const Problem& problem);

}  // namespace baton::protocol
