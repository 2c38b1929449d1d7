// Processes that masters might have started, and what tests of workers say again and again.
#pragma once

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <string>

#include "system/sandbox.h"

namespace baton::test {

/// A process that a master might have started: not the daemon's child.
class Agent {
 public:
  enum class Habit { obedient, stubborn };  // stubborn: does not react to TERM
  explicit Agent(Habit habit = Habit::obedient, uid_t user = ::getuid()) {
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) live(habit, user, ready[1]);
    ::close(ready[1]);
    char word = 0;
    REQUIRE(::read(ready[0], &word, 1) == 1);  // it is as it should be
    ::close(ready[0]);
  }
  ~Agent() {
    ::kill(pid_, SIGKILL);
    if (!is_reaped_) ::waitpid(pid_, nullptr, 0);
  }
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const { REQUIRE(::kill(pid_, number) == 0); }
  /// Returns when it stands.
  void stop() const {
    signal(SIGSTOP);
    REQUIRE(::waitpid(pid_, nullptr, WUNTRACED) == pid_);
  }
  /// It was ended, and not by us.
  bool has_ended() {
    is_reaped_ = is_reaped_ || ::waitpid(pid_, nullptr, WNOHANG) == pid_;
    return is_reaped_;
  }

 private:
  [[noreturn]] static void live(Habit habit, uid_t user, int ready) {
    ::setpgid(0, 0);
    ::signal(SIGTERM, habit == Habit::stubborn ? SIG_IGN : SIG_DFL);  // not the test program's own way to end
    if (user != ::getuid() && ::setresuid(user, user, user) != 0) ::_exit(1);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // another user's process forgets it
    if (::write(ready, "r", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }

  pid_t pid_ = 0;
  bool is_reaped_ = false;
};

inline const std::string k_handoff = "masters/development/handoffs/to-development-subtask-t.json";

inline json short_waits(json more = json::object()) {
  json settings{{"exit_grace", "0s"}, {"retry_backoff", "0s"}, {"kill_grace", "500ms"}};
  settings.update(more);
  return settings;
}

/// A simple task `t`, handed to development.
inline void hand_out(Sandbox& box, const json& settings) {
  box.configure(settings);
  box.start();
  box.drop("t.json", {{"title", "Fix typo in README.md"}});
  box.require_handoff("development", "t");
}

inline json spec_of(const std::string& worker_id, pid_t pid) {
  return {{"worker_id", worker_id}, {"subtask_id", "t"}, {"pid", pid}, {"status", "running"}};
}

inline void put_spec(Sandbox& box, const std::string& worker_id, pid_t pid) {
  box.put("worker-specs/active/" + worker_id + ".json", spec_of(worker_id, pid).dump());
}

inline bool says(const json& document, const std::string& words) { return document.dump().find(words) != std::string::npos; }

/// The first entry of this type that says so.
inline void require_entry(Sandbox& box, const std::string& type, const std::string& words) {
  box.require_eventually(type + ": " + words, [&] {
    for (const json& entry : box.feed(type))
      if (says(entry, words)) return true;
    return false;
  });
}

/// The handoff of this epoch is there, and the feed tells of it: it is published first, so what else its turn has to say can be
/// later.
inline void require_epoch(Sandbox& box, int epoch) {
  box.require_eventually("handed out again", [&] {
    const json handoff = box.document(k_handoff);
    return handoff.is_object() && handoff.value("epoch", 0) == epoch;
  });
  box.require_eventually("the feed tells it", [&] {
    const auto told = box.feed("subtask_handed_off");
    return std::ranges::any_of(told, [&](const json& each) { return each["subtask_id"] == "t" && each["epoch"] == epoch; });
  });
}

}  // namespace baton::test
