#include "core/ordering.h"

#include <algorithm>
#include <iterator>

namespace baton::core {
namespace {

using At = std::vector<Piece>::iterator;

/// "run the tests and audit it": what hangs on `piece` goes with it.
At end_of_group(At piece, At end) {
  const std::size_t sentence = piece->sentence;
  return std::find_if(std::next(piece), end, [&](const Piece& next) {
    return next.sentence != sentence || (next.link != Link::also && next.link != Link::tail);
  });
}

/// Where the group before `piece` begins: what a "then" or the beginning of the sentence opens. "But first …" as a sentence of
/// its own means the sentence before.
At begin_of_group(At begin, At piece) {
  At at = std::prev(piece);
  const std::size_t sentence = at->sentence;
  while (at != begin && (at->link == Link::also || at->link == Link::tail) && std::prev(at)->sentence == sentence) --at;
  return at;
}

}  // namespace

void put_in_order(std::vector<Piece>& pieces, std::size_t from) {
  const At begin = pieces.begin() + static_cast<std::ptrdiff_t>(std::min(from, pieces.size()));
  for (At piece = begin; piece != pieces.end(); ++piece) {
    if (piece->link != Link::earlier) continue;
    piece->link = piece == pieces.begin() ? Link::first : Link::also;
    if (piece == begin) continue;
    const At group = begin_of_group(begin, piece);
    std::swap(piece->link, group->link);
    const At later = std::rotate(group, piece, end_of_group(piece, pieces.end()));
    later->link = Link::after;
  }
}

}  // namespace baton::core
