#include "platform/live_process.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <thread>

#include "platform/child.h"

using namespace baton;
using namespace baton::platform;
using test::becomes_true;
using test::Child;
using test::k_limit_ms;

namespace {

bool is_readable(int fd, int wait_ms) {
  pollfd look = {fd, POLLIN, 0};
  return ::poll(&look, 1, wait_ms) == 1;
}

}  // namespace

TEST_CASE("numbers that no worker can have") {
  for (const pid_t pid : {0, 1, -1, -4711}) {
    CAPTURE(pid);
    CHECK(LiveProcess::open(pid).error().code == ErrorCode::invalid);
  }
  CHECK(LiveProcess::open(-1).error().message == "-1 is no pid that a worker can have");
  CHECK(LiveProcess::open(0x7fffffff).error().code == ErrorCode::not_found);
}

TEST_CASE("neither this program nor what it descends from") {
  CHECK(kinship(::getpid()) == Kinship::self);
  CHECK(kinship(::getppid()) == Kinship::ancestor);
  CHECK(LiveProcess::open(::getpid()).error().code == ErrorCode::refused);
  if (::getppid() > 1) CHECK(LiveProcess::open(::getppid()).error().code == ErrorCode::refused);
  Child child("exec sleep 1000");
  CHECK(kinship(child.pid()) == Kinship::stranger);
}

TEST_CASE("the number of a thread is refused") {
  std::promise<pid_t> told;
  std::promise<void> end;
  std::thread thread([&] {
    told.set_value(static_cast<pid_t>(::syscall(SYS_gettid)));
    end.get_future().wait();
  });
  const auto opened = LiveProcess::open(told.get_future().get());
  end.set_value();
  thread.join();
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == ErrorCode::invalid);
}

TEST_CASE("the exit of a process that is not our child is seen") {
  Child child("setsid sh -c 'echo $$ > pid; exec sleep 1000' & wait");
  const LiveProcess process = LiveProcess::open(child.pid_in("pid")).value();
  CHECK_FALSE(process.exited());
  CHECK_FALSE(is_readable(process.fd(), 0));
  CHECK(process.is_of_this_user());
  CHECK(process.row().session == process.pid());
  REQUIRE(process.signal(SIGKILL));
  CHECK(is_readable(process.fd(), k_limit_ms));
  CHECK(process.exited());
}

TEST_CASE("one that nobody has waited for yet has exited") {
  Child child("exec sleep 1000");
  REQUIRE(::kill(child.pid(), SIGKILL) == 0);
  REQUIRE(becomes_true([&] { return read_process(child.pid()).value().state == 'Z'; }));
  const auto opened = LiveProcess::open(child.pid());
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == ErrorCode::not_found);
  CHECK(opened.error().message == "the process " + std::to_string(child.pid()) + " has exited");
}

TEST_CASE("a signal to one that has exited says so, and reaches nobody else") {
  Child child("exec sleep 1000");
  const LiveProcess process = LiveProcess::open(child.pid()).value();
  child.process().signal_group(SIGKILL);
  REQUIRE(becomes_true([&] { return child.process().pump().has_value(); }));  // waited for: the number is free
  CHECK(process.signal(SIGTERM).error().code == ErrorCode::not_found);
  CHECK(process.exited());
}

TEST_CASE("a stopped process has not exited") {
  Child child("exec sleep 1000");
  const LiveProcess process = LiveProcess::open(child.pid()).value();
  REQUIRE(process.signal(SIGSTOP));
  CHECK(becomes_true([&] { return read_process(child.pid()).value().state == 'T'; }));
  CHECK_FALSE(process.exited());
  CHECK(LiveProcess::open(child.pid()));
}

TEST_CASE("the process that was meant, or none") {
  Child child("exec sleep 1000");
  const ProcessIdentity meant = LiveProcess::open(child.pid()).value().identity();
  CHECK(LiveProcess::open(meant).value().identity() == meant);
  ProcessIdentity other = meant;
  other.start_ticks -= 1;
  CHECK(LiveProcess::open(other).error().code == ErrorCode::not_found);
  CHECK(LiveProcess::open(other).error().message ==
        "the process " + std::to_string(child.pid()) + " is another one by now: it started at another time");
  other = meant;
  other.boot_id = "of yesterday";
  CHECK(LiveProcess::open(other).error().code == ErrorCode::not_found);
  other = meant;
  other.pid = 0;
  CHECK(LiveProcess::open(other).error().code == ErrorCode::invalid);
}

TEST_CASE("another user's process is told from our own") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can play another user");
    return;
  }
  Child child("exec setpriv --reuid=65534 --clear-groups sleep 1000");
  REQUIRE(becomes_true([&] { return read_process(child.pid()).value().name == "sleep"; }));
  const LiveProcess process = LiveProcess::open(child.pid()).value();
  CHECK_FALSE(process.is_of_this_user());
  CHECK(process.owner().real_uid == 65534);
}
