// The only door of the core. It is told (Event) and answers (Changes); it has no clock, file, process, log or random source, so
// thousands of hours can be replayed in seconds. It holds live tasks only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/effect.h"
#include "core/event.h"
#include "core/model.h"
#include "core/settings.h"

namespace baton::core {

/// Counters over all time; the store keeps them, `step` moves them.
struct Totals {
  std::int64_t tasks = 0;
  std::int64_t completed = 0;
  std::int64_t failed = 0;
  std::int64_t cancelled = 0;
  bool operator==(const Totals&) const = default;
};

/// Why a subtask is not handed off. reason: dependency, stage, order, sequential, file, limit, master_limit, no_master, paused,
/// approval, task, blocked, memory, disk, retry (subject: until when), split, parked, breaker (subject: the master), worker (the
/// last one has not ended), turn (it goes out with the next step), child_task (it is made; or, of one in progress, does it, and
/// `blocked` names the child task below that waits for a person)
struct WaitsFor {
  std::string reason;
  std::string subject;
};

/// What is known of the worker of a claimed subtask.
struct WorkerStanding {
  WorkerState state = WorkerState::starting;
  std::string worker_id;  // empty: none was ever seen
  std::string host;       // empty: this machine
  std::int64_t pid = 0;
  std::int64_t last_heartbeat = 0;  // wall clock; 0 = none
  std::string reason;               // of a verdict, or of what may become one
  std::vector<std::string> evidence;
  std::vector<std::string> not_ended;  // zombie: why its process was left alone, which a person has to look at; empty: it was not
  bool operator==(const WorkerStanding&) const = default;
};

/// A worker that counts, for whoever shows it; its parts live as long as no further step is made.
struct WorkerAtWork {
  const Subtask& subtask;
  const WorkerRecord& record;
  const WorkerReport& report;
  WorkerStanding standing;
  std::string_view last_sign;  // SignOfLife::what
  std::int64_t last_sign_at;   // wall clock
};

/// What the store knows at a start.
struct Remembered {
  std::vector<Task> live;
  Totals totals;
  bool paused = false;  // as a whole
  /// What history knows of tasks that a live one still awaits and that are not live; the first step lets nobody wait for them.
  std::vector<EndedTask> ended_dependencies = {};
  std::vector<MasterRecord> masters = {};
  std::vector<WorkerRecord> workers = {};
  Durations durations = {};
  std::vector<Attention> attention = {};  // those that no record tells
  MachineSeen machine = {};               // as it is now: not remembered, but known before anything is handed off
};

class Orchestrator {
 public:
  Orchestrator();
  ~Orchestrator();
  Orchestrator(Orchestrator&&) noexcept;
  Orchestrator& operator=(Orchestrator&&) noexcept;

  /// Puts back what the store remembers, before the first event.
  void restore(Remembered remembered);

  Changes step(const Event& event);

  /// boot_ms of the next moment at which a Tick would do something, as far as can be told at `now`; nothing = never.
  std::optional<std::int64_t> next_deadline(const Moment& now) const;

  /// The plan that this task would get now, by the first planner that applies; nothing when the planner command has to be asked.
  /// An error names the plan rule that the explicit subtasks or the named playbook break. Pure: also what `baton plan` prints.
  std::optional<Result<Plan>> plan(const TaskSpec& spec) const;
  /// The same without the planner command.
  Result<Plan> plan_without_command(const TaskSpec& spec) const;

  const Catalogue& catalogue() const;
  const Task* task(std::string_view task_id) const;  // nullptr: not live
  const Subtask* subtask(std::string_view subtask_id) const;
  /// The live subtask that `text` names: its id, or the only one whose id starts with `text` + "-" or equals its given_id.
  const Subtask* find_subtask(std::string_view text) const;
  /// Why it names none, with those that may be meant. not_found.
  Error no_subtask(std::string_view text) const;
  void for_each_task(const std::function<void(const Task&)>& visit) const;  // in the order of their ids
  std::size_t live_tasks() const;

  const MasterRecord* master(std::string_view name) const;                            // nullptr: it is well
  const WorkerRecord* worker(std::string_view subtask_id) const;                      // nullptr: none is known
  std::string subtask_of_worker(std::string_view worker_id) const;                    // which it is known to work on; empty: none
  std::optional<WorkerStanding> worker_standing(std::string_view subtask_id) const;   // nothing: it is not claimed
  void for_each_worker(const std::function<void(const WorkerAtWork&)>& visit) const;  // in the order of their subtasks' ids
  std::vector<WaitsFor> waits_for(std::string_view subtask_id) const;
  std::vector<Attention> attention() const;
  Totals totals() const;
  bool paused() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace baton::core
