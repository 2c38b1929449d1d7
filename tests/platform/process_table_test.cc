#include "platform/process_table.h"

#include <doctest/doctest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <future>
#include <thread>

#include "platform/child.h"

using namespace baton;
using namespace baton::platform;
using test::becomes_true;
using test::Child;

namespace {

constexpr const char* k_rest = " S 10 11 12 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 123456 5 6 7 8 9\n";

ProcessRow row(pid_t pid, pid_t parent, pid_t group, std::int64_t cpu_ms = 0) {
  ProcessRow made;
  made.pid = pid;
  made.parent = parent;
  made.group = group;
  made.cpu_ms = cpu_ms;
  return made;
}

std::vector<pid_t> pids_of(const ProcessTable::Family& family) {
  std::vector<pid_t> pids;
  for (const ProcessRow* member : family.members) pids.push_back(member->pid);
  return pids;
}

bool holds(const ProcessTable::Family& family, pid_t pid) {
  return std::ranges::any_of(family.members, [pid](const ProcessRow* member) { return member->pid == pid; });
}

}  // namespace

TEST_CASE("a line of the kernel, whatever the process calls itself") {
  for (const std::string name : {"sh", "a b", "a) (b", ") R 1 (", "((", "))", ""}) {
    CAPTURE(name);
    const auto read = parse_process_stat("42 (" + name + ")" + k_rest);
    REQUIRE(read.has_value());
    CHECK(read->pid == 42);
    CHECK(read->name == name);
    CHECK(read->state == 'S');
    CHECK(read->parent == 10);
    CHECK(read->group == 11);
    CHECK(read->session == 12);
    CHECK(read->start_ticks == 123456);
    CHECK(read->cpu_ms == 127 * 1000 / ::sysconf(_SC_CLK_TCK));
    CHECK(read->rss_bytes == 6 * ::sysconf(_SC_PAGESIZE));
  }
  CHECK(parse_process_stat(std::string("42 (\x1b[2J\n)") + k_rest)->name == "[2J ");
}

TEST_CASE("what is no such line is none, wherever it is cut") {
  const std::string line = std::string("42 (sh)") + k_rest;
  const std::size_t needed = line.find("123456");
  for (std::size_t length = 0; length < needed; ++length) CHECK_FALSE(parse_process_stat(line.substr(0, length)).has_value());
  for (const char* text : {"42 sh S 1", "x (sh) S 1 2 3", "42 ) ( S 1 2 3", "42 (sh) S a 11 12 0 0 0 0 0 0 0 1 2 3 4 0 0 0 0 99"})
    CHECK_FALSE(parse_process_stat(text).has_value());
}

TEST_CASE("whose a process is") {
  const auto owner = parse_process_status("Name:\tsh\nTgid:\t42\nNgid:\t0\nPid:\t42\nUid:\t1000\t0\t0\t0\n");
  REQUIRE(owner.has_value());
  CHECK(owner->real_uid == 1000);
  CHECK(owner->effective_uid == 0);
  CHECK_FALSE(owner->is_thread);
  CHECK(parse_process_status("Tgid:\t42\nPid:\t43\nUid:\t1\t1\t1\t1\n")->is_thread);
  CHECK_FALSE(parse_process_status("Tgid:\t42\nPid:\t43\n").has_value());
  CHECK_FALSE(parse_process_status("").has_value());
}

TEST_CASE("this very process") {
  const ProcessRow mine = read_process(::getpid()).value();
  CHECK(mine.pid == ::getpid());
  CHECK(mine.parent == ::getppid());
  CHECK(mine.group == ::getpgrp());
  CHECK(mine.session == ::getsid(0));
  const ProcessOwner owner = read_process_owner(::getpid()).value();
  CHECK(owner.real_uid == ::getuid());
  CHECK(owner.effective_uid == ::geteuid());
  CHECK_FALSE(owner.is_thread);
  CHECK(becomes_true([&] { return read_process(::getpid()).value().cpu_ms > mine.cpu_ms; }));  // asking takes CPU time, too
}

TEST_CASE("a thread is told from a process") {
  std::promise<pid_t> told;
  std::promise<void> end;
  std::thread thread([&] {
    told.set_value(static_cast<pid_t>(::syscall(SYS_gettid)));
    end.get_future().wait();
  });
  CHECK(read_process_owner(told.get_future().get()).value().is_thread);
  end.set_value();
  thread.join();
}

