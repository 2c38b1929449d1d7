#include "platform/loop.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "platform/fd.h"
#include "platform/temp_folder.h"

using namespace baton;
using namespace baton::platform;

namespace {

constexpr std::int64_t k_far_ms = 60'000;

struct Pipe {
  Pipe() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
    read_end = Fd(ends[0]);
    write_end = Fd(ends[1]);
  }
  void fill() const { REQUIRE(::write(write_end.get(), "x", 1) == 1); }
  void empty() const {
    char byte = 0;
    REQUIRE(::read(read_end.get(), &byte, 1) == 1);
  }
  Fd read_end, write_end;
};

std::int64_t far() { return now().boot_ms + k_far_ms; }

// The descriptors of this process that are timers and will go off.
int armed_timers() {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fdinfo")) {
    std::ifstream in(entry.path());
    std::ostringstream text;
    text << in.rdbuf();
    const std::string info = text.str();
    if (info.find("clockid:") != std::string::npos && info.find("it_value: (0, 0)") == std::string::npos) ++count;
  }
  return count;
}

// A socket that stands for the service manager.
struct Manager {
  Manager() : socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = folder / "notify";
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~Manager() {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
  }
  std::string heard() const {
    char bytes[256];
    const ssize_t got = ::recv(socket.get(), bytes, sizeof bytes, 0);
    return got < 0 ? "" : std::string(bytes, static_cast<std::size_t>(got));
  }
  test::TempFolder folder;
  Fd socket;
};

}  // namespace

TEST_CASE("everything that is ready comes at once, again until it was read") {
  Loop loop = Loop::open().value();
  Pipe pipes[3];
  for (const Pipe& pipe : pipes) REQUIRE(loop.watch(pipe.read_end.get()));
  for (const Pipe& pipe : pipes) pipe.fill();
  std::raise(SIGHUP);
  for (int round = 0; round < 3; ++round) {
    const Ready ready = loop.wait(far()).value();
    CHECK(ready.fds.size() == 3);
    CHECK(ready.signals.size() == (round == 0 ? 1 : 0));
    CHECK(!ready.timer);
  }
  pipes[1].empty();
  CHECK(loop.wait(far())->fds.size() == 2);
}

TEST_CASE("a hung up descriptor is ready; a forgotten one is not") {
  Loop loop = Loop::open().value();
  Pipe a;
  Pipe b;
  REQUIRE(loop.watch(a.read_end.get()));
  REQUIRE(loop.watch(b.read_end.get()));
  REQUIRE(loop.watch(b.read_end.get()));
  a.write_end.reset();
  b.fill();
  CHECK(loop.wait(far())->fds.size() == 2);
  loop.forget(a.read_end.get());
  loop.forget(a.read_end.get());
  CHECK(loop.wait(far())->fds == std::vector<int>{b.read_end.get()});
  loop.forget(b.read_end.get());
  CHECK(loop.wait(0)->fds.empty());
}

TEST_CASE("a number that was forgotten and is used anew is watched anew") {
  Loop loop = Loop::open().value();
  int number = -1;
  for (int round = 0; round < 3; ++round) {
    Pipe pipe;
    if (round > 0) CHECK(pipe.read_end.get() == number);
    number = pipe.read_end.get();
    REQUIRE(loop.watch(number));
    pipe.fill();
    CHECK(loop.wait(far())->fds == std::vector<int>{number});
    loop.forget(number);
  }
}

TEST_CASE("a plain file cannot be waited for") {
  Loop loop = Loop::open().value();
  const test::TempFolder folder;
  folder.put("a", "x");
  const Fd fd(::open((folder / "a").c_str(), O_RDONLY | O_CLOEXEC));
  const auto watched = loop.watch(fd.get());
  REQUIRE(!watched);
  CHECK(watched.error().message.starts_with("cannot wait for descriptor "));
}

TEST_CASE("the deadline ends the wait, never early") {
  Loop loop = Loop::open().value();
  for (int i = 0; i < 5; ++i) {
    const std::int64_t deadline = now().boot_ms + 5;
    const Ready ready = loop.wait(deadline).value();
    CHECK(ready.timer);
    CHECK(now().boot_ms >= deadline);
  }
}

TEST_CASE("a deadline in the past polls, and still takes what is ready") {
  Loop loop = Loop::open().value();
  Pipe pipe;
  REQUIRE(loop.watch(pipe.read_end.get()));
  CHECK(loop.wait(0)->timer);
  CHECK(loop.wait(-5)->timer);
  pipe.fill();
  const Ready ready = loop.wait(now().boot_ms).value();
  CHECK(ready.timer);
  CHECK(ready.fds.size() == 1);
}

TEST_CASE("no deadline, no timer: an idle daemon is never woken") {
  Loop loop = Loop::open().value();
  Pipe pipe;
  REQUIRE(loop.watch(pipe.read_end.get()));
  pipe.fill();
  CHECK(!loop.wait(far())->timer);
  CHECK(armed_timers() == 1);
  CHECK(loop.wait(std::nullopt)->fds.size() == 1);
  CHECK(armed_timers() == 0);
  CHECK(loop.wait(std::numeric_limits<std::int64_t>::max())->fds.size() == 1);
  CHECK(armed_timers() == 0);
}

TEST_CASE("signals are taken by the loop and end nothing") {
  Loop loop = Loop::open().value();
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    REQUIRE(::kill(::getpid(), signal) == 0);
    CHECK(loop.wait(far())->signals == std::vector<int>{signal});
  }
  std::raise(SIGPIPE);
  std::raise(SIGIO);
  std::raise(SIGINT);
  std::raise(SIGTERM);
  std::vector<int> both = loop.wait(far())->signals;
  std::ranges::sort(both);
  CHECK(both == std::vector<int>{SIGINT, SIGTERM});
}

TEST_CASE("a moved loop works on") {
  Loop first = Loop::open().value();
  Pipe pipe;
  REQUIRE(first.watch(pipe.read_end.get()));
  Loop loop = std::move(first);
  pipe.fill();
  CHECK(loop.wait(far())->fds.size() == 1);
}

TEST_CASE("the service manager hears what is said, and nobody misses it elsewhere") {
  Loop::notify("READY=1");
  const Manager manager;
  Loop::notify("STATUS=no space");
  CHECK(manager.heard() == "STATUS=no space");
}

TEST_CASE("the watchdog is fed when asked for, without ending a wait") {
  const Manager manager;
  ::setenv("WATCHDOG_USEC", "20000", 1);
  Loop loop = Loop::open().value();
  const Ready ready = loop.wait(now().boot_ms + 100).value();
  CHECK(ready.timer);
  CHECK(manager.heard() == "WATCHDOG=1");
  CHECK(manager.heard() == "WATCHDOG=1");  // several times in five intervals
}

TEST_CASE("clocks and boot id") {
  const Moment a = now();
  const Moment b = now();
  CHECK(a.wall_ms > 1'600'000'000'000);
  CHECK(b.mono_ms >= a.mono_ms);
  CHECK(a.boot_ms >= a.mono_ms);
  CHECK(boot_id().value().size() == 36);
  CHECK(boot_id().value() == boot_id().value());
}
