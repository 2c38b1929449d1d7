#include "platform/random.h"

#include <sys/random.h>
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

std::uint32_t random_number() {
  std::uint32_t number = 0;
  BATON_ASSERT(getrandom(&number, sizeof number, 0) == static_cast<ssize_t>(sizeof number));
  return number;
}

}  // namespace baton::platform
