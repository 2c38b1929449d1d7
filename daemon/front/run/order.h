// What a run is to be: the command line and standard input together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "front/run/wish.h"
#include "front/verb.h"
#include "protocol/config.h"

namespace baton::front {

struct RunOrder {
  RunWish wish;
  bool check_only = false;
  bool resume = false;
  std::string resumed;  // which run; empty: the last one
  bool fresh = false;
  std::optional<protocol::Integrate> integrate;  // none: as the settings say
  std::vector<std::string> agent;
};

/// Standard input counts when no prompt is named: the lines that the seed's agents are called with. usage.
Result<RunOrder> order_of(const Context& context);

/// The command that goes on with it, as a shell reads it.
std::string resume_command(const Context& context, const RunOrder& order, std::size_t jobs);

}  // namespace baton::front
