// Holds what the daemon says of workers against the truth: nobody is condemned or ended by mistake, nobody who should be found is
// missed, and a piece of work never has two workers. What does not hold is thrown.
#pragma once

#include <stdexcept>
#include <string>

#include "core/effect.h"
#include "simulation/world.h"

namespace baton::simulation {

struct Wrong : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Tally {
  std::int64_t workers = 0, renewals = 0, zombies = 0, gone = 0, rebooted = 0, missed_heartbeats = 0, ended = 0;
  std::int64_t tasks = 0, restarts = 0, kills = 0, suspends = 0, away = 0, reboots = 0, set_back = 0, turns = 0;
};

class Verdicts {
 public:
  Verdicts(World& world, Tally& tally);

  /// An entry of the feed that was committed.
  void hear(const core::FeedEntry& entry);
  /// The process of this worker is about to be signalled.
  void before_end(const Life& life) const;
  /// A handoff is about to be published.
  void before_handoff(const std::string& subtask_id, int epoch);
  void task_ended(const core::Task& task);

 private:
  [[noreturn]] void wrong(const Life& life, const std::string& what) const;
  [[noreturn]] void missed(const Life& life) const;
  void hear_zombie(Life& life);
  void hear_gone(Life& life, const std::string& reason);
  void expect(const std::string& worker_id);
  std::int64_t latest(const Life& life) const;

  World& world_;
  Tally& tally_;
  std::map<std::string, std::int64_t> last_away_;  // per worker: World::away_ms when its verdict became due
};

}  // namespace baton::simulation
