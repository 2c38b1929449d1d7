// No space and read-only filesystems: intake stops and says so, nothing is half written, work goes on by itself.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>

#include "system/sandbox.h"
#include "system/small_disk.h"

using baton::test::json;
using baton::test::Sandbox;
using baton::test::SmallDisk;
namespace fs = std::filesystem;

namespace {

json typo(const std::string& file) { return {{"title", "Fix typo in " + file}, {"files_affected", {file}}}; }

/// What the kernel says of memory, as this program and the daemons that it starts see it.
class MemoryPressure {
 public:
  explicit MemoryPressure(const std::string& folder) : file_(folder + "/pressure") {
    say(0);
    mounted_ = ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               ::mount(file_.c_str(), k_place, nullptr, MS_BIND, nullptr) == 0;
    if (!mounted_) MESSAGE("skipped: nothing may be mounted over " << k_place << " here");
  }
  ~MemoryPressure() {
    if (mounted_) ::umount2(k_place, MNT_DETACH);
  }
  MemoryPressure(const MemoryPressure&) = delete;
  MemoryPressure& operator=(const MemoryPressure&) = delete;
  bool mounted() const { return mounted_; }
  void say(int percent) const {
    std::ofstream(file_) << "some avg10=" << percent << ".00 avg60=0.00 avg300=0.00 total=1\n"
                         << "full avg10=0.00 avg60=0.00 avg300=0.00 total=1\n";
  }

 private:
  static constexpr const char* k_place = "/proc/pressure/memory";
  std::string file_;
  bool mounted_ = false;
};

/// Documents that wait elsewhere and are linked in by rename need space of the same disk: so they are written before it is
/// filled.
void prepare(Sandbox& box, const std::string& id) { box.put(".prepared-" + id, typo(id + ".md").dump()); }
void drop_prepared(Sandbox& box, const std::string& id) { box.move(".prepared-" + id, "task-queue.d/" + id + ".json"); }

std::string daemon_state(const Sandbox& box) {
  const json state = box.document("orchestrator/state/current.json");
  return state.is_object() ? state["daemon"].value("state", "") : "";
}

/// What a daemon without space must not do, within a second.
bool ends_or_hands_out(Sandbox& box, const std::string& id) {
  return Sandbox::eventually([&] { return !box.running() || box.exists(Sandbox::handoff_path("development", id)); }, 1);
}

void require_work(Sandbox& box, const std::string& id) {
  box.require_handoff("development", id);
  box.complete("development", id);
  box.require_status(id, "completed");
  box.require_eventually("filed", [&] { return box.exists("task-queue.d/accepted/" + id + ".json"); });
}

}  // namespace

TEST_CASE("the disk is full: work stops, nothing is half written, and goes on when there is space") {
  SmallDisk disk("size=8m");
  if (!disk.mounted()) return;
  Sandbox box(disk.path());
  box.configure();
  box.start();
  box.drop("before.json", typo("before.md"));
  box.require_handoff("development", "before");
  for (const char* id : {"one", "two", "three"}) prepare(box, id);
  disk.fill();
  for (const char* id : {"one", "two", "three"}) drop_prepared(box, id);
  CHECK_FALSE(ends_or_hands_out(box, "one"));
  box.check_documents();
  disk.empty();
  for (const char* id : {"one", "two", "three"}) require_work(box, id);
  box.complete("development", "before");
  box.require_status("before", "completed");
  box.require_eventually("the state is well",
                         [&] { return box.document("orchestrator/state/current.json")["daemon"]["state"] == "running"; });
  CHECK(box.stop() == 0);
  CHECK(box.log().find("space") != std::string::npos);
  CHECK(box.feed("task_received").size() == 4);
  CHECK(box.feed("subtask_handed_off").size() == 4);
  box.check_documents();
  box.check_seq();
}

TEST_CASE("full, killed, started while full, space again: nothing lost, nothing twice") {
  SmallDisk disk("size=8m");
  if (!disk.mounted()) return;
  Sandbox box(disk.path());
  box.configure();
  box.start();
  box.drop("before.json", typo("before.md"));
  box.require_handoff("development", "before");
  prepare(box, "one");
  disk.fill();
  drop_prepared(box, "one");
  box.kill9();
  box.launch();
  const bool survived = !Sandbox::eventually([&] { return !box.running(); }, 1);
  box.check_documents();
  disk.empty();
  if (!survived) box.start();  // a service manager would
  require_work(box, "one");
  CHECK(box.stop() == 0);
  CHECK(box.feed("task_received").size() == 2);
  CHECK(box.feed("subtask_handed_off").size() == 2);
  box.check_seq();
}

