// When to try again what has failed: after a pause that doubles from one failure to the next.
#pragma once

#include <algorithm>
#include <cstdint>

namespace baton::service {

struct Backoff {
  std::int64_t step_ms = 0;
  std::int64_t at_ms = 0;  // boot clock; 0 = nothing has failed

  bool due(std::int64_t now_ms) const { return now_ms >= at_ms; }
  void failed(std::int64_t now_ms, std::int64_t first_ms, std::int64_t last_ms) {
    step_ms = std::clamp(2 * step_ms, first_ms, last_ms);
    at_ms = now_ms + step_ms;
  }
  void worked() { *this = {}; }
};

}  // namespace baton::service
