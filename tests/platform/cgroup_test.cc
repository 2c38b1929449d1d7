#include "platform/cgroup.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "platform/child.h"
#include "platform/ending.h"
#include "platform/test_cgroup.h"

using namespace baton;
using namespace baton::platform;
using test::becomes_true;
using test::Child;
using test::TestCgroup;

TEST_CASE("where cgroup2 is mounted") {
  CHECK(cgroup_mount("31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw\n"
                     "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw\n") ==
        "/sys/fs/cgroup/unified");
  CHECK(cgroup_mount("41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup rw,nsdelegate") == "/sys/fs/cgroup");
  CHECK(cgroup_mount("41 31 0:38 /part /sys/fs/cgroup rw - cgroup2 cgroup rw") == "");
  CHECK(cgroup_mount("41 31 0:38 / /with\\040space rw - cgroup2 cgroup rw") == "");
  CHECK(cgroup_mount("41 31 0:38 / /sys rw - cgroup cgroup2 rw") == "");
  CHECK(cgroup_mount("41 - cgroup2 x") == "");
  CHECK(cgroup_mount("") == "");
}

TEST_CASE("the cgroup2 path of a process") {
  CHECK(cgroup_path("9:name=systemd:/x\n0::/user.slice/a.scope\n") == "/user.slice/a.scope");
  CHECK(cgroup_path("0::/\n") == "/");
  CHECK(cgroup_path("0::/../other\n") == "");
  CHECK(cgroup_path("0::/a (deleted)\n") == "");
  CHECK(cgroup_path("1:cpu:/x\n") == "");
}

TEST_CASE("a cgroup that holds somebody else is nobody's own") {
  const TestCgroup group("shared");
  if (!group.usable()) return;
  Child child(group.enter() + "sleep 1000 & echo $! > member; echo > ready; wait");
  child.wait_for("ready");
  const pid_t member = child.pid_in("member");
  CHECK(Cgroup::owned_by(child.pid(), {child.pid(), member}).has_value());
  CHECK_FALSE(Cgroup::owned_by(child.pid(), {child.pid()}).has_value());
  CHECK_FALSE(Cgroup::owned_by(::getpid(), {::getpid()}).has_value());  // it is among many, or in the root
  CHECK_FALSE(Cgroup::owned_by(0x7fffffff, {0x7fffffff}).has_value());
  // Also beneath it.
  REQUIRE(std::filesystem::create_directory(group.folder() + "/inner"));
  std::ofstream(group.folder() + "/inner/cgroup.procs") << member;
  CHECK(Cgroup::owned_by(child.pid(), {child.pid(), member}).has_value());
  CHECK_FALSE(Cgroup::owned_by(child.pid(), {child.pid()}).has_value());
  child.process().signal_group(SIGKILL);
  CHECK(becomes_true([&] { return ::rmdir((group.folder() + "/inner").c_str()) == 0; }));
}

TEST_CASE("a worker's own cgroup is ended as a whole, whoever left the process group") {
  const TestCgroup group("own");
  if (!group.usable()) return;
  Child child(group.enter() +
              "setsid sh -c 'trap : TERM; echo $$ > leaver; while :; do (sleep 1); done' &\n"
              "setsid sh -c 'echo $$ > other; exec sleep 1000' & wait");
  const pid_t leaver = child.pid_in("leaver");
  const pid_t other = child.pid_in("other");
  Ending ending = Ending::begin(LiveProcess::open(child.pid()).value(), {10, {}}, 0).value();
  std::optional<Ended> ended;
  CHECK(becomes_true([&] {
    ended = ending.advance(9);
    return read_process(child.pid()).value().state == 'Z';
  }));
  CHECK_FALSE(ended.has_value());
  CHECK(read_process(leaver));
  CHECK(becomes_true([&] { return (ended = ending.advance(10)).has_value(); }));
  REQUIRE(ended.has_value());
  CHECK(ended->killed);
  CHECK(ended->left.empty());
  CHECK(group.is_empty());
  CHECK(becomes_true([&] { return !read_process(other) || read_process(other).value().state == 'Z'; }));
}

TEST_CASE("an orphan in the worker's cgroup that nobody can prove to be its own is told, and not waited for") {
  const TestCgroup group("orphan");
  if (!group.usable()) return;
  Child child(group.enter() + "(setsid sh -c 'echo $$ > orphan; exec sleep 1000' &)\nexec sleep 1000");
  const pid_t orphan = child.pid_in("orphan");
  REQUIRE(becomes_true([&] { return read_process(child.pid()).value().name == "sleep"; }));
  Ending ending = Ending::begin(LiveProcess::open(child.pid()).value(), {10'000, {}}, 0).value();
  std::optional<Ended> ended;
  CHECK(becomes_true([&] { return (ended = ending.advance(1)).has_value(); }));
  REQUIRE(ended.has_value());
  CHECK(ended->left.empty());
  REQUIRE(ended->beside.size() == 1);
  CHECK(ended->beside[0].pid == orphan);
  CHECK(read_process(orphan));
  ::kill(orphan, SIGKILL);
}
