#include "store/schema.h"

#include <doctest/doctest.h>

#include "store/connection.h"
#include "store/folder.h"
#include "store/sample.h"
#include "store/statement.h"

using namespace baton;
using store::Migration;

namespace {

store::Connection plain(const std::string& path) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  sqlite3_extended_result_codes(db, 1);
  return store::Connection(db);
}

std::int64_t ask(sqlite3* db, const char* sql) {
  store::Statement statement;
  REQUIRE(statement.prepare(db, sql).has_value());
  REQUIRE(statement.step().value());
  return statement.integer(0);
}

std::string columns(sqlite3* db, const char* table) {
  store::Statement statement;
  REQUIRE(statement
              .prepare(db, std::string("SELECT group_concat(name) FROM (SELECT name FROM pragma_table_info('") + table +
                               "') ORDER BY name)")
              .has_value());
  REQUIRE(statement.step().value());
  return std::string(statement.text(0));
}

void tell(sqlite3* db, const std::string& sql) { REQUIRE(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK); }

constexpr Migration k_steps[] = {
    {1, "CREATE TABLE a(x); INSERT INTO a VALUES(7);"},
    {2, "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1;"},
    {3, "CREATE TABLE b AS SELECT x + y AS z FROM a;"},
};
constexpr std::span<const Migration> k_all(k_steps);

/// What versions 13 to 16 did, undone.
void make_version_12(sqlite3* db) {
  for (const char* table : {"subtask", "task"}) tell(db, std::string("ALTER TABLE ") + table + " DROP COLUMN program_checks");
  tell(db, "ALTER TABLE task DROP COLUMN waived");
  tell(db, "ALTER TABLE subtask DROP COLUMN worktree");
  for (const char* table : {"subtask_spec", "given_subtask"})
    tell(db, std::string("ALTER TABLE ") + table + " DROP COLUMN orchestrate");
  tell(db, "ALTER TABLE subtask DROP COLUMN child_task");
  for (const char* column : {"parent_task_id", "parent_subtask_id"})
    tell(db, std::string("ALTER TABLE task_spec DROP COLUMN ") + column);
  tell(db, "PRAGMA user_version = 12");
}

/// What versions 6 to 16 did, undone.
void make_version_5(sqlite3* db) {
  make_version_12(db);
  for (const char* table : {"subtask", "task"})
    for (const char* column : {"passed", "reason", "message", "command", "exit_code", "output", "took_ms", "at"})
      tell(db, std::string("ALTER TABLE ") + table + " DROP COLUMN check_" + column);
  tell(db, "ALTER TABLE task DROP COLUMN validating");
  tell(db, "DROP TABLE duration");
  tell(db, "DROP TABLE attention");
  tell(db, "ALTER TABLE subtask DROP COLUMN claimed_mono");
  for (const char* column :
       {"failure_cause", "evidence", "retry_modifications", "retry_at", "same_attempt", "splitting", "split_of"})
    tell(db, std::string("ALTER TABLE subtask DROP COLUMN ") + column);
  tell(db, "DROP TABLE master");
  tell(db, "DROP TABLE worker");
}

/// What versions 5 to 16 did, undone.
void make_version_4(sqlite3* db) {
  make_version_5(db);
  tell(db, "ALTER TABLE subtask DROP COLUMN refused");
  tell(db, "ALTER TABLE input ADD COLUMN boot_id TEXT NOT NULL DEFAULT 'boot-1'");
  tell(db, "ALTER TABLE queue ADD COLUMN id_given INTEGER NOT NULL DEFAULT 1");
  tell(db, "PRAGMA user_version = 4");
}

void take_recovery(const core::Subtask& from, core::Subtask& to) {
  to.failure_cause = from.failure_cause;
  to.evidence = from.evidence;
  to.retry_modifications = from.retry_modifications;
  to.retry_at = from.retry_at;
  to.same_attempt = from.same_attempt;
  to.splitting = from.splitting;
  to.split_of = from.split_of;
  to.check = from.check;
}

/// No child task, and nothing that asks for one; whether a checkpoint was named is not known.
core::Task as_of_version_12(core::Task task) {
  task.spec.parent_task_id = task.spec.parent_subtask_id = "";
  for (core::SubtaskSpec& given : task.spec.subtasks) given.orchestrate = false;
  for (core::Subtask& subtask : task.subtasks) {
    subtask.spec.orchestrate = false;
    subtask.child_task.clear();
    subtask.program_checks = false;
    subtask.outcome.worktree.clear();
  }
  task.program_checks = false;
  task.waived.clear();
  return task;
}

}  // namespace

