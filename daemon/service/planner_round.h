// What the planner command was told of its first answer when it is asked a second time.
#pragma once

#include <string>
#include <vector>

namespace baton::service {

struct PlannerRound {
  std::string previous_answer;
  std::vector<std::string> problems;  // empty: it is asked for the first time
};

}  // namespace baton::service
