#include "platform/exec_job.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"
#include "platform/loop.h"
#include "platform/process.h"
#include "platform/process_table.h"
#include "platform/run.h"

using namespace baton;
using namespace baton::platform;

namespace {

constexpr int k_limit_ms = 30'000;

Exit run(const std::string& exec_job_program, std::vector<std::string> argv) {
  SpawnRequest request;
  request.argv = std::move(argv);
  request.cwd = "/";
  request.exec_job_program = exec_job_program;
  Process process = Process::spawn(request).value();
  std::optional<Exit> exit;
  while (!(exit = process.pump())) {
    pollfd fd = {process.fds().front(), POLLIN, 0};
    REQUIRE(::poll(&fd, 1, k_limit_ms) > 0);
  }
  return *exit;
}

}  // namespace

TEST_CASE("the job runs with its arguments, its own group and no core dumps") {
  const Exit exit = run(BATON_EXEC_JOB, {"sh", "-c", "printf '%s|' \"$@\"; ulimit -c; ps -o pgid= -p $$ | tr -d ' '; echo $$",
                                         "sh", "a b", "", "-x"});
  CHECK(exit.code == 0);
  CHECK(exit.output.starts_with("a b||-x|0\n"));
  const std::string rest = exit.output.substr(std::string("a b||-x|0\n").size());
  const std::size_t line = rest.find('\n');
  REQUIRE(line != std::string::npos);
  CHECK(rest.substr(0, line + 1) == rest.substr(line + 1));
}

TEST_CASE("a missing program is told before anything runs, and by exec-job itself if it goes in between") {
  SpawnRequest request;
  request.argv = {"no-such-program-here"};
  request.cwd = "/";
  request.exec_job_program = BATON_EXEC_JOB;
  CHECK(Process::spawn(request).error().code == ErrorCode::not_found);

  const std::string self = std::to_string(::getpid());
  Exit exit = run("", {BATON_EXEC_JOB, "exec-job", self, "/no/such/program"});
  CHECK(exit.code == 127);
  CHECK(exit.error_output == "baton exec-job: /no/such/program: No such file or directory\n");
  exit = run("", {BATON_EXEC_JOB, "exec-job", self, "/etc/passwd"});
  CHECK(exit.code == 126);
  CHECK(exit.error_output == "baton exec-job: /etc/passwd: Permission denied\n");
}

TEST_CASE("wrong words and a parent that is gone") {
  Exit exit = run("", {BATON_EXEC_JOB, "exec-job"});
  CHECK(exit.code == 125);
  CHECK(exit.error_output == "baton exec-job: not started: usage: baton exec-job PARENT_PID PROGRAM [ARGUMENT...]\n");
  for (const std::string parent : {"x", "", "0", "-1", "12x"}) {
    CAPTURE(parent);
    exit = run("", {BATON_EXEC_JOB, "exec-job", parent, "true"});
    CHECK(exit.code == 125);
    CHECK(exit.error_output == "baton exec-job: not started: the first word is no process id\n");
  }
  exit = run("", {BATON_EXEC_JOB, "exec-job", "999999999", "true"});
  CHECK(exit.code == 125);
  CHECK(exit.error_output == "baton exec-job: not started: the daemon is gone\n");
}

TEST_CASE("a job dies with the daemon, however that ends") {
  int report[2];
  REQUIRE(::pipe(report) == 0);
  const pid_t daemon = ::fork();
  if (daemon == 0) {
    SpawnRequest request;
    request.argv = {"sleep", "1000"};
    request.cwd = "/";
    request.exec_job_program = BATON_EXEC_JOB;
    const Process process = Process::spawn(request).value();
    const pid_t job = process.pid();
    // Only once the job's program runs is it known to be tied to us.
    const std::string comm = "/proc/" + std::to_string(job) + "/comm";
    for (std::string name; name != "sleep\n";) {
      char bytes[32] = {};
      std::FILE* file = std::fopen(comm.c_str(), "re");
      if (file == nullptr) ::_exit(1);
      name = std::fgets(bytes, sizeof bytes, file) != nullptr ? bytes : "";
      std::fclose(file);
      ::poll(nullptr, 0, 1);
    }
    if (::write(report[1], &job, sizeof job) != sizeof job) ::_exit(1);
    ::raise(SIGKILL);
  }
  pid_t job = 0;
  REQUIRE(::read(report[0], &job, sizeof job) == sizeof job);
  ::close(report[0]);
  ::close(report[1]);
  REQUIRE(::waitpid(daemon, nullptr, 0) == daemon);
  const std::int64_t deadline = now().mono_ms + k_limit_ms;
  const auto runs = [job] {
    char state = 'X';
    char bytes[512] = {};
    if (std::FILE* file = std::fopen(("/proc/" + std::to_string(job) + "/stat").c_str(), "re"); file != nullptr) {
      if (std::fgets(bytes, sizeof bytes, file) != nullptr) std::sscanf(bytes, "%*d (%*[^)]) %c", &state);
      std::fclose(file);
    }
    return state != 'X' && state != 'Z';
  };
  while (runs() && now().mono_ms < deadline) ::poll(nullptr, 0, 1);
  CHECK(!runs());
}