TEST_CASE("the steps go up by one") {
  int version = 0;
  for (const Migration& step : store::migrations()) CHECK(step.to == ++version);
  CHECK(version >= 1);
}

TEST_CASE("an empty database gets every step") {
  test::Folder folder;
  const store::Connection db = plain(folder / "j.db");
  REQUIRE(store::migrate(db.get(), k_all).has_value());
  CHECK(ask(db.get(), "SELECT z FROM b") == 15);
  CHECK(ask(db.get(), "PRAGMA user_version") == 3);
  CHECK(ask(db.get(), "PRAGMA application_id") == store::k_application_id);
}

TEST_CASE("an older journal gets only the steps it lacks, and keeps what it holds") {
  test::Folder folder;
  const store::Connection db = plain(folder / "j.db");
  REQUIRE(store::migrate(db.get(), k_all.first(1)).has_value());
  tell(db.get(), "UPDATE a SET x = 20");
  REQUIRE(store::migrate(db.get(), k_all).has_value());
  CHECK(ask(db.get(), "SELECT z FROM b") == 41);
  CHECK(ask(db.get(), "PRAGMA user_version") == 3);
  REQUIRE(store::migrate(db.get(), k_all).has_value());  // nothing is left to do
  CHECK(ask(db.get(), "SELECT count(*) FROM b") == 1);
}

TEST_CASE("a step that fails leaves the older version whole") {
  test::Folder folder;
  const store::Connection db = plain(folder / "j.db");
  REQUIRE(store::migrate(db.get(), k_all.first(1)).has_value());
  const Migration broken[] = {k_steps[0], k_steps[1], {3, "CREATE TABLE c(x); INSERT INTO nowhere VALUES(1);"}};
  const Result<> done = store::migrate(db.get(), broken);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == ErrorCode::io);
  CHECK(done.error().message.find("nowhere") != std::string::npos);
  CHECK(sqlite3_get_autocommit(db.get()) != 0);
  CHECK(ask(db.get(), "PRAGMA user_version") == 1);
  CHECK(ask(db.get(), "SELECT count(*) FROM pragma_table_info('a')") == 1);
}

TEST_CASE("a newer journal is refused with both versions") {
  test::Folder folder;
  const store::Connection db = plain(folder / "j.db");
  REQUIRE(store::migrate(db.get(), k_all).has_value());
  const Result<> done = store::migrate(db.get(), k_all.first(2));
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == ErrorCode::invalid);
  CHECK(done.error().message == "journal " + (folder / "j.db") + " has version 3, this program knows versions up to 2");
}

