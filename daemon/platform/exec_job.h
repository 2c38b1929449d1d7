// The small step between the daemon and a job's program: what a child must do to itself and posix_spawn cannot (die with the
// daemon, no core dumps). The daemon starts its own program with the word `exec-job`, and that ends here.
#pragma once

#include <sys/types.h>
#include <string>
#include <vector>

namespace baton::platform {

inline constexpr const char* k_exec_job_verb = "exec-job";

/// What to start instead of `argv`: `<baton> exec-job <parent> <argv...>`.
std::vector<std::string> exec_job_words(const std::string& baton, pid_t parent, const std::vector<std::string>& argv);

/// `words`: what follows the verb, ended by a null pointer. Becomes the program; exits 127 when it is missing, 126 when it cannot
/// be started, 125 when the words or the parent are wrong, with a message on standard error.
[[noreturn]] void exec_job(int count, char** words);

}  // namespace baton::platform
