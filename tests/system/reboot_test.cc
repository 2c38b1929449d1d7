// Starts after which not everything is as the journal left it: on another boot of the machine, or after workers have answered and
// ended. Another boot is played by the journal: it says that it knew another one.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <filesystem>
#include <utility>

#include "platform/loop.h"
#include "store/store.h"
#include "system/sandbox.h"

using namespace baton;
using baton::test::json;
using baton::test::Sandbox;

namespace {

const std::string k_folder = "masters/development/handoffs/";
const std::string k_name = "to-development-subtask-t.json";
const std::string k_spec = "worker-specs/active/w.json";

/// A simple task `t`, handed to development.
void hand_out(Sandbox& box) {
  box.configure({{"exit_grace", "0s"}, {"retry_backoff", "0s"}});
  box.start();
  box.drop("t.json", {{"title", "Fix typo in README.md"}});
  box.require_handoff("development", "t");
}

void claim(Sandbox& box) {
  box.claim("development", "t");
  box.require_feed("subtask_claimed");
}

void put_spec(Sandbox& box, pid_t pid) {
  box.put(k_spec, json{{"worker_id", "w"}, {"subtask_id", "t"}, {"pid", pid}, {"status", "running"}}.dump());
}

/// The daemon is down. Whatever the workers wrote is older than the machine's start.
void reboot(Sandbox& box) {
  auto store = store::Store::open(box.path("orchestrator/state/journal.db"));
  REQUIRE(store.has_value());
  auto loaded = store->load();
  REQUIRE(loaded.has_value());
  store::Commit commit;
  commit.meta["boot_id"] = "another";
  commit.workers = loaded->workers;
  for (core::WorkerRecord& worker : commit.workers) worker.boot_id = "another";
  REQUIRE(store->commit(commit).has_value());
  REQUIRE(store->close().has_value());
  const Moment now = platform::now();
  const timespec at{(now.wall_ms - now.boot_ms) / 1'000 - 3'600, 0};
  const timespec both[] = {at, at};
  for (const std::string& name : box.list("worker-specs/active"))
    REQUIRE(::utimensat(AT_FDCWD, box.path("worker-specs/active/" + name).c_str(), both, 0) == 0);
}

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

/// Handed out anew, and nobody is to blame.
void require_lost(Sandbox& box) {
  box.require_eventually("handed out anew", [&] {
    const json handoff = box.document(k_folder + k_name);
    return handoff.is_object() && handoff.value("epoch", 0) == 2;
  });
  CHECK(box.document(k_folder + k_name)["attempt"] == 1);
  box.require_feed("subtask_handed_off", 2);  // told after it is published
  REQUIRE(box.feed("worker_gone").size() == 1);
  CHECK(box.feed("worker_gone")[0]["reason"] == "rebooted");
  CHECK(box.feed("worker_exited").empty());
}

}  // namespace

TEST_CASE("after a reboot what was claimed is handed out anew, once, and uses no attempt") {
  Sandbox box;
  hand_out(box);
  SUBCASE("with a worker") {
    Child process;
    put_spec(box, process.pid());
    box.require_feed("subtask_started");
    box.kill9();
  }
  SUBCASE("without") {
    claim(box);
    box.kill9();
  }
  SUBCASE("the disk has lost the claim") {
    claim(box);
    box.kill9();
    box.move(k_folder + "claimed/" + k_name, k_folder + k_name);
  }
  reboot(box);
  box.start();
  require_lost(box);
  CHECK(box.document(k_folder + "stale/" + k_name)["epoch"] == 1);
  CHECK(box.feed("subtask_handed_off").size() == 2);  // it was not taken for given back
  CHECK(box.stop() == 0);
  box.start();
  box.pass_by();
  CHECK(box.feed("worker_gone").size() == 1);
}

TEST_CASE("after a reboot answers that lie there count, and nothing is done twice") {
  Sandbox box;
  hand_out(box);
  SUBCASE("of a claim") {
    claim(box);
    box.kill9();
    box.answer("development", "t", {{"status", "completed"}, {"epoch", 1}});
  }
  SUBCASE("written into the handoff") {
    json handoff = box.document(k_folder + k_name);
    handoff["status"] = "completed";
    box.kill9();
    box.put(k_folder + k_name, handoff.dump());
  }
  SUBCASE("written into the handoff that was claimed") {
    json handoff = box.document(k_folder + k_name);
    handoff["status"] = "completed";
    claim(box);
    box.kill9();
    box.put(k_folder + "claimed/" + k_name, handoff.dump());
  }
  reboot(box);
  box.start();
  box.require_status("t", "completed");
  CHECK(box.feed("subtask_handed_off").size() == 1);
  CHECK(box.feed("result_stale").empty());
  CHECK(box.feed("worker_gone").empty());
}

TEST_CASE("after a reboot a handoff that the disk has lost is published again, unless a worker has it") {
  Sandbox box;
  hand_out(box);
  const json handoff = box.document(k_folder + k_name);
  box.kill9();
  std::filesystem::remove(box.path(k_folder + k_name));
  SUBCASE("nobody") {
    reboot(box);
    box.start();
    box.require_handoff("development", "t");
    CHECK(box.document(k_folder + k_name) == handoff);
    box.pass_by();
    CHECK(box.feed("subtask_handed_off").size() == 2);  // the one, and what passed by
  }
  SUBCASE("a worker that is done") {
    box.put("worker-specs/completed/w.json", json{{"worker_id", "w"}, {"subtask_id", "t"}, {"result", "did it"}}.dump());
    reboot(box);
    box.start();
    box.require_status("t", "completed");
    CHECK(box.list(k_folder + "done").empty());
  }
  CHECK(box.feed("subtask_claimed").empty());
}

TEST_CASE("after a reboot a master that watches its own workers keeps epoch and place") {
  Sandbox box;
  box.put("masters/development/master.json", R"({"liveness": "none"})");
  hand_out(box);
  claim(box);
  box.kill9();
  box.move(k_folder + "claimed/" + k_name, k_folder + k_name);  // the disk has lost it
  reboot(box);
  box.start();
  box.pass_by();
  CHECK(box.list(k_folder + "claimed") == std::vector<std::string>{k_name});
  CHECK(box.document("orchestrator/subtasks/t.json")["status"] == "in_progress");
  box.answer("development", "t", {{"status", "completed"}, {"epoch", 1}});
  box.require_status("t", "completed");
}

TEST_CASE("a worker that has answered and ended while the daemon was down did not die") {
  Sandbox box;
  hand_out(box);
  Child process;
  put_spec(box, process.pid());
  box.require_feed("subtask_started");
  box.kill9();
  process.end();
  box.answer("development", "t", {{"status", "completed"}, {"epoch", 1}});
  box.start();
  box.require_status("t", "completed");
  CHECK(box.feed("subtask_handed_off").size() == 1);
  CHECK(box.feed("worker_gone").empty());
}
