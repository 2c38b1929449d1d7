// Waiting for files to say something: woken by inotify, never by polling where the filesystem notifies.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "front/folder.h"
#include "platform/watch.h"

namespace baton::front {

enum class Woke { changed, timed_out, interrupted };

/// Watches some folders of the coordination folder.
class Waiter {
 public:
  /// Folders that do not exist are left out.
  static Result<Waiter> open(const Folder& folder, std::vector<std::string> folders);
  /// Sleeps until something changes in them, at most `timeout_ms` (nothing = as long as it takes).
  Woke sleep(std::optional<std::int64_t> timeout_ms);

 private:
  Waiter(platform::Watch watch, std::vector<std::string> folders);
  void take();
  platform::Watch watch_;
  std::vector<std::string> folders_;
};

/// Looks with `done` first and again after every change in `folders`, until it says true (changed), the time is over or somebody
/// pressed Ctrl-C while interrupts are caught.
Result<Woke> await(const Folder& folder, std::vector<std::string> folders, std::optional<std::int64_t> timeout_ms,
                   const std::function<bool()>& done);

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

}  // namespace baton::front
