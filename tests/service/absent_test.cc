// Workers that are not there when they are looked for: after a reboot, or because they have answered and ended. What lies there
// counts before anybody is given up.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <utility>

#include "platform/fd.h"
#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_folder = "masters/development/handoffs";
const std::string k_result = k_folder + "/from-development-subtask-t-1.json";
const std::string k_spec = "worker-specs/active/w.json";
const std::string k_answer = R"({"status": "completed", "epoch": 1})";

/// Nothing waits for anything but what is under test.
void shorten_waits(const Workshop& workshop) {
  workshop.drop("orchestrator/config.json", R"({"exit_grace": "0s", "retry_backoff": "0s", "settle": "0s"})");
}

/// As if it had been written before the machine was started.
void make_old(const Workshop& workshop, const std::string& path) {
  const Moment now = platform::now();
  const timespec at{(now.wall_ms - now.boot_ms) / 1'000 - 3'600, 0};
  const timespec both[] = {at, at};
  REQUIRE(::utimensat(AT_FDCWD, (workshop.folder / path).c_str(), both, 0) == 0);
}

json spec(json more = json::object()) {
  json spec{{"worker_id", "w"}, {"subtask_id", "t-1"}};
  spec.update(more);
  return spec;
}

/// A run that hands out t-1, and what happens in it.
void first_run(Workshop& workshop, const std::function<void(Run&)>& act) {
  shorten_waits(workshop);
  Run run(workshop);
  run.task("t-1");
  act(run);
  run.take();
}

void with_worker(Workshop& workshop, json more = json::object()) {
  first_run(workshop, [&](Run& run) {
    workshop.drop(k_spec, spec(std::move(more)).dump());
    run.intake.look_again(k_spec);
  });
  make_old(workshop, k_spec);
}

/// The next run, on another boot or the same, has looked at everything.
struct Next {
  explicit Next(Workshop& workshop, const std::string& boot_id = "boot-2") : run(workshop, boot_id) {
    run.world.rebooted = boot_id != "boot-1";
    run.workers.restore();
    run.intake.list_again();
    run.take();
    run.take();
  }
  const core::Subtask* subtask() const { return run.core.subtask("t-1"); }
  bool says(const std::string& text) const { return run.workshop.get("dashboard-events.jsonl").find(text) != std::string::npos; }
  /// Handed out anew, and nobody is to blame.
  void check_lost() const {
    REQUIRE(subtask() != nullptr);
    CHECK(subtask()->status == core::SubtaskStatus::handed_off);
    CHECK(subtask()->epoch == 2);
    CHECK(subtask()->attempt == 1);
    CHECK(says("\"rebooted\""));
    CHECK_FALSE(says("worker_exited"));
  }
  void check_kept() const {
    REQUIRE(subtask() != nullptr);
    CHECK(subtask()->status == core::SubtaskStatus::in_progress);
    CHECK(subtask()->epoch == 1);
    CHECK_FALSE(says("worker_gone"));
  }
  Run run;
};