TEST_CASE("the disk becomes read-only and writable again") {
  SmallDisk disk("size=16m");
  if (!disk.mounted()) return;
  SmallDisk journal("size=16m");
  Sandbox box(disk.path());
  // The lock is a file open for writing: on a filesystem of its own it does not stand in the way of the remount.
  SmallDisk state("size=4m", box.path("orchestrator/state"));
  box.configure({{"state_dir", journal.path()}});
  box.start();
  box.drop("before.json", typo("before.md"));
  box.require_handoff("development", "before");
  for (const char* id : {"one", "two"}) prepare(box, id);
  // Stopped, so that what is dropped is met when nothing can be written any more.
  REQUIRE(::kill(box.pid(), SIGSTOP) == 0);
  drop_prepared(box, "one");
  const bool is_read_only = Sandbox::eventually([&] { return disk.remount(true); }, 5);
  REQUIRE(::kill(box.pid(), SIGCONT) == 0);
  if (!is_read_only) {
    MESSAGE("skipped: a file is open for writing, and the disk cannot be made read-only");
    return;
  }
  box.require_eventually("the state says so", [&] { return daemon_state(box) == "out_of_space"; });
  CHECK_FALSE(ends_or_hands_out(box, "one"));
  CHECK(box.exists(Sandbox::handoff_path("development", "before")));
  box.check_documents();
  REQUIRE(disk.remount(false));
  drop_prepared(box, "two");
  for (const char* id : {"one", "two"}) require_work(box, id);
  box.require_eventually("the state is well", [&] { return daemon_state(box) == "running"; });
  CHECK(box.stop() == 0);
  CHECK(box.log().find("Read-only file system") != std::string::npos);
  CHECK(box.feed("task_received").size() == 3);
  CHECK(box.feed("subtask_handed_off").size() == 3);
  box.check_documents();
  box.check_seq();
}

TEST_CASE("only the coordination folder is full: the journal remembers, the files follow") {
  SmallDisk disk("size=8m");
  SmallDisk journal("size=16m");
  if (!disk.mounted() || !journal.mounted()) return;
  Sandbox box(disk.path());
  box.configure({{"state_dir", journal.path()}});
  box.start();
  box.pass_by();
  for (const char* id : {"one", "two"}) prepare(box, id);
  disk.fill();
  for (const char* id : {"one", "two"}) drop_prepared(box, id);
  CHECK_FALSE(ends_or_hands_out(box, "two"));
  box.check_documents();
  disk.empty();
  for (const char* id : {"one", "two"}) require_work(box, id);
  CHECK(box.stop() == 0);
  CHECK(box.log().find("space") != std::string::npos);
  CHECK(box.feed("subtask_handed_off").size() == 3);
  box.check_seq();
}

TEST_CASE("only the journal's disk is full: intake stops and the state says so") {
  SmallDisk journal("size=4m");
  if (!journal.mounted()) return;
  Sandbox box;
  box.configure({{"state_dir", journal.path()}});
  box.start();
  box.pass_by();
  journal.fill();
  int dropped = 0;
  box.require_eventually("the state says so", [&] {
    const std::string id = "n" + std::to_string(dropped++);
    box.drop(id + ".json", typo(id + ".md"));
    const json state = box.document("orchestrator/state/current.json");
    return state.is_object() && state["daemon"]["state"] == "out_of_space";
  });
  CHECK(box.running());
  box.check_documents();
  journal.empty();
  box.require_eventually("all of it", [&] { return static_cast<int>(box.feed("task_received").size()) == dropped + 1; });
  box.require_handoff("development", "n0");
  box.require_handoff("development", "n" + std::to_string(dropped - 1));
  box.require_eventually("the state is well",
                         [&] { return box.document("orchestrator/state/current.json")["daemon"]["state"] == "running"; });
  CHECK(box.stop() == 0);
  box.check_seq();
}

namespace {

/// Drops until the state says that there is no space; how many.
int drop_until_full(Sandbox& box) {
  int dropped = 0;
  box.require_eventually("the state says so", [&] {
    const std::string id = "n" + std::to_string(dropped++);
    box.drop(id + ".json", typo(id + ".md"));
    const json state = box.document("orchestrator/state/current.json");
    return state.is_object() && state["daemon"]["state"] == "out_of_space";
  });
  return dropped;
}

void require_waits_for(Sandbox& box, const std::string& reason) {
  box.require_eventually("t waits for " + reason, [&] {
    const json waits = box.document("orchestrator/subtasks/t.json")["waits_for"];
    return waits.is_array() && !waits.empty() && waits[0]["reason"] == reason;
  });
}

long cpu_ticks(const Sandbox& box) {
  std::ifstream file("/proc/" + std::to_string(box.pid()) + "/stat");
  std::string field;
  long ticks = 0;
  for (int n = 1; n <= 15 && file >> field; ++n)
    if (n >= 14) ticks += std::stol(field);  // utime, stime
  return ticks;
}

}  // namespace

