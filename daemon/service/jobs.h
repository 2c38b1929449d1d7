// Child processes of the daemon: the planner command. They run at least once; the loop never waits for one.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platform/process.h"
#include "service/world.h"

namespace baton::service {

class Jobs {
 public:
  explicit Jobs(World& world) : world_(world) {}

  /// Starts the planner command for a task (again after a restart). A failure to start is an answer too.
  void ask_planner(const std::string& task_id);
  void stop_planner(const std::string& task_id);

  /// Moves what is ready and tells the core of answers, failures and time limits. One repair round follows an invalid answer.
  void take(Turn& turn);
  std::vector<int> fds() const;
  /// Closes the descriptors of ended jobs; to be called when the loop has forgotten them.
  void release_ended() { ended_.clear(); }
  std::optional<std::int64_t> next_deadline() const;  // boot_ms
  bool answers_due() const { return !failed_.empty(); }

 private:
  struct Planner {
    platform::Process process;
    std::int64_t deadline_ms = 0;
    bool repairing = false;
  };
  Result<> spawn(const std::string& task_id, const std::string& previous_answer, const std::vector<std::string>& problems);
  void finished(const std::string& task_id, bool repairing, const platform::Exit& exit, Turn& turn);
  void end(const std::string& task_id);
  void answer(const std::string& task_id, Result<core::Plan> plan, Turn& turn);

  World& world_;
  std::map<std::string, Planner> planners_;
  std::map<std::string, Error> failed_;   // could not be started
  std::vector<platform::Process> ended_;  // their descriptors are still known to the loop
};

}  // namespace baton::service
