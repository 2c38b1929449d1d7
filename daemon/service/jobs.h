// Child processes of the daemon: the planner command. They run at least once, a bounded number at a time; the loop never waits
// for one.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/process.h"
#include "service/world.h"

namespace baton::service {

inline constexpr std::size_t k_max_planners = 4;  // at once; each may be a language model's client of some hundred megabytes

class Jobs {
 public:
  explicit Jobs(World& world) : world_(world) {}

  /// Jobs of an earlier run that may still be at work are ended: each is asked again, and none may run twice at once.
  void restore(std::vector<store::JobRow> rows);
  /// Before the commit: it remembers by which mark a planner command for this task, and all that it starts, can be found.
  void remember_planner(const std::string& task_id, Turn& turn);
  /// After the commit: starts it, or lets it wait for a free place (again after a restart). That it cannot be started is an
  /// answer too, unless the system is only short of something: then it is tried again.
  void ask_planner(const std::string& task_id);
  void stop_planner(const std::string& task_id);

  /// Moves what is ready and tells the core of answers, failures and time limits. One repair round follows an invalid answer.
  void take(Turn& turn);
  std::vector<int> fds() const;
  /// Closes the descriptors of ended jobs; to be called when the loop has forgotten them.
  void release_ended() { ended_.clear(); }
  std::optional<std::int64_t> next_deadline() const;  // boot_ms
  /// An answer waits, or the journal should forget a job: in a turn that does not wait.
  bool turn_due() const { return !failed_.empty() || !gone_.empty(); }

 private:
  struct Ask {
    std::string task_id;
    bool repairing = false;  // the second round, after an invalid answer
    std::string previous_answer;
    std::vector<std::string> problems;
  };
  struct Planner {
    platform::Process process;
    std::int64_t deadline_ms = 0;
    bool repairing = false;
  };
  void start_some();
  Result<platform::Process> spawn(const core::Task& task, const Ask& ask);
  void finished(const std::string& task_id, bool repairing, const platform::Exit& exit, Turn& turn);
  Result<core::Plan> read_plan(const core::Task& task, const platform::Exit& exit) const;
  void end(const std::string& task_id);
  void forget(const std::string& task_id);
  void answer(const std::string& task_id, Result<core::Plan> plan, Turn& turn);

  World& world_;
  std::map<std::string, std::string> marks_;  // task → mark, until the command has answered
  std::deque<Ask> waiting_;
  std::int64_t retry_ms_ = 0;  // boot clock: nothing is started before
  std::map<std::string, Planner> planners_;
  std::map<std::string, Error> failed_;   // could not be started
  std::vector<std::string> gone_;         // to be forgotten by the journal
  std::vector<platform::Process> ended_;  // their descriptors are still known to the loop
};

}  // namespace baton::service
