// `probe`: what the jobs of config.json (planner, notify, checkpoints) could do where they would run. Each working folder is
// looked at by a job of the daemon's own program, started like any other, so it meets the same sandbox; none of the configured
// programs is started. `baton doctor` asks for it.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "core/effect.h"
#include "protocol/writers.h"
#include "service/job_pool.h"

namespace baton::service {

inline constexpr std::size_t k_max_probes = 2;  // at once

class ProbeJobs {
 public:
  explicit ProbeJobs(World& world);

  /// Before the commit: remembers what is to be started. `input` is answered when all of it has ended.
  void start(const core::InputRef& input, Turn& turn);
  /// After the commit: starts it.
  void ask();
  void take(Turn& turn);
  JobPool& pool() { return pool_; }
  const JobPool& pool() const { return pool_; }

 private:
  /// One request.
  struct Round {
    core::InputRef input;
    std::vector<protocol::JobFinding> findings;
    std::size_t open = 0;  // jobs that have not ended
  };
  /// One job: the findings of a round that are made in one folder.
  struct Look {
    std::size_t round = 0;
    std::string folder;  // absolute
    std::vector<std::size_t> findings;
  };
  std::vector<protocol::JobFinding> jobs_to_look_at() const;
  Result<std::optional<JobOrder>> order(const std::string& key);
  void ended(const JobEnd& end);
  void answer(const Round& round, Turn& turn) const;

  World& world_;
  JobPool pool_;
  std::map<std::size_t, Round> rounds_;
  std::map<std::string, Look> looks_;  // by key
  std::vector<std::string> unasked_;   // keys that were remembered
  std::size_t last_round_ = 0;
};

}  // namespace baton::service
