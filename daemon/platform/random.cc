#include "platform/random.h"

#include <sys/random.h>
#include <array>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace baton::platform {

std::string random_word(std::size_t length) {
  constexpr std::string_view k_alphabet = "abcdefghijkmnpqrstuvwxyz23456789";  // 32: every random byte maps evenly
  std::vector<unsigned char> bytes(length);
  BATON_ASSERT(getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(length));  // never short up to 256 bytes
  std::string word;
  for (const unsigned char byte : bytes) word.push_back(k_alphabet[byte % k_alphabet.size()]);
  return word;
}

// Drawn in handfuls: every event of the core takes one, and a call for each was a hundredth of what a task costs.
std::uint32_t random_number() {
  thread_local std::array<std::uint32_t, 64> drawn;
  thread_local std::size_t left = 0;
  if (left == 0) {
    BATON_ASSERT(getrandom(drawn.data(), sizeof drawn, 0) == static_cast<ssize_t>(sizeof drawn));
    left = drawn.size();
  }
  return drawn[--left];
}

}  // namespace baton::platform
