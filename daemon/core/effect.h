// Everything the core can ask for. Effects are carried out by the publisher after the commit that remembers them. Which records
// changed is told beside them (Changes); documents that are derived from records (plan, subtask, state, report, escalation,
// queue entry) need no effect of their own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "core/durations.h"
#include "core/event.h"
#include "core/health.h"
#include "core/model.h"

namespace baton::core {

/// The document did its work: a dropped file goes to accepted/, a result to done/.
struct AcceptInput {
  InputRef input;
};
/// The document is refused: rejected/ or stale/, with its reason file.
struct RefuseInput {
  InputRef input;
  Error error;
};
/// The request is answered in commands/done/.
struct AnswerCommand {
  InputRef input;
  bool ok = true;
  std::string message;
  std::string findings{};  // JSON text, carried; empty = there are none
};

/// Write the handoff of this epoch (hidden before the commit, by its name after it).
struct PublishHandoff {
  std::string subtask_id;
  int epoch = 0;
};
/// Move the handoff of this epoch, wherever it lies, to done/ (answered) or stale/ (withdrawn).
struct RetireHandoff {
  std::string subtask_id;
  std::string master;
  int epoch = 0;
  bool answered = true;
};
/// Move a worker's files out of active/: completed, failed, zombie or stale.
struct RetireWorker {
  std::string worker_id;
  std::string folder;
  std::optional<WorkerVerdict> verdict{};  // gone or zombie: its spec carries it from now on
  std::string only_of{};                   // a subtask: not when its spec names another one by now; empty: always
};
/// Say what can be seen of the worker of this subtask (WorkerLooked).
struct LookAtWorker {
  std::string subtask_id;
  std::string worker_id;  // empty: none was ever seen
  int epoch = 0;
};
/// End the process of this worker, and what is left of its group (WorkerEnded).
struct EndWorker {
  std::string task_id;
  std::string subtask_id;
  std::string worker_id;
  int epoch = 0;
  std::int64_t pid = 0;  // which process is meant: with the next two it is never another one
  std::int64_t start_ticks = 0;
  std::string boot_id;
};
/// Run the planner command for this task.
struct AskPlanner {
  std::string task_id;
};
/// Kill the planner command of this task, if it still runs.
struct StopPlanner {
  std::string task_id;
};

/// Say how this subtask may be done in two parts (SplitProposed).
struct ProposeSplit {
  std::string subtask_id;
  int epoch = 0;
};

/// Make the child task that does this subtask (ChildProposed).
struct ProposeChild {
  std::string subtask_id;
  int epoch = 0;  // of its last try
};

/// Run the checkpoint of this subtask, or of a whole task whose stages are done (CheckFinished).
struct RunCheck {
  std::string subject;
  int epoch = 0;  // of a task always 0
};
/// Nobody wants to know any more.
struct StopCheck {
  std::string subject;
  int epoch = 0;
};

using FieldValue = std::variant<std::string, std::int64_t, bool, std::vector<std::string>>;
/// One entry of the feed; seq and timestamps are added at the commit. docs/protocol.md, "Events".
struct FeedEntry {
  std::string type;
  std::string task_id;  // orchestration_id follows from it
  std::string subtask_id;
  std::string worker_id;
  std::vector<std::pair<std::string, FieldValue>> fields;
};

using Effect = std::variant<AcceptInput, RefuseInput, AnswerCommand, PublishHandoff, RetireHandoff, RetireWorker, LookAtWorker,
                            EndWorker, AskPlanner, StopPlanner, ProposeSplit, ProposeChild, RunCheck, StopCheck, FeedEntry>;

/// An attention that no record tells was raised or cleared: the next run must know, or it would tell it again.
struct AttentionChange {
  Attention about;
  bool up = true;
};

/// What one step did.
struct Changes {
  std::vector<Effect> effects;                     // in order
  std::set<std::string> created;                   // tasks that are new (also in `tasks`)
  std::set<std::string> tasks;                     // tasks whose own fields changed
  std::set<std::string> subtasks;                  // subtasks whose fields changed, or that are new
  std::set<std::string> rewired;                   // subtasks whose spec.dependencies changed
  std::set<std::string> workers;                   // subtasks whose worker's record changed; without a record: it is gone
  std::set<DurationKey> durations;                 // kinds of subtasks of which another one has finished
  std::set<std::string> masters;                   // masters whose record changed; without a record: it is well again
  std::vector<AttentionChange> attention;          // in order
  std::vector<std::shared_ptr<const Task>> ended;  // left the core in this step; their ids are in `tasks`
  std::set<std::string> waiting;                   // tasks that may wait for something else now, whatever of them changed
  std::set<std::string> standing;                  // subtasks whose worker or child task stands otherwise; shown, not remembered
  bool empty() const {
    return effects.empty() && tasks.empty() && subtasks.empty() && workers.empty() && durations.empty() && masters.empty() &&
           attention.empty() && waiting.empty() && standing.empty();
  }
  void add(Changes&& more);
};

}  // namespace baton::core
