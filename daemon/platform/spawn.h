// Starting a program with its three standard streams as pipes: posix_spawn, its own process group, no signal blocked or ignored.
// Used by process and guard, but for is_startable().
#pragma once

#include <sys/types.h>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/fd.h"
#include "platform/process.h"

namespace baton::platform {

inline constexpr const char* k_job_mark = "BATON_JOB";  // of the environment: tells what a job started from everything else

/// As fail_errno; no_space when descriptors, processes or memory are short: the same may go well later.
tl::unexpected<Error> fail_start(std::string_view what, int error_number);

/// Whether `program`, a path or a name in PATH, may be started from `cwd`.
bool is_startable(const std::string& program, const std::string& cwd);
/// The same, with the reason, and whether its folder is there.
Result<> check_startable(const SpawnRequest& request);

struct StreamPairs {
  Streams ours;  // non-blocking
  Streams theirs;
};
Result<StreamPairs> open_streams(bool joined);

/// NAME=value, all of them: what is inherited but for what the request takes away, what it adds, and its mark.
std::vector<std::string> environment_of(const SpawnRequest& request);

/// Pointers into `words`, ended by a null pointer, as exec wants them.
std::vector<char*> pointers_to(std::vector<std::string>& words);

struct Launch {
  char** argv = nullptr;
  char** environment = nullptr;
  const char* cwd = nullptr;
  int input = -1, output = -1, error_output = -1;
};
/// 0, or errno. `pid` is set with 0.
int launch(const Launch& what, pid_t& pid);

}  // namespace baton::platform
