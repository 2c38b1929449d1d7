#include "platform/process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "platform/loop.h"
#include "platform/temp_folder.h"

using namespace baton;
using namespace baton::platform;

namespace {

constexpr int k_limit_ms = 30'000;

Exit finish(Process& process) {
  const std::int64_t deadline = now().mono_ms + k_limit_ms;
  for (;;) {
    if (auto exit = process.pump()) return *exit;
    std::vector<pollfd> fds;
    for (const int fd : process.fds()) fds.push_back({fd, POLLIN, 0});
    REQUIRE(::poll(fds.data(), fds.size(), k_limit_ms) > 0);
    REQUIRE(now().mono_ms < deadline);
  }
}

SpawnRequest shell(const std::string& line) {
  SpawnRequest request;
  request.argv = {"sh", "-c", line};
  request.cwd = "/";
  return request;
}

Exit run(const SpawnRequest& request) {
  Process process = Process::spawn(request).value();
  return finish(process);
}

// A zombie that its own parent has not yet reaped does nothing any more.
bool gone(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(in, line);
  const std::size_t name_end = line.rfind(") ");
  return name_end == std::string::npos || line[name_end + 2] == 'Z' || line[name_end + 2] == 'X';
}

bool becomes_gone(pid_t pid) {
  const std::int64_t deadline = now().mono_ms + k_limit_ms;
  while (!gone(pid) && now().mono_ms < deadline) ::poll(nullptr, 0, 1);
  return gone(pid);
}

}  // namespace

TEST_CASE("output, standard error and exit code are told apart") {
  const Exit exit = run(shell("echo out; echo err >&2; exit 3"));
  CHECK(exit.code == 3);
  CHECK(!exit.signalled);
  CHECK(exit.output == "out\n");
  CHECK(exit.error_output == "err\n");
  CHECK(!exit.truncated);
}

TEST_CASE("the exit is given out once") {
  Process process = Process::spawn(shell("exit 0")).value();
  CHECK(finish(process).code == 0);
  CHECK(!process.pump());
  process.signal_group(SIGKILL);
}

TEST_CASE("a child killed by a signal") {
  const Exit exit = run(shell("kill -KILL $$"));
  CHECK(exit.signalled);
  CHECK(exit.code == 128 + SIGKILL);
}

TEST_CASE("a missing program or folder is not found, and nothing was started") {
  SpawnRequest request = shell("");
  request.argv = {"no-such-program-here"};
  CHECK(Process::spawn(request).error().code == ErrorCode::not_found);
  CHECK(Process::spawn(request).error().message ==
        "cannot start no-such-program-here: there is no such program that may be run here");
  request.argv = {"./none"};
  CHECK(Process::spawn(request).error().code == ErrorCode::not_found);
  request = shell("true");
  request.cwd = "/no/such/folder";
  CHECK(Process::spawn(request).error().code == ErrorCode::not_found);
  CHECK(Process::spawn(request).error().message == "cannot start a program in /no/such/folder: No such file or directory");
  request.cwd = "/etc/passwd";
  CHECK(!Process::spawn(request));
}

TEST_CASE("a relative program is found from the working folder, a plain file is none") {
  const test::TempFolder folder;
  folder.put("hello", "#!/bin/sh\npwd\n");
  SpawnRequest request = shell("");
  request.argv = {"./hello"};
  request.cwd = folder.path();
  CHECK(Process::spawn(request).error().code == ErrorCode::not_found);
  REQUIRE(::chmod((folder / "hello").c_str(), 0700) == 0);
  CHECK(run(request).output == folder.path() + "\n");
}

TEST_CASE("input is fed and ends") {
  SpawnRequest request = shell("cat");
  request.input = "hello";
  CHECK(run(request).output == "hello");
  CHECK(run(shell("cat")).output.empty());
}

TEST_CASE("big input against big output: no deadlock, and only the descriptors say when to go on") {
  SpawnRequest request = shell("cat");
  request.input = std::string(4 << 20, 'x');
  request.output_limit = 4 << 20;
  const Exit exit = run(request);
  CHECK(exit.output == request.input);
  CHECK(!exit.truncated);
}

