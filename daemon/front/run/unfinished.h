// Runs that have not ended: whose `baton run` is at work, and whose is gone.
#pragma once

#include <optional>
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
  RunLock(RunLock&&) noexcept = default;
  RunLock& operator=(RunLock&&) = delete;

 private:
  RunLock(std::string path, platform::Lock lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string path_;
  std::optional<platform::Lock> lock_;
};

/// Live tasks of runs that nobody holds, the newest last.
std::vector<std::string> abandoned_runs(const Workshop& workshop);

/// Ends them; what their agents did is kept. REQUIRES: a daemon is at work.
Result<> cancel_runs(const Folder& folder, const std::vector<std::string>& task_ids);

}  // namespace baton::front
