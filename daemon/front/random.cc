#include "front/random.h"

#include <sys/random.h>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace baton::front {

std::string random_word(std::size_t length) {
  constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyz23456789";  // 32: every random byte maps evenly
  std::vector<unsigned char> bytes(length);
  BATON_ASSERT(getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(length));  // never short up to 256 bytes
  std::string word;
  for (const unsigned char byte : bytes) word.push_back(alphabet[byte % alphabet.size()]);
  return word;
}

std::string new_task_id(std::int64_t wall_ms) {
  std::string digits;
  for (const char c : format_utc(wall_ms))
    if (c >= '0' && c <= '9') digits.push_back(c);
  return "task-" + digits.substr(0, 8) + "-" + digits.substr(8, 6) + "-" + random_word(4);
}

}  // namespace baton::front
