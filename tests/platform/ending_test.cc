#include "platform/ending.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "platform/child.h"

using namespace baton;
using namespace baton::platform;
using test::becomes_true;
using test::Child;
using test::k_limit_ms;

namespace {

constexpr std::int64_t k_begin = 1'000'000;  // boot_ms of a clock that stands still until a test moves it
constexpr std::int64_t k_grace = 10'000;

Ending begin(pid_t pid, std::set<pid_t> bystanders = {}) {
  return Ending::begin(LiveProcess::open(pid).value(), {k_grace, std::move(bystanders)}, k_begin).value();
}

/// Waits for its descriptors while the clock shows `at`, until it is over or `enough`.
std::optional<Ended> follow(
    Ending& ending, std::int64_t at, const std::function<bool()>& enough = [] { return false; }) {
  const std::int64_t limit = now().mono_ms + k_limit_ms;
  for (;;) {
    if (auto ended = ending.advance(at)) return ended;
    if (enough()) return std::nullopt;
    REQUIRE(now().mono_ms < limit);
    std::vector<pollfd> fds;
    for (const int fd : ending.fds()) fds.push_back({fd, POLLIN, 0});
    ::poll(fds.data(), fds.size(), 20);
  }
}

bool is_dead(pid_t pid) {
  const auto row = read_process(pid);
  return !row || row->state == 'Z' || row->state == 'X';
}

bool is_alive(pid_t pid) { return !is_dead(pid); }

}  // namespace

TEST_CASE("one that listens to TERM: nothing is left, and it is told how long it took") {
  Child child("exec sleep 1000");
  Ending ending = begin(child.pid());
  CHECK(ending.deadline() == k_begin + k_grace);
  const auto ended = follow(ending, k_begin + 70);
  REQUIRE(ended.has_value());
  CHECK(ended->took_ms == 70);
  CHECK_FALSE(ended->killed);
  CHECK(ended->processes == 1);
  CHECK(ended->left.empty());
  CHECK(ended->group_spared.empty());
  CHECK(is_dead(child.pid()));
  CHECK_FALSE(ending.deadline().has_value());
  CHECK_FALSE(ending.advance(k_begin + 80).has_value());  // told once
}

TEST_CASE("one that ignores TERM is killed when its grace is over, and not a moment earlier") {
  Child child("trap '' TERM; echo > ready; while :; do sleep 1; done");
  child.wait_for("ready");
  Ending ending = begin(child.pid());
  CHECK_FALSE(ending.advance(k_begin + k_grace - 1).has_value());
  CHECK(is_alive(child.pid()));
  const auto ended = follow(ending, k_begin + k_grace);
  REQUIRE(ended.has_value());
  CHECK(ended->killed);
  CHECK(ended->took_ms == k_grace);
  CHECK(ended->left.empty());
}

TEST_CASE("a stopped one takes TERM, too") {
  Child child("exec sleep 1000");
  REQUIRE(::kill(child.pid(), SIGSTOP) == 0);
  REQUIRE(becomes_true([&] { return read_process(child.pid()).value().state == 'T'; }));
  Ending ending = begin(child.pid());
  const auto ended = follow(ending, k_begin + 1);
  REQUIRE(ended.has_value());
  CHECK_FALSE(ended->killed);
}

TEST_CASE("one that has exited meanwhile") {
  Child child("exec sleep 1000");
  LiveProcess process = LiveProcess::open(child.pid()).value();
  REQUIRE(process.signal(SIGKILL));
  REQUIRE(becomes_true([&] { return process.exited(); }));
  Ending ending = Ending::begin(std::move(process), {k_grace, {}}, k_begin).value();
  const auto ended = ending.advance(k_begin);
  REQUIRE(ended.has_value());
  CHECK(ended->left.empty());
}

TEST_CASE("the members of the group that it leads end with it, orphans of it included") {
  Child child(
      "(trap '' TERM; (trap '' TERM; echo > orphan_ready; while :; do sleep 1; done) & echo $! > orphan) &\n"
      "sleep 1000 & echo $! > member; wait");
  const pid_t member = child.pid_in("member");
  const pid_t orphan = child.pid_in("orphan");
  child.wait_for("orphan_ready");
  Ending ending = begin(child.pid());
  CHECK_FALSE(follow(ending, k_begin + 1, [&] { return is_dead(child.pid()) && is_dead(member); }).has_value());
  CHECK(is_alive(orphan));
  const auto ended = follow(ending, k_begin + k_grace);
  REQUIRE(ended.has_value());
  CHECK(ended->killed);
  CHECK(ended->processes >= 3);
  CHECK(ended->left.empty());
  CHECK(is_dead(orphan));
}

