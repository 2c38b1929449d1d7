// A program run to its end while the caller waits: for what has nothing else to do meanwhile.
#pragma once

#include <cstdint>

#include "platform/process.h"

namespace baton::platform {

/// As Process::spawn; timed_out: it was ended (SIGKILL, with its group) after `limit_ms`.
Result<Exit> run_to_end(const SpawnRequest& request, std::int64_t limit_ms);

}  // namespace baton::platform
