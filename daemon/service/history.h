// What was, but is no longer live: ended tasks and ids that were ever used. The journal knows them from its last commit on; what
// ended in the turn under way is known here until then, so that two documents of one wake-up see each other.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/event.h"
#include "core/model.h"
#include "store/store.h"

namespace baton::service {

class History {
 public:
  explicit History(store::Store& store) : store_(store) {}

  /// A task left the core; the commit that remembers it is still to come.
  void add(std::shared_ptr<const core::Task> task);
  /// The journal knows everything that was added.
  void committed();

  Result<std::optional<core::EndedTask>> ended(const std::string& task_id);
  Result<std::optional<core::Task>> load_task(const std::string& task_id);
  /// Those of `ids` that any task or subtask ever had, the live ones included once they were committed.
  Result<std::vector<std::string>> taken(const std::vector<std::string>& ids);
  /// The ended task that a subtask belonged to.
  Result<std::optional<core::EndedTask>> task_of_subtask(const std::string& subtask_id);
  /// The subtask of an ended task, as it ended; nothing also when the journal cannot be read now.
  std::optional<core::Subtask> ended_subtask(const std::string& subtask_id);

 private:
  store::Store& store_;
  std::map<std::string, std::shared_ptr<const core::Task>> tasks_;  // by id
  std::map<std::string, std::string> subtasks_;                     // of these → their task
};

}  // namespace baton::service
