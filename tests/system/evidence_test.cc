// What shows that a silent worker lives, what does not, and where the verdict on one that does not is found.
#include <fcntl.h>
#include <sys/stat.h>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>

#include "system/agent.h"

using namespace baton::test;

namespace {

namespace fs = std::filesystem;

const json k_silence{{"heartbeat_timeout", "1s"}, {"zombie_after", "3s"}};

/// A process that computes and says nothing.
class Computing {
 public:
  Computing() : pid_(::fork()) {
    REQUIRE(pid_ >= 0);
    if (pid_ != 0) return;
    ::signal(SIGTERM, SIG_DFL);  // not the test program's own way to end
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (std::atomic<unsigned> n = 0;;) ++n;
  }
  ~Computing() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Computing(const Computing&) = delete;
  Computing& operator=(const Computing&) = delete;
  pid_t pid() const { return pid_; }
  void rest() const { REQUIRE(::kill(pid_, SIGSTOP) == 0); }
  void go_on() const { REQUIRE(::kill(pid_, SIGCONT) == 0); }

 private:
  pid_t pid_;
};

json zombies_of(const Sandbox& box, const std::string& subtask_id) {
  json found = json::array();
  for (const json& entry : box.feed("zombie_detected"))
    if (entry["subtask_id"] == subtask_id) found.push_back(entry);
  return found;
}

int epoch_out(const Sandbox& box, const std::string& subtask_id) {
  const json handoff = box.document(Sandbox::handoff_path("development", subtask_id));
  return handoff.is_object() ? handoff.value("epoch", 0) : 0;
}

/// The worker of `t` is not condemned while `lives` is done again and again: for so long that a silent worker, of `u`, is
/// condemned so many `times`.
void require_outlives(Sandbox& box, int times, const std::function<void()>& lives) {
  box.drop("u.json", {{"title", "Fix typo in INSTALL.md"}});
  std::vector<std::unique_ptr<Agent>> still;
  for (int epoch = 1; epoch <= times; ++epoch) {
    box.require_eventually("u is handed out", [&] {
      lives();
      return epoch_out(box, "u") == epoch;
    });
    still.push_back(std::make_unique<Agent>());
    json spec = spec_of("still-" + std::to_string(epoch), still.back()->pid());
    spec["subtask_id"] = "u";
    box.put("worker-specs/active/still-" + std::to_string(epoch) + ".json", spec.dump());
    box.require_eventually("the other is condemned", [&] {
      lives();
      return zombies_of(box, "u").size() == static_cast<std::size_t>(epoch);
    });
  }
  CHECK(zombies_of(box, "t").empty());
}

/// The silent worker w1 of `t` outlives two others while `lives` is done. When it is not done any more, and after `rests`, w1 is
/// condemned as well.
void require_spared(
    Sandbox& box, const std::string& evidence, const std::function<void()>& lives, const std::function<void()>& rests = [] {}) {
  require_outlives(box, 2, lives);
  rests();
  box.require_eventually("it is condemned as well", [&] { return !zombies_of(box, "t").empty(); });
  CHECK(says(zombies_of(box, "t")[0]["evidence"], evidence));
}

std::string workspace_of(const Sandbox& box) { return fs::path(box.root()).parent_path().string(); }

void append(const std::string& path) { std::ofstream(path, std::ios::app) << "more\n"; }

}  // namespace

TEST_CASE("a silent worker that computes is not condemned, and is when it rests") {
  Sandbox box;
  hand_out(box, short_waits(k_silence));
  const Computing worker;
  put_spec(box, "w1", worker.pid());
  box.require_feed("subtask_started");
  require_spared(
      box, "CPU time of its process stood still at", [] {}, [&] { worker.rest(); });
}

TEST_CASE("a silent worker that is stopped for a while, and goes on before its limit, is not condemned, and completes") {
  Sandbox box;
  hand_out(box, short_waits({{"heartbeat_timeout", "1s"}, {"zombie_after", "8s"}}));
  const Computing worker;
  put_spec(box, "w1", worker.pid());
  box.require_feed("subtask_started");
  worker.rest();
  require_entry(box, "heartbeat_missed", "its process is stopped by a signal");
  worker.go_on();
  box.require_feed("attention_cleared");
  require_outlives(box, 1, [] {});
  box.complete("development", "t");
  box.require_status("t", "completed");
  for (const json& entry : box.feed("worker_ended")) CHECK(entry["worker_id"] != "w1");
}

TEST_CASE("a worker that does nothing but call baton heartbeat is not condemned, and is when it stops to") {
  Sandbox box;
  hand_out(box, short_waits(k_silence));
  const Agent worker;
  put_spec(box, "w1", worker.pid());
  box.require_feed("subtask_started");
  require_spared(box, "no heartbeat for ", [&] { REQUIRE(box.run({"heartbeat", "w1"}).code == 0); });
}

TEST_CASE("a silent worker whose output grows is not condemned, and is when it stands") {
  for (const char* field : {"output_file", "log_file"}) {
    CAPTURE(field);
    Sandbox box;
    hand_out(box, short_waits(k_silence));
    const std::string log = workspace_of(box) + "/w1.log";
    const Agent worker;
    json spec = spec_of("w1", worker.pid());
    spec[field] = "w1.log";
    box.put("worker-specs/active/w1.json", spec.dump());
    require_spared(box, "its output stood at ", [&] { append(log); });
    CHECK(says(zombies_of(box, "t")[0]["evidence"], "its output stood at " + std::to_string(fs::file_size(log)) + " bytes"));
  }
}

