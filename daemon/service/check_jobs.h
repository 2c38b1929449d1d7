// Checkpoints: the commands that have to end with 0 before work counts as good. They may be whole test suites, so those of one
// working folder run one after the other: two at once would fail each other.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "core/event.h"
#include "protocol/checkpoint.h"
#include "service/job_pool.h"

namespace baton::service {

inline constexpr std::size_t k_max_checks = 4;  // at once, each in a folder of its own

/// What came of a check: of the first command that failed, or of the last one.
struct CheckDone {
  std::string key;
  bool passed = false;
  JobEnd::How how = JobEnd::How::exited;
  std::string reason;                // in words; empty when it passed
  std::vector<std::string> command;  // program and arguments
  int exit_code = 0;                 // exited
  int signal = 0;                    // signalled: its number
  std::string output;                // of both streams, the beginning and the end; valid UTF-8
  std::int64_t took_ms = 0;          // all commands together
};

std::string check_key(const std::string& subject, int epoch);
/// As the core is told.
core::CheckFinished check_finished(CheckDone done, World& world);

class CheckJobs {
 public:
  explicit CheckJobs(World& world);

  /// Before the commit. `key`: what is checked, and for which of its answers ("auth-002.e3").
  void remember(const std::string& key, Turn& turn) { pool_.remember(key, turn); }
  /// After the commit. That it cannot be started is a failure like any other. `root`: absolute, where the work lies; the check's
  /// own folder is looked for beneath it.
  void run(const std::string& key, protocol::Check check, std::string root);
  /// There is nothing to run: a failure, too.
  void refuse(const std::string& key, std::string reason);
  /// Nobody wants to know any more.
  void stop(const std::string& key);
  void take(Turn& turn);
  /// Those that have ended since the last call.
  std::vector<CheckDone> take_done() { return std::exchange(done_, {}); }
  JobPool& pool() { return pool_; }
  const JobPool& pool() const { return pool_; }

 private:
  struct Work {
    protocol::Check check;
    std::string root;
    std::size_t next = 0;        // of its commands
    std::int64_t begun_ms = -1;  // boot clock; -1 = it waits
    std::string lane() const { return root + "/" + check.cwd; }
  };
  Result<std::optional<JobOrder>> order(const std::string& key);
  void ended(JobEnd end);
  void leave_lane(const std::string& key, const std::string& folder);

  World& world_;
  JobPool pool_;
  std::map<std::string, Work> work_;
  std::map<std::string, std::deque<std::string>> lanes_;  // working folder → keys, the first one at work
  std::vector<CheckDone> done_;
};

}  // namespace baton::service
