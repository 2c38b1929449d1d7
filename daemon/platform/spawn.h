// Starting a program with its three standard streams as pipes: posix_spawn, its own process group, no signal blocked or ignored.
// Used by process, but for is_startable().
#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "platform/fd.h"
#include "platform/process.h"

namespace baton::platform {

inline constexpr const char* k_job_mark = "BATON_JOB";  // of the environment: tells what a job started from everything else

/// Our ends of the pipes are non-blocking and closed on exec.
struct Spawned {
  pid_t pid = 0;
  Fd input, output, error_output;  // the last one only when it is a stream of its own
};

/// As fail_errno; no_space when descriptors, processes or memory are short: the same may go well later.
tl::unexpected<Error> fail_start(std::string_view what, int error_number);

/// Whether `program`, a path or a name in PATH, may be started from `cwd`.
bool is_startable(const std::string& program, const std::string& cwd);

Result<Spawned> spawn_with_pipes(const SpawnRequest& request);

}  // namespace baton::platform
