// Waiting until a task has come to its end, or to where a person has to decide.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "front/folder.h"
#include "front/verb.h"
#include "front/views.h"

namespace baton::front {

/// Waits until the task ends, blocks or waits for approval. not_found: the id names nothing. timed_out. no_daemon: nobody is
/// there to work on it.
Result<PlanView> wait_for_outcome(const Folder& folder, std::string_view id, std::optional<std::int64_t> limit_ms);

/// One line (and the envelope) that says how the task stands; the exit code for it.
int say_outcome(Context& context, const PlanView& plan);

}  // namespace baton::front
