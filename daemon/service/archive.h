// `archive`: moves plans, subtasks and reports of tasks that ended long ago, and old answers to commands, to
// orchestrator/archive/YYYY-MM/, in slices. The journal keeps what it knows of the tasks: their ids stay taken. It keeps also
// what a request that is not answered yet began with, so that a start goes on with the same tasks and counts them all.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "service/views.h"
#include "service/world.h"

namespace baton::service {

class Archive {
 public:
  Archive(World& world, Views& views) : world_(world), views_(views) {}

  /// What a killed run has begun and not answered.
  void restore(const std::map<std::string, std::string>& meta);
  /// Begins, or goes on; `input` is answered when all is moved. `older_than_ms`: how long ago a task must have ended.
  /// `request`: the identity of its document.
  Result<> start(const core::InputRef& input, const platform::Identity& request, std::int64_t older_than_ms, Turn& turn);
  bool more() const { return !jobs_.empty(); }
  /// Works for at most about 5 ms.
  void work(Turn& turn);

 private:
  /// What decides, and what is to be counted in the end.
  struct Begun {
    std::int64_t before_ms = 0;  // wall clock: tasks that ended until then
    std::size_t tasks = 0;
  };
  struct Job {
    core::InputRef input;
    std::string row;                   // in the journal
    std::vector<std::string> tasks;    // still to be moved
    std::vector<std::string> answers;  // names in commands/done
    std::size_t moved = 0;             // tasks
    std::string failure;               // the first one
    std::int64_t before_ms = 0;
    std::int64_t answered_before_ms = 0;
  };
  Result<std::vector<std::string>> tasks_before(std::int64_t before_ms) const;
  void answer(const Job& job, Turn& turn);
  Result<bool> moves(const core::Task& task, std::int64_t before_ms) const;
  /// False: it stays for now.
  Result<bool> move_task(const std::string& task_id, std::int64_t before_ms);
  Result<> move_answer(const std::string& name, std::int64_t before_ms);
  Result<> move_file(const std::string& path, const std::string& month, const std::string& kind);

  World& world_;
  Views& views_;
  std::deque<Job> jobs_;
  std::map<std::string, Begun> begun_;  // rows of an earlier run that nobody has come back for yet
};

}  // namespace baton::service
