// The processes of workers: which one is meant, who may be ended, and what nobody is told of twice. With real processes.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <sstream>

#include "platform/child.h"
#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_active = "worker-specs/active/";

/// Processes are compared with it.
std::string this_boot() { return platform::boot_id().value(); }

std::string spec(const std::string& worker, const std::string& subtask, pid_t pid) {
  return json{{"worker_id", worker}, {"subtask_id", subtask}, {"pid", pid}}.dump();
}

/// A turn of everything that concerns workers, without waiting.
void work(Run& run) {
  auto ready = run.loop.wait(0);
  REQUIRE(ready.has_value());
  static_cast<void>(run.turn([&](service::Turn& turn) {
    run.workers.ready(ready->fds);
    run.intake.take(turn);
    run.workers.take(turn);
  }));
}

/// The worker's file as anybody writes it, then looked at.
void put(Run& run, const std::string& name, const std::string& bytes) {
  run.workshop.drop(k_active + name, bytes);
  run.intake.look_again(k_active + name);
  work(run);
}

void cancel(Run& run, const std::string& task) {
  static_cast<void>(run.tell(core::CommandArrived{{}, core::Verb::cancel, task, "", {}}));
}

std::vector<json> feed(const Run& run, const std::string& type) {
  std::vector<json> entries;
  std::istringstream lines(run.workshop.get("dashboard-events.jsonl"));
  for (std::string line; std::getline(lines, line);)
    if (json entry = json::parse(line); entry["type"] == type) entries.push_back(std::move(entry));
  return entries;
}

bool says(const json& document, const std::string& words) { return document.dump().find(words) != std::string::npos; }

/// Turns are made until it has been told.
json entry(Run& run, const std::string& type) {
  REQUIRE(becomes_true([&] {
    work(run);
    return !feed(run, type).empty();
  }));
  return feed(run, type).front();
}

bool is_alive(pid_t pid) {
  const auto row = platform::read_process(pid);
  return row && row->state != 'Z' && row->state != 'X';
}

