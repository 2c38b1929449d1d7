// Work that the request passes on: "have security review it", "ask QA to test the login", "security must sign off".
#pragma once

#include <cstddef>
#include <optional>

#include "core/phrase.h"

namespace baton::core {

struct Delegation {
  std::size_t verb = 0;       // where the verb of what is to be done stands
  Topic field = Topic::none;  // whose work it is
};

/// A delegation that begins at `at`; nothing when none does.
std::optional<Delegation> delegation_at(Tokens tokens, std::size_t at, std::size_t end);
/// "have it audited", "get the login reviewed": where the participle stands; nothing when it is not said like that.
std::optional<std::size_t> passive_at(Tokens tokens, std::size_t at, std::size_t end);

}  // namespace baton::core
