// One world from its first task to its last: tasks arrive, masters and workers go about their work, the machine is put to sleep
// and started again, its clock is set back, the daemon is stopped and killed; and a person answers what it asks.
#pragma once

#include <cstdint>

#include "simulation/daemon.h"

namespace baton::simulation {

class Simulation {
 public:
  Simulation(std::uint64_t seed, std::int64_t tasks, Flaw flaw);
  /// Throws Wrong when something does not hold.
  Tally run();

 private:
  void arrive();
  void disturb();
  void disturb_once();
  void start_daemon();
  void stop_daemon(std::int64_t for_ms, bool reboot);
  void stand_still(std::int64_t for_ms);
  void hear(const core::FeedEntry& entry);
  void answer_zombie(const std::string& subtask_id, int epoch);
  void command(core::Verb verb, const std::string& subject);
  void turn();

  std::int64_t left_;  // tasks that have not arrived
  std::int64_t tasks_;
  std::int64_t between_arrivals_ms_;
  std::int64_t between_disturbances_ms_;
  World world_;
  Journal journal_;
  Tally tally_;
  Verdicts verdicts_;
  std::unique_ptr<Daemon> daemon_;  // null: it does not run
  Crash crash_ = Crash::none;       // what the next turn ends with
  std::int64_t turns_at_once_ = 0;
};

}  // namespace baton::simulation
