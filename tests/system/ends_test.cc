// How workers end that nobody waits for in the usual way: over a restart of the daemon, with what they have started, as orphans,
// and under a number that means somebody else by now.
#include <linux/sched.h>
#include <sys/syscall.h>

#include "platform/child.h"
#include "platform/process_table.h"
#include "platform/test_cgroup.h"
#include "system/agent.h"

using namespace baton;
using namespace baton::test;

namespace {

bool is_alive(pid_t pid) {
  const auto row = platform::read_process(pid);
  return row && row->state != 'Z' && row->state != 'X';
}

/// Told when it has ended, before the work goes out again.
void require_end_before_next(Sandbox& box) {
  require_epoch(box, 2);
  REQUIRE(box.feed("worker_ended").size() == 1);
  CHECK(box.feed("worker_ended")[0]["left"].empty());
  CHECK(box.feed("worker_ended")[0]["seq"] < box.feed("subtask_handed_off")[1]["seq"]);
}

/// A process of this number, if that can be had.
pid_t fork_as(pid_t wanted) {
  clone_args args{};
  args.exit_signal = SIGCHLD;
  args.set_tid = reinterpret_cast<std::uint64_t>(&wanted);
  args.set_tid_size = 1;
  const long pid = ::syscall(SYS_clone3, &args, sizeof args);
  if (pid != 0) return static_cast<pid_t>(pid);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) ::pause();
}

const std::string k_with_child = "sleep 1000 & echo $! > member; wait";

}  // namespace

TEST_CASE("a worker that was being ended when the daemon was killed is ended by the next run") {
  Sandbox box;
  hand_out(box, short_waits({{"kill_grace", "1h"}}));
  Agent agent(Agent::Habit::stubborn);
  put_spec(box, "w1", agent.pid());
  box.require_feed("subtask_started");
  CHECK(box.run({"release", "t"}).code == 0);
  box.kill9();
  CHECK_FALSE(agent.has_ended());
  box.configure(short_waits());
  box.start();
  box.require_eventually("ended", [&] { return agent.has_ended(); });
  require_end_before_next(box);
  CHECK(box.feed("worker_ended")[0]["killed"] == true);
  CHECK(box.feed("worker_ended")[0]["worker_id"] == "w1");
}

TEST_CASE("a cancelled task's worker is ended by the next run when the daemon was stopped before") {
  Sandbox box;
  hand_out(box, short_waits({{"kill_grace", "1h"}}));
  Agent agent(Agent::Habit::stubborn);
  put_spec(box, "w1", agent.pid());
  box.require_feed("subtask_started");
  CHECK(box.run({"cancel", "t"}).code == 0);
  CHECK(box.stop() == 0);
  CHECK_FALSE(agent.has_ended());
  box.configure(short_waits());
  box.start();
  box.require_eventually("ended", [&] { return agent.has_ended(); });
  box.require_feed("worker_ended");
  CHECK(box.feed("worker_ended")[0]["task_id"] == "t");
  CHECK(box.stop() == 0);
  box.start();
  box.pass_by();
  CHECK(box.feed("worker_ended").size() == 1);  // and not once more
}

TEST_CASE("what a dead worker has started is ended before its work goes to another one") {
  for (const char* grace : {"0s", "300ms"}) {
    CAPTURE(grace);
    Sandbox box;
    hand_out(box, short_waits({{"exit_grace", grace}}));
    const Child worker(k_with_child);  // not waited for: its number stays its own
    const pid_t member = worker.pid_in("member");
    put_spec(box, "w1", worker.pid());
    box.require_feed("subtask_started");
    REQUIRE(::kill(worker.pid(), SIGKILL) == 0);
    box.require_feed("worker_gone");
    box.require_eventually("ended", [&] { return !is_alive(member); });
    require_end_before_next(box);
  }
}

TEST_CASE("the same when its parent has waited for it: what was there while it lived is its own") {
  Sandbox box;
  hand_out(box, short_waits({{"exit_grace", "300ms"}}));
  const Child parent("setsid sh -c 'sleep 1000 & echo $! > member; echo $$ > worker; wait'; echo > reaped; sleep 1000");
  const pid_t worker = parent.pid_in("worker");
  const pid_t member = parent.pid_in("member");
  const std::int64_t started = platform::start_boot_ms(platform::read_process(member).value().start_ticks);
  REQUIRE(becomes_true([&] { return platform::now().boot_ms > started + 500; }));
  put_spec(box, "w1", worker);
  box.require_feed("subtask_started");
  REQUIRE(::kill(worker, SIGKILL) == 0);
  parent.wait_for("reaped");
  box.require_eventually("ended", [&] { return !is_alive(member); });
  require_end_before_next(box);
}

