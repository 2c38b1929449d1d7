// Child processes of the daemon, by what they are for. The loop never waits for one.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "service/check_jobs.h"
#include "service/notify_jobs.h"
#include "service/planner_jobs.h"
#include "service/probe_jobs.h"
#include "service/world.h"

namespace baton::service {

class Jobs {
 public:
  explicit Jobs(World& world) : planners(world), checks(world), notifications(world), probes(world), world_(world) {}

  PlannerJobs planners;
  CheckJobs checks;
  NotifyJobs notifications;
  ProbeJobs probes;

  /// Jobs of an earlier run that may still be at work are ended: each is asked again, and none may run twice at once.
  void restore(const std::vector<store::JobRow>& rows, const std::map<std::string, std::string>& meta);
  /// Moves what is ready, starts what has a place.
  void take(Turn& turn);
  std::vector<int> fds() const;
  /// Closes the descriptors of ended jobs; to be called when the loop has forgotten them.
  void release_ended();
  std::optional<std::int64_t> next_deadline() const;  // boot_ms
  /// Something is to be told, to the core or to the journal: in a turn that does not wait.
  bool turn_due() const;

 private:
  std::array<const JobPool*, 4> pools() const {
    return {&planners.pool(), &checks.pool(), &notifications.pool(), &probes.pool()};
  }

  World& world_;
};

}  // namespace baton::service
