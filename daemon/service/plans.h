// The plan of a task as a question to the planner command: what it is asked, what its answer means, and the plan without it.
#pragma once

#include <optional>
#include <string>

#include "service/planner_round.h"
#include "service/world.h"

namespace baton::service {

class Plans {
 public:
  explicit Plans(World& world) : world_(world) {}

  /// The document for its standard input; nothing: nobody waits for a plan any more.
  std::optional<std::string> request(const std::string& task_id, const PlannerRound& round) const;
  /// Tells the core. An error: the answer is no plan, and nothing was told.
  Result<> read(const std::string& task_id, const std::string& output, Turn& turn);
  /// There will be no answer: the core is told why, and the plan that the rules make.
  void give_up(const std::string& task_id, Error error, Turn& turn);

 private:
  const core::Task* unplanned(const std::string& task_id) const;
  void answer(const core::Task& task, Result<core::Plan> plan, Turn& turn);

  World& world_;
};

}  // namespace baton::service
