// The small step between the daemon and a job's program: what a child must do to itself and posix_spawn cannot (die with the
// daemon, no core dumps). The daemon starts its own program with the word `exec-job`, and that ends here.
#pragma once

#include <sys/types.h>
#include <string>
#include <vector>

namespace baton::platform {

inline constexpr const char* k_exec_job_verb = "exec-job";

/// The same, but it stays between the two, and its own end is the program's. When the parent ends, however that happens, it ends
/// the program and all that this has started. That is ended with the program, too, whatever group or session it is in, as far as
/// this user may and the kernel can (2 s are waited for); or it goes on when it has left the group, for a program whose purpose
/// is to start services.
enum class Outliving { nothing, services };
inline constexpr const char* k_guard_job_verb = "guard-job";          // nothing
inline constexpr const char* k_guard_setup_verb = "guard-setup-job";  // services
[[noreturn]] void guard_job(int count, char** words, Outliving outliving);

/// What to start instead of `argv`: `<baton> <verb> <parent> <argv...>`.
std::vector<std::string> exec_job_words(const std::string& baton, const char* verb, pid_t parent,
                                        const std::vector<std::string>& argv);

/// `words`: what follows the verb, ended by a null pointer. Becomes the program; exits 127 when it is missing, 126 when it cannot
/// be started, 125 when the words or the parent are wrong, with a message on standard error.
[[noreturn]] void exec_job(int count, char** words);

}  // namespace baton::platform