/// As long as it stands this program gets no descriptor.
class NoDescriptors {
 public:
  NoDescriptors() {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const rlimit none{0, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

/// A run that could not find its workers again.
void restore_blindly(Run& run) {
  static_cast<void>(run.turn([&](service::Turn&) {
    const NoDescriptors none;
    run.workers.restore();
  }));
}

/// The file as if it had been written so long ago.
void backdate(const Run& run, const std::string& name, std::int64_t seconds) {
  const std::int64_t now = platform::now().wall_ms / 1'000;
  const timespec times[2] = {{now - seconds, 0}, {now - seconds, 0}};
  REQUIRE(::utimensat(AT_FDCWD, (run.workshop.folder / (k_active + name)).c_str(), times, 0) == 0);
}

const core::WorkerRecord& record(Run& run, const std::string& subtask) {
  const core::WorkerRecord* found = run.core.worker(subtask);
  REQUIRE(found != nullptr);
  return *found;
}

}  // namespace

TEST_CASE("a process that two workers name is ended with neither of them") {
  Workshop workshop;
  Run run(workshop, this_boot());
  const Child child("exec sleep 1000");
  run.task("t-1");
  run.task("t-2");
  put(run, "w1.json", spec("w1", "t-1", child.pid()));
  put(run, "w2.json", spec("w2", "t-2", child.pid()));
  CHECK(record(run, "t-1").spared.empty());
  CHECK(record(run, "t-2").spared == "another worker names it, too");
  cancel(run, "t-1");
  const json ended = entry(run, "worker_ended");
  CHECK(ended["worker_id"] == "w1");
  CHECK(says(ended["left"], "worker w2 names it, too"));
  cancel(run, "t-2");
  work(run);
  CHECK(feed(run, "worker_ended").size() == 1);
  CHECK(is_alive(child.pid()));
}

TEST_CASE("a process that also a file of somebody unknown names is not ended, until that file goes") {
  Workshop workshop;
  Run run(workshop, this_boot());
  const Child child("exec sleep 1000");
  run.task("t-1");
  put(run, "w1.json", spec("w1", "t-1", child.pid()));
  CHECK(record(run, "t-1").spared.empty());
  std::string other;
  SUBCASE("by a spec for a subtask that nobody knows") {
    other = "f1.json";
    put(run, other, spec("f1", "not-ours", child.pid()));
  }
  SUBCASE("by a spec of a rival") {
    other = "w2.json";
    put(run, other, spec("w2", "t-1", child.pid()));
  }
  SUBCASE("by a .pid file") {
    other = "f2.pid";
    put(run, other, std::to_string(child.pid()) + "\n");
  }
  SUBCASE("by one that went again") {
    put(run, "f3.json", spec("f3", "not-ours", child.pid()));
    workshop.remove(k_active + "f3.json");
  }
  cancel(run, "t-1");
  const json ended = entry(run, "worker_ended");
  if (other.empty()) {
    CHECK(ended["left"].empty());
    CHECK_FALSE(is_alive(child.pid()));
  } else {
    CHECK(says(ended["left"], "worker " + other.substr(0, 2) + " names it, too"));
    CHECK(is_alive(child.pid()));
  }
}

TEST_CASE("a worker that works on one subtask cannot claim another one, and is not ended for that") {
  Workshop workshop;
  Run run(workshop, this_boot());
  const Child child("exec sleep 1000");
  run.task("t-1");
  run.task("t-2");
  put(run, "w1.json", spec("w1", "t-1", child.pid()));
  put(run, "w1.json", spec("w1", "t-2", child.pid()));
  put(run, "w1.json", spec("w1", "t-2", child.pid()));
  CHECK(run.core.subtask("t-2")->status == core::SubtaskStatus::handed_off);
  CHECK(workshop.has("masters/development/handoffs/to-development-subtask-t-2.json"));
  CHECK(run.core.worker("t-2") == nullptr);
  const auto warnings = feed(run, "document_warning");
  REQUIRE(warnings.size() == 1);
  CHECK(says(warnings[0], "w1 works on t-1, which is not answered yet: it cannot claim t-2"));
  cancel(run, "t-2");
  work(run);
  CHECK(feed(run, "worker_ended").empty());
  CHECK(is_alive(child.pid()));
  ::kill(child.pid(), SIGKILL);
  CHECK(entry(run, "worker_exited")["subtask_id"] == "t-1");
}

TEST_CASE("two spec files with one worker id are two workers, called as their files are") {
  Workshop workshop;
  Run run(workshop, this_boot());
  const Child one("exec sleep 1000");
  const Child other("exec sleep 1000");
  run.task("t-1");
  run.task("t-2");
  put(run, "w1.json", spec("w1", "t-1", one.pid()));
  put(run, "w2.json", spec("w1", "t-2", other.pid()));
  CHECK(record(run, "t-1").pid == one.pid());
  CHECK(record(run, "t-2").worker_id == "w2");
  CHECK(record(run, "t-2").pid == other.pid());
  CHECK(says(feed(run, "document_warning").at(0), "it says that it is w1; a worker is called as its file is"));
  cancel(run, "t-2");
  CHECK(entry(run, "worker_ended")["left"].empty());
  CHECK(is_alive(one.pid()));
  CHECK_FALSE(is_alive(other.pid()));
}

TEST_CASE("a worker that goes on in another process has not exited with the one before, also when both are seen at once") {
  Workshop workshop;
  Run run(workshop, this_boot());
  const Child first("exec sleep 1000");
  const Child second("exec sleep 1000");
  run.task("t-1");
  put(run, "w1.json", spec("w1", "t-1", first.pid()));
  REQUIRE(::kill(first.pid(), SIGKILL) == 0);
  REQUIRE(becomes_true([&] { return !is_alive(first.pid()); }));
  put(run, "w1.json", spec("w1", "t-1", second.pid()));
  CHECK(feed(run, "worker_exited").empty());
  CHECK(record(run, "t-1").pid == second.pid());
  REQUIRE(::kill(second.pid(), SIGKILL) == 0);
  CHECK(entry(run, "worker_exited")["pid"] == second.pid());
}

TEST_CASE("a worker that could not be found again lives until the contrary is known: its end is a real one") {
  Workshop workshop;
  const Child child("exec sleep 1000");
  {
    Run run(workshop, this_boot());
    run.task("t-1");
    put(run, "w1.json", spec("w1", "t-1", child.pid()));
  }
  Run run(workshop, this_boot());
  restore_blindly(run);
  cancel(run, "t-1");
  const json ended = entry(run, "worker_ended");
  CHECK(ended["processes"] == 1);
  CHECK(ended["left"].empty());
  CHECK_FALSE(is_alive(child.pid()));
}

TEST_CASE("what cannot be found when it is to end is told as left") {
  Workshop workshop;
  const Child child("exec sleep 1000");
  {
    Run run(workshop, this_boot());
    run.task("t-1");
    put(run, "w1.json", spec("w1", "t-1", child.pid()));
  }
  Run run(workshop, this_boot());
  restore_blindly(run);
  const core::EndWorker wanted{"t-1", "t-1", "w1", 1, child.pid(), record(run, "t-1").start_ticks, record(run, "t-1").boot_id};
  {
    service::Turn turn(run.world);
    turn.changes.effects.emplace_back(wanted);
    const NoDescriptors none;
    run.workers.perform(turn);
  }
  const json ended = entry(run, "worker_ended");
  CHECK(ended["left"].size() == 1);
  CHECK(says(ended["left"], "it was not signalled"));
  CHECK(is_alive(child.pid()));
}

TEST_CASE("a worker that could not be found again is held as soon as it names its process once more") {
  Workshop workshop;
  const Child child("exec sleep 1000");
  {
    Run run(workshop, this_boot());
    run.task("t-1");
    put(run, "w1.json", spec("w1", "t-1", child.pid()));
  }
  Run run(workshop, this_boot());
  restore_blindly(run);
  put(run, "w1.json", spec("w1", "t-1", child.pid()));
  ::kill(child.pid(), SIGKILL);
  CHECK(says(entry(run, "worker_exited"), "its process " + std::to_string(child.pid()) + " has exited"));
}

TEST_CASE("a process that seems younger than the file that names it is watched, and not signalled") {
  Workshop workshop;
  Run run(workshop, this_boot());
  const Child child("exec sleep 1000");
  run.task("t-1");
  workshop.drop(k_active + "w1.json", spec("w1", "t-1", child.pid()));
  backdate(run, "w1.json", 3'600);
  run.intake.notice({platform::Notice::What::appeared, "worker-specs/active", "w1.json", false});
  work(run);
  CHECK(run.core.subtask("t-1")->status == core::SubtaskStatus::in_progress);
  CHECK(says(record(run, "t-1").spared, "which is after worker-specs/active/w1.json was written"));
  CHECK(says(feed(run, "document_warning").at(0), "would not be ended"));
  cancel(run, "t-1");
  work(run);
  CHECK(feed(run, "worker_exited").empty());
  CHECK(feed(run, "worker_ended").empty());
  CHECK(is_alive(child.pid()));
}

TEST_CASE("where folders are listed, a heartbeat counts when it is seen, whatever clock has dated it") {
  Workshop workshop;
  Run run(workshop, this_boot());
  const Child child("exec sleep 1000");
  run.task("t-1");
  put(run, "w1.json", spec("w1", "t-1", child.pid()));
  workshop.put(k_active + "w1.heartbeat", "");
  backdate(run, "w1.heartbeat", 600);
  run.intake.list_again();
  run.take();
  const auto heard_at = [&] { return run.core.worker_standing("t-1")->last_heartbeat; };
  const std::int64_t first = heard_at();
  REQUIRE(becomes_true([&] { return platform::now().wall_ms > first; }));
  run.intake.list_again();
  run.take();
  CHECK(heard_at() == first);  // the same file says nothing new
  backdate(run, "w1.heartbeat", 599);
  run.intake.list_again();
  run.take();
  CHECK(heard_at() > first);
}

TEST_CASE("a group that was spared because another worker is in it is told as left") {
  Workshop workshop;
  Run run(workshop, this_boot());
  const Child child("sleep 1000 & echo $! > member; wait");
  const pid_t member = child.pid_in("member");
  run.task("t-1");
  run.task("t-2");
  put(run, "w1.json", spec("w1", "t-1", child.pid()));
  SUBCASE("of another subtask") { put(run, "w2.json", spec("w2", "t-2", member)); }
  SUBCASE("a rival, which counts for nothing") { put(run, "w2.json", spec("w2", "t-1", member)); }
  cancel(run, "t-1");
  const json ended = entry(run, "worker_ended");
  CHECK(says(ended["left"], "its process group was not signalled: its group holds the process " + std::to_string(member)));
  CHECK(is_alive(member));
}
