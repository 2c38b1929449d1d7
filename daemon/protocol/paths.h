// Every name under the coordination folder: build it, classify it. The only place where such a name is spelled.
// docs/protocol.md, "Layout". All paths are relative to the coordination folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton::protocol::paths {

inline constexpr std::string_view k_queue = "task-queue.json";
inline constexpr std::string_view k_error_ending = ".error.json";  // of reason files
inline constexpr std::string_view k_queue_error = "task-queue.json.error.json";
inline constexpr std::string_view k_drop = "task-queue.d";
inline constexpr std::string_view k_accepted = "task-queue.d/accepted";
inline constexpr std::string_view k_rejected = "task-queue.d/rejected";
inline constexpr std::string_view k_feed = "dashboard-events.jsonl";
inline constexpr std::string_view k_masters = "masters";
inline constexpr std::string_view k_workers = "worker-specs";
inline constexpr std::string_view k_workers_active = "worker-specs/active";
inline constexpr std::string_view k_workers_completed = "worker-specs/completed";
inline constexpr std::string_view k_workers_failed = "worker-specs/failed";
inline constexpr std::string_view k_workers_zombie = "worker-specs/zombie";
inline constexpr std::string_view k_workers_stale = "worker-specs/stale";
inline constexpr std::string_view k_verdict_ending = ".verdict.json";  // of a worker whose spec cannot carry it
inline constexpr std::string_view k_orchestrator = "orchestrator";
inline constexpr std::string_view k_config = "orchestrator/config.json";
inline constexpr std::string_view k_prompt = "orchestrator/prompt.md";  // what stands around the work in an agent's prompt
inline constexpr std::string_view k_playbooks = "orchestrator/playbooks";
inline constexpr std::string_view k_plans = "orchestrator/tasks";
inline constexpr std::string_view k_subtasks = "orchestrator/subtasks";
inline constexpr std::string_view k_state = "orchestrator/state/current.json";
inline constexpr std::string_view k_estimates = "orchestrator/state/estimates.json";
inline constexpr std::string_view k_processes = "orchestrator/state/processes.json";
inline constexpr std::string_view k_state_folder = "orchestrator/state";
inline constexpr std::string_view k_reports = "orchestrator/reports";
inline constexpr std::string_view k_escalations = "orchestrator/escalations";
inline constexpr std::string_view k_commands = "orchestrator/commands";
inline constexpr std::string_view k_commands_done = "orchestrator/commands/done";
inline constexpr std::string_view k_worktrees = "worktrees";  // of agents that `baton work` runs; git's own otherwise
inline constexpr std::string_view k_agents = "agents";        // what they are told, print and answer
inline constexpr std::string_view k_archive = "orchestrator/archive";
inline constexpr std::string_view k_journal_name = "journal.db";  // in state_dir
inline constexpr std::string_view k_lock_name = "daemon.lock";    // in orchestrator/state, and in state_dir if it is another one
inline constexpr std::string_view k_journal_place = "orchestrator/state/journal.place";  // the state_dir that was used last

std::string feed(int rotation);                   // dashboard-events.jsonl; from 1 on with that ending, the newest first
std::string plan(std::string_view task_id);       // orchestrator/tasks/orch-<task_id>.json
std::string plan_link(std::string_view task_id);  // orchestrator/tasks/<task_id>.json
std::string subtask(std::string_view subtask_id);
std::string report_json(std::string_view task_id);
std::string report_md(std::string_view task_id);
std::string escalation(std::string_view task_id);
std::string master_folder(std::string_view master);
std::string master_config(std::string_view master);
std::string handoffs(std::string_view master);  // masters/<master>/handoffs
std::string claimed(std::string_view master);
std::string done(std::string_view master);
std::string stale(std::string_view master);
std::string handoff_id(std::string_view master, std::string_view subtask_id);    // to-<master>-subtask-<subtask_id>
std::string handoff_name(std::string_view master, std::string_view subtask_id);  // with .json
std::string staged_name(std::string_view master, std::string_view subtask_id,
                        int epoch);                                             // .to-<master>-subtask-<id>.json.e<epoch>
std::string result_name(std::string_view master, std::string_view subtask_id);  // from-<master>-subtask-<id>.json
std::string worker_spec(std::string_view folder, std::string_view worker_id);
std::string verdict_name(std::string_view worker_id);    // <worker_id>.verdict.json
std::string error_name(std::string_view name);           // NAME.error.json, NAME cut where it would exceed 255 bytes
bool is_error_name(std::string_view name);               // of a reason file
bool is_playbook_name(std::string_view name);            // of a file in k_playbooks that is one
std::string orchestration_id(std::string_view task_id);  // orch-<task_id>
std::string task_of_orchestration(std::string_view id);  // drops "orch-" if it is there
std::string join(std::string_view folder, std::string_view name);

/// Hidden or half-written names that are never read: leading dot, ending in ~ .tmp .swp .part
bool is_private(std::string_view name);

enum class NameKind { handoff, processed_handoff, staged_handoff, result, other };
/// What the name of a file in masters/<master>/handoffs (or below) says.
struct HandoffName {
  NameKind kind = NameKind::other;
  std::string master;      // as the name says it
  std::string subtask_id;  // fits the grammar, or kind is other
  int epoch = 0;           // staged and archived names only
};
HandoffName classify_handoff(std::string_view name, std::string_view folder_master);

enum class WorkerFileKind { spec, pid, heartbeat, other };
struct WorkerName {
  WorkerFileKind kind = WorkerFileKind::other;
  std::string worker_id;
};
WorkerName classify_worker(std::string_view name);

/// Every folder of the layout that does not depend on a master's name, parents first.
std::vector<std::string> fixed_folders();

}  // namespace baton::protocol::paths
