// Whether a piece of work begins at a token.
#pragma once

#include <cstddef>
#include <optional>

#include "core/lexicon.h"
#include "core/phrase.h"

namespace baton::core {

/// The verb that a segment starts with, and where its object begins. An unknown word before a determiner counts as one ("adapt
/// all callers"), so does a work of two words ("penetration test the login"), and a question asks to look ("which services …").
/// Of what is passed on ("have security review it") it is the verb of the work.
struct VerbAt {
  WorkVerb verb;
  std::size_t begin = 0;
  std::size_t after = 0;
  Topic field = Topic::none;  // whom it is passed on to
};
std::optional<VerbAt> verb_at(Tokens tokens, std::size_t at, std::size_t end);

}  // namespace baton::core