TEST_CASE("an output file outside of workspace and worktree, or behind a symlink, shows nothing") {
  for (const bool linked : {false, true}) {
    CAPTURE(linked);
    Sandbox box;
    const Sandbox elsewhere;
    hand_out(box, short_waits(k_silence));
    const std::string log = elsewhere.path("w1.log");
    append(log);
    if (linked) fs::create_symlink(log, workspace_of(box) + "/w1.log");
    const Agent worker;
    json spec = spec_of("w1", worker.pid());
    spec["output_file"] = linked ? "w1.log" : log;
    box.put("worker-specs/active/w1.json", spec.dump());
    box.require_eventually("condemned", [&] {
      append(log);
      return !zombies_of(box, "t").empty();
    });
    CHECK_FALSE(says(zombies_of(box, "t")[0]["evidence"], "its output"));
  }
}

TEST_CASE("a silent worker is not condemned while its worktree changes") {
  Sandbox box;
  hand_out(box, short_waits(k_silence));
  const std::string tree = workspace_of(box) + "/trees/w1/src";
  fs::create_directories(tree);
  const Agent worker;
  json spec = spec_of("w1", worker.pid());
  spec["worktree"] = "trees/w1";
  box.put("worker-specs/active/w1.json", spec.dump());
  require_spared(box, "nothing changed under trees/w1 for", [&] { append(tree + "/a.c"); });
}

TEST_CASE("a silent worker is not condemned while the files it may change do") {
  Sandbox box;
  box.configure(short_waits(k_silence));
  box.start();
  box.drop("t.json", {{"title", "Fix typo in README.md"}, {"files_affected", {"docs/README.md"}}});
  box.require_handoff("development", "t");
  fs::create_directories(workspace_of(box) + "/docs");
  const Agent worker;
  put_spec(box, "w1", worker.pid());
  require_spared(box, "nothing changed under the files it may change for",
                 [&] { append(workspace_of(box) + "/docs/README.md"); });
}

TEST_CASE("a process may be named by a .pid file") {
  Sandbox box;
  hand_out(box, short_waits());
  json spec = spec_of("w1", 0);
  spec.erase("pid");
  const Agent first;
  SUBCASE("beside the spec from the beginning") {
    box.put("worker-specs/active/w1.pid", std::to_string(first.pid()) + "\n");
    box.put("worker-specs/active/w1.json", spec.dump());
  }
  SUBCASE("later, when nonsense stood there before") {
    box.put("worker-specs/active/w1.json", spec.dump());
    box.require_feed("subtask_started");
    box.put("worker-specs/active/w1.pid", "soon");
    require_entry(box, "document_warning", "it holds no decimal number");
    box.put("worker-specs/active/w1.pid", std::to_string(first.pid()));
  }
  box.require_feed("subtask_started");
  box.pass_by();
  CHECK(box.feed("worker_exited").empty());
  first.signal(SIGKILL);
  box.require_feed("worker_gone");
  CHECK(says(box.feed("worker_gone")[0]["evidence"], "its process " + std::to_string(first.pid()) + " has exited"));
  require_epoch(box, 2);
  box.require_eventually("filed", [&] {
    return box.list("worker-specs/failed") == std::vector<std::string>{"w1.json", "w1.pid"};
  });
}

TEST_CASE("a stopped worker does not hear TERM: it is ended by KILL") {
  Sandbox box;
  hand_out(box, short_waits(k_silence));
  Agent agent(Agent::Habit::stubborn);
  agent.stop();
  put_spec(box, "w1", agent.pid());
  require_entry(box, "zombie_detected", "its process is stopped by a signal");
  box.require_eventually("ended", [&] { return agent.has_ended(); });
  require_epoch(box, 2);
  CHECK(box.feed("worker_ended")[0]["killed"] == true);
  CHECK(box.feed("worker_ended")[0]["left"].empty());
}

TEST_CASE("the verdict stands in the spec that was moved for it, which is else as its worker wrote it") {
  Sandbox box;
  hand_out(box, short_waits(k_silence));
  Agent still;
  const std::string front = "{\n    \"subtask_id\": \"t\", \"load\": 1.50e1,\n    \"pid\": " + std::to_string(still.pid());
  box.put("worker-specs/active/w1.json", front + "\n}\n");
  box.require_feed("zombie_detected");
  box.require_eventually("filed", [&] { return box.exists("worker-specs/zombie/w1.json"); });
  const json told = box.feed("zombie_detected")[0];
  const json zombie = box.document("worker-specs/zombie/w1.json");
  CHECK(box.read("worker-specs/zombie/w1.json").starts_with(front));
  CHECK(zombie["verdict"]["state"] == "zombie");
  CHECK(zombie["verdict"]["reason"] == told["reason"]);
  CHECK(zombie["verdict"]["evidence"] == told["evidence"]);
  CHECK(zombie["verdict"]["at"].is_string());

  require_epoch(box, 2);
  const Agent dies;
  put_spec(box, "w2", dies.pid());
  box.require_feed("subtask_started", 2);
  dies.signal(SIGKILL);
  box.require_eventually("filed", [&] { return box.exists("worker-specs/failed/w2.json"); });
  const json gone = box.document("worker-specs/failed/w2.json");
  CHECK(gone["verdict"]["state"] == "gone");
  CHECK(gone["verdict"]["reason"] == "exited");
  CHECK(gone["verdict"]["evidence"] == box.feed("worker_gone")[0]["evidence"]);
  require_epoch(box, 3);
  box.kill9();
  box.start();
  box.pass_by();
  CHECK(box.feed("subtask_failed").size() == 2);  // a spec with its verdict is no answer to the next epoch, after a start either
  CHECK(box.run({"validate", box.path("worker-specs/failed/w2.json")}).code == 0);
}
