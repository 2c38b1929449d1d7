#include "platform/exec_job.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace baton::platform {
namespace {

enum : int { k_misused = 125, k_cannot_start = 126, k_missing = 127 };  // as env(1) has them

[[noreturn]] void give_up(int code, const char* what, const char* why) {
  std::fprintf(stderr, "baton exec-job: %s: %s\n", what, why);
  std::_Exit(code);
}

// The parent may have ended before the request to die with it: then this process has another parent already.
void die_with(pid_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) give_up(k_misused, "cannot be tied to the daemon", std::strerror(errno));
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

}  // namespace

std::vector<std::string> exec_job_words(const std::string& baton, pid_t parent, const std::vector<std::string>& argv) {
  std::vector<std::string> words = {baton, k_exec_job_verb, std::to_string(parent)};
  words.insert(words.end(), argv.begin(), argv.end());
  return words;
}

void exec_job(int count, char** words) {
  die_with(parent_of(count, words));
  forbid_core_dumps();
  ::execvp(words[1], words + 1);
  give_up(errno == ENOENT || errno == ENOTDIR ? k_missing : k_cannot_start, words[1], std::strerror(errno));
}

}  // namespace baton::platform
