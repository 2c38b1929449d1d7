// The planner command: asked for a plan, once more when its answer is invalid.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "service/job_pool.h"

namespace baton::service {

inline constexpr std::size_t k_max_planners = 4;  // at once; each may be a language model's client of some hundred megabytes

class PlannerJobs {
 public:
  explicit PlannerJobs(World& world);

  /// Before the commit.
  void remember(const std::string& task_id, Turn& turn) { pool_.remember(task_id, turn); }
  /// After the commit. That it cannot be started is an answer, too.
  void ask(const std::string& task_id);
  void stop(const std::string& task_id);
  /// Tells the core of answers, failures and time limits.
  void take(Turn& turn);
  JobPool& pool() { return pool_; }
  const JobPool& pool() const { return pool_; }

 private:
  /// The second round, after an invalid answer.
  struct Repair {
    std::string previous_answer;
    std::vector<std::string> problems;
  };
  Result<std::optional<JobOrder>> order(const std::string& task_id);
  void ended(JobEnd end, Turn& turn);
  void printed(const core::Task& task, const std::string& output, Turn& turn);
  Result<core::Plan> read_plan(const core::Task& task, const std::string& output) const;
  void finish(const std::string& task_id);
  void answer(const std::string& task_id, Result<core::Plan> plan, Turn& turn);

  World& world_;
  JobPool pool_;
  std::map<std::string, Repair> repairs_;
};

}  // namespace baton::service
