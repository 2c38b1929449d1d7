// What a request says that a thing is to be made up of: "a chat comprising a server, a store and a client", "user accounts:
// sign-up, login and profile pages". Each of these is a piece of work. What a thing is only for, or copes with, is none.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/phrase.h"
#include "core/segments.h"

namespace baton::core {

struct MakeUp {
  Segment thing;          // what is to be made, with its verb; empty = nothing of this kind is said
  bool is_wish = false;   // "we need …": it has no verb of its own
  std::size_t begin = 0;  // the list: tokens[begin, end)
  std::size_t end = 0;
  std::vector<std::size_t> parts;  // where each begins
};

/// Of a title: its text and its tokens.
MakeUp makeup_of(std::string_view text, Tokens tokens);

}  // namespace baton::core
