// `archive`: moves plans, subtasks and reports of tasks that ended long ago, and old answers to commands, to
// orchestrator/archive/YYYY-MM/, in slices. The journal keeps what it knows of the tasks: their ids stay taken.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "service/views.h"
#include "service/world.h"

namespace baton::service {

class Archive {
 public:
  Archive(World& world, Views& views) : world_(world), views_(views) {}

  /// Begins; `input` is answered when all is moved. `older_than_ms`: how long ago a task must have ended.
  Result<> start(const core::InputRef& input, std::int64_t older_than_ms);
  bool more() const { return !jobs_.empty(); }
  /// Works for at most about 5 ms.
  void work(Turn& turn);

 private:
  struct Job {
    core::InputRef input;
    std::vector<std::string> tasks;
    std::vector<std::string> answers;  // names in commands/done
    int moved = 0;                     // tasks
    std::string failure;               // the first one
    std::int64_t answered_before_ms = 0;
  };
  Result<> move_task(const std::string& task_id);
  Result<> move_answer(const std::string& name, std::int64_t before_ms);
  Result<> move_file(const std::string& path, const std::string& month, const std::string& kind);

  World& world_;
  Views& views_;
  std::deque<Job> jobs_;
};

}  // namespace baton::service
