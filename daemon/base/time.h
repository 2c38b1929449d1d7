// Time as the program passes it around: plain numbers with their clock in the name, read once per turn by the service and
// handed on. Also the grammar of time stamps, durations and sizes. Nothing here reads a clock.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace baton {

/// One reading of the three clocks, in milliseconds.
struct Moment {
  std::int64_t wall_ms = 0;  // CLOCK_REALTIME since 1970, UTC: written into documents, never compared for liveness
  std::int64_t mono_ms = 0;  // CLOCK_MONOTONIC: stands still in suspend
  std::int64_t boot_ms = 0;  // CLOCK_BOOTTIME: back-off, deadlines
  bool operator==(const Moment&) const = default;
};

/// "2025-11-05T18:00:00Z" (spec); 0 gives "".
std::string format_utc(std::int64_t wall_ms);

struct Timestamp {
  std::int64_t wall_ms = 0;
  bool zone_assumed = false;  // the text named no zone; UTC was taken
};

/// Reads ...Z, fractions of a second, +hh:mm, +hhmm, no zone, date only, epoch seconds or milliseconds; years 1970 to 9999.
Result<Timestamp> parse_timestamp(std::string_view text);

/// "500ms", "3m", "1h30m", "0s" → milliseconds. Units: ms s m h d, each at most once, largest first.
Result<std::int64_t> parse_duration(std::string_view text);
std::string format_duration(std::int64_t ms);  // the largest units first, none of them 0: "1h30m"; 0 is "0s"

/// "64MiB", "512 MiB", "8KiB", "1GiB", "4096" → bytes. "MB" is refused: it means two things.
Result<std::int64_t> parse_size(std::string_view text);
std::string format_size(std::int64_t bytes);  // for people, rounded down: "850 KiB", "52 MiB", "1.4 GiB"

}  // namespace baton
