#include "front/random.h"

#include "base/time.h"
#include "platform/random.h"

namespace baton::front {

std::string new_task_id(std::int64_t wall_ms) {
  std::string digits;
  for (const char c : format_utc(wall_ms))
    if (c >= '0' && c <= '9') digits.push_back(c);
  return "task-" + digits.substr(0, 8) + "-" + digits.substr(8, 6) + "-" + platform::random_word(4);
}

}  // namespace baton::front
