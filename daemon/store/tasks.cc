#include "store/tasks.h"

#include <algorithm>
#include <utility>

#include "store/error.h"
#include "store/schema.h"
#include "store/sql.h"

namespace baton::store {
namespace {

std::int64_t first_key(std::int64_t task_key) { return task_key * k_key_stride; }
std::int64_t last_key(std::int64_t task_key) { return first_key(task_key) + k_key_stride - 1; }

std::string select_tasks(const std::string& how, const std::string& where) {
  return "SELECT t.key, t.id, s.given_subtasks, " + sql::list("t", sql::task_columns()) + ", " +
         sql::list("s", sql::task_spec_columns()) + " FROM task t " + how + " CROSS JOIN task_spec s ON s.key = t.key WHERE " +
         where;
}

std::string select_subtasks() {
  return "SELECT b.id, " + sql::list("b", sql::subtask_columns()) + ", " + sql::list("s", sql::subtask_spec_columns()) +
         " FROM subtask b CROSS JOIN subtask_spec s ON s.key = b.key WHERE b.key BETWEEN ? AND ? ORDER BY b.key";
}

Result<> checked(sqlite3* db, const Reader& reader, const std::string& id) {
  if (reader.damaged.empty()) return {};
  return fail_damaged(path_of(db), "column " + reader.damaged + " of " + id + " holds what no version of it means");
}

}  // namespace

Result<> TaskTable::prepare(sqlite3* db) {
  db_ = db;
  const std::string ended =
      "SELECT t.id, t.status, s.content_hash FROM task t CROSS JOIN task_spec s ON s.key = t.key WHERE t.live = 0 AND ";
  const std::pair<Statement*, std::string> statements[] = {
      {&insert_task_, sql::insert("task", {"id", "live"}, sql::task_columns())},
      {&insert_task_spec_, sql::insert("task_spec", {"key", "given_subtasks"}, sql::task_spec_columns())},
      {&insert_given_, sql::insert("given_subtask", {"key", "id"}, sql::subtask_spec_columns())},
      {&insert_subtask_, sql::insert("subtask", {"key", "id"}, sql::subtask_columns())},
      {&insert_subtask_spec_, sql::insert("subtask_spec", {"key"}, sql::subtask_spec_columns())},
      {&insert_document_, "INSERT OR REPLACE INTO document(key, bytes) VALUES(?, ?)"},
      {&update_task_, sql::update_by_id("task", sql::task_columns())},
      // Apart from the other columns: an index row is written anew whenever its column is named.
      {&update_live_, "UPDATE task SET live = ?1 WHERE id = ?2 AND live <> ?1"},
      {&update_subtask_, sql::update_by_id("subtask", sql::subtask_columns())},
      {&rewire_, "UPDATE subtask_spec SET dependencies = ? WHERE key = (SELECT key FROM subtask WHERE id = ?)"},
      {&live_, select_tasks("INDEXED BY task_live", "t.live = 1 ORDER BY t.key")},
      {&ended_task_, select_tasks("", "t.live = 0 AND t.id = ?")},
      {&subtasks_, select_subtasks()},
      {&given_, "SELECT s.id, " + sql::list("s", sql::subtask_spec_columns()) +
                    " FROM given_subtask s WHERE s.key BETWEEN ? AND ? ORDER BY s.key"},
      {&ended_, ended + "t.id = ?"},
      {&ended_of_subtask_, ended + "t.key = (SELECT key / " + std::to_string(k_key_stride) + " FROM subtask WHERE id = ?)"},
      {&taken_, "SELECT 1 WHERE EXISTS(SELECT 1 FROM task WHERE id = ?1) OR EXISTS(SELECT 1 FROM subtask WHERE id = ?1)"},
      {&document_, "SELECT d.bytes FROM task t JOIN document d ON d.key = t.key WHERE t.id = ?"},
      {&key_, "SELECT key FROM task WHERE id = ?"},
      {&key_is_free_, "SELECT NOT EXISTS(SELECT 1 FROM subtask WHERE key = ?)"},
      {&last_key_, "SELECT max(key) FROM subtask WHERE key BETWEEN ? AND ?"},
  };
  for (const auto& [statement, sql] : statements) TRY(statement->prepare(db, sql));
  return {};
}

Result<> TaskTable::insert(const core::Task& task) {
  Binder state{insert_task_};
  insert_task_.bind(std::string_view(task.spec.id));
  insert_task_.bind(static_cast<std::int64_t>(!core::is_final(task.status)));
  visit_task(task, state);
  TRY(insert_task_.finish());

  const std::int64_t key = sqlite3_last_insert_rowid(db_);
  Binder spec{insert_task_spec_};
  insert_task_spec_.bind(key);
  insert_task_spec_.bind(static_cast<std::int64_t>(task.spec.subtasks.size()));
  visit_task_spec(task.spec, spec);
  TRY(insert_task_spec_.finish());

  TRY(insert_given(key, task.spec.subtasks));
  std::int64_t subtask_key = first_key(key);
  for (const core::Subtask& subtask : task.subtasks) TRY(insert_at(subtask_key++, subtask));
  return {};
}

Result<> TaskTable::insert_given(std::int64_t task_key, const std::vector<core::SubtaskSpec>& given) {
  std::int64_t key = first_key(task_key);
  for (const core::SubtaskSpec& spec : given) {
    Binder columns{insert_given_};
    insert_given_.bind(key++);
    insert_given_.bind(std::string_view(spec.id));
    visit_subtask_spec(spec, columns);
    TRY(insert_given_.finish());
  }
  return {};
}

Result<> TaskTable::insert_at(std::int64_t key, const core::Subtask& subtask) {
  Binder state{insert_subtask_};
  insert_subtask_.bind(key);
  insert_subtask_.bind(std::string_view(subtask.spec.id));
  visit_subtask(subtask, state);
  TRY(insert_subtask_.finish());

  Binder spec{insert_subtask_spec_};
  insert_subtask_spec_.bind(key);
  visit_subtask_spec(subtask.spec, spec);
  return insert_subtask_spec_.finish();
}

Result<> TaskTable::update(const core::Task& task) {
  Binder state{update_task_};
  visit_task(task, state);
  update_task_.bind(std::string_view(task.spec.id));
  TRY(update_task_.finish());
  BATON_ASSERT(update_task_.changes() == 1);
  return update_live_.run(static_cast<std::int64_t>(!core::is_final(task.status)), std::string_view(task.spec.id));
}

Result<bool> TaskTable::update(const core::Subtask& subtask) {
  Binder state{update_subtask_};
  visit_subtask(subtask, state);
  update_subtask_.bind(std::string_view(subtask.spec.id));
  TRY(update_subtask_.finish());
  return update_subtask_.changes() == 1;
}

Result<> TaskTable::rewire(const core::Subtask& subtask) {
  return rewire_.run(std::string_view(to_lines(subtask.spec.dependencies)), std::string_view(subtask.spec.id));
}

Result<> TaskTable::insert(const core::Subtask& subtask, const core::Task* task) {
  TRY_VALUE(const std::int64_t key, free_key(subtask, task));
  return insert_at(key, subtask);
}

Result<std::int64_t> TaskTable::free_key(const core::Subtask& subtask, const core::Task* task) {
  TRY_VALUE(const std::optional<std::int64_t> task_key, key_of(subtask.task_id));
  BATON_ASSERT(task_key.has_value());
  if (task != nullptr) {
    const auto place = std::find_if(task->subtasks.begin(), task->subtasks.end(),
                                    [&](const core::Subtask& other) { return other.spec.id == subtask.spec.id; });
    const std::int64_t wanted = first_key(*task_key) + (place - task->subtasks.begin());
    Query query(key_is_free_, wanted);
    TRY(query.next());
    if (key_is_free_.integer(0) != 0) return wanted;
  }
  Query query(last_key_, first_key(*task_key), last_key(*task_key));
  TRY(query.next());
  return last_key_.is_null(0) ? first_key(*task_key) : last_key_.integer(0) + 1;
}

Result<> TaskTable::put_document(const std::string& task_id, std::string_view bytes) {
  TRY_VALUE(const std::optional<std::int64_t> key, key_of(task_id));
  BATON_ASSERT(key.has_value());
  insert_document_.bind(*key);
  insert_document_.bind_blob(bytes);
  return insert_document_.finish();
}

Result<std::optional<std::int64_t>> TaskTable::key_of(const std::string& task_id) {
  Query query(key_, std::string_view(task_id));
  TRY_VALUE(const bool found, query.next());
  if (!found) return std::nullopt;
  return key_.integer(0);
}

Result<std::vector<core::Task>> TaskTable::live() {
  std::vector<core::Task> tasks;
  Query query(live_);
  while (true) {
    TRY_VALUE(const bool found, query.next());
    if (!found) return tasks;
    TRY_VALUE(core::Task task, read(live_));
    tasks.push_back(std::move(task));
  }
}

Result<std::optional<core::Task>> TaskTable::ended_task(const std::string& task_id) {
  Query query(ended_task_, std::string_view(task_id));
  TRY_VALUE(const bool found, query.next());
  if (!found) return std::nullopt;
  TRY_VALUE(core::Task task, read(ended_task_));
  return task;
}

Result<core::Task> TaskTable::read(const Statement& row) {
  const std::int64_t key = row.integer(0);
  core::Task task;
  task.spec.id = row.text(1);
  const std::int64_t given = row.integer(2);
  Reader reader{row, 3};
  visit_task(task, reader);
  visit_task_spec(task.spec, reader);
  TRY(checked(db_, reader, "task " + task.spec.id));
  if (given > 0) TRY(read_given(key, task));
  TRY(read_subtasks(key, task));
  return task;
}

Result<> TaskTable::read_given(std::int64_t task_key, core::Task& task) {
  Query query(given_, first_key(task_key), last_key(task_key));
  while (true) {
    TRY_VALUE(const bool found, query.next());
    if (!found) return {};
    core::SubtaskSpec& spec = task.spec.subtasks.emplace_back();
    spec.id = given_.text(0);
    Reader reader{given_, 1};
    visit_subtask_spec(spec, reader);
    TRY(checked(db_, reader, "a given subtask of task " + task.spec.id));
  }
}

Result<> TaskTable::read_subtasks(std::int64_t task_key, core::Task& task) {
  Query query(subtasks_, first_key(task_key), last_key(task_key));
  while (true) {
    TRY_VALUE(const bool found, query.next());
    if (!found) return {};
    core::Subtask& subtask = task.subtasks.emplace_back();
    subtask.task_id = task.spec.id;
    subtask.spec.id = subtasks_.text(0);
    Reader reader{subtasks_, 1};
    visit_subtask(subtask, reader);
    visit_subtask_spec(subtask.spec, reader);
    TRY(checked(db_, reader, "subtask " + subtask.spec.id));
  }
}

Result<std::optional<core::EndedTask>> TaskTable::ended(const std::string& task_id) { return read_ended(ended_, task_id); }

Result<std::optional<core::EndedTask>> TaskTable::ended_of_subtask(const std::string& subtask_id) {
  return read_ended(ended_of_subtask_, subtask_id);
}

Result<std::optional<core::EndedTask>> TaskTable::read_ended(Statement& statement, const std::string& id) {
  Query query(statement, std::string_view(id));
  TRY_VALUE(const bool found, query.next());
  if (!found) return std::nullopt;
  core::EndedTask ended;
  ended.id = statement.text(0);
  Reader reader{statement, 1};
  reader("status", ended.status);
  reader("content_hash", ended.content_hash);
  TRY(checked(db_, reader, "task " + ended.id));
  return ended;
}

Result<bool> TaskTable::is_taken(const std::string& id) {
  Query query(taken_, std::string_view(id));
  return query.next();
}

Result<std::string> TaskTable::document(const std::string& task_id) {
  Query query(document_, std::string_view(task_id));
  TRY_VALUE(const bool found, query.next());
  if (!found) return fail(ErrorCode::not_found, "the journal holds no document of task " + task_id);
  return std::string(document_.text(0));
}

}  // namespace baton::store