TEST_CASE("stopped while a commit waits for space: exit 0, and a start takes everything once") {
  for (const bool space_is_back : {false, true}) {
    CAPTURE(space_is_back);
    SmallDisk journal("size=4m");
    if (!journal.mounted()) return;
    Sandbox box;
    box.configure({{"state_dir", journal.path()}});
    box.start();
    journal.fill();
    const int dropped = drop_until_full(box);
    if (space_is_back) journal.empty();
    CHECK(box.stop() == 0);
    CHECK(box.log().find("UNIQUE") == std::string::npos);
    if (!space_is_back) CHECK(box.log().find("the next start takes it again") != std::string::npos);
    if (!space_is_back) journal.empty();
    box.start();
    box.require_eventually("all of it", [&] { return static_cast<int>(box.feed("task_received").size()) == dropped; });
    CHECK(box.stop() == 0);
    CHECK(box.feed("daemon_stopped").size() == (space_is_back ? 2 : 1));
    box.check_seq();
  }
}

TEST_CASE("a planner that ends or talks while there is no space wakes nobody") {
  SmallDisk journal("size=4m");
  if (!journal.mounted()) return;
  Sandbox box;
  const std::string script = "cat > /dev/null; touch called; until [ -e go ]; do sleep 0.05; done; echo talk; exit 1";
  box.configure({{"state_dir", journal.path()}, {"planner", {{"command", {"/bin/sh", "-c", script}}}}});
  box.start();
  box.drop("big.json", json{{"title", "Big"}, {"description", "Build the whole thing"}, {"orchestration_required", true}});
  box.require_eventually("the planner is asked", [&] { return box.exists("../called"); });
  journal.fill();
  drop_until_full(box);
  box.put("../go", "");
  const long before = cpu_ticks(box);
  CHECK_FALSE(ends_or_hands_out(box, "never"));  // a second passes
  CHECK(cpu_ticks(box) - before < 30);
  journal.empty();
  box.require_eventually("planned", [&] { return box.plan("big").is_object() && box.status("big") == "in_progress"; });
  CHECK(box.stop() == 0);
}

TEST_CASE(
    "the disk is nearly full: what is new waits and says so, and goes on by itself when there is space or the limit allows") {
  SmallDisk disk("size=32m");
  if (!disk.mounted()) return;
  Sandbox box(disk.path());
  disk.fill(24 << 20);
  box.configure({{"min_free_disk", "16MiB"}});
  box.start();
  box.drop("t.json", typo("t.md"));
  box.require_feed("task_routed");
  box.require_eventually("attention", [&] {
    const json state = box.document("orchestrator/state/current.json");
    for (const json& each : state["attention"])
      if (each["reason"] == "short_of_disk")
        return each["message"].get<std::string>().find("min_free_disk is 16 MiB") != std::string::npos;
    return false;
  });
  require_waits_for(box, "disk");
  CHECK_FALSE(box.exists(Sandbox::handoff_path("development", "t")));
  CHECK(box.run({"explain", "t"}).output.find("disk is nearly full") != std::string::npos);
  SUBCASE("somebody deletes a file") { disk.empty(); }
  SUBCASE("the limit is lowered") { box.configure({{"min_free_disk", "1MiB"}}); }
  require_work(box, "t");
  CHECK(box.feed("attention_cleared").size() == 1);
}

TEST_CASE("the machine is short of memory: what is new waits and says so, and goes on by itself when there is enough") {
  Sandbox box;
  const MemoryPressure memory(box.path(".."));
  if (!memory.mounted()) return;
  memory.say(55);
  box.configure({{"max_memory_pressure", 20}});
  box.start();
  box.drop("t.json", typo("t.md"));
  box.require_feed("attention_raised");
  CHECK(box.feed("attention_raised")[0]["reason"] == "short_of_memory");
  require_waits_for(box, "memory");
  CHECK_FALSE(box.exists(Sandbox::handoff_path("development", "t")));
  CHECK(box.run({"explain", "t"}).output.find("short of memory") != std::string::npos);
  memory.say(2);
  box.require_handoff("development", "t");
  box.require_feed("attention_cleared");
}
