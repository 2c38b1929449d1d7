// What an agent's end means for the subtask, and the result document that says so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/model.h"
#include "front/assignment.h"
#include "front/data.h"
#include "platform/process.h"
#include "runner/agent_output.h"

namespace baton::front {

struct AgentAnswer {
  bool completed = false;
  core::Outcome outcome;
  std::string error;
  core::FailureClass failure_class = core::FailureClass::transient;
  std::int64_t retry_at_s = 0;  // rate_limited: seconds since 1970; 0 = not said
  double cost_usd = 0;          // 0 = not said
};

/// What there is to judge by once an agent has ended.
struct AgentEnd {
  platform::Exit exit;
  std::string ended_for;  // why the runner has ended it; empty: it ended by itself
  runner::AgentNews news;
  std::optional<std::string> result_file;  // its bytes, if there is one: it decides
  bool in_worktree = false;
  std::vector<std::string> changed;  // files, in a worktree
  std::string worker_type;           // as the handoff has it: whoever builds has to change something
  bool had_conflicts = false;        // then whether they are solved tells what was done
};
AgentAnswer judge(const AgentEnd& end);

Data document_of(const Assignment& assignment, const AgentAnswer& answer);

}  // namespace baton::front
