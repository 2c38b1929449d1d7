#include "store/process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace baton::test {

Process::Process(const std::string& name, const std::string& journal) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::setenv(k_journal_variable, journal.c_str(), 1);
  std::string program = "store_test";
  std::string filter = "--test-case=" + name;
  std::string no_skip = "--no-skip";
  std::string quiet = "--minimal";  // nothing of doctest's own when all is well
  char* arguments[] = {program.data(), filter.data(), no_skip.data(), quiet.data(), nullptr};
  REQUIRE(::posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, arguments, environ) == 0);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  output_ = ends[0];
}

Process::~Process() {
  kill_now();
  ::close(output_);
}

void Process::kill_now() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

std::string Process::read_all() const {
  std::string text;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(output_, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(n));
  return text;
}

}  // namespace baton::test