TEST_CASE("a group with a bystander in it is left alone, and so is what is beneath another worker") {
  Child child("sleep 1000 & echo $! > member; sh -c 'sleep 1000 & echo $! > below; wait' & echo $! > worker; wait");
  const pid_t member = child.pid_in("member");
  const pid_t worker = child.pid_in("worker");
  const pid_t below = child.pid_in("below");
  Ending ending = begin(child.pid(), {worker});
  CHECK_FALSE(follow(ending, k_begin + 1, [&] { return is_dead(child.pid()); }).has_value());
  const auto ended = follow(ending, k_begin + k_grace);
  REQUIRE(ended.has_value());
  CHECK_FALSE(ended->killed);
  CHECK(ended->group_spared == "its group holds the process " + std::to_string(worker) + " (sh), which is another worker");
  REQUIRE(ended->left.size() == 1);
  CHECK(ended->left.front().pid == member);
  CHECK(ended->left.front().name == "sleep");
  CHECK(ended->left.front().why == "it was not signalled: it is not in the worker's group");
  for (const pid_t pid : {member, worker, below}) CHECK(is_alive(pid));
}

TEST_CASE("a group that holds the master of another worker is left alone") {
  Child child("sh -c 'setsid sleep 1000 & echo $! > worker; wait' & echo $! > master; wait");
  const pid_t master = child.pid_in("master");
  const pid_t worker = child.pid_in("worker");
  Ending ending = begin(child.pid(), {worker});
  CHECK_FALSE(follow(ending, k_begin + 1, [&] { return is_dead(child.pid()); }).has_value());
  const auto ended = follow(ending, k_begin + k_grace);
  REQUIRE(ended.has_value());
  CHECK(ended->group_spared == "its group holds the process " + std::to_string(master) + " (sh), which has started a worker");
  for (const pid_t pid : {master, worker}) CHECK(is_alive(pid));
  ::kill(worker, SIGKILL);  // it is in a session of its own
}

TEST_CASE("who has started the worker is spared, also in the group that it leads") {
  // The shell joins the group of what it has started, as nobody does by accident.
  Child child(
      "python3 -c \"import os, time\npid = os.fork()\nif pid == 0: os.setpgid(0, 0); time.sleep(1000)\n"
      "while os.getpgid(pid) != pid: time.sleep(0.001)\nos.setpgid(0, pid)\nopen('worker', 'w').write(f'{pid}\\n')\n"
      "open('master', 'w').write(f'{os.getpid()}\\n')\ntime.sleep(1000)\"");
  const pid_t worker = child.pid_in("worker");
  const pid_t master = child.pid_in("master");
  Ending ending = begin(worker);
  const auto ended = follow(ending, k_begin + 1);
  REQUIRE(ended.has_value());
  CHECK(ended->group_spared ==
        "its group holds the process " + std::to_string(master) + " (python3), which has started a worker");
  CHECK(is_dead(worker));
  CHECK(is_alive(master));
  ::kill(master, SIGKILL);
}

TEST_CASE("a member of its group that belongs to another user is told, and not signalled") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can start a process of another user");
    return;
  }
  Child child("setpriv --reuid=65534 --clear-groups sleep 1000 & echo $! > member; wait");
  const pid_t member = child.pid_in("member");
  REQUIRE(becomes_true([&] {
    const auto owner = read_process_owner(member);
    return owner && owner->real_uid == 65534;
  }));
  Ending ending = begin(child.pid());
  CHECK_FALSE(follow(ending, k_begin + 1, [&] { return is_dead(child.pid()); }).has_value());
  const auto ended = follow(ending, k_begin + k_grace + Ending::k_confirm_ms);
  REQUIRE(ended.has_value());
  REQUIRE(ended->left.size() == 1);
  CHECK(ended->left.front().pid == member);
  CHECK(ended->left.front().why == "it was not signalled: it belongs to user 65534");
  CHECK(is_alive(member));
}

TEST_CASE("a worker that has started another one ends with its group") {
  Child child("setsid sleep 1000 & echo $! > worker; sleep 1000 & echo $! > member; wait");
  const pid_t member = child.pid_in("member");
  const pid_t worker = child.pid_in("worker");
  Ending ending = begin(child.pid(), {worker});
  const auto ended = follow(ending, k_begin + 1);
  REQUIRE(ended.has_value());
  CHECK(ended->group_spared.empty());
  CHECK(is_dead(member));
  CHECK(is_alive(worker));
  ::kill(worker, SIGKILL);
}

