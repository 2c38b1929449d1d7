// The planner command: asked for the plan of a task, or for the two parts of a subtask that is to be split; once more when its
// answer is invalid.
#pragma once

#include <map>
#include <set>
#include <string>

#include "service/job_pool.h"
#include "service/planner_round.h"
#include "service/plans.h"
#include "service/splits.h"

namespace baton::service {

inline constexpr std::size_t k_max_planners = 4;  // at once; each may be a language model's client of some hundred megabytes

class PlannerJobs {
 public:
  explicit PlannerJobs(World& world);

  // Before the commit.
  void remember(const core::AskPlanner& asked, Turn& turn) { pool_.remember(asked.task_id, turn); }
  void remember(const core::ProposeSplit& asked, Turn& turn);
  // After the commit. That it cannot be started is an answer, too.
  void ask(const core::AskPlanner& asked) { ask(asked.task_id); }
  void ask(const core::ProposeSplit& asked);
  void stop(const std::string& key);
  /// Tells the core of answers, failures and time limits.
  void take(Turn& turn);
  /// Something is to be told in a turn that does not wait.
  bool turn_due() const { return pool_.turn_due() || splits_.turn_due(); }
  JobPool& pool() { return pool_; }
  const JobPool& pool() const { return pool_; }

 private:
  void ask(const std::string& key);
  Result<std::optional<JobOrder>> order(const std::string& key);
  void ended(JobEnd end, Turn& turn);
  void printed(const std::string& key, const std::string& output, Turn& turn);
  void finish(const std::string& key);
  void give_up(const std::string& key, Error error, Turn& turn);
  void stop_unwanted();

  World& world_;
  Plans plans_;
  Splits splits_;
  JobPool pool_;
  std::map<std::string, PlannerRound> repairs_;  // those that are asked a second time
  std::set<std::string> split_keys_;             // of all that are asked
};

}  // namespace baton::service
