// The mono clock without the gaps in which the loop itself was away (stopped, starved, blocked by a disk): nobody could have been
// heard then, so nobody's silence counts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace baton::service {

class SteadyClock {
 public:
  static constexpr std::int64_t k_longest_gap_ms = 5'000;    // beyond what was asked for
  static constexpr const char* k_name = "clock_skipped_ms";  // in the journal, so that moments of several runs can be compared

  SteadyClock() = default;
  /// Goes on where one of an earlier run on the same boot stood.
  explicit SteadyClock(std::int64_t skipped_ms) : skipped_(skipped_ms) {}
  std::int64_t skipped_ms() const { return skipped_; }

  /// The loop is about to wait until `deadline_boot_ms` at the latest; nothing: for as long as it takes.
  void waits_until(std::optional<std::int64_t> deadline_boot_ms) { until_ = deadline_boot_ms; }

  /// The reading `raw` of this turn as it is passed on.
  Moment read(const Moment& raw) {
    if (last_ && until_) {
      const std::int64_t asked = last_->mono_ms + std::max<std::int64_t>(0, *until_ - last_->boot_ms);
      const std::int64_t gap = raw.mono_ms - asked;
      if (gap > k_longest_gap_ms) skipped_ += gap;
    }
    last_ = raw;
    return {raw.wall_ms, raw.mono_ms - skipped_, raw.boot_ms};
  }

 private:
  std::optional<Moment> last_;
  std::optional<std::int64_t> until_;
  std::int64_t skipped_ = 0;
};

}  // namespace baton::service