TEST_CASE("one that has forked itself away and answers is left in peace") {
  Sandbox box;
  hand_out(box, short_waits({{"exit_grace", "1h"}}));
  const Child launcher("sleep 1000 & echo $! > member; while [ ! -e go ]; do sleep 0.01; done");
  const pid_t member = launcher.pid_in("member");
  put_spec(box, "w1", launcher.pid());
  box.require_feed("subtask_started");
  launcher.folder().put("go", "");
  box.require_feed("worker_exited");
  box.complete("development", "t");
  box.require_feed("orchestration_completed");
  box.pass_by();
  CHECK(box.feed("worker_ended").empty());
  CHECK(is_alive(member));
}

TEST_CASE("an orphan in a session of its own is seen to die, and is ended") {
  Sandbox box;
  box.configure(short_waits());
  box.start();
  box.drop("t.json", {{"title", "Fix typo in README.md"}, {"time_limit", "1h"}});
  box.require_handoff("development", "t");
  const Child parent("setsid sh -c 'echo $$ > first; exec sleep 1000' & setsid sh -c 'echo $$ > second; exec sleep 1000' &");
  const pid_t first = parent.pid_in("first");
  const pid_t second = parent.pid_in("second");
  REQUIRE(becomes_true([&] { return !is_alive(parent.pid()); }));
  put_spec(box, "w1", first);
  box.require_feed("subtask_started");
  REQUIRE(::kill(first, SIGKILL) == 0);
  box.require_feed("worker_gone");
  require_epoch(box, 2);
  put_spec(box, "w2", second);
  box.require_feed("subtask_started", 2);
  CHECK(box.run({"cancel", "t"}).code == 0);
  box.require_feed("worker_ended");
  CHECK(box.feed("worker_ended")[0]["left"].empty());
  CHECK_FALSE(is_alive(second));
}

TEST_CASE("of a worker in a cgroup of its own nothing is left, not even who was forked twice and has a session of its own") {
  const TestCgroup group("own");
  if (!group.usable()) return;
  Sandbox box;
  hand_out(box, short_waits({{"heartbeat_timeout", "1s"}, {"zombie_after", "2s"}, {"kill_grace", "3s"}}));
  // Told to end it lets go of an orphan, and stays.
  const Child worker(group.enter() +
                     "trap '(setsid sh -c \"echo \\$\\$ > orphan; exec sleep 1000\" &)' TERM\n"
                     "echo > ready; while :; do sleep 1000 & wait; done");
  worker.wait_for("ready");
  put_spec(box, "w1", worker.pid());
  const pid_t orphan = worker.pid_in("orphan");
  require_end_before_next(box);
  CHECK(box.feed("zombie_detected").size() == 1);
  CHECK(box.feed("worker_ended")[0]["killed"] == true);
  CHECK_FALSE(box.feed("worker_ended")[0].contains("beside"));
  CHECK_FALSE(is_alive(orphan));
  CHECK(group.is_empty());
}

TEST_CASE("an orphan that was in the cgroup of a worker before its end may be somebody else's: it is told, and lives") {
  const TestCgroup group("shared");
  if (!group.usable()) return;
  Sandbox box;
  hand_out(box, short_waits());
  const Child worker(group.enter() + "(setsid sh -c 'echo $$ > orphan; exec sleep 1000' &)\nexec sleep 1000");
  const pid_t orphan = worker.pid_in("orphan");
  REQUIRE(becomes_true([&] { return platform::read_process(worker.pid()).value().name == "sleep"; }));
  put_spec(box, "w1", worker.pid());
  box.require_feed("subtask_started");
  CHECK(box.run({"release", "t"}).code == 0);
  require_end_before_next(box);
  REQUIRE(box.feed("worker_ended")[0]["beside"].size() == 1);
  CHECK(says(box.feed("worker_ended")[0]["beside"], std::to_string(orphan)));
  CHECK(is_alive(orphan));
}

TEST_CASE("who has got the number of a dead worker is neither taken for it nor ended") {
  Sandbox box;
  hand_out(box, short_waits());
  pid_t number = 0;
  {
    const Agent agent;
    number = agent.pid();
    put_spec(box, "w1", number);
    box.require_feed("subtask_started");
    box.kill9();
  }
  const pid_t stranger = fork_as(number);
  if (stranger < 0) {
    MESSAGE("skipped: this user may not choose the number of a process");
    return;
  }
  REQUIRE(stranger == number);
  box.start();
  require_entry(box, "worker_exited", "has exited while the daemon was away");
  require_epoch(box, 2);
  CHECK(box.run({"cancel", "t"}).code == 0);
  box.pass_by();
  CHECK(box.feed("worker_ended").empty());
  CHECK(is_alive(stranger));
  ::kill(stranger, SIGKILL);
  ::waitpid(stranger, nullptr, 0);
}
