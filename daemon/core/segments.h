// Cuts a tokenised request into segments, one per piece of work that is asked for. docs/architecture.md: analysis.
#pragma once

#include <string>
#include <vector>

#include "core/request.h"
#include "core/verb_at.h"

namespace baton::core {

/// tokens[begin, end): connectors and leads are already left out at the front.
struct Segment {
  std::size_t begin = 0;
  std::size_t end = 0;
  Link link = Link::first;
  bool negated = false;
  std::size_t sentence = 0;  // counts from 0
  bool is_listed = false;    // see Piece
  Act act = Act::none;       // with `verb`
  std::string verb;          // of work that a clause of time asks for; then the tokens are its object
};

/// tokens[begin, end): what stands before "label:" is not passed in. `listed`: where the objects of the verb in a header begin.
std::vector<Segment> cut(Tokens tokens, std::size_t begin, std::size_t end, std::vector<std::size_t> listed = {});

}  // namespace baton::core
