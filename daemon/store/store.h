// The journal: what was remembered. One SQLite database, one connection, one transaction per turn; the only fsync of a turn.
// It also answers what the core no longer holds: ended tasks and ids that were ever used.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/effect.h"
#include "core/model.h"
#include "core/orchestrator.h"
#include "platform/files.h"

namespace baton::store {

/// An input document that was taken: on a later start a file with this identity at this path is only filed.
struct InputRow {
  std::int64_t id = 0;  // given by the caller, grows
  std::string path;     // where it was read, relative to the coordination folder
  platform::Identity identity;
  std::string folder;        // where it is filed to; empty: it stays (a command: it is removed once answered)
  std::string sidecar_path;  // a file to write before it is filed: reason or answer; empty = none
  std::string sidecar;
};

/// One line of the feed, kept until the feed file was synced.
struct FeedRow {
  std::int64_t seq = 0;
  std::string line;         // with its newline
  std::uint64_t inode = 0;  // of the feed when this was committed; 0 = there was none
  std::int64_t offset = 0;  // the line stands at or after this offset
};

/// What the queue file is known to hold for one of its tasks.
struct QueueRow {
  std::string task_id;
  std::string stamp;  // the updated_at that we wrote last
};

/// A child process that is about to be started, or was, and may still run.
struct JobRow {
  std::string name;  // what it does, and for whom: "planner:<task id>"
  std::string mark;  // stands in the environment of everything that it starts
  std::string boot_id;
};

/// All that one turn wants remembered, carried out in the order of the members. Records are read through the pointers during
/// commit() only. What was asked or planned (TaskSpec, SubtaskSpec) is written at the insert and never again. Subtasks of a plan
/// that comes later stand in the order of Task::subtasks if their task is in `tasks` too, else behind the others.
struct Commit {
  std::vector<const core::Task*> created;                 // insert: task and all its subtasks
  std::vector<const core::Task*> tasks;                   // update: the task's own mutable columns
  std::vector<const core::Subtask*> subtasks;             // update: mutable columns (insert if new)
  std::vector<const core::Subtask*> rewired;              // update: spec.dependencies
  std::map<core::DurationKey, core::Duration> durations;  // insert or replace
  std::vector<core::MasterRecord> masters;                // insert or replace by name; one that is well: delete
  std::vector<core::WorkerRecord> workers;                // insert or replace by subtask_id
  std::vector<std::string> workers_gone;                  // delete by subtask_id
  std::vector<core::AttentionChange> attention;           // in order: insert or replace, delete
  std::map<std::string, std::string> documents;           // task id → the user's own text, untouched
  std::vector<InputRow> inputs;                           // insert or replace by id
  std::vector<std::int64_t> inputs_done;                  // delete by id
  std::vector<FeedRow> feed;                              // insert
  std::int64_t feed_synced = 0;                           // delete feed rows up to this seq
  std::vector<QueueRow> queue;                            // insert or replace by task_id
  std::vector<std::string> queue_gone;                    // delete by task_id
  std::vector<JobRow> jobs;                               // insert or replace by name
  std::vector<std::string> jobs_gone;                     // delete by name
  std::vector<std::string> views_due;                     // ended tasks whose views must still be written
  std::vector<std::string> views_done;                    // … have been written
  std::map<std::string, std::string> meta;                // insert or replace
  std::vector<std::string> meta_gone;                     // delete by name
  bool empty() const;
};

/// What a start finds.
struct Loaded {
  std::vector<core::Task> live;
  core::Totals totals;
  std::int64_t last_seq = 0;
  std::int64_t last_input_id = 0;
  std::vector<InputRow> inputs;
  std::vector<FeedRow> feed;
  std::vector<QueueRow> queue;  // of all tasks whose entries are still in the file
  std::vector<JobRow> jobs;
  std::vector<core::MasterRecord> masters;
  std::vector<core::WorkerRecord> workers;
  core::Durations durations;
  std::vector<core::Attention> attention;
  std::vector<std::string> views_due;
  std::map<std::string, std::string> meta;
};

/// Whether the file at `path` is a journal or a copy of one, and its meta table says that `name` is `value`.
bool says(const std::string& path, std::string_view name, std::string_view value);

class Store {
 public:
  /// Opens or makes the journal (absolute path), locks it exclusively, migrates it. invalid: not a journal, damaged, or newer
  /// than this program.
  static Result<Store> open(const std::string& path);
  ~Store();
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;

  Result<Loaded> load();
  /// One transaction, durable when it returns. no_space: nothing was changed, try the same commit again. io: end the program.
  Result<> commit(const Commit& commit);

  Result<std::optional<core::EndedTask>> ended(const std::string& task_id);
  /// A task that is no longer live, as it ended.
  Result<std::optional<core::Task>> load_task(const std::string& task_id);
  /// Those of `ids` that any task or subtask ever had.
  Result<std::vector<std::string>> taken(const std::vector<std::string>& ids);
  Result<std::optional<core::EndedTask>> task_of_subtask(const std::string& subtask_id);  // an ended task's subtask
  Result<std::string> document(const std::string& task_id);

  /// Moves the write-ahead log into the database when it is worth it: `idle` = nothing is ready; else only at 1,000 pages.
  Result<> checkpoint(bool idle);
  /// A consistent copy while running (VACUUM INTO a name that does not exist).
  Result<> copy_to(const std::string& path);
  /// The file was deleted, renamed or replaced while it is open: what is committed now would be lost with the process.
  Result<bool> moved();
  /// The journal was deleted or replaced: what is remembered is written anew at `path`, and worked on from there. At any moment
  /// either the open one or a whole copy is there for the next start. Any error: the open one stands and works on; try again.
  Result<> write_anew(const std::string& path);
  Result<> close();  // truncates the log

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace baton::store
