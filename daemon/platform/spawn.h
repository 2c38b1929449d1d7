// Starting a program with its three standard streams as pipes: posix_spawn, its own process group, no signal blocked or ignored.
// Used by process only.
#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "platform/fd.h"
#include "platform/process.h"

namespace baton::platform {

/// Our ends of the pipes are non-blocking and closed on exec.
struct Spawned {
  pid_t pid = 0;
  Fd input, output, error_output;
};

Result<Spawned> spawn_with_pipes(const SpawnRequest& request);

}  // namespace baton::platform