TEST_CASE("a group in which this program is is left alone") {
  if (::getsid(0) == ::getpid()) return;  // a session leader cannot change its group
  Child child("exec sleep 1000");
  const pid_t own_group = ::getpgrp();
  REQUIRE(::setpgid(0, child.pid()) == 0);
  Ending ending = begin(child.pid());
  const auto ended = follow(ending, k_begin + 1);
  REQUIRE(::setpgid(0, own_group) == 0);
  REQUIRE(ended.has_value());
  CHECK(ended->group_spared.ends_with("which this program is or descends from"));
  CHECK(is_dead(child.pid()));
}

TEST_CASE("one that leads no group ends alone") {
  Child child("sleep 1000 & echo $! > worker; sleep 1000 & echo $! > other; wait");
  const pid_t worker = child.pid_in("worker");
  const pid_t other = child.pid_in("other");
  Ending ending = begin(worker);
  const auto ended = follow(ending, k_begin + 1);
  REQUIRE(ended.has_value());
  CHECK(ended->processes == 1);
  CHECK(ended->left.empty());
  CHECK(is_alive(other));
  CHECK(is_alive(child.pid()));
}

TEST_CASE("what left its group is not signalled, but reported if it stays") {
  Child child("setsid sh -c 'echo $$ > leaver; exec sleep 1000' & wait");
  const pid_t leaver = child.pid_in("leaver");
  Ending ending = begin(child.pid());
  CHECK_FALSE(follow(ending, k_begin + 1, [&] { return is_dead(child.pid()); }).has_value());
  const auto ended = follow(ending, k_begin + k_grace);
  REQUIRE(ended.has_value());
  CHECK_FALSE(ended->killed);  // nobody was there to be killed
  REQUIRE(ended->left.size() == 1);
  CHECK(ended->left.front().pid == leaver);
  CHECK(is_alive(leaver));
  ::kill(leaver, SIGKILL);
}

TEST_CASE("what is forked on TERM ends as well, as long as the group is provably the worker's") {
  // The child is not waited for: as a zombie it keeps its number. What it forks ignores TERM from its first moment on.
  Child child(
      "trap 'trap \"\" TERM; sh -c \"echo \\$\\$ > late; while :; do sleep 1; done\" & exit' TERM; echo > ready; while :; do sleep 1; done");
  child.wait_for("ready");
  Ending ending = begin(child.pid());
  CHECK_FALSE(follow(ending, k_begin + 1, [&] {
                return child.folder().get("late").ends_with('\n') && is_dead(child.pid());
              }).has_value());
  const pid_t late = child.pid_in("late");
  const auto ended = follow(ending, k_begin + k_grace);
  REQUIRE(ended.has_value());
  CHECK(ended->killed);
  CHECK(ended->left.empty());
  CHECK(is_dead(late));
}

TEST_CASE("another user's process is not signalled") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can play another user");
    return;
  }
  Child child("exec setpriv --reuid=65534 --clear-groups sleep 1000");
  REQUIRE(becomes_true([&] { return read_process(child.pid()).value().name == "sleep"; }));
  const auto ending = Ending::begin(LiveProcess::open(child.pid()).value(), {k_grace, {}}, k_begin);
  REQUIRE_FALSE(ending);
  CHECK(ending.error().code == ErrorCode::refused);
  CHECK(ending.error().message ==
        "the process " + std::to_string(child.pid()) + " (sleep) belongs to user 65534: it is not signalled");
  CHECK(is_alive(child.pid()));
}

