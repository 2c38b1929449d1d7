// Tasks and their subtasks in the journal: each is written once as a whole, then only what changes; live ones are found without
// walking through history.
#pragma once

#include <sqlite3.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/event.h"
#include "core/model.h"
#include "store/statement.h"

namespace baton::store {

class TaskTable {
 public:
  Result<> prepare(sqlite3* db);

  Result<> insert(const core::Task& task);
  Result<> update(const core::Task& task);
  /// False: there is no such subtask yet.
  Result<bool> update(const core::Subtask& subtask);
  /// A subtask that a later plan brought. It takes its place in `task` when that is known and free, else the last one.
  Result<> insert(const core::Subtask& subtask, const core::Task* task);
  /// Other dependencies than it was planned with.
  Result<> rewire(const core::Subtask& subtask);
  Result<> put_document(const std::string& task_id, std::string_view bytes);

  Result<std::vector<core::Task>> live();  // in the order they were taken
  Result<std::optional<core::Task>> ended_task(const std::string& task_id);
  Result<std::optional<core::EndedTask>> ended(const std::string& task_id);
  Result<std::optional<core::EndedTask>> ended_of_subtask(const std::string& subtask_id);
  Result<bool> is_taken(const std::string& id);
  Result<std::string> document(const std::string& task_id);

 private:
  Result<std::optional<std::int64_t>> key_of(const std::string& task_id);
  Result<std::int64_t> free_key(const core::Subtask& subtask, const core::Task* task);
  Result<> insert_at(std::int64_t key, const core::Subtask& subtask);
  Result<> insert_given(std::int64_t task_key, const std::vector<core::SubtaskSpec>& given);
  Result<core::Task> read(const Statement& row);
  Result<> read_subtasks(std::int64_t task_key, core::Task& task);
  Result<> read_given(std::int64_t task_key, core::Task& task);
  Result<std::optional<core::EndedTask>> read_ended(Statement& statement, const std::string& id);

  sqlite3* db_ = nullptr;
  Statement insert_task_, insert_task_spec_, insert_given_, insert_subtask_, insert_subtask_spec_, insert_document_;
  Statement update_task_, update_live_, update_subtask_, rewire_;
  Statement live_, ended_task_, subtasks_, given_, ended_, ended_of_subtask_, taken_, document_, key_, key_is_free_, last_key_;
};

}  // namespace baton::store
