// worker-specs/active/<worker_id>.json and its heartbeat, as the worker verbs write them (docs/protocol.md, "Claim, work,
// result").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "front/assignment.h"
#include "front/folder.h"

namespace baton::front {

/// usage: does not fit the grammar of ids.
Result<> check_worker_id(std::string_view worker_id);

/// not_found: there is no such process. 0 names none.
Result<> check_pid(std::int64_t pid);

/// What else a spec says about a worker; what is empty or 0 is left out.
struct WorkerFacts {
  std::int64_t pid = 0;     // the process that works on it
  std::string output_file;  // absolute: it grows while the worker is at work
  std::string step = {};    // what it does
};
/// A new spec. refused: the id is taken; not with `replace`, for whoever has written it.
Result<> write_worker_spec(const Folder& folder, std::string_view worker_id, const Assignment& assignment,
                           const WorkerFacts& facts, platform::Replace replace = platform::Replace::no);

inline constexpr std::int64_t k_largest_pid = 1 << 22;  // what the kernel gives at most

struct Sign {
  std::optional<std::int64_t> progress = {};  // percent
  std::string step = {};
  std::int64_t pid = 0;       // of the process that goes on with it; 0 = nothing new
  std::string worktree = {};  // absolute, where it works; empty = nothing new
  std::int64_t tokens = 0;    // used so far; 0 = not known
  double cost_usd = 0;        // likewise
};
/// Touches the heartbeat and, when there is something to say, brings the spec up to date. not_found: there is no such worker.
/// refused: it has ended; the message says how.
Result<> give_sign(const Folder& folder, std::string_view worker_id, const Sign& sign);

}  // namespace baton::front
