#include "platform/guard.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "platform/loop.h"
#include "platform/process_table.h"

using namespace baton;
using namespace baton::platform;

namespace {

constexpr int k_limit_ms = 30'000;

SpawnRequest script(const std::string& text) {
  SpawnRequest request;
  request.argv = {"sh", "-c", text};
  request.cwd = "/";
  return request;
}

Exit end_of(Process& process) {
  std::optional<Exit> exit;
  while (!(exit = process.pump())) {
    pollfd fd = {process.fds().front(), POLLIN, 0};
    REQUIRE(::poll(&fd, 1, k_limit_ms) > 0);
  }
  return *exit;
}

Exit run(Guard& guard, const SpawnRequest& request) {
  Process process = guard.run(request).value();
  return end_of(process);
}

/// Until the program has printed this.
void await_words(Process& process, const std::string& seen, const std::string& words) {
  while (seen.find(words) == std::string::npos) {
    pollfd fd = {process.fds().front(), POLLIN, 0};
    REQUIRE(::poll(&fd, 1, k_limit_ms) > 0);
    REQUIRE(!process.pump());
  }
}

bool is_alive(pid_t pid) {
  const auto process = read_process(pid);
  return process && process->state != 'Z' && process->state != 'X';
}

bool ends(pid_t pid) {
  const std::int64_t deadline = now().mono_ms + k_limit_ms;
  while (is_alive(pid) && now().mono_ms < deadline) ::poll(nullptr, 0, 1);
  return !is_alive(pid);
}

std::vector<pid_t> pids_in(const std::string& output) {
  std::vector<pid_t> pids;
  for (const std::string& line : text::split(text::trim(output), '\n')) pids.push_back(std::stoi(line));
  return pids;
}

// Two that left for a session of their own without a mark in their environment, one that is stopped, one plain child.
const std::string k_strays =
    "env -i setsid sh -c 'sleep 1000 & echo $!; env -i setsid sleep 1000 & echo $!' </dev/null; sleep 1000 & kill -STOP $!; "
    "echo $!; sleep 1000 & echo $!; exec 1>&-; exit 3";

/// A service that has left the group of the script that started it.
const std::string k_service =
    "setsid sleep 1000 <&- >&- 2>&- & echo $!; until [ \"$(cut -d ' ' -f 6 /proc/$!/stat)\" = $! ]; do sleep 0.01; done";

}  // namespace

TEST_CASE("programs under one guard, one after the other: output, input, folder, environment and exit are their own") {
  Guard guard(BATON_EXEC_JOB);
  SpawnRequest request = script("pwd; echo $WHO; cat; echo wrong >&2; exit 3");
  request.environment = {"WHO=me"};
  request.input = "a prompt\n";
  const Exit exit = run(guard, request);
  CHECK(exit.code == 3);
  CHECK_FALSE(exit.signalled);
  CHECK(exit.output == "/\nme\na prompt\n");
  CHECK(exit.error_output == "wrong\n");
  const pid_t pid = guard.pid();
  request.joined = true;
  CHECK(run(guard, request).output == "/\nme\na prompt\nwrong\n");
  const Exit by_signal = run(guard, script("kill -KILL $$"));
  CHECK(by_signal.signalled);
  CHECK(by_signal.code == 128 + SIGKILL);
  SpawnRequest large = script("echo ${#LARGE}");
  large.environment = {"LARGE=" + std::string(100'000, 'x')};
  CHECK(run(guard, large).output == "100000\n");
  CHECK(guard.pid() == pid);
}

TEST_CASE("a program leads a group of its own, in which its guard is not, and gets its signals") {
  Guard guard(BATON_EXEC_JOB);
  std::string seen;
  SpawnRequest request = script("trap 'echo tidied; exit 5' TERM; echo ready; while :; do sleep 0.01; done");
  request.sink = [&seen](std::string_view bytes) { seen += bytes; };
  Process process = guard.run(request).value();
  await_words(process, seen, "ready");
  const ProcessRow row = read_process(process.pid()).value();
  CHECK(row.group == process.pid());
  CHECK(row.parent == guard.pid());
  CHECK(guard.pid() != process.pid());
  process.signal_group(SIGTERM);
  CHECK(end_of(process).code == 5);
  CHECK(seen == "ready\ntidied\n");
  process.signal_group(SIGTERM);  // nobody is meant any more
}

TEST_CASE("what cannot be started is said at once, and the guard goes on") {
  Guard guard(BATON_EXEC_JOB);
  SpawnRequest missing = script("");
  missing.argv = {"no-such-program"};
  const auto refused = guard.run(missing);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::not_found);
  CHECK(refused.error().message.find("no-such-program") != std::string::npos);
  SpawnRequest nowhere = script("true");
  nowhere.cwd = "/no/such/folder";
  const auto homeless = guard.run(nowhere);
  REQUIRE_FALSE(homeless);
  CHECK(homeless.error().message.find("/no/such/folder") != std::string::npos);
  CHECK(run(guard, script("exit 4")).code == 4);
}

TEST_CASE("the program is looked for where its own environment says") {
  char folder[] = "/tmp/baton-guard-XXXXXX";
  REQUIRE(::mkdtemp(folder) != nullptr);
  const std::string program = std::string(folder) + "/env";
  {
    std::ofstream file(program);
    file << "#!/bin/sh\necho mine\n";
  }
  REQUIRE(::chmod(program.c_str(), 0700) == 0);
  Guard guard(BATON_EXEC_JOB);
  SpawnRequest request = script("");
  request.argv = {"env"};
  request.environment = {"PATH=" + std::string(folder) + ":/usr/bin:/bin"};
  CHECK(run(guard, request).output == "mine\n");
  std::filesystem::remove_all(folder);
}

TEST_CASE("what no other try can start is told apart from what may go later") {
  char name[] = "/tmp/baton-guard-XXXXXX";
  const int fd = ::mkstemp(name);
  REQUIRE(fd >= 0);
  REQUIRE(::write(fd, "no program", 10) == 10);
  REQUIRE(::fchmod(fd, 0700) == 0);
  ::close(fd);
  Guard guard(BATON_EXEC_JOB);
  SpawnRequest request = script("");
  request.argv = {name};
  const auto refused = guard.run(request);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::refused);
  request.argv = {"true", std::string("a\0b", 3)};
  const auto cut = guard.run(request);
  REQUIRE_FALSE(cut);
  CHECK(cut.error().code == ErrorCode::invalid);
  ::unlink(name);
}

