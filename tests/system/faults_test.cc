// A disk that fails for one file and one call at a time, as strace makes it: the daemon says so, waits, and goes on by itself.
#include <doctest/doctest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "store/store.h"
#include "system/sandbox.h"

using namespace baton;
using baton::test::json;
using baton::test::Sandbox;
namespace fs = std::filesystem;

namespace {

const std::string k_feed = "dashboard-events.jsonl";
const std::string k_journal = "orchestrator/state/journal.db";

json typo(const std::string& file) { return {{"title", "Fix typo in " + file}, {"files_affected", {file}}}; }

/// From now on, and as long as this lives, every `call` of the daemon on this file fails. Its calls are noted with their time.
class Failing {
 public:
  Failing(Sandbox& box, const std::string& file, const std::string& call, const std::string& error)
      : pid_(box.pid()), log_(box.path("../strace.log")) {
    fs::remove(log_);
    platform::SpawnRequest request;
    request.argv = {"strace",
                    "-qq",
                    "-ttt",
                    "-o",
                    log_,
                    "-P",
                    box.path(file),
                    "-e",
                    "inject=" + call + ":error=" + error,
                    "-p",
                    std::to_string(pid_)};
    request.cwd = "/";
    auto spawned = platform::Process::spawn(request);
    if (spawned) strace_ = std::move(*spawned);
    attached_ = Sandbox::eventually([this] { return ended() || tracer() != 0; }) && !ended();
    if (!attached_) MESSAGE("skipped: no process may be traced here");
  }
  ~Failing() { stop(); }
  Failing(const Failing&) = delete;
  Failing& operator=(const Failing&) = delete;

  bool attached() const { return attached_; }
  void stop() {
    if (!strace_ || ended()) return;
    ::kill(strace_->pid(), SIGTERM);
    Sandbox::eventually([this] { return ended(); });
    CHECK(Sandbox::eventually([this] { return tracer() == 0; }));
  }
  /// When each of them failed, in seconds.
  std::vector<double> times() const {
    std::ifstream file(log_);
    std::vector<double> all;
    for (std::string line; std::getline(file, line);)
      if (line.find("(INJECTED)") != std::string::npos) all.push_back(std::stod(line));
    return all;
  }

 private:
  bool ended() {
    if (!exit_) exit_ = strace_ ? strace_->pump() : platform::Exit{};
    return exit_.has_value();
  }
  int tracer() const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(file, line);)
      if (line.starts_with("TracerPid:")) return std::stoi(line.substr(10));
    return 0;
  }

  int pid_;
  std::string log_;
  std::optional<platform::Process> strace_;
  std::optional<platform::Exit> exit_;
  bool attached_ = false;
};

std::string daemon_state(const Sandbox& box) {
  const json state = box.document("orchestrator/state/current.json");
  return state.is_object() ? state["daemon"].value("state", "") : "";
}

/// Drops one task after the other, each when the one before was taken, until the state says `word`; how many.
int drop_until(Sandbox& box, const std::string& word) {
  int dropped = 0;
  std::string last;
  box.require_eventually(
      word,
      [&] {
        if (!last.empty() && box.exists("task-queue.d/" + last)) return daemon_state(box) == word;
        last = "n" + std::to_string(dropped++) + ".json";
        box.drop(last, typo(last + ".md"));
        return daemon_state(box) == word;
      },
      120);
  return dropped;
}

void require_all(Sandbox& box, int dropped) {
  box.require_eventually("the state is well", [&] { return daemon_state(box) == "running"; });
  box.require_feed("task_received", static_cast<std::size_t>(dropped));
  box.require_handoff("development", "n" + std::to_string(dropped - 1));
  CHECK(box.stop() == 0);
  box.check_seq();
}

/// What a start would find now; nothing while the copy of a journal at work makes no sense.
std::optional<store::Loaded> remembered(const Sandbox& box) {
  const std::string copy = box.path("../copy");
  fs::remove_all(copy);
  fs::create_directory(copy);
  for (const char* ending : {"", "-wal"}) {
    std::error_code ignored;
    fs::copy_file(box.path(k_journal + ending), copy + "/journal.db" + ending, ignored);
  }
  auto store = store::Store::open(copy + "/journal.db");
  if (!store) return std::nullopt;
  auto loaded = store->load();
  return loaded ? std::optional(std::move(*loaded)) : std::nullopt;
}

}  // namespace

TEST_CASE("no space when the log is folded into the journal: work stops, and goes on when there is some") {
  Sandbox box;
  box.configure({{"file_conflicts", "off"}});
  box.start();
  Failing full(box, k_journal, "pwrite64", "ENOSPC");
  if (!full.attached()) return;
  const int dropped = drop_until(box, "out_of_space");
  full.stop();
  require_all(box, dropped);
  CHECK(box.log().find("cannot checkpoint journal") != std::string::npos);
  CHECK(box.log().find("there is space again: work goes on") != std::string::npos);
}

TEST_CASE("no space for the feed: its entries are kept, and appended in their order when there is some") {
  Sandbox box;
  box.configure({{"file_conflicts", "off"}});
  box.start();
  Failing full(box, k_feed, "write", "ENOSPC");
  if (!full.attached()) return;
  const int dropped = drop_until(box, "out_of_space");
  CHECK(box.feed("task_received").empty());
  SUBCASE("while it runs") {}
  SUBCASE("over a kill") {
    full.stop();
    box.kill9();
    box.start();
  }
  full.stop();
  require_all(box, dropped);
}

TEST_CASE("a feed that cannot be synced is tried again after pauses that double, and told meanwhile") {
  Sandbox box;
  box.configure();
  box.start();
  Failing broken(box, k_feed, "fdatasync", "EIO");
  if (!broken.attached()) return;
  const auto told = [&] {
    const json state = box.document("orchestrator/state/current.json");
    return state.is_object() && state["attention"].dump().find("unsynced") != std::string::npos;
  };
  box.require_eventually("three attempts", [&] {
    box.pass_by();  // every one gives a reason to sync
    return broken.times().size() >= 3;
  });
  box.require_eventually("told", told);
  const std::vector<double> times = broken.times();
  CHECK(times[1] - times[0] >= 0.9);
  CHECK(times[2] - times[1] >= 1.8);
  CHECK(box.feed("attention_raised").size() == 1);
  broken.stop();
  box.require_eventually("no longer told", [&] { return !told(); });
  CHECK(box.stop() == 0);
  box.check_seq();
}

TEST_CASE("once it rests, the journal holds no more than a start needs") {
  Sandbox box;
  box.configure();
  box.start();
  box.drop("one.json", typo("one.md"));
  box.drop("bad.json", std::string("{"));
  box.complete("development", "one");
  box.require_status("one", "completed");
  box.require_eventually("inputs and feed entries are forgotten", [&] {
    const auto loaded = remembered(box);
    return loaded && loaded->totals.tasks == 1 && loaded->live.empty() && loaded->inputs.empty() && loaded->feed.empty();
  });
  box.kill9();
  box.start();
  CHECK(box.stop() == 0);
  box.check_seq();
}
