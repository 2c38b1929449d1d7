// Runs that have not ended: whose `baton run` is at work, and whose is gone.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "front/work/workshop.h"
#include "platform/lock.h"

namespace baton::front {

/// Held for the life of a run: nobody else goes on with it. Its file goes with it.
class RunLock {
 public:
  /// refused: somebody else has it.
  static Result<RunLock> take(const Workshop& workshop, const std::string& task_id);
  ~RunLock();
  RunLock(RunLock&& other) noexcept : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}
  RunLock& operator=(RunLock&&) = delete;

 private:
  RunLock(std::string path, platform::Lock lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string path_;  // empty: another one has it now
  platform::Lock lock_;
};

/// Live tasks of runs that nobody holds, the newest last.
std::vector<std::string> abandoned_runs(const Workshop& workshop);

/// The one that `wanted` names, else the newest. not_found: there is none, or it has another name.
Result<std::string> run_to_resume(const Workshop& workshop, const std::string& wanted);

/// Ends them; what their agents did is kept. REQUIRES: a daemon is at work.
Result<> cancel_runs(const Folder& folder, const std::vector<std::string>& task_ids);

}  // namespace baton::front