TEST_CASE("a child that does not read its input") {
  SpawnRequest request = shell("exec <&-; echo done");
  request.input = std::string(1 << 20, 'x');
  const Exit exit = run(request);
  CHECK(exit.code == 0);
  CHECK(exit.output == "done\n");
}

TEST_CASE("output is kept to its limit and not one byte more") {
  SpawnRequest request = shell("head -c 1000 /dev/zero");
  request.output_limit = 1000;
  Exit exit = run(request);
  CHECK(exit.output.size() == 1000);
  CHECK(!exit.truncated);
  request.output_limit = 999;
  exit = run(request);
  CHECK(exit.code == 0);
  CHECK(exit.output.size() == 999);
  CHECK(exit.truncated);
  exit = run(shell("head -c 5000000 /dev/zero >&2"));
  CHECK(exit.code == 0);
  CHECK(exit.error_output.size() == 64 * 1024);
  CHECK(exit.truncated);
}

TEST_CASE("of long output the beginning and the end are kept, and how much is not") {
  SpawnRequest request = shell("printf first; head -c 3000000 /dev/zero; printf last");
  request.output_limit = 5;
  request.output_tail = 4;
  const Exit exit = run(request);
  CHECK(exit.output == "first");
  CHECK(exit.output_tail == "last");
  CHECK(exit.left_out == 3'000'000);
  CHECK(exit.truncated);
}

TEST_CASE("both streams joined are one, in the order of what was written") {
  SpawnRequest request = shell("echo one; echo two >&2; echo three");
  request.joined = true;
  const Exit exit = run(request);
  CHECK(exit.output == "one\ntwo\nthree\n");
  CHECK(exit.error_output.empty());
  request.exec_job_program = "";
  request.argv = {"sh", "-c", "exec >&-; echo late >&2"};
  CHECK(run(request).output == "late\n");
}

TEST_CASE("a child that writes without end does not hold the owner") {
  SpawnRequest request = shell("exec yes");
  request.output_limit = 10;
  Process process = Process::spawn(request).value();
  for (int i = 0; i < 50; ++i) {
    pollfd fd = {process.fds().front(), POLLIN, 0};
    REQUIRE(::poll(&fd, 1, k_limit_ms) == 1);
    CHECK(!process.pump());
  }
  process.signal_group(SIGTERM);
  const Exit exit = finish(process);
  CHECK(exit.signalled);
  CHECK(exit.code == 128 + SIGTERM);
  CHECK(exit.truncated);
}

TEST_CASE("the child leads its own group, with no signal blocked or ignored") {
  Loop loop = Loop::open().value();  // blocks TERM, INT, HUP and ignores PIPE here
  Process process = Process::spawn(shell("kill -TERM $$; echo still here")).value();
  CHECK(::getpgid(process.pid()) == process.pid());
  const Exit exit = finish(process);
  CHECK(exit.code == 128 + SIGTERM);
  CHECK(exit.output.empty());
  const std::string masks = run(shell("grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -d '\\t'")).output;
  const std::size_t ignored = masks.find("SigIgn:");
  CHECK(masks.starts_with("SigBlk:0000000000000000\n"));
  REQUIRE(ignored != std::string::npos);
  constexpr unsigned long long k_standard_signals = 0x7fffffff;  // above them the C library keeps two for itself
  CHECK((std::stoull(masks.substr(ignored + 7), nullptr, 16) & k_standard_signals) == 0);
}

TEST_CASE("a signal reaches the whole group") {
  const test::TempFolder folder;
  SpawnRequest request = shell("sleep 1000 & echo $! > new; mv new started; wait");
  request.cwd = folder.path();
  Process process = Process::spawn(request).value();
  const std::int64_t deadline = now().mono_ms + k_limit_ms;
  while (!folder.has("started") && now().mono_ms < deadline) ::poll(nullptr, 0, 1);
  const pid_t grandchild = std::atoi(folder.get("started").c_str());
  REQUIRE(grandchild > 1);
  CHECK(!gone(grandchild));
  process.signal_group(SIGTERM);
  CHECK(becomes_gone(grandchild));
  CHECK(finish(process).code == 128 + SIGTERM);
}

