// The real program under strace, which kills it, or makes the disk fail, at the N-th system call of a kind. Afterwards a start
// without strace has to end as if nothing had happened. BATON_MATRIX_STEP = every how many calls (default 11; 1 = each one).
#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "crash/oracle.h"
#include "platform/process.h"
#include "system/sandbox.h"

using namespace baton;
using namespace baton::test;

namespace {

constexpr int k_last_call = 60;  // none of these scripts makes more of a kind
constexpr std::size_t k_tasks = 2;
const std::string k_trace = "../trace.txt";

int step() {
  const char* text = std::getenv("BATON_MATRIX_STEP");
  return text != nullptr ? std::max(1, std::atoi(text)) : 11;
}

/// The daemon beneath strace.
class Traced {
 public:
  Traced(const Sandbox& box, const std::string& call, const std::string& inject) {
    platform::SpawnRequest request;
    // A leak checker cannot work on a process that is traced.
    request.argv = {"env",
                    "ASAN_OPTIONS=detect_leaks=0",
                    "strace",
                    "-f",
                    "-qq",
                    "-o",
                    box.path(k_trace),
                    "-e",
                    "trace=" + call,
                    "-e",
                    "inject=" + call + ":" + inject,
                    BATON_PROGRAM,
                    "--coordination",
                    box.root(),
                    "daemon"};
    request.cwd = "/";
    request.unset_environment = {"BATON_*", "NOTIFY_SOCKET"};
    auto spawned = platform::Process::spawn(request);
    if (spawned) process_ = std::move(*spawned);
  }
  ~Traced() {
    if (process_ && !ended()) process_->signal_group(SIGKILL);
  }
  Traced(const Traced&) = delete;
  Traced& operator=(const Traced&) = delete;

  bool ended() {
    if (!exit_ && process_) exit_ = process_->pump();
    return !process_ || exit_.has_value();
  }
  const platform::Exit& exit() const { return *exit_; }
  /// SIGTERM; strace hands it on by ending with it, so the whole group gets it.
  void stop() {
    if (ended()) return;
    process_->signal_group(SIGTERM);
    Sandbox::eventually([this] { return ended(); });
  }

 private:
  std::optional<platform::Process> process_;
  std::optional<platform::Exit> exit_;
};

bool may_trace() {
  platform::SpawnRequest request;
  request.argv = {"strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=fdatasync:error=EIO:when=1", "true"};
  request.cwd = "/";
  auto process = platform::Process::spawn(request);
  if (!process) return false;
  std::optional<platform::Exit> exit;
  Sandbox::eventually([&] { return (exit = process->pump()).has_value(); });
  return exit && exit->code == 0;
}

/// One decomposed task, one simple, one that is refused.
void hand_in(Sandbox& box) {
  box.drop("two.json",
           json{{"id", "two"},
                {"title", "Two steps"},
                {"subtasks",
                 {{{"subtask_id", "first"}, {"title", "First"}, {"assigned_to", "development"}},
                  {{"subtask_id", "second"}, {"title", "Second"}, {"assigned_to", "security"}, {"dependencies", {"first"}}}}}});
  box.drop("one.json", json{{"id", "one"}, {"title", "Fix typo in README.md"}});
  box.drop("broken.json", std::string("{\"title\": "));
}

bool finished(const Sandbox& box) {
  std::size_t reports = 0;
  for (const std::string& name : box.list("orchestrator/reports")) reports += name.ends_with(".json") ? 1 : 0;
  return reports == k_tasks && box.exists("task-queue.d/rejected/broken.json.error.json");
}

json finish(Sandbox& box, Master& master) {
  if (!box.running()) box.start();
  box.require_eventually("the end", [&] {
    master.work();
    return finished(box);
  });
  settle(box);
  return outcome(box);
}

json undisturbed() {
  Sandbox box;
  Master master(box);
  hand_in(box);
  return finish(box, master);
}

struct Played {
  bool has_ended = false;    // by itself
  bool is_injected = false;  // strace says that a call was tampered with
};

/// Plays the script with `inject` at a call until the program ends or has done all, then without strace. `fatal`: what a program
/// that ended by itself has to answer.
Played play(const std::string& call, const std::string& inject, const json& expected, std::optional<int> fatal) {
  CAPTURE(call);
  CAPTURE(inject);
  Sandbox box;
  Master master(box);
  hand_in(box);
  Played played;
  {
    Traced daemon(box, call, inject);
    Sandbox::eventually([&] {
      master.work();
      return daemon.ended() || finished(box);
    });
    played.has_ended = daemon.ended();
    daemon.stop();
    if (played.has_ended && fatal) {
      CHECK(daemon.exit().code == *fatal);
      CHECK_FALSE(daemon.exit().error_output.empty());
    }
  }
  const json found = finish(box, master);
  REQUIRE_MESSAGE(found == expected, json::diff(expected, found).dump(1));
  played.is_injected = box.read(k_trace).find("(INJECTED)") != std::string::npos;
  return played;
}

}  // namespace

TEST_CASE("killed at the N-th system call of a kind: the world ends as it does without") {
  if (!may_trace()) {
    MESSAGE("skipped: strace is missing or may not trace here");
    return;
  }
  const json expected = undisturbed();
  for (const char* call : {"fdatasync", "renameat2", "renameat", "pwrite64", "write", "openat2", "symlinkat"}) {
    int hits = 0;
    for (int n = 1; n <= k_last_call; n += step())
      hits += play(call, "signal=KILL:when=" + std::to_string(n), expected, std::nullopt).has_ended ? 1 : 0;
    CHECK_MESSAGE(hits > 0, call);
  }
}

TEST_CASE("a sync that fails ends the program with a message, and a start loses nothing") {
  if (!may_trace()) {
    MESSAGE("skipped: strace is missing or may not trace here");
    return;
  }
  const json expected = undisturbed();
  int hits = 0;
  for (int n = 1; n <= 22; n += step())
    hits += play("fdatasync", "error=EIO:when=" + std::to_string(n), expected, 1).has_ended ? 1 : 0;
  CHECK(hits > 0);
}

TEST_CASE("no space for a while: work goes on by itself when there is space again") {
  if (!may_trace()) {
    MESSAGE("skipped: strace is missing or may not trace here");
    return;
  }
  const json expected = undisturbed();
  // Only a start that finds no space may end the program; it says so.
  constexpr int k_first = 4;  // every run makes so many calls; later ones may not be reached
  for (const std::string call : {"write", "pwrite64"})
    for (int n = k_first; n <= 40; n += 2 * step()) {
      const std::string when = std::to_string(n) + ".." + std::to_string(n + 2);
      const Played played = play(call, "error=ENOSPC:when=" + when, expected, 1);
      CHECK_MESSAGE((played.is_injected || n > k_first), call);
    }
}