TEST_CASE(
    "a journal of version 2 opens with its tasks, and what it knows of tries, of checks and of being blocked is taken over") {
  test::Folder folder;
  core::Task blocked = test::full_task("old");
  blocked.subtasks[1].completed_at = 0;
  blocked.subtasks[2].claimed_at = 0;
  {
    store::Store store = test::open_store(folder / "j.db");
    test::commit_new(store, blocked);
    test::commit_new(store, test::simple_task("running"));
    REQUIRE(store.close().has_value());
  }
  {
    const store::Connection old = plain(folder / "j.db");
    make_version_4(old.get());
    for (const char* column : {"tries", "spent_tokens", "worked_ms", "verified"})
      tell(old.get(), std::string("ALTER TABLE subtask DROP COLUMN ") + column);
    for (const char* column : {"blocked_at", "lost"}) tell(old.get(), std::string("ALTER TABLE task DROP COLUMN ") + column);
    tell(old.get(), "ALTER TABLE subtask ADD COLUMN verified INTEGER NOT NULL DEFAULT 1");
    tell(old.get(), "UPDATE subtask SET verified = 0 WHERE id = 'old-1'");
    tell(old.get(), "PRAGMA user_version = 2");
    const store::Connection fresh = plain(folder / "fresh.db");
    REQUIRE(store::migrate(fresh.get(), store::migrations().first(2)).has_value());
    for (const char* table : {"task", "task_spec", "subtask", "subtask_spec", "input", "queue", "job"})
      REQUIRE(columns(old.get(), table) == columns(fresh.get(), table));
  }
  store::Store store = test::open_store(folder / "j.db");
  auto loaded = store.load();
  REQUIRE(loaded.has_value());
  REQUIRE(loaded->live.size() == 2);
  core::Task& task = loaded->live[0];
  CHECK(task.blocked_at == blocked.updated_at);
  CHECK(task.lost.empty());
  CHECK(task.subtasks[0].tries == 4);
  CHECK(task.subtasks[0].spent_tokens == 12'345);
  CHECK(task.subtasks[0].worked_ms == 2);  // from claim to answer
  CHECK(task.subtasks[1].worked_ms == 0);  // not answered
  CHECK(task.subtasks[2].worked_ms == 3);  // nobody claimed it
  CHECK(!task.subtasks[0].verified.has_value());
  CHECK(task.subtasks[1].verified == false);
  CHECK(loaded->live[1].blocked_at == 0);
  CHECK(loaded->live[1].subtasks[0].tries == 0);
  task.blocked_at = blocked.blocked_at;
  task.lost = blocked.lost;
  CHECK(!task.validating);
  CHECK(task.check.at == 0);
  task.validating = blocked.validating;
  task.check = blocked.check;
  for (std::size_t i = 0; i < task.subtasks.size(); ++i) {
    core::Subtask& subtask = task.subtasks[i];
    subtask.tries = blocked.subtasks[i].tries;
    subtask.verified = blocked.subtasks[i].verified;
    subtask.refused = blocked.subtasks[i].refused;
    subtask.spent_tokens = blocked.subtasks[i].spent_tokens;
    subtask.worked_ms = blocked.subtasks[i].worked_ms;
    subtask.claimed_mono = blocked.subtasks[i].claimed_mono;
    subtask.progress_percent = blocked.subtasks[i].progress_percent;
    take_recovery(blocked.subtasks[i], subtask);
  }
  CHECK(test::describe(task) == test::describe(as_of_version_12(blocked)));  // nothing else has changed
}

TEST_CASE("a journal of version 12 opens with its tasks as they were, and knows of no child task") {
  test::Folder folder;
  const core::Task old_task = as_of_version_12(test::full_task("old"));
  {
    store::Store store = test::open_store(folder / "j.db");
    test::commit_new(store, old_task);
    REQUIRE(store.close().has_value());
  }
  {
    const store::Connection old = plain(folder / "j.db");
    make_version_12(old.get());
    const store::Connection fresh = plain(folder / "fresh.db");
    REQUIRE(store::migrate(fresh.get(), store::migrations().first(12)).has_value());
    for (const char* table : {"task", "task_spec", "subtask", "subtask_spec", "given_subtask"})
      REQUIRE(columns(old.get(), table) == columns(fresh.get(), table));
  }
  store::Store store = test::open_store(folder / "j.db");
  auto loaded = store.load();
  REQUIRE(loaded.has_value());
  REQUIRE(loaded->live.size() == 1);
  core::Task& task = loaded->live[0];
  for (std::size_t i = 0; i < task.subtasks.size(); ++i)
    task.subtasks[i].progress_percent = old_task.subtasks[i].progress_percent;  // never journalled
  CHECK(test::describe(task) == test::describe(old_task));
}

TEST_CASE("a journal of version 4 keeps its inputs and its queue rows, and knows of no refused answer") {
  test::Folder folder;
  {
    store::Store store = test::open_store(folder / "j.db");
    test::commit_new(store, test::full_task("old"));
    store::Commit commit;
    commit.inputs = {{7, "task-queue.d/a.json", {1, 2, 3}, "task-queue.d/accepted", "", ""}};
    commit.queue = {{"q-1", "2025-11-05T18:00:00Z"}};
    REQUIRE(store.commit(commit).has_value());
    REQUIRE(store.close().has_value());
  }
  {
    const store::Connection old = plain(folder / "j.db");
    make_version_4(old.get());
    const store::Connection fresh = plain(folder / "fresh.db");
    REQUIRE(store::migrate(fresh.get(), store::migrations().first(4)).has_value());
    for (const char* table : {"subtask", "input", "queue"}) REQUIRE(columns(old.get(), table) == columns(fresh.get(), table));
  }
  store::Store store = test::open_store(folder / "j.db");
  const auto loaded = store.load();
  REQUIRE(loaded.has_value());
  REQUIRE(loaded->live.size() == 1);
  CHECK(loaded->live[0].subtasks[0].refused.empty());
  REQUIRE(loaded->inputs.size() == 1);
  CHECK(loaded->inputs[0].path == "task-queue.d/a.json");
  REQUIRE(loaded->queue.size() == 1);
  CHECK(loaded->queue[0].stamp == "2025-11-05T18:00:00Z");
}
