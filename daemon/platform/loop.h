// The wait of the turn, on epoll: descriptors, signals, one timer, the watchdog of the service manager. Passive: it collects what
// is ready and calls nobody.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace baton::platform {

/// What became ready during one wait.
struct Ready {
  std::vector<int> fds;      // readable (or hung up)
  std::vector<int> signals;  // SIGTERM, SIGINT, SIGHUP: blocked and taken here
  bool timer = false;        // the deadline has come
};

class Loop {
 public:
  /// Blocks SIGTERM, SIGINT, SIGHUP for the process, ignores SIGPIPE and SIGIO; feeds the systemd watchdog when asked to by the
  /// environment.
  static Result<Loop> open();
  ~Loop();
  Loop(Loop&&) noexcept;
  Loop& operator=(Loop&&) noexcept;

  Result<> watch(int fd);  // for reading
  void forget(int fd);     // before it is closed
  /// Sleeps until something is ready, or `deadline_boot_ms` (CLOCK_BOOTTIME); nothing = no timer at all. With a deadline in the
  /// past it polls. Takes everything that is ready.
  Result<Ready> wait(std::optional<std::int64_t> deadline_boot_ms);

  /// sd_notify: "READY=1", "STATUS=…", "STOPPING=1", "RELOADING=1". No-op outside systemd.
  static void notify(const std::string& state);

 private:
  struct Impl;
  explicit Loop(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Reads the three clocks.
Moment now();
/// /proc/sys/kernel/random/boot_id
Result<std::string> boot_id();

}  // namespace baton::platform
