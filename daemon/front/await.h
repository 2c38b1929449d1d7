// Waiting for files to say something: woken by inotify where the filesystem notifies, but for the first moments.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "front/caller.h"
#include "front/folder.h"
#include "platform/watch.h"

namespace baton::front {

enum class Woke { changed, timed_out, interrupted, abandoned };  // abandoned: by its caller

/// Watches some folders of the coordination folder.
class Waiter {
 public:
  /// Folders that do not exist are watched as soon as they do.
  static Result<Waiter> open(const Folder& folder, const std::vector<std::string>& folders);
  /// Sleeps until something changes in them, at most `timeout_ms` (nothing = as long as it takes); also until `caller`, if there
  /// is one, is gone, which it does not tell apart.
  Woke sleep(std::optional<std::int64_t> timeout_ms, const Caller* caller = nullptr);

 private:
  Waiter(platform::Watch watch, std::vector<std::string> missing);
  void take();
  void watch_missing();
  platform::Watch watch_;
  std::vector<std::string> missing_;  // not watched now
};

/// Looks with `done` first, every millisecond for k_quick_ms, and from then on after every change in `folders`, until it says
/// true (changed), the time is over, somebody pressed Ctrl-C while interrupts are caught, or `caller` is gone: that is looked at
/// before every `done`.
inline constexpr std::int64_t k_quick_ms = 30;
Result<Woke> await(const Folder& folder, const std::vector<std::string>& folders, std::optional<std::int64_t> timeout_ms,
                   const std::function<bool()>& done, const Caller* caller = nullptr);

/// The same with a waiter that was there before; what changed since its last sleep may wake it once for nothing.
Woke await(Waiter& waiter, std::optional<std::int64_t> timeout_ms, const std::function<bool()>& done,
           const Caller* caller = nullptr);

/// While one of these lives, SIGINT and SIGTERM end a wait instead of the program.
class CatchInterrupt {
 public:
  CatchInterrupt();
  ~CatchInterrupt();
  CatchInterrupt(const CatchInterrupt&) = delete;
  CatchInterrupt& operator=(const CatchInterrupt&) = delete;
};
bool interrupted();
/// 128 + the signal's number.
int exit_code_of_interrupt();
/// Ends the program as the signal would have done. A shell goes on with its loop after a mere exit code.
void end_by_interrupt();

}  // namespace baton::front