TEST_CASE("members of the group that cannot be proven to be the worker's are reported") {
  // The worker is an orphan that this program inherits and waits for, so that its number is free once it has ended.
  REQUIRE(::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
  Child child(
      "printf 'trap : TERM\\n(echo $$ > late_pid; exec sleep 1000) &\\n' > late\n"
      "setsid sh -c 'echo $$ > worker; trap \"sh ./late & wait \\$!\" TERM; echo > ready; while :; do sleep 1; done' & wait");
  const pid_t worker = child.pid_in("worker");
  child.wait_for("ready");
  child.process().signal_group(SIGKILL);
  REQUIRE(becomes_true([&] { return read_process(worker).value().parent == ::getpid(); }));
  Ending ending = begin(worker);
  // A member that joins after the last look, seen only when the worker has been waited for.
  REQUIRE(becomes_true([&] { return child.folder().has("late_pid"); }));
  ::kill(worker, SIGKILL);
  REQUIRE(::waitpid(worker, nullptr, 0) == worker);
  const auto ended = follow(ending, k_begin + 1);
  REQUIRE(ended.has_value());
  for (const Leftover& one : ended->left) {
    CHECK(one.why == "it was not signalled: whether it is the worker's cannot be proven");
    CHECK(is_alive(one.pid));
  }
  CHECK_FALSE(ended->left.empty());
  ::kill(-worker, SIGKILL);
  while (::waitpid(-worker, nullptr, 0) > 0) {
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_CASE("what is left of the group of a worker that nobody has waited for ends after it") {
  Child child("sleep 1000 & echo $! > member; wait");
  const pid_t member = child.pid_in("member");
  const ProcessIdentity worker = LiveProcess::open(child.pid()).value().identity();
  REQUIRE(::kill(child.pid(), SIGKILL) == 0);
  REQUIRE(becomes_true([&] { return is_dead(child.pid()); }));
  Ending ending = Ending::begin_after_exit(worker, 0, {k_grace, {}}, k_begin);
  const auto ended = follow(ending, k_begin + 1);
  REQUIRE(ended.has_value());
  CHECK(ended->processes == 1);
  CHECK(ended->left.empty());
  CHECK(is_dead(member));
}

TEST_CASE("what is left of a group is spared when another worker is in it") {
  Child child("sleep 1000 & echo $! > member; wait");
  const pid_t member = child.pid_in("member");
  const ProcessIdentity worker = LiveProcess::open(child.pid()).value().identity();
  REQUIRE(::kill(child.pid(), SIGKILL) == 0);
  REQUIRE(becomes_true([&] { return is_dead(child.pid()); }));
  Ending ending = Ending::begin_after_exit(worker, 0, {k_grace, {member}}, k_begin);
  const auto ended = ending.advance(k_begin);
  REQUIRE(ended.has_value());
  CHECK(ended->group_spared.ends_with("which is another worker"));
  CHECK(is_alive(member));
}

TEST_CASE("a group whose leader was waited for is its own if somebody in it was there while it lived") {
  REQUIRE(::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
  Child child("setsid sh -c 'sleep 1000 & echo $! > member; echo $$ > worker; wait' & wait");
  const pid_t pid = child.pid_in("worker");
  const pid_t member = child.pid_in("member");
  const ProcessIdentity worker = LiveProcess::open(pid).value().identity();
  const std::int64_t started = start_boot_ms(read_process(member).value().start_ticks);
  child.process().signal_group(SIGKILL);
  REQUIRE(becomes_true([&] { return read_process(pid).value().parent == ::getpid(); }));
  REQUIRE(becomes_true([&] { return now().boot_ms > started + 500; }));
  const std::int64_t alive_at = now().boot_ms;
  REQUIRE(::kill(pid, SIGKILL) == 0);
  REQUIRE(::waitpid(pid, nullptr, 0) == pid);
  // Nobody has seen it alive: its group may be anybody's.
  Ending unproven = Ending::begin_after_exit(worker, 0, {k_grace, {}}, k_begin);
  const auto left = unproven.advance(k_begin);
  REQUIRE(left.has_value());
  REQUIRE(left->left.size() == 1);
  CHECK(left->left.front().why == "it was not signalled: whether it is the worker's cannot be proven");
  CHECK(is_alive(member));
  Ending ending = Ending::begin_after_exit(worker, alive_at, {k_grace, {}}, k_begin);
  const auto ended = follow(ending, k_begin + 1);
  REQUIRE(ended.has_value());
  CHECK(ended->left.empty());
  CHECK(is_dead(member));
  ::waitpid(member, nullptr, 0);
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_CASE("after the exit of a worker that has left nobody there is nothing to end") {
  Child child("exec sleep 1000");
  const ProcessIdentity worker = LiveProcess::open(child.pid()).value().identity();
  REQUIRE(::kill(child.pid(), SIGKILL) == 0);
  REQUIRE(becomes_true([&] { return is_dead(child.pid()); }));
  Ending ending = Ending::begin_after_exit(worker, now().boot_ms, {k_grace, {}}, k_begin);
  const auto ended = ending.advance(k_begin);
  REQUIRE(ended.has_value());
  CHECK(ended->processes == 0);
  CHECK(ended->left.empty());
  CHECK_FALSE(ended->killed);
}
