// What masters/<master>/master.json says about the agent that `baton work` starts for each handoff.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace baton::protocol {

struct AgentSettings {
  std::vector<std::string> argv;                // as written; the placeholders are not filled in. Empty: none is set
  std::vector<std::string> environment;         // NAME=value
  bool worktree = true;                         // false: it works in the workspace itself
  std::int64_t memory_limit = 0;                // bytes, of all of an agent's processes; 0 = none
  std::vector<std::vector<std::string>> setup;  // commands that make a new worktree ready, in order
};

/// `bytes`: the whole document. Errors: as read_master().
Result<AgentSettings> read_agent(std::string_view bytes);

}  // namespace baton::protocol
