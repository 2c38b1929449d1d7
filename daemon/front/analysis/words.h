// Membership in the word lists that the reading of prompts rests on.
#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

namespace baton::front {

template <class Words>
bool is_one_of(std::string_view word, const Words& words) {
  return std::ranges::find(words, word) != std::end(words);
}

}  // namespace baton::front
