// A text with some spans of it replaced: how documents of others are changed while every other byte stays.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace baton::protocol {

struct Splice {
  std::size_t begin = 0, end = 0;  // equal: something is put in
  std::string_view bytes;          // must outlive the call
};

/// REQUIRES: in the order of the text, without overlap.
std::string splice(std::string_view text, const std::vector<Splice>& splices);
/// The same as the pieces that it consists of, none of them empty; they live in `text` and in the splices.
std::vector<std::string_view> spliced_pieces(std::string_view text, const std::vector<Splice>& splices);
/// Pieces as one text.
std::string joined(const std::vector<std::string_view>& pieces);

}  // namespace baton::protocol
