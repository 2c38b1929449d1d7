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

bool is_alive(pid_t pid) {
  const auto process = read_process(pid);
  return process && process->state != 'Z';
}
bool ends(pid_t pid) {
  const std::int64_t deadline = now().mono_ms + k_limit_ms;
  while (is_alive(pid) && now().mono_ms < deadline) ::poll(nullptr, 0, 1);
  return !is_alive(pid);
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

TEST_CASE("a guarded job: its end is the guard's, its signals are its own") {
  const std::string self = std::to_string(::getpid());
  const auto guarded = [](const std::string& script) {
    SpawnRequest request;
    request.argv = {"sh", "-c", script};
    request.cwd = "/";
    request.exec_job_program = BATON_EXEC_JOB;
    request.guarded = true;
    return request;
  };
  const auto end_of = [](Process& process) {
    std::optional<Exit> exit;
    while (!(exit = process.pump())) {
      pollfd fd = {process.fds().front(), POLLIN, 0};
      REQUIRE(::poll(&fd, 1, k_limit_ms) > 0);
    }
    return *exit;
  };
  Process plain = Process::spawn(guarded("echo out; exit 3")).value();
  const Exit exit = end_of(plain);
  CHECK(exit.code == 3);
  CHECK(exit.output == "out\n");
  Process killed = Process::spawn(guarded("kill -KILL $$")).value();
  const Exit by_signal = end_of(killed);
  CHECK(by_signal.signalled);
  CHECK(by_signal.code == 128 + SIGKILL);
  // The program handles TERM; the guard goes on until that has ended.
  std::string seen;
  SpawnRequest request = guarded("trap 'echo tidied; exit 5' TERM; echo ready; while :; do sleep 0.01; done");
  request.sink = [&seen](std::string_view bytes) { seen += bytes; };
  Process trapped = Process::spawn(request).value();
  while (seen.find("ready") == std::string::npos) {
    pollfd fd = {trapped.fds().front(), POLLIN, 0};
    REQUIRE(::poll(&fd, 1, k_limit_ms) > 0);
    REQUIRE(!trapped.pump());
  }
  trapped.signal_group(SIGTERM);
  CHECK(end_of(trapped).code == 5);
  CHECK(seen == "ready\ntidied\n");
  const Exit missing = run("", {BATON_EXEC_JOB, "guard-job", self, "/no/such/program"});
  CHECK(missing.code == 127);
}

TEST_CASE("what a guarded job has started ends with it, whatever group, session and parent that has by then") {
  SpawnRequest request;
  // Two that left for a session of their own without a mark in their environment, one stopped, and one that is still its child.
  request.argv = {
      "sh", "-c",
      "env -i setsid sh -c 'sleep 1000 & echo $!; env -i setsid sleep 1000 & echo $!' </dev/null; sleep 1000 & kill -STOP "
      "$!; echo $!; exec 1>&-; exit 3"};
  request.cwd = "/";
  request.exec_job_program = BATON_EXEC_JOB;
  request.guarded = true;
  const auto exit = run_to_end(request, k_limit_ms);
  REQUIRE(exit);
  CHECK(exit->code == 3);
  CHECK_FALSE(exit->signalled);
  const std::vector<std::string> pids = text::split(text::trim(exit->output), '\n');
  REQUIRE(pids.size() == 3);
  for (const std::string& pid : pids) CHECK(ends(std::stoi(pid)));
}

TEST_CASE("a service that a setup job starts goes on after it; the rest of its group does not") {
  SpawnRequest request;
  request.argv = {"sh", "-c",
                  "sleep 1000 & echo $!; setsid sleep 1000 <&- >&- 2>&- & echo $!; "
                  "until [ \"$(cut -d ' ' -f 6 /proc/$!/stat)\" = $! ]; do sleep 0.01; done"};
  request.cwd = "/";
  request.exec_job_program = BATON_EXEC_JOB;
  request.guarded = true;
  request.starts_services = true;
  request.mark = "setup-" + std::to_string(::getpid());
  const auto exit = run_to_end(request, k_limit_ms);
  REQUIRE(exit);
  CHECK(exit->code == 0);
  const std::vector<std::string> pids = text::split(text::trim(exit->output), '\n');
  REQUIRE(pids.size() == 2);
  CHECK(ends(std::stoi(pids[0])));
  CHECK(is_alive(std::stoi(pids[1])));
  CHECK(end_marked({request.mark}) == 1);
  CHECK(ends(std::stoi(pids[1])));
}

TEST_CASE("a guarded job ends with its parent, and so does all that it has started, in whatever session") {
  int report[2];
  REQUIRE(::pipe(report) == 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    SpawnRequest request;
    request.argv = {"sh", "-c", "env -i setsid sleep 1000 & echo $!; wait"};
    request.cwd = "/";
    request.exec_job_program = BATON_EXEC_JOB;
    request.guarded = true;
    std::string seen;
    request.sink = [&seen](std::string_view bytes) { seen += bytes; };
    Process process = Process::spawn(request).value();
    while (seen.find('\n') == std::string::npos && !process.pump()) ::poll(nullptr, 0, 1);
    const pid_t child = std::atoi(seen.c_str());
    if (::write(report[1], &child, sizeof child) != sizeof child) ::_exit(1);
    ::raise(SIGKILL);
  }
  pid_t child = 0;
  REQUIRE(::read(report[0], &child, sizeof child) == sizeof child);
  ::close(report[0]);
  ::close(report[1]);
  REQUIRE(::waitpid(parent, nullptr, 0) == parent);
  CHECK(ends(child));
}
