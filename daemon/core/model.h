// The records of the core: what was asked (TaskSpec), what was planned (SubtaskSpec, Plan) and where it stands (Subtask, Task).
// Plain data with the words of docs/protocol.md; no behaviour, no clock, no file. Times are wall-clock milliseconds, 0 = not yet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/stable_vector.h"

namespace baton::core {

enum class Priority { critical, high, medium, low };
enum class ExecutionMode { staged, sequential, eager };
enum class Complexity { low, medium, high };
enum class PlanStatus { planning, awaiting_approval, in_progress, blocked, completed, failed, cancelled };
enum class SubtaskStatus {
  pending,
  ready,
  handed_off,
  in_progress,
  validating,
  completed,
  failed,
  zombie,
  blocked,
  skipped,
  cancelled,
  superseded
};
enum class PlannerKind {
  routed,
  given,
  playbook,
  command,
  rules
};  // written "routed", "explicit", "playbook", "command", "rules"
enum class FailureClass { transient, permanent, rate_limited, conflict };
/// Who says so: a result, what a verdict rests on, a checkpoint, or the end of the child task that did it.
enum class FailureCause { reported, gone, zombie, time_limit, checkpoint, child_task };
/// One circuit breaker per master. degraded: one subtask at a time; open: none; half_open: one, to see whether it goes again.
enum class Breaker { closed, degraded, open, half_open };
enum class Source { drop, queue, subtask };  // subtask: it is a child task

// Every enum is written and read as its protocol word ("in_progress"); parse gives nothing for an unknown word.
std::string_view name(Priority);
std::string_view name(ExecutionMode);
std::string_view name(Complexity);
std::string_view name(PlanStatus);
std::string_view name(SubtaskStatus);
std::string_view name(PlannerKind);
std::string_view name(FailureClass);
std::string_view name(FailureCause);
std::string_view name(Breaker);
std::string_view name(Source);
template <class Enum>
std::optional<Enum> parse(std::string_view word);  // specialised for each of the above in model.cc

/// A piece of work as somebody planned it. spec: "Subtask Template".
struct SubtaskSpec {
  std::string id;  // as wished by whoever planned it; empty = the planner gives one
  std::string title;
  std::string description;
  std::string assigned_to;  // a master; empty = routed
  std::string worker_type;  // planner, implementation, test, audit, documentation, deployment, or the plan's own word
  std::vector<std::string> dependencies;  // ids of subtasks of the same plan
  int estimated_minutes = 0;              // 0 = not estimated
  std::int64_t estimated_tokens = 0;
  std::vector<std::string> files_affected;  // normalised, relative to the workspace
  std::string success_criteria;
  std::string estimated_complexity;  // the plan's own word, carried
  std::string orchestration_prompt;  // carried into the handoff
  std::string checkpoint;            // JSON text: a string, the criterion in words; empty = none
  std::int64_t time_limit_ms = 0;    // 0 = none
  bool orchestrate = false;          // done by a child task with a plan of its own; it is handed to nobody
  bool operator==(const SubtaskSpec&) const = default;
};

/// A task as it was asked for, normalised. docs/protocol.md, "Task".
struct TaskSpec {
  std::string id;
  std::string title;
  std::string description;
  std::string type;
  std::string success_criteria;
  std::string assigned_to;  // as asked, trimmed and lower-cased; the core checks that it exists
  std::optional<bool> orchestration_required;
  Priority priority = Priority::medium;
  ExecutionMode mode = ExecutionMode::staged;
  std::vector<std::string> files_affected;
  std::vector<std::string> depends_on;
  std::vector<SubtaskSpec> subtasks;  // an explicit decomposition
  std::string playbook;               // name of the playbook that must be used
  std::string planner;                // explicit, playbook, command or rules; empty = the first that applies
  std::string checkpoint;             // JSON text, as in SubtaskSpec
  std::string context;                // JSON text, carried into handoffs; empty = none
  std::string metadata;               // JSON text, carried
  int estimated_minutes = 0;          // of the whole task, as its document says; 0 = not said. Judged at arrival, not kept
  std::int64_t estimated_tokens = 0;
  std::int64_t time_limit_ms = 0;
  std::int64_t max_tokens = 0;
  bool approval_required = false;
  std::int64_t created_at = 0;  // from the document, 0 = not said
  Source source = Source::drop;
  std::string content_hash;         // of the document without the fields that the daemon writes; a child task has none
  std::string parent_task_id{};     // of a child task: whose subtask it does
  std::string parent_subtask_id{};  // and which
};

/// Why something is simple or complex, and where it goes. spec: "Decision Framework".
struct Analysis {
  int score = 0;  // complex when it reaches Settings::complexity_threshold
  bool complex = false;
  Complexity complexity = Complexity::low;
  std::vector<std::string> domains;  // development, security, inventory, cicd, documentation, testing, ...; most important first
  std::vector<std::string> masters;  // the masters these domains belong to; the first takes a simple task
  std::vector<std::string> reasons;  // one sentence each, with its share of the score
};

/// Subtasks of one stage that write the same file: they run one after the other.
struct Conflict {
  std::string file;
  std::vector<std::string> subtasks;  // in the order they run
};

/// spec: "Resource Estimation".
struct Estimate {
  int critical_path_minutes = 0;
  int total_minutes = 0;
  std::int64_t tokens = 0;
  int workers = 0;  // subtasks and the retries to be expected
  bool parallelization_possible = false;
  std::vector<std::string> masters;
  std::vector<std::string> bottlenecks;
};

/// What a planner made and the plan rules accepted: subtasks with final masters, stages (from 1), order in their stage (from 1).
struct PlannedSubtask {
  SubtaskSpec spec;
  int stage = 1;
  int order = 1;
  std::string given_id;  // the id as the planner gave it, when another one had to be taken
};
struct Plan {
  PlannerKind planner = PlannerKind::routed;
  std::string planner_name;  // the playbook's name; empty otherwise
  Analysis analysis;
  std::vector<PlannedSubtask> subtasks;
  std::vector<Conflict> conflicts;
  Estimate estimate;
};

/// What a worker delivered.
struct Outcome {
  std::string summary;
  std::vector<std::string> artifacts;
  std::vector<std::string> files_modified;
  std::int64_t tokens_used = 0;
  std::string data;  // JSON text: whatever else the result held; empty = nothing
  std::string
      worktree;  // beneath the coordination folder's worktrees/, where the work lies as it was merged; empty: in the workspace
  bool operator==(const Outcome&) const = default;
};

/// What came of a checkpoint: of the first of its commands that failed, else of the last one.
struct CheckResult {
  bool passed = false;
  std::string reason;                // why it did not pass: exit_code, signal, time_limit, not_started
  std::string message;               // the same in words
  std::vector<std::string> command;  // program and arguments
  int exit_code = 0;                 // reason exit_code
  std::string output;                // of both streams, the beginning and the end
  std::int64_t took_ms = 0;          // all commands together
  std::int64_t at = 0;               // when it ended; 0 = none was run
  bool operator==(const CheckResult&) const = default;
};

/// One subtask of a live or ended task.
struct Subtask {
  SubtaskSpec spec;  // spec.id is final: unique among all ids ever used
  std::string task_id;
  std::string given_id;
  int stage = 1;
  int order = 1;
  SubtaskStatus status = SubtaskStatus::pending;
  int attempt = 0;                // counts against the budget
  int conflicts = 0;              // of these, those that ended in a merge conflict, which have a budget of their own
  bool same_attempt = false;      // the next handoff costs no attempt: nobody failed at the last one
  int epoch = 0;                  // fencing number: counts handoffs
  int tries = 0;                  // as attempt, but never reset
  std::int64_t spent_tokens = 0;  // of all tries, failed ones included
  std::int64_t worked_ms = 0;     // of all tries, from claim (or handoff, where nobody claimed) to answer
  std::int64_t created_at = 0;
  std::int64_t ready_at = 0;
  std::int64_t handed_off_at = 0;
  std::int64_t claimed_at = 0;
  std::int64_t claimed_mono = 0;  // mono clock: what its limits count from; 0 = not known
  std::int64_t started_at = 0;    // first evidence of a worker
  std::int64_t completed_at = 0;
  std::string claimed_how;  // renamed, processed, status, worker, removed; empty = not claimed
  std::string worker_id;
  int progress_percent = 0;      // as the worker says, or of its child task; not journalled
  bool undelivered = false;      // its handoff could not be written yet
  std::string refused;           // where the answer to the live epoch lies that was refused, and why; empty = none was
  std::optional<bool> verified;  // of the check that was asked for: true = a program ran it, false = nobody did; none = none was
  bool program_checks =
      false;          // a program runs its checkpoint: so it was when it was planned, and stays, whatever the settings say
  CheckResult check;  // the last one
  Outcome outcome;
  std::string error;  // of the last failure
  FailureClass failure_class = FailureClass::transient;
  FailureCause failure_cause = FailureCause::reported;
  std::vector<std::string> evidence;  // of the last failure: what the verdict rests on, a sentence each
  int retry_count = 0;
  std::string retry_reason;
  std::string retry_modifications;  // what is different this time
  std::int64_t retry_at = 0;        // its next attempt waits until then; 0 = it need not wait
  bool splitting = false;           // status ready: it is about to be split in two
  std::string split_of;             // the superseded subtask that this one does a part of; empty = none
  std::string skip_reason;          // of a completed one: why a person let its check pass, which did not
  std::string child_task{};         // spec.orchestrate: the task that does it, or did so at last; empty = there was none yet
};

/// How a master fares, as far as that keeps work from it. A master without a record is well.
struct MasterRecord {
  std::string name;
  Breaker breaker = Breaker::closed;
  int failures = 0;                   // in a row
  int parkings = 0;                   // in a row
  std::int64_t first_failure_at = 0;  // of that row
  std::int64_t open_until = 0;        // breaker not closed: when it becomes better by itself
  std::int64_t parked_until = 0;      // its provider takes no more before; 0 = it does
  std::string parked_reason = {};
  bool paused = false;    // by a person
  bool on_trial = false;  // parked, but given one subtask at a time: a person wants to know whether it goes again
  bool is_well() const { return breaker == Breaker::closed && failures == 0 && parkings == 0 && parked_until == 0 && !paused; }
  bool operator==(const MasterRecord&) const = default;
};

/// Something a person should look at now; derived, raised and cleared on change.
struct Attention {
  std::string task_id;
  std::string subtask_id;
  std::string reason;  // blocked, awaiting_approval, waiting_for_unknown_task, undelivered, unclaimed, result_refused, paused,
                       // no_master, master_parked, breaker, stalled, late, overdue, zombie, worker_left, short_of_memory,
                       // short_of_disk
  std::string message;
  std::string master = {};  // of master_parked, breaker and unclaimed
  bool operator==(const Attention&) const = default;
};

/// Who works on a claimed subtask, and as which process. docs/protocol.md, "Claim, work, result".
struct WorkerRecord {
  std::string subtask_id;
  std::string task_id;
  std::string worker_id;
  int epoch = 0;
  std::string host;             // empty: this machine
  std::string boot_id;          // of this machine when it was seen; empty for another one
  std::int64_t first_seen = 0;  // wall clock
  std::int64_t pid = 0;         // 0 = it named no process that can be watched
  std::int64_t start_ticks = 0;
  std::int64_t uid = 0;
  std::string spared;  // why the process must not be signalled; empty: it may
  bool operator==(const WorkerRecord&) const = default;
};

/// What a worker says of itself for people to see; nothing is decided by it.
struct WorkerReport {
  std::string current_step;
  std::string worktree;  // as written, and so is the next
  std::string output_file;
  std::int64_t tokens_used = 0;  // so far; 0 = not said
  double cost_usd = 0;           // likewise
};

/// A task and its orchestration: a simple one has a single subtask whose id is the task's. docs/protocol.md, "Plan".
struct Task {
  TaskSpec spec;
  PlanStatus status = PlanStatus::planning;
  bool simple = true;
  bool planned = false;  // false while a planner command is at work
  PlannerKind planner = PlannerKind::routed;
  std::string planner_name;
  Analysis analysis;
  Estimate estimate;
  std::vector<Conflict> conflicts;
  StableVector<Subtask> subtasks;   // in the order of the plan; one that is added leaves the others where they are in memory
  std::vector<std::string> awaits;  // those of spec.depends_on that have not ended (or never came)
  bool approved = false;
  bool paused = false;
  std::int64_t created_at = 0;
  std::int64_t started_at = 0;
  std::int64_t updated_at = 0;
  std::int64_t completed_at = 0;
  std::int64_t blocked_at = 0;    // 0 = it is not
  std::string blocking_subtask;   // blocked: by which subtask (empty: by tasks it depends on)
  std::vector<std::string> lost;  // blocked: the tasks it depends on that did not complete
  std::string failure_reason;
  std::string waived;           // what it depended on and goes on without, and why a person says so
  bool validating = false;      // its last stage is done, and its own checkpoint runs
  bool program_checks = false;  // as of a subtask
  CheckResult check;            // what came of the checkpoint
};

/// How many stages a task has; 0 while it is not planned.
int stage_count(const Task& task);
/// The first stage with a subtask that is not finished; the last stage when all are.
int current_stage(const Task& task);
/// 0..100 by estimated minutes of finished subtasks (a subtask without an estimate counts as 15). One that is done by a child
/// task counts with as much as that has done.
int progress_percent(const Task& task);
bool is_final(PlanStatus status);
bool is_final(SubtaskStatus status);
/// handed_off, in_progress, validating or zombie: somebody may be writing its files.
bool is_in_flight(SubtaskStatus status);
/// In flight, and not answered yet: its handoff is out.
bool is_handed_out(SubtaskStatus status);
/// The same of a subtask: nobody writes its files, and no handoff of it is out, while a child task does it.
bool is_in_flight(const Subtask& subtask);
bool is_handed_out(const Subtask& subtask);
/// Its child task is at work, or waits for something.
bool is_done_by_child(const Subtask& subtask);
/// It does a subtask of another task.
bool is_child(const Task& task);
/// What has to hold before this subtask counts as good: its own checkpoint, or that of the task when it is the whole of it.
const std::string& checkpoint_of(const Task& task, const Subtask& subtask);
/// Its last answer did not pass its checkpoint: what is to be done is mending.
bool is_fix(const Subtask& subtask);
/// Its last answer was that its work does not go together with what others did.
bool has_conflict(const Subtask& subtask);
/// Whether the task as a whole was found good by its own checkpoint, or by whatever mended what that had found. Nothing: it has
/// none that a program runs, or that was not run.
std::optional<bool> is_validated(const Task& task);

}  // namespace baton::core
