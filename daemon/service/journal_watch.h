// The watch on the folder of journal and lock. While it cannot be watched an attention stands, and it is due to be looked at
// after pauses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/watch.h"
#include "service/backoff.h"
#include "service/world.h"

namespace baton::service {

class JournalWatch {
 public:
  /// An error: not even at the start can it be watched.
  static Result<JournalWatch> open(const std::string& state_dir);

  int fd() const { return watch_.fd(); }
  std::vector<platform::Notice> read() { return watch_.read(); }
  /// The folder is another one now, or is_due().
  void renew(World& world);
  /// It is not watched, and its time has come: to be looked at, and renewed.
  bool is_due(std::int64_t boot_ms) const { return pause_.at_ms != 0 && pause_.due(boot_ms); }
  std::optional<std::int64_t> next_deadline() const {  // boot_ms
    return pause_.at_ms == 0 ? std::nullopt : std::optional(pause_.at_ms);
  }

 private:
  explicit JournalWatch(platform::Watch watch) : watch_(std::move(watch)) {}

  platform::Watch watch_;
  Backoff pause_;
};

}  // namespace baton::service
