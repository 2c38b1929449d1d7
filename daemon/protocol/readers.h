// Documents from outside → records. Every reader: check_json, tolerance (docs/protocol.md, "What readers accept"), schema,
// convert. Errors carry pointer, line and column and say what to write instead. Nothing here touches a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/event.h"
#include "core/model.h"
#include "protocol/validate.h"

namespace baton::protocol {

/// One task as a document holds it.
struct TaskIn {
  core::TaskSpec spec;                // spec.id empty when the document has none; content_hash is set
  std::string status;                 // normalised word as written: "", pending, queued, in_progress, completed, …
  std::string stamp;                  // updated_at as written
  std::string document;               // its own bytes (for Markdown: the whole file)
  std::string pointer;                // to it in the dropped file; empty = the whole file
  std::vector<std::string> warnings;  // "created_at has no time zone, UTC was taken"
};

/// A dropped JSON file: one task, an array, or {"tasks": [...]}. At least one task. The first error refuses the whole.
Result<std::vector<TaskIn>> read_dropped_json(std::string_view bytes);
/// A dropped Markdown file: title = first heading (or first line), description = the rest.
Result<TaskIn> read_dropped_markdown(std::string_view bytes);
/// One entry of the queue file.
Result<TaskIn> read_queue_entry(std::string_view entry_bytes);

/// The task with this hash, journalled when it came (maybe by an older version), says what this one says.
bool same_content(std::string_view known_hash, const TaskIn& task);
/// An error that was found after reading: its place.pointer counts from the task, with the names of the schema. The same error
/// with the place in the document, where `pointer` leads to the task and its author's names count.
Error located(Error error, std::string_view bytes, const std::string& pointer, core::Source source);

/// The same for a Markdown file: the line of the block at its top that says it, else the beginning.
Error located_in_markdown(Error error, std::string_view bytes);
/// As near_misses(), of the block at the top of a Markdown file.
std::vector<Problem> near_misses_in_markdown(std::string_view bytes);

struct ResultIn {
  std::string subtask_id;  // empty: the file's name tells
  std::string from;        // a master; empty: the folder tells
  std::string worker_id;
  int epoch = 0;  // 0 = not said
  bool completed = false;
  core::Outcome outcome;
  std::string error;
  core::FailureClass failure_class = core::FailureClass::transient;
  std::int64_t retry_after_ms = 0;  // with rate_limited: how long from when it was written; 0 = not said so
  std::int64_t retry_at = 0;        // or until when, wall clock
};
Result<ResultIn> read_result(std::string_view bytes);

/// A handoff somebody touched: what its status says now.
struct HandoffIn {
  enum class Says { pending, claimed, completed, failed };
  Says says = Says::pending;
  std::string subtask_id;  // empty: the name tells
  int epoch = 0;
  ResultIn result;  // completed and failed carry it inside
};
Result<HandoffIn> read_handoff(std::string_view bytes);

struct WorkerIn {
  std::string worker_id;   // empty: the name tells
  std::string subtask_id;  // or the task's id
  int epoch = 0;
  int progress_percent = -1;
  std::string current_step;
  std::string master;
  std::string host;                 // as written
  std::optional<std::int64_t> pid;  // absent: not said. Any number: whether it can be one is not the reader's to say
  std::int64_t started_at = 0;      // wall clock; 0 = not said, or not readable
  std::int64_t last_heartbeat = 0;  // likewise. When it arrives is what counts
  std::string worktree;
  std::string output_file;       // as written: that its output grows shows that it lives
  std::int64_t tokens_used = 0;  // so far; 0 = not said, or no such number
  double cost_usd = 0;           // likewise
  bool has_result = false;       // in completed/ or failed/
  ResultIn result;
};
Result<WorkerIn> read_worker_spec(std::string_view bytes);
/// What a .pid file says. Nothing: it is no decimal number.
std::optional<std::int64_t> read_pid(std::string_view bytes);

/// orchestrator/commands/NAME.json
struct CommandIn {
  enum class Other { none, reload, backup, archive, probe };
  Other other = Other::none;  // a command that the daemon itself carries out
  core::Verb verb = core::Verb::retry;
  std::string subject;  // of a task or its plan "orch-" is dropped
  std::string reason;
  std::string file;                // backup: where to (absolute)
  std::int64_t older_than_ms = 0;  // archive
  std::string master;              // instead of a subject
};
Result<CommandIn> read_command(std::string_view bytes);

/// orchestrator/state/estimates.json
Result<core::Durations> read_estimates(std::string_view bytes);

/// What a planner command printed: {"subtasks": [...]} or a bare array.
Result<std::vector<core::SubtaskSpec>> read_planner_answer(std::string_view bytes);
/// What an answer that was refused was told to mend: where, what and how, in a line each. With a schema that is broken in several
/// places these are all, not only the one in `refusal`.
std::vector<std::string> problems_of_answer(std::string_view bytes, const Error& refusal);

}  // namespace baton::protocol
