// What the daemon's documents say, as light structs for the verbs that show them. Tolerant: what a document lacks keeps its
// default, so that an older or newer daemon is still readable. Nothing here touches a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace baton::front {

struct WaitRow {
  std::string reason;  // docs/protocol.md, "Subtask"
  std::string subject;
};

struct AttentionRow {
  std::string task_id, subtask_id, reason, message;
};

/// One live task in orchestrator/state/current.json.
struct TaskRow {
  std::string id, title, status, priority, health, created_at;
  bool simple = false;
  int current_stage = 0;
  int progress = 0;                 // percent
  std::vector<std::string> active;  // subtasks that are handed off or at work
  std::vector<std::string> masters;
  std::string parent_task, parent_subtask;  // of a child task: whose subtask it does, and which
};

struct MasterRow {
  std::string name;
  int queued = 0;
  int active = 0;
  int max_active = 0;  // 0 = no limit
};

struct StateView {
  bool paused = false;
  int max_orchestrations = 0, max_subtasks = 0;  // 0 = no limit
  int active = 0, total = 0, completed = 0, failed = 0;
  std::vector<TaskRow> tasks;
  std::vector<MasterRow> masters;
  std::vector<AttentionRow> attention;
  std::int64_t seq = 0;
  std::int64_t daemon_pid = 0;
  std::string daemon_state, daemon_version, started_at, message, updated_at;
};

/// How the worker of a claimed subtask stands.
struct WorkerRow {
  std::string state;  // starting, working, idle, stalled, gone, zombie; empty: nothing is said
  std::string host, last_heartbeat, reason;
  std::int64_t pid = 0;
  std::vector<std::string> evidence, not_ended;
};

struct SubtaskView {
  std::string id, given_id, task_id, title, description, master, worker_type, status, worker_id, success_criteria;
  std::vector<std::string> dependencies, files, artifacts, files_modified;
  std::vector<WaitRow> waits_for;
  int stage = 1, order = 1, attempt = 0, epoch = 0, minutes = 0, retries = 0;
  std::int64_t tokens = 0, tokens_used = 0;
  int progress = 0;  // percent, as its worker says
  bool undelivered = false;
  std::optional<bool> verified;  // none: no check was asked for
  std::string check;             // the last one that was run, in a line
  bool check_failed = false;     // likewise
  std::string check_output;
  std::string worktree;  // in which its work lies; empty: in the workspace
  std::string summary, failure, retry_reason, skip_reason, handed_off_at, claimed_at, started_at, completed_at;
  bool orchestrate = false;  // it is handed to nobody
  std::string child_task;    // that does it, or did so at last
  WorkerRow worker;
  std::string step;  // what its worker does; not in the view, but in the worker's spec
  bool is_done_by_child() const { return orchestrate && status == "in_progress"; }
  /// The task below that waits for a person; empty: none does.
  std::string blocked_below() const;
  /// Its worker counts as dead, and whether it still works only a person can see.
  bool needs_person() const { return status == "zombie" && !worker.not_ended.empty(); }
};

struct PlanView {
  std::string id, orchestration_id, title, complexity, status, priority, mode, planner, blocking_subtask, failure_reason;
  std::string created_at, updated_at, completed_at;
  std::string parent_task, parent_subtask;  // of a child task
  std::vector<std::string> domains, reasons, masters, bottlenecks, depends_on;
  bool simple = false;
  bool paused = false;
  bool validating = false;                                                  // all stages are done, and its own checkpoint runs
  std::vector<std::pair<std::string, std::vector<std::string>>> conflicts;  // file, subtasks in order
  std::vector<SubtaskView> subtasks;
  int score = 0, current_stage = 0, progress = 0 /* percent */, critical_path_minutes = 0, workers = 0;
  std::int64_t tokens = 0;
  std::string duration;
  std::string remaining;  // "35 minutes", as of updated_at
  int stages() const;
  const SubtaskView* find(std::string_view subtask_id) const;
  /// The first subtask that needs one; nullptr: none does.
  const SubtaskView* left_to_person() const;
  /// Of its child tasks and theirs: the first that waits for a person; empty: none does.
  std::string blocked_below() const;
};

struct UpstreamView {
  std::string subtask_id, summary, subtask_file;
  std::vector<std::string> artifacts, files_modified;
};

struct HandoffView {
  std::string handoff_id, to, subtask_id, orchestration_id, priority, status, created_at, result_file, deadline;
  std::string title, description, type, worker_type, success_criteria, checkpoint, instructions;  // of its task
  std::vector<std::string> files;
  std::string context;                                               // a sentence: which step of which task
  std::string request_title, request_description, request_criteria;  // what the whole is for
  std::string retry_reason, last_failure, last_output;               // the latter: what the check that failed has printed
  std::string carried_context;                                       // `context` of the task, as text
  std::vector<UpstreamView> upstream;
  int epoch = 0, attempt = 0;
};

struct AnswerView {
  bool ok = false;
  std::string message;
};

/// NAME.error.json
struct ReasonView {
  std::string code, message, hint, pointer, file;
  int line = 0, column = 0;
};

/// A worker's spec.
struct WorkerView {
  std::string subtask_id, step;
  int progress = 0;  // percent
  std::string output_file, worktree;
};

/// One line of the feed.
struct EventView {
  std::int64_t seq = 0;
  std::string timestamp, type, task_id, subtask_id, worker_id;
  std::vector<std::pair<std::string, std::string>> fields;  // all others, values as text
};

// invalid: not a JSON object.
Result<StateView> read_state(std::string_view bytes);
Result<PlanView> read_plan(std::string_view bytes);
Result<SubtaskView> read_subtask(std::string_view bytes);
Result<HandoffView> read_handoff_view(std::string_view bytes);
Result<WorkerView> read_worker(std::string_view bytes);
Result<AnswerView> read_answer(std::string_view bytes);
Result<ReasonView> read_reason(std::string_view bytes);
Result<EventView> read_event(std::string_view line);

}  // namespace baton::front
