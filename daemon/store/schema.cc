#include "store/schema.h"

#include <string>

#include "store/error.h"
#include "store/statement.h"

namespace baton::store {
namespace {

// A released version is never edited: a change is a new row in the table below. The first fifteen came before any release, and
// are told to be too old.
//
// What changes (task, subtask) and what never does (task_spec, subtask_spec, document) lie apart, so that an update writes a
// small row however long the texts are. The key of a subtask holds its task's, so that a task's subtasks lie side by side in the
// order of the plan without an index of their own. Lists are texts as store/lines.h describes them; words are those of the
// protocol.
constexpr const char* k_version_16 = R"sql(
CREATE TABLE task(
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, live INTEGER NOT NULL,
  status TEXT NOT NULL, simple INTEGER NOT NULL, planned INTEGER NOT NULL, planner TEXT NOT NULL, planner_name TEXT NOT NULL,
  score INTEGER NOT NULL, complex INTEGER NOT NULL, complexity TEXT NOT NULL,
  domains TEXT NOT NULL, masters TEXT NOT NULL, reasons TEXT NOT NULL,
  critical_path_minutes INTEGER NOT NULL, total_minutes INTEGER NOT NULL, tokens INTEGER NOT NULL, workers INTEGER NOT NULL,
  parallelization_possible INTEGER NOT NULL, estimate_masters TEXT NOT NULL, bottlenecks TEXT NOT NULL,
  conflicts TEXT NOT NULL, awaits TEXT NOT NULL, approved INTEGER NOT NULL, paused INTEGER NOT NULL,
  created_at INTEGER NOT NULL, started_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, completed_at INTEGER NOT NULL,
  blocking_subtask TEXT NOT NULL, failure_reason TEXT NOT NULL, blocked_at INTEGER NOT NULL, lost TEXT NOT NULL,
  validating INTEGER NOT NULL, check_passed INTEGER NOT NULL, check_reason TEXT NOT NULL, check_message TEXT NOT NULL,
  check_command TEXT NOT NULL, check_exit_code INTEGER NOT NULL, check_output TEXT NOT NULL, check_took_ms INTEGER NOT NULL,
  check_at INTEGER NOT NULL, program_checks INTEGER NOT NULL, waived TEXT NOT NULL
) STRICT;
CREATE INDEX task_live ON task(live) WHERE live = 1;

CREATE TABLE task_spec(
  key INTEGER PRIMARY KEY, given_subtasks INTEGER NOT NULL,
  content_hash TEXT NOT NULL, type TEXT NOT NULL, assigned_to TEXT NOT NULL, orchestration_required INTEGER,
  priority TEXT NOT NULL, mode TEXT NOT NULL, files_affected TEXT NOT NULL, depends_on TEXT NOT NULL,
  playbook TEXT NOT NULL, planner TEXT NOT NULL, time_limit_ms INTEGER NOT NULL, max_tokens INTEGER NOT NULL,
  approval_required INTEGER NOT NULL, created_at INTEGER NOT NULL, source TEXT NOT NULL,
  parent_task_id TEXT NOT NULL, parent_subtask_id TEXT NOT NULL,
  title TEXT NOT NULL, success_criteria TEXT NOT NULL, checkpoint TEXT NOT NULL, description TEXT NOT NULL,
  context TEXT NOT NULL, metadata TEXT NOT NULL
) STRICT;

-- The decomposition that a document brought along, as it was given.
CREATE TABLE given_subtask(
  key INTEGER PRIMARY KEY, id TEXT NOT NULL,
  title TEXT NOT NULL, description TEXT NOT NULL, assigned_to TEXT NOT NULL, worker_type TEXT NOT NULL,
  dependencies TEXT NOT NULL, estimated_minutes INTEGER NOT NULL, estimated_tokens INTEGER NOT NULL,
  files_affected TEXT NOT NULL, success_criteria TEXT NOT NULL, estimated_complexity TEXT NOT NULL,
  orchestration_prompt TEXT NOT NULL, checkpoint TEXT NOT NULL, time_limit_ms INTEGER NOT NULL, orchestrate INTEGER NOT NULL
) STRICT;

-- What no retry resets: tries, spent_tokens, worked_ms. claimed_mono is of a clock that nobody sets: time limits count from it.
-- child_task does this subtask; worktree is where its work lies, if that is no part of the workspace.
CREATE TABLE subtask(
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
  given_id TEXT NOT NULL, stage INTEGER NOT NULL, order_in_stage INTEGER NOT NULL, status TEXT NOT NULL,
  attempt INTEGER NOT NULL, epoch INTEGER NOT NULL, tries INTEGER NOT NULL, spent_tokens INTEGER NOT NULL, worked_ms INTEGER NOT NULL,
  created_at INTEGER NOT NULL, ready_at INTEGER NOT NULL, handed_off_at INTEGER NOT NULL, claimed_at INTEGER NOT NULL,
  claimed_mono INTEGER NOT NULL, started_at INTEGER NOT NULL, completed_at INTEGER NOT NULL, claimed_how TEXT NOT NULL,
  worker_id TEXT NOT NULL, undelivered INTEGER NOT NULL, refused TEXT NOT NULL, verified INTEGER,
  check_passed INTEGER NOT NULL, check_reason TEXT NOT NULL, check_message TEXT NOT NULL, check_command TEXT NOT NULL,
  check_exit_code INTEGER NOT NULL, check_output TEXT NOT NULL, check_took_ms INTEGER NOT NULL, check_at INTEGER NOT NULL,
  summary TEXT NOT NULL, artifacts TEXT NOT NULL, files_modified TEXT NOT NULL, tokens_used INTEGER NOT NULL, data TEXT NOT NULL,
  worktree TEXT NOT NULL, error TEXT NOT NULL, failure_class TEXT NOT NULL, failure_cause TEXT NOT NULL, evidence TEXT NOT NULL,
  retry_count INTEGER NOT NULL, retry_reason TEXT NOT NULL, retry_modifications TEXT NOT NULL, retry_at INTEGER NOT NULL,
  same_attempt INTEGER NOT NULL, splitting INTEGER NOT NULL, split_of TEXT NOT NULL, skip_reason TEXT NOT NULL,
  child_task TEXT NOT NULL, program_checks INTEGER NOT NULL
) STRICT;

CREATE TABLE subtask_spec(
  key INTEGER PRIMARY KEY,
  title TEXT NOT NULL, description TEXT NOT NULL, assigned_to TEXT NOT NULL, worker_type TEXT NOT NULL,
  dependencies TEXT NOT NULL, estimated_minutes INTEGER NOT NULL, estimated_tokens INTEGER NOT NULL,
  files_affected TEXT NOT NULL, success_criteria TEXT NOT NULL, estimated_complexity TEXT NOT NULL,
  orchestration_prompt TEXT NOT NULL, checkpoint TEXT NOT NULL, time_limit_ms INTEGER NOT NULL, orchestrate INTEGER NOT NULL
) STRICT;

CREATE TABLE document(key INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

CREATE TABLE input(
  id INTEGER PRIMARY KEY, path TEXT NOT NULL, inode INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, size INTEGER NOT NULL,
  folder TEXT NOT NULL, sidecar_path TEXT NOT NULL, sidecar TEXT NOT NULL
) STRICT;
CREATE TABLE feed(seq INTEGER PRIMARY KEY, line TEXT NOT NULL, inode INTEGER NOT NULL, offset INTEGER NOT NULL) STRICT;
CREATE TABLE queue(task_id TEXT PRIMARY KEY, stamp TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE view_due(task_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Jobs that run, so that the next start can end what they left.
CREATE TABLE job(name TEXT PRIMARY KEY, mark TEXT NOT NULL, boot_id TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE master(
  name TEXT PRIMARY KEY, breaker TEXT NOT NULL, failures INTEGER NOT NULL, parkings INTEGER NOT NULL, first_failure_at INTEGER NOT NULL,
  open_until INTEGER NOT NULL, parked_until INTEGER NOT NULL, parked_reason TEXT NOT NULL, paused INTEGER NOT NULL,
  on_trial INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Who works on what, and as which process: the next start watches them again. Some outlive their tasks.
CREATE TABLE worker(
  subtask_id TEXT PRIMARY KEY, task_id TEXT NOT NULL, worker_id TEXT NOT NULL, epoch INTEGER NOT NULL, host TEXT NOT NULL,
  boot_id TEXT NOT NULL, first_seen INTEGER NOT NULL, pid INTEGER NOT NULL, start_ticks INTEGER NOT NULL, uid INTEGER NOT NULL,
  spared TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE duration(
  worker_type TEXT NOT NULL, master TEXT NOT NULL, samples INTEGER NOT NULL, mean_ms INTEGER NOT NULL,
  PRIMARY KEY(worker_type, master)
) STRICT, WITHOUT ROWID;
-- What people were told and no record tells, so that a restart does not tell it again.
CREATE TABLE attention(
  task_id TEXT NOT NULL, subtask_id TEXT NOT NULL, reason TEXT NOT NULL, master TEXT NOT NULL, message TEXT NOT NULL,
  PRIMARY KEY(task_id, subtask_id, reason, master)
) STRICT, WITHOUT ROWID;

-- What would take a walk through all history to find out. "tasks" and "tasks.<final status>" are kept by the triggers below;
-- "feed_synced" and "inputs_done" keep the highest number whose row may be gone.
CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO counter VALUES('tasks', 0), ('tasks.completed', 0), ('tasks.failed', 0), ('tasks.cancelled', 0),
                          ('feed_synced', 0), ('inputs_done', 0);
CREATE TRIGGER task_counted AFTER INSERT ON task BEGIN
  UPDATE counter SET value = value + 1 WHERE name IN ('tasks', 'tasks.' || new.status);
END;
CREATE TRIGGER task_moved AFTER UPDATE OF status ON task WHEN old.status <> new.status BEGIN
  UPDATE counter SET value = value - 1 WHERE name = 'tasks.' || old.status;
  UPDATE counter SET value = value + 1 WHERE name = 'tasks.' || new.status;
END;
)sql";

constexpr Migration k_migrations[] = {{16, k_version_16},
                                      {17, "ALTER TABLE subtask ADD COLUMN conflicts INTEGER NOT NULL DEFAULT 0;"}};

Result<std::int64_t> ask(sqlite3* db, std::string_view sql) {
  Statement statement;
  TRY(statement.prepare(db, sql));
  TRY_VALUE(const bool row, statement.step());
  return row ? statement.integer(0) : 0;
}

Result<> execute(sqlite3* db, const char* sql) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return fail_sqlite(db, "write");
  return {};
}

Result<> apply(sqlite3* db, std::span<const Migration> steps, std::int64_t version) {
  for (const Migration& step : steps) {
    if (step.to <= version) continue;
    TRY(execute(db, step.sql));
    TRY(execute(db, ("PRAGMA user_version=" + std::to_string(step.to)).c_str()));
  }
  return execute(db, ("PRAGMA application_id=" + std::to_string(k_application_id)).c_str());
}

}  // namespace

std::span<const Migration> migrations() { return k_migrations; }

Result<> check_identity(sqlite3* db, std::span<const Migration> steps) {
  TRY_VALUE(const std::int64_t id, ask(db, "PRAGMA application_id"));
  TRY_VALUE(const std::int64_t version, ask(db, "PRAGMA user_version"));
  TRY_VALUE(const std::int64_t objects, ask(db, "SELECT count(*) FROM sqlite_schema"));
  const bool is_empty = id == 0 && version == 0 && objects == 0;
  if (is_empty) return {};
  if (id != k_application_id)
    return fail(ErrorCode::invalid, path_of(db) + " is a database, but not a journal of baton: it is kept as it is",
                "move it away, or set state_dir to a folder of its own");
  const std::string says =
      "journal " + path_of(db) + " has version " + std::to_string(version) + ", this program knows versions ";
  if (version > steps.back().to)
    return fail(ErrorCode::invalid, says + "up to " + std::to_string(steps.back().to),
                "start the newer baton that wrote it, or restore a backup from before the update");
  if (version < steps.front().to)
    return fail(ErrorCode::invalid, says + "from " + std::to_string(steps.front().to) + " on",
                "start the older baton that wrote it; or move it away, with its -wal and -shm, to begin anew");
  return {};
}

Result<> migrate(sqlite3* db, std::span<const Migration> steps) {
  BATON_ASSERT(!steps.empty());
  TRY(check_identity(db, steps));
  TRY_VALUE(const std::int64_t version, ask(db, "PRAGMA user_version"));
  if (version == steps.back().to) return {};
  TRY(execute(db, "BEGIN IMMEDIATE"));
  Result<> done = apply(db, steps, version);
  if (done) done = execute(db, "COMMIT");
  if (!done && sqlite3_get_autocommit(db) == 0) sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr);
  return done;
}

}  // namespace baton::store
