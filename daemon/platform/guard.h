// A process beside this one under which programs run, one at a time: nothing that they have started outlives them, nor this
// process, whatever group, session or parent it has by then, as far as this user may and the kernel can. It is started once for
// many programs, since its own start takes longer than that of most.
#pragma once

#include <sys/types.h>
#include <memory>
#include <string>

#include "base/result.h"
#include "platform/process.h"

namespace baton::platform {

inline constexpr const char* k_guard_verb = "guard-jobs";

/// What `baton guard-jobs` is: takes orders from the socket that is its standard input, until that ends. Exits 125 with a message
/// when that is none.
[[noreturn]] void guard_jobs();

/// Not for several threads at once.
class Guard {
 public:
  /// `baton`: path of the program that knows the verb.
  explicit Guard(std::string baton) : baton_(std::move(baton)) {}
  ~Guard();  // as clear()
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  /// Starts it when it is not there; run() then has not to wait for that. Errors: as Process::spawn.
  Result<> begin();
  /// Errors: as Process::spawn. While one that was started here goes on, no other may be. What it started ends before its end is
  /// told (2 s are waited for); with `starts_services` only its group does, and what left that goes on until the next program's
  /// end. When the guard itself is killed the program counts as ended by SIGKILL, its group ends, and what has left that
  /// goes on.
  Result<Process> run(const SpawnRequest& request);
  /// Ends whatever programs have left, and the guard.
  void clear();
  /// 0: it is not there.
  pid_t pid() const { return pid_; }

 private:
  struct Channel;
  class GuardedChild;
  Result<pid_t> order(const SpawnRequest& request, const Streams& theirs);

  std::string baton_;
  pid_t pid_ = 0;
  std::shared_ptr<Channel> channel_;
};

}  // namespace baton::platform
