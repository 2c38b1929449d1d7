// Whether a piece of work begins at a token.
#pragma once

#include <cstddef>
#include <optional>

#include "core/lexicon.h"
#include "core/phrase.h"

namespace baton::core {

/// The verb that a segment starts with, and where its object begins. An unknown word before a determiner counts as one ("adapt
/// all callers"), so does a work of two words ("penetration test the login"), and a question asks to look ("which services …").
struct VerbAt {
  WorkVerb verb;
  std::size_t after = 0;
};
std::optional<VerbAt> verb_at(Tokens tokens, std::size_t at, std::size_t end);

}  // namespace baton::core