TEST_CASE("a process that is not there") {
  CHECK(read_process(0x7fffffff).error().code == ErrorCode::not_found);
  CHECK(read_process(0x7fffffff).error().message == "there is no process 2147483647");
  CHECK(read_process_owner(0x7fffffff).error().code == ErrorCode::not_found);
  CHECK(read_process(-1).error().code == ErrorCode::not_found);
  CHECK(read_process(0).error().code == ErrorCode::not_found);
}

TEST_CASE("a program with an odd name, and when it started") {
  constexpr std::int64_t k_tick_ms = 10;
  const Moment before = now();
  Child child("cp /bin/sleep 'a) (b c'; ./'a) (b c' 1000 & echo $! > pid; wait");
  const pid_t pid = child.pid_in("pid");
  CHECK(becomes_true([&] { return read_process(pid).value().name == "a) (b c"; }));
  const Moment after = now();
  const std::uint64_t start = read_process(pid).value().start_ticks;
  CHECK(start_boot_ms(start) >= before.boot_ms - k_tick_ms);
  CHECK(start_boot_ms(start) <= after.boot_ms);
  CHECK(start_wall_ms(start, after) - (after.wall_ms - after.boot_ms) == start_boot_ms(start));
}

TEST_CASE("the family: what descends from a process, and its group") {
  Child child(
      "sleep 1000 & echo $! > child\n"
      "(sleep 1000 & echo $! > orphan) &\n"  // its parent ends at once: it stays in the group only
      "setsid sh -c 'sleep 1000 & echo $! > grandchild; echo $$ > leaver; wait' &\n"
      "echo 1 > made; wait");
  const pid_t grandchild = child.pid_in("grandchild");
  const pid_t leaver = child.pid_in("leaver");
  const pid_t orphan = child.pid_in("orphan");
  REQUIRE(becomes_true([&] { return read_process(read_process(orphan).value().parent).value().group != child.pid(); }));
  const ProcessTable table = ProcessTable::read();
  CHECK(table.size() >= 6);
  const ProcessTable::Family family = table.family_of(child.pid());
  CHECK(family.whole);
  CHECK(family.members.front()->pid == child.pid());
  for (const pid_t pid : {child.pid_in("child"), orphan, leaver, grandchild}) CHECK(holds(family, pid));
  CHECK_FALSE(holds(family, ::getpid()));
  const ProcessTable::Family descendants = table.descendants_of(child.pid());
  CHECK(holds(descendants, grandchild));
  CHECK_FALSE(holds(descendants, orphan));
  const std::vector<pid_t> line = table.line_of(grandchild);
  REQUIRE(line.size() >= 4);
  CHECK(line[0] == grandchild);
  CHECK(line[1] == leaver);
  CHECK(std::ranges::find(line, ::getpid()) != line.end());
  ::kill(leaver, SIGKILL);
  ::kill(grandchild, SIGKILL);
}

TEST_CASE("CPU time of a family counts those that have ended and were waited for") {
  Child child("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done & wait; echo 1 > done; sleep 1000");
  child.wait_for("done");
  const ProcessTable::Family family = ProcessTable::read().family_of(child.pid());
  CHECK(family.cpu_ms > 0);
}

TEST_CASE("a family ends at its limit, what is near comes first") {
  const ProcessTable table({row(10, 1, 10, 1), row(11, 10, 10, 2), row(12, 11, 12, 4), row(13, 12, 12, 8), row(20, 1, 10, 16)});
  CHECK(pids_of(table.family_of(10)) == std::vector<pid_t>{10, 11, 20, 12, 13});
  CHECK(table.family_of(10).cpu_ms == 31);
  CHECK(table.family_of(10, 5).whole);
  CHECK_FALSE(table.family_of(10, 4).whole);
  CHECK(pids_of(table.family_of(10, 4)) == std::vector<pid_t>{10, 11, 20, 12});
  CHECK(pids_of(table.descendants_of(11)) == std::vector<pid_t>{11, 12, 13});
  CHECK(table.family_of(99).members.empty());
  CHECK(table.descendants_of(99).members.empty());
}

TEST_CASE("a table that was read while it changed holds nobody up") {
  const ProcessTable table({row(10, 11, 10), row(11, 10, 10), row(12, 12, 12)});
  CHECK(table.line_of(10) == std::vector<pid_t>{10, 11});
  CHECK(table.line_of(12) == std::vector<pid_t>{12});
  CHECK(pids_of(table.family_of(10)) == std::vector<pid_t>{10, 11});
}