TEST_CASE("what a program has started ends with it, whatever group, session and parent that has by then") {
  Guard guard(BATON_EXEC_JOB);
  const Exit exit = run(guard, script(k_strays));
  CHECK(exit.code == 3);
  CHECK_FALSE(exit.signalled);
  const std::vector<pid_t> pids = pids_in(exit.output);
  REQUIRE(pids.size() == 4);
  for (const pid_t pid : pids) CHECK_FALSE(is_alive(pid));  // before the end was told
  CHECK(run(guard, script("exit 0")).code == 0);
}

TEST_CASE("a service goes on after the program that starts services, until the next program's end; its group does not") {
  Guard guard(BATON_EXEC_JOB);
  SpawnRequest setup = script("sleep 1000 & echo $!; " + k_service);
  setup.starts_services = true;
  const std::vector<pid_t> pids = pids_in(run(guard, setup).output);
  REQUIRE(pids.size() == 2);
  CHECK(ends(pids[0]));
  CHECK(is_alive(pids[1]));
  CHECK(run(guard, script("kill -0 " + std::to_string(pids[1]))).code == 0);
  CHECK_FALSE(is_alive(pids[1]));
}

TEST_CASE("clearing a guard ends services that are left, and it can be used again") {
  Guard guard(BATON_EXEC_JOB);
  SpawnRequest setup = script(k_service);
  setup.starts_services = true;
  const std::vector<pid_t> pids = pids_in(run(guard, setup).output);
  REQUIRE(pids.size() == 1);
  guard.clear();
  CHECK_FALSE(is_alive(pids[0]));
  CHECK(guard.pid() == 0);
  CHECK(run(guard, script("exit 6")).code == 6);
}

TEST_CASE("a program that is dropped while it runs ends") {
  Guard guard(BATON_EXEC_JOB);
  std::string seen;
  pid_t pid = 0;
  {
    SpawnRequest request = script("echo ready; trap '' TERM; while :; do sleep 0.01; done");
    request.sink = [&seen](std::string_view bytes) { seen += bytes; };
    Process process = guard.run(request).value();
    await_words(process, seen, "ready");
    pid = process.pid();
  }
  CHECK_FALSE(is_alive(pid));
  CHECK(run(guard, script("exit 7")).code == 7);
}

TEST_CASE("when somebody kills the guard its program counts as killed, and the next one gets a new guard") {
  Guard guard(BATON_EXEC_JOB);
  Process process = guard.run(script("exec sleep 1000")).value();
  const pid_t pid = process.pid(), before = guard.pid();
  ::kill(before, SIGKILL);
  const Exit exit = end_of(process);
  CHECK(exit.signalled);
  CHECK(exit.code == 128 + SIGKILL);
  CHECK(run(guard, script("exit 8")).code == 8);
  CHECK(guard.pid() != before);
  CHECK(ends(pid));
  // One that is killed while nothing runs is not noticed at all.
  ::kill(guard.pid(), SIGKILL);
  CHECK(ends(guard.pid()));
  CHECK(run(guard, script("exit 9")).code == 9);
}

TEST_CASE("programs end with the process that guards them, and so does all that they have started, in whatever session") {
  int report[2];
  REQUIRE(::pipe(report) == 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    Guard guard(BATON_EXEC_JOB);
    SpawnRequest request = script("env -i setsid sleep 1000 & echo $!; wait");
    std::string seen;
    request.sink = [&seen](std::string_view bytes) { seen += bytes; };
    Process process = guard.run(request).value();
    while (seen.find('\n') == std::string::npos && !process.pump()) ::poll(nullptr, 0, 1);
    const pid_t pids[] = {static_cast<pid_t>(std::atoi(seen.c_str())), process.pid(), guard.pid()};
    if (::write(report[1], pids, sizeof pids) != sizeof pids) ::_exit(1);
    ::raise(SIGKILL);
  }
  pid_t pids[3] = {};
  REQUIRE(::read(report[0], pids, sizeof pids) == sizeof pids);
  ::close(report[0]);
  ::close(report[1]);
  REQUIRE(::waitpid(parent, nullptr, 0) == parent);
  for (const pid_t pid : pids) CHECK(ends(pid));
}

TEST_CASE("a guard that is started by hand says what it is for") {
  SpawnRequest request;
  request.argv = {BATON_EXEC_JOB, k_guard_verb};
  request.cwd = "/";
  Process process = Process::spawn(request).value();
  const Exit exit = end_of(process);
  CHECK(exit.code == 125);
  CHECK(exit.error_output.find("baton work") != std::string::npos);
}
