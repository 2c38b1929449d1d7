// The daemon's lock: an exclusive OFD lock (fcntl F_OFD_SETLK) on an open file for the whole life of the process; the file says
// who holds it. Unlike a flock it can be asked about without being taken, so looking never gets in the way of a starting daemon.
#pragma once

#include <sys/types.h>
#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "platform/fd.h"

namespace baton::platform {

class Lock {
 public:
  /// Takes the lock at `path` (absolute, made when missing) and writes this pid into it. refused: held; the message names the
  /// holder's pid.
  static Result<Lock> take(const std::string& path, unsigned mode);
  /// The same, but sleeps as long as somebody else holds it, also another thread of this process.
  static Result<Lock> wait(const std::string& path, unsigned mode);

  /// The file that is locked still has that name.
  bool is_at(const std::string& path) const;

 private:
  explicit Lock(Fd fd) : fd_(std::move(fd)) {}
  static Result<Lock> obtain(const std::string& path, unsigned mode, int command);
  Fd fd_;
};

/// The pid of the process that holds the lock at `path`, 0 when it has not yet written it; nothing when nobody holds it. Disturbs
/// neither the holder nor one who is about to take it.
std::optional<pid_t> lock_holder(const std::string& path);

/// Waits until nobody holds the lock at `path`, at most `limit`: a process that was killed holds its locks until the kernel has
/// taken it apart, which is after its end can be asked for and before it can be seen. False: somebody still holds it.
bool wait_for_release(const std::string& path, std::chrono::milliseconds limit);

/// Whether nobody has the file open for writing (a read lease could be taken); nothing when that cannot be known: no such file,
/// another owner's, or leases are not permitted here. The lease is given back at once; breaking it never ends the process.
std::optional<bool> no_writer(int dir_fd, const std::string& path);

}  // namespace baton::platform
