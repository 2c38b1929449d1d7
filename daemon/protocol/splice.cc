#include "protocol/splice.h"

#include "base/result.h"

namespace baton::protocol {

std::vector<std::string_view> spliced_pieces(std::string_view text, const std::vector<Splice>& splices) {
  std::vector<std::string_view> pieces;
  pieces.reserve(2 * splices.size() + 1);
  const auto add = [&pieces](std::string_view piece) {
    if (!piece.empty()) pieces.push_back(piece);
  };
  std::size_t from = 0;
  for (const Splice& part : splices) {
    BATON_ASSERT(from <= part.begin && part.begin <= part.end && part.end <= text.size());
    add(text.substr(from, part.begin - from));
    add(part.bytes);
    from = part.end;
  }
  add(text.substr(from));
  return pieces;
}

std::string joined(const std::vector<std::string_view>& pieces) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  std::string out;
  out.reserve(size);
  for (const std::string_view piece : pieces) out += piece;
  return out;
}

std::string splice(std::string_view text, const std::vector<Splice>& splices) { return joined(spliced_pieces(text, splices)); }

}  // namespace baton::protocol