/// A process that a master might have started.
class Child {
 public:
  Child() : pid_(::fork()) {
    REQUIRE(pid_ >= 0);
    if (pid_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) ::pause();
  }
  ~Child() { end(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  pid_t pid() const { return pid_; }
  void end() {
    if (std::exchange(ended_, true)) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_;
  bool ended_ = false;
};

}  // namespace

TEST_CASE("after a reboot a worker is lost with the machine, and so is a claim without one") {
  SUBCASE("a worker") {
    Workshop workshop;
    with_worker(workshop);
    const Next next(workshop);
    next.check_lost();
    CHECK(workshop.has("worker-specs/stale/w.json"));
  }
  SUBCASE("a worker with a process") {
    Workshop workshop;
    Child process;
    with_worker(workshop, {{"pid", process.pid()}});
    process.end();
    Next(workshop).check_lost();
  }
  SUBCASE("a worker that nobody had seen yet") {
    Workshop workshop;
    first_run(workshop, [](Run&) {});
    workshop.drop(k_spec, spec({{"pid", Child().pid()}, {"epoch", 1}}).dump());
    make_old(workshop, k_spec);
    Next(workshop).check_lost();
  }
  SUBCASE("a claim") {
    Workshop workshop;
    first_run(workshop, [](Run& run) { run.claim("t-1"); });
    const Next next(workshop);
    next.check_lost();
    CHECK(workshop.has(k_folder + "/stale/to-development-subtask-t-1.json"));
  }
}

TEST_CASE("an answer that lies there after a reboot counts, wherever it lies") {
  SUBCASE("a result") {
    Workshop workshop;
    with_worker(workshop);
    workshop.drop(k_result, k_answer);
    CHECK(Next(workshop).subtask() == nullptr);
  }
  SUBCASE("in the claimed handoff") {
    Workshop workshop;
    first_run(workshop, [](Run& run) { run.claim("t-1"); });
    const std::string claimed = k_folder + "/claimed/to-development-subtask-t-1.json";
    json handoff = workshop.document(claimed);
    handoff["status"] = "completed";
    workshop.drop(claimed, handoff.dump());
    CHECK(Next(workshop).subtask() == nullptr);
  }
  SUBCASE("the spec in completed/") {
    Workshop workshop;
    with_worker(workshop);
    workshop.move(k_spec, "worker-specs/completed/w.json");
    CHECK(Next(workshop).subtask() == nullptr);
  }
}

TEST_CASE("an answer that is still being written holds back the end of who writes it") {
  Workshop workshop;
  workshop.config.settle_ms = 0;
  with_worker(workshop);
  workshop.put(k_result, k_answer);
  platform::Fd writer(::open((workshop.folder / k_result).c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(writer);
  Next next(workshop);
  next.check_kept();
  CHECK_FALSE(next.run.workers.turn_due());  // its writer is waited for, not looked for
  writer = platform::Fd();
  next.run.take();
  CHECK(next.subtask() == nullptr);
}

TEST_CASE("epoch and place stay where the machine says nothing of the work") {
  SUBCASE("a worker on another host") {
    Workshop workshop;
    with_worker(workshop, {{"host", "elsewhere.example"}});
    Next(workshop).check_kept();
  }
  for (const bool has_worker : {false, true}) {
    CAPTURE(has_worker);
    Workshop workshop;
    workshop.drop("masters/development/master.json", R"({"liveness": "none"})");
    if (has_worker)
      with_worker(workshop);
    else
      first_run(workshop, [](Run& run) { run.claim("t-1"); });
    const Next next(workshop);
    next.check_kept();
    CHECK(next.says("worker_exited") == has_worker);
  }
}

TEST_CASE("a worker that wrote since the machine was started works again, also for the run after") {
  Workshop workshop;
  with_worker(workshop);
  workshop.drop(k_spec, spec().dump());
  Next(workshop).check_kept();
  Run again(workshop, "boot-2");
  REQUIRE(again.core.worker("t-1") != nullptr);
  CHECK(again.core.worker("t-1")->boot_id == "boot-2");
}

TEST_CASE("a worker that has answered and ended while nobody looked did not die") {
  Workshop workshop;
  first_run(workshop, [](Run&) {});
  workshop.drop(k_spec, spec({{"pid", Child().pid()}}).dump());
  SUBCASE("answered") {
    workshop.drop(k_result, k_answer);
    const Next next(workshop, "boot-1");
    CHECK(next.subtask() == nullptr);
    CHECK_FALSE(next.says("worker_gone"));
  }
  SUBCASE("not answered") {
    const Next next(workshop, "boot-1");
    REQUIRE(next.subtask() != nullptr);
    CHECK(next.subtask()->epoch == 2);
    CHECK(next.subtask()->attempt == 2);
  }
}
