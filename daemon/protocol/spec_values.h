// What values of a worker spec mean, whichever way they were read. Nobody's work hangs on them, so no value is an error.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "base/time.h"

namespace baton::protocol {

inline int progress_of(double percent) { return static_cast<int>(std::lround(std::clamp(percent, 0.0, 100.0))); }
inline std::int64_t tokens_of(double count) { return std::llround(count); }
/// Of the many who write such files some err with dates: 0.
inline std::int64_t time_of(std::string_view text) {
  const auto read = parse_timestamp(text);
  return read ? read->wall_ms : 0;
}

}  // namespace baton::protocol
