// worker-specs/active/<worker_id>.json and its heartbeat, as the worker verbs write them (docs/protocol.md, "Claim, work,
// result").
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "front/assignment.h"
#include "front/folder.h"

namespace baton::front {

/// usage: does not fit the grammar of ids.
Result<> check_worker_id(std::string_view worker_id);

/// A new spec. refused: the id is taken.
Result<> write_worker_spec(const Folder& folder, std::string_view worker_id, const Assignment& assignment);

struct Sign {
  std::optional<std::int64_t> progress;  // percent
  std::string step;
};
/// Touches the heartbeat and, when there is something to say, brings the spec up to date. not_found: there is no such worker.
/// refused: it has ended; the message says how.
Result<> give_sign(const Folder& folder, std::string_view worker_id, const Sign& sign);

}  // namespace baton::front
