// Reads one segment of a request as a piece of work, and lets it take from its neighbours what it does not say itself: the verb
// of a list, the field, what "it" is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/segments.h"

namespace baton::core {

struct Passage {
  std::string_view text;
  Tokens tokens;  // of `text`
  bool title = true;
};

/// The text of tokens [begin, end).
std::string words_between(const Passage& source, std::size_t begin, std::size_t end);

Piece read_piece(const Passage& source, const Segment& segment);
/// `piece` is one more object of the verb of `previous`.
void share_verb(Piece& piece, const Piece& previous);
/// Appends it, joined with what stands before it.
void add_piece(std::vector<Piece>& pieces, Piece piece);

}  // namespace baton::core
