// What somebody estimates for a plan as a whole. spec: "Resource Estimation" (Step 4's names) and "Write Orchestration Plan"
// (Step 5's). The daemon makes its own sums, so what is said of the whole serves the pieces that say nothing of themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/tolerance.h"

namespace baton::protocol {

/// Minutes in "90-120 minutes", "2 hours", "1h30m" or "45"; of a range the upper end. Nothing when it cannot be told.
std::optional<std::int64_t> read_minutes(std::string_view words);

/// Of these fields (or of `resource_estimate` in them): total_estimated_duration and total_estimated_tokens are shared by those
/// `subtasks` that have no estimate; the one master in masters_involved takes those without a master. workers_to_spawn follows
/// from the subtasks. What cannot be understood is left out with a warning: an estimate refuses no plan.
void share_out_estimates(Fields& fields);

/// What is said of a task as a whole: by the names above, or as estimated_duration_minutes (estimated_minutes) and
/// estimated_tokens, in the task, its resource_estimate, metadata or context. 0 = not said.
struct WholeEstimate {
  int minutes = 0;
  std::int64_t tokens = 0;
};
WholeEstimate whole_estimate(const nlohmann::json& task);

}  // namespace baton::protocol
