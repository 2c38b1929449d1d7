#include "platform/exec_job.h"

#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string_view>

#include "platform/process_table.h"

namespace baton::platform {
namespace {

constexpr long k_look_ns = 2'000'000;  // until what was killed has ended
constexpr int k_most_looks = 500;      // what has not ended by then sleeps in the kernel

enum : int { k_misused = 125, k_cannot_start = 126, k_missing = 127 };  // as env(1) has them

[[noreturn]] void give_up(int code, const char* what, const char* why) {
  std::fprintf(stderr, "baton exec-job: %s: %s\n", what, why);
  std::_Exit(code);
}

// The parent may have ended before the request to die with it: then this process has another parent already.
void die_with(pid_t parent, int signal) {
  if (::prctl(PR_SET_PDEATHSIG, signal) != 0) give_up(k_misused, "cannot be tied to the daemon", std::strerror(errno));
  if (::getppid() != parent) give_up(k_misused, "not started", "the daemon is gone");
}

pid_t parent_of(int count, char** words) {
  if (count < 2) give_up(k_misused, "not started", "usage: baton exec-job PARENT_PID PROGRAM [ARGUMENT...]");
  const std::string_view text = words[0];
  pid_t parent = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), parent);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || parent <= 0)
    give_up(k_misused, "not started", "the first word is no process id");
  return parent;
}

void forbid_core_dumps() {
  const rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);  // lowering a limit of one's own is always allowed
}

/// In this process's group, with no signal blocked.
pid_t start(char** argv) {
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setsigmask(&attributes, &none);
  pid_t program = 0;
  const int error = ::posix_spawnp(&program, argv[0], nullptr, &attributes, argv, environ);
  if (error != 0) give_up(error == ENOENT || error == ENOTDIR ? k_missing : k_cannot_start, argv[0], std::strerror(error));
  return program;
}

/// What the program started and nobody ended. Whose parent ends has this process as its parent then, whatever group or session it
/// is in: none can be missed, nor its number be another's before it was waited for.
void end_descendants() {
  const pid_t self = ::getpid();
  for (int looks = 0; looks < k_most_looks; ++looks) {
    pid_t ended = 0;
    while ((ended = ::waitpid(-1, nullptr, WNOHANG)) > 0) continue;
    if (ended < 0 && errno == ECHILD) return;
    const ProcessTable all = ProcessTable::read();
    for (const ProcessRow* each : all.descendants_of(self).members)
      if (each->parent == self || (each->group == self && each->pid != self)) ::kill(each->pid, SIGKILL);
    const timespec pause = {0, k_look_ns};
    ::nanosleep(&pause, nullptr);
  }
}

[[noreturn]] void end_as(int status) {
  if (!WIFSIGNALED(status)) std::_Exit(WEXITSTATUS(status));
  sigset_t all;
  sigfillset(&all);
  ::signal(WTERMSIG(status), SIG_DFL);
  ::kill(::getpid(), WTERMSIG(status));
  ::sigprocmask(SIG_UNBLOCK, &all, nullptr);
  std::_Exit(128 + WTERMSIG(status));
}

}  // namespace

std::vector<std::string> exec_job_words(const std::string& baton, const char* verb, pid_t parent,
                                        const std::vector<std::string>& argv) {
  std::vector<std::string> words = {baton, verb, std::to_string(parent)};
  words.insert(words.end(), argv.begin(), argv.end());
  return words;
}

void exec_job(int count, char** words) {
  die_with(parent_of(count, words), SIGKILL);
  forbid_core_dumps();
  ::execvp(words[1], words + 1);
  give_up(errno == ENOENT || errno == ENOTDIR ? k_missing : k_cannot_start, words[1], std::strerror(errno));
}

void guard_job(int count, char** words, Outliving outliving) {
  const pid_t parent = parent_of(count, words);
  sigset_t watched;
  sigfillset(&watched);  // whoever signals the group means the program
  ::sigprocmask(SIG_BLOCK, &watched, nullptr);
  die_with(parent, SIGTERM);
  forbid_core_dumps();
  if (outliving == Outliving::nothing) ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t program = start(words + 1);
  for (;;) {
    int signal = 0;
    ::sigwait(&watched, &signal);
    if (::getppid() != parent) {
      end_descendants();
      ::kill(0, SIGKILL);
    }
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(-1, &status, WNOHANG)) > 0 && ended != program) continue;  // orphans of it
    if (ended != program) continue;
    if (outliving == Outliving::nothing) end_descendants();
    end_as(status);
  }
}

}  // namespace baton::platform
