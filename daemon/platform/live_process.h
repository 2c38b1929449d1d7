// A process that somebody named, ours or not, held by a pidfd: it cannot become another one while it is held. Passive: the owner
// watches the descriptor.
#pragma once

#include <sys/types.h>
#include <string>

#include "base/result.h"
#include "platform/fd.h"
#include "platform/process_table.h"

namespace baton::platform {

/// What a pid is to this process.
enum class Kinship { stranger, self, ancestor };
Kinship kinship(pid_t pid);

class LiveProcess {
 public:
  /// invalid: 0, 1, negative, or the number of a thread. refused: this process or one that it descends from; or one that is
  /// hidden from this user. not_found: there is none, or it has exited (also when nobody has waited for it yet). no_space:
  /// descriptors are short.
  static Result<LiveProcess> open(pid_t pid);
  /// As above; not_found also when the pid means another process by now, or the machine was started again since.
  static Result<LiveProcess> open(const ProcessIdentity& expected);

  const ProcessIdentity& identity() const { return identity_; }
  pid_t pid() const { return identity_.pid; }
  const ProcessRow& row() const { return row_; }        // as it was when it was opened
  const ProcessOwner& owner() const { return owner_; }  // likewise
  /// Real and effective user are this process's own effective one.
  bool is_of_this_user() const;

  /// Readable from the exit on.
  int fd() const { return pidfd_.get(); }
  bool exited() const;
  /// not_found: it has exited. refused: not permitted.
  Result<> signal(int number) const;

 private:
  LiveProcess(Fd pidfd, ProcessRow row, ProcessOwner owner, std::string boot_id);

  Fd pidfd_;
  ProcessRow row_;
  ProcessOwner owner_;
  ProcessIdentity identity_;
};

}  // namespace baton::platform