TEST_CASE("a grandchild that keeps the pipe does not hold the exit, and does not outlive the job") {
  const std::int64_t start = now().mono_ms;
  const Exit exit = run(shell("sleep 1000 & echo $!; exit 4"));
  CHECK(exit.code == 4);
  REQUIRE(!exit.output.empty());
  CHECK(now().mono_ms - start >= 990);
  CHECK(becomes_gone(std::atoi(exit.output.c_str())));
}

TEST_CASE("a process that is let go is killed and reaped") {
  pid_t pid = 0;
  {
    Process process = Process::spawn(shell("sleep 1000")).value();
    pid = process.pid();
    CHECK(!process.pump());
  }
  CHECK(::kill(pid, 0) != 0);
}

TEST_CASE("names are taken out of the environment") {
  ::setenv("BATON_TEST_SECRET", "1", 1);
  ::setenv("BATON_TEST_OTHER", "2", 1);
  ::setenv("BATON_KEPT", "3", 1);
  SpawnRequest request = shell("env | grep -v KEEP | grep ^BATON_ | sort");
  CHECK(run(request).output == "BATON_KEPT=3\nBATON_TEST_OTHER=2\nBATON_TEST_SECRET=1\n");
  request.unset_environment = {"BATON_TEST_SECRET", "BATON_TEST"};
  CHECK(run(request).output == "BATON_KEPT=3\nBATON_TEST_OTHER=2\n");
  request.unset_environment = {"BATON_TEST_*"};
  CHECK(run(request).output == "BATON_KEPT=3\n");
}

TEST_CASE("nothing of ours is open in the child, not even what we inherited") {
  const Fd inherited(::open("/dev/null", O_RDONLY));
  CHECK(run(shell("ls /proc/self/fd")).output == "0\n1\n2\n3\n");  // 3 is the folder that ls reads
}

TEST_CASE("the loop wakes for a process") {
  Loop loop = Loop::open().value();
  SpawnRequest request = shell("cat; exit 7");
  request.input = std::string(1 << 20, 'y');
  Process process = Process::spawn(request).value();
  const std::vector<int> fds = process.fds();
  for (const int fd : fds) REQUIRE(loop.watch(fd));
  const std::int64_t deadline = now().boot_ms + k_limit_ms;
  std::optional<Exit> exit;
  while (!exit) {
    const Ready ready = loop.wait(deadline).value();
    REQUIRE(!ready.timer);
    exit = process.pump();
  }
  for (const int fd : fds) loop.forget(fd);
  CHECK(exit->code == 7);
  CHECK(exit->output.size() == (1 << 20));
}

TEST_CASE("what an earlier run left is ended by its mark, also what left its group and session") {
  const test::TempFolder folder;
  SpawnRequest request = shell("setsid sh -c 'echo $$ > " + (folder / "helper") + "; exec sleep 1000' & wait");
  request.mark = "of-this-test";
  Process process = Process::spawn(request).value();
  const std::int64_t deadline = now().mono_ms + k_limit_ms;
  while (!folder.get("helper").ends_with('\n') && now().mono_ms < deadline) ::poll(nullptr, 0, 1);
  const pid_t helper = std::stoi(folder.get("helper"));
  REQUIRE(::getpgid(helper) != process.pid());
  CHECK(end_marked({}) == 0);
  CHECK(end_marked({"of-another", ""}) == 0);
  CHECK_FALSE(gone(process.pid()));
  CHECK_FALSE(gone(helper));
  int ended = 0;
  while ((!gone(process.pid()) || !gone(helper)) && now().mono_ms < deadline) ended += end_marked({"of-another", "of-this-test"});
  CHECK(gone(helper));
  CHECK(ended >= 2);
  const Exit exit = finish(process);
  CHECK(exit.signalled);
  CHECK(exit.code == 128 + SIGKILL);
}

TEST_CASE("the mark stands in the environment once, and an inherited one is taken away") {
  ::setenv("BATON_JOB", "inherited", 1);
  SpawnRequest request = shell("env | grep ^BATON_JOB=");
  CHECK(run(request).code == 1);
  request.mark = "mine";
  CHECK(run(request).output == "BATON_JOB=mine\n");
  ::unsetenv("BATON_JOB");
}
