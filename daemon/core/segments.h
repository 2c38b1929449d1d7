// Cuts a tokenised request into segments, one per piece of work that is asked for. docs/architecture.md: analysis.
#pragma once

#include <vector>

#include "core/phrase.h"

namespace baton::core {

/// tokens[begin, end): connectors and leads are already left out at the front.
struct Segment {
  std::size_t begin = 0;
  std::size_t end = 0;
  Link link = Link::first;
  bool negated = false;
  std::size_t sentence = 0;  // counts from 0
};

/// The verb that a segment starts with, and where its object begins. An unknown word before a determiner counts as one ("adapt
/// all callers"), and a question asks to look ("which services …").
struct VerbAt {
  Verb verb;
  std::size_t after = 0;
};
std::optional<VerbAt> verb_at(Tokens tokens, std::size_t at, std::size_t end);

/// tokens[begin, end): what stands before "label:" is not passed in.
std::vector<Segment> cut(Tokens tokens, std::size_t begin, std::size_t end);

}  // namespace baton::core
