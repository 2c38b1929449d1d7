// Everything the core can be told. Intake makes events from what changed in the world; the same events in the same order give
// the same effects, byte for byte. What the core does not keep (ended tasks, ids ever used) comes inside the event.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/health.h"
#include "core/model.h"
#include "core/settings.h"

namespace baton::core {

/// The document an event came from, so that effects can say what to do with it. Opaque to the core but for `id`.
struct InputRef {
  std::int64_t id = 0;  // row of the input in the turn; 0 = no document (a queue entry, a file that vanished)
  std::string path;     // relative to the coordination folder, for messages
  bool operator==(const InputRef&) const = default;
};

/// What history knows of a task id that the core does not hold.
struct EndedTask {
  std::string id;
  PlanStatus status = PlanStatus::completed;
  std::string content_hash;
};

/// Config, masters or playbooks were read (always the first event after a start) or changed.
struct CatalogueChanged {
  Catalogue catalogue;
  bool at_start = false;
};

struct ArrivedTask {
  TaskSpec spec;
  std::string pointer;  // JSON pointer to it in its document
  std::optional<Result<Plan>>
      plan;  // Orchestrator::plan(spec), made beforehand so that its ids could be looked up; empty: the planner command is asked
  Analysis analysis;  // without a plan: what the planner command is told
  std::vector<std::string>
      taken_ids;  // of the plan's ids, of what may be taken instead, and of spec.id, those that any record ever used
  std::optional<EndedTask> ended;       // spec.id is an ended task
  std::vector<EndedTask> dependencies;  // those of spec.depends_on that are ended
};

/// One document with one or several tasks: accepted or refused as a whole.
struct TasksArrived {
  InputRef input;
  Source source = Source::drop;
  std::vector<ArrivedTask> tasks;
};

/// The planner command answered, or did not.
struct PlannerAnswered {
  std::string task_id;
  Result<Plan> plan;                   // of the command
  Plan fallback;                       // by rules, for when the command has failed
  std::vector<std::string> taken_ids;  // of both
};

/// How a subtask may be done in two parts: the answer to ProposeSplit.
struct SplitProposed {
  std::string subtask_id;
  int epoch = 0;
  std::pair<SubtaskSpec, SubtaskSpec> parts;  // their ids are not looked at
  std::vector<std::string> taken_ids;         // those of split_ids(subtask_id) that any record ever used
  PlannerKind planner = PlannerKind::rules;   // who made them: command or rules
  std::string note{};                         // why not the planner command, which was asked
};

/// The child task that does a subtask: the answer to ProposeChild.
struct ChildProposed {
  std::string subtask_id;
  int epoch = 0;
  ArrivedTask task;  // child_spec() of the subtask, with an id that no record ever used
};

/// A handoff was taken. docs/protocol.md, "Claim".
struct HandoffClaimed {
  std::string subtask_id;
  int epoch = 0;    // 0 = the live one
  std::string how;  // renamed, processed, status, worker, removed
};
/// A claimed handoff was moved back.
struct HandoffReleased {
  std::string subtask_id;
  int epoch = 0;
};
/// A handoff could not be written (undelivered) or now lies where it belongs (delivered).
struct HandoffDelivery {
  std::string subtask_id;
  int epoch = 0;
  bool delivered = true;
  std::string reason;  // of the failure
};

/// A process that a worker named, when it was found to be the one that was meant.
struct WorkerProcess {
  std::int64_t pid = 0;
  std::int64_t start_ticks = 0;
  std::int64_t uid = 0;
  std::string spared;  // why it must not be signalled; empty: it may
};

/// A worker spec, pid file or heartbeat appeared or changed.
struct WorkerSeen {
  std::string worker_id;
  std::string subtask_id;
  int epoch = 0;              // 0 = the live one
  int progress_percent = -1;  // -1 = not said
  std::string current_step;
  std::string host{};                      // another machine; empty: this one, or not said
  std::string boot_id{};                   // of this machine; empty: it said so before the machine was started
  std::optional<WorkerProcess> process{};  // absent: no news of it
  std::int64_t lay_there_ms = 0;           // how long ago it was written, when nobody saw it arrive; 0 = now
  std::optional<WorkerReport> report{};    // absent: no news of it
};
/// The process that a worker named has ended, or is not there.
struct WorkerExited {
  std::string worker_id;  // empty: whoever has claimed it, of whom nothing is known
  std::string subtask_id;
  std::string what;       // "its process 4711 has exited"
  bool rebooted = false;  // with the machine: nobody's fault
  bool remains = false;   // others of the process group that it led are still there; may be told after the exit
};
/// What LookAtWorker found.
struct WorkerLooked {
  std::string subtask_id;
  int epoch = 0;
  WorkerLook look;
};
/// What came of EndWorker.
struct WorkerEnded {
  std::string task_id;
  std::string subtask_id;
  std::string worker_id;
  int epoch = 0;
  std::int64_t took_ms = 0;
  bool killed = false;                // TERM was not enough
  std::int64_t processes = 0;         // that ended
  std::vector<std::string> left{};    // what could not be ended, one sentence each
  std::vector<std::string> beside{};  // what may be its own, and nobody waits for
};

/// A result document, a moved worker spec, or a handoff whose status was edited to an end.
struct ResultArrived {
  InputRef input;
  std::string subtask_id;
  std::string master;  // whose folder it lay in; empty = not from a master's folder
  std::string worker_id;
  int epoch = 0;  // 0 = the live one
  bool completed = false;
  Outcome outcome;
  std::string error;
  FailureClass failure_class = FailureClass::transient;
  std::int64_t retry_after_ms = 0;  // rate_limited: how long from now; 0 = not said
  std::optional<Subtask> ended;     // the subtask as it ended, when its task is no longer live
};

/// A document that should have been the answer of a live subtask was refused at the door.
struct ResultRefused {
  std::string subtask_id;
  std::string reason;
  std::string place;  // the folder where it lies now
};

/// The machine ran short of something, or has enough again: while it is short nothing new is handed off.
struct MachineSeen {
  std::string shortage;  // memory or disk; empty = there is enough
  std::string message;   // how short, in figures
};

/// A checkpoint was run (RunCheck).
struct CheckFinished {
  std::string subject;
  int epoch = 0;
  CheckResult result;                  // its `at` is not looked at
  std::vector<std::string> taken_ids;  // of a task: those of fix_ids(subject) that any record ever used
};

enum class Verb { retry, skip, cancel, release, pause, resume, approve, reject };
std::string_view name(Verb);
/// A request from commands/, or from a status that a person set in the queue file.
struct CommandArrived {
  InputRef input;
  Verb verb = Verb::retry;
  std::string subject;  // id of a task, an orchestration or a subtask; empty = all (pause, resume)
  std::string reason;
  std::optional<EndedTask> ended;  // the subject is an ended task
  std::string master = {};         // it is about this master, and has no other subject
};

/// Time has come: always the last event of a turn.
struct Tick {};

struct Event {
  Moment now;
  std::variant<Tick, CatalogueChanged, TasksArrived, PlannerAnswered, SplitProposed, ChildProposed, CheckFinished, HandoffClaimed,
               HandoffReleased, HandoffDelivery, WorkerSeen, WorkerExited, WorkerLooked, WorkerEnded, ResultArrived,
               ResultRefused, MachineSeen, CommandArrived>
      what;
  std::uint32_t random = 0;  // drawn anew for every event: what chance decides is decided by this
};

}  // namespace baton::core
