// Records → documents. Every text that the daemon writes is made here, valid against schemas/, fields named exactly as in
// docs/protocol.md (the seed's fields first, in the seed's order). Pure: the same records give the same bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/durations.h"
#include "core/effect.h"
#include "core/model.h"
#include "core/orchestrator.h"
#include "core/settings.h"
#include "platform/files.h"

namespace baton::protocol {

/// How a live subtask stands, as far as its record does not tell.
struct Standing {
  std::vector<core::WaitsFor> waits_for;
  std::optional<core::WorkerStanding> worker;  // of a claimed one
};
using Standings = std::map<std::string, Standing>;  // by subtask id

std::string write_plan(const core::Task& task, const Standings& standings);
std::string write_subtask(const core::Task& task, const core::Subtask& subtask, const Standing& standing);
/// One file is all that a master needs: task, context, upstream results, where the answer goes.
std::string write_handoff(const core::Task& task, const core::Subtask& subtask, std::int64_t now_wall_ms);
std::string write_report(const core::Task& task);
std::string write_report_markdown(const core::Task& task);
/// What finished subtasks took.
std::string write_estimates(const core::Durations& durations);
/// What /proc says of the process that a worker named, and of all that descends from it.
struct ProcessFigures {
  std::string_view state;  // of the one that it named; the others are sums
  std::int64_t cpu_ms = 0;
  std::int64_t rss_bytes = 0;
  int processes = 0;
};
/// `processes[]` of processes.json: every worker that counts. `figures`: nothing where it has no process that is known here.
std::string write_process_list(const core::Orchestrator& core,
                               const std::function<std::optional<ProcessFigures>(const core::WorkerRecord&)>& figures);
/// The document around it. `host` and `boot_id`: where and in which run of the machine its pids mean something.
std::string write_processes(std::string_view list, std::string_view host, std::string_view boot_id, std::int64_t now_wall_ms);

/// What needs a human, with the commands that resolve it.
std::string write_escalation(const core::Task& task);

/// One line of the feed with its newline, at most 4 KiB: long texts are cut with "…".
std::string write_event(const core::FeedEntry& entry, std::int64_t seq, std::int64_t wall_ms);
inline constexpr std::size_t k_max_event_line = 4096;

/// NAME.error.json. `name`: the refused file's full name.
std::string write_reason(std::string_view name, const Error& error, std::int64_t wall_ms);
/// commands/done/NAME: the request's own members with ok and message, and the identity of the request file. `findings`: JSON text
/// that is carried; empty = there are none.
std::string write_answer(std::string_view request_bytes, bool ok, std::string_view message, const platform::Identity& identity,
                         std::int64_t wall_ms, std::string_view findings = {});

/// What was found where a job runs: the answer to `probe`.
struct JobFinding {
  std::string job;                                          // planner, notify, or the name of a checkpoint
  std::string program;                                      // as it is configured
  std::string folder;                                       // where it runs
  std::string path;                                         // where it was found; empty: nowhere
  std::string problem;                                      // why it cannot be started; empty: it can
  std::vector<std::pair<std::string, std::string>> denied;  // what cannot be done there, and why
  bool no_new_privileges = false;
};
std::string write_findings(const std::vector<JobFinding>& findings);
/// What the planner command reads on standard input: the task, the masters, the schema of the answer; after a failed round also
/// its problems. `split`: it is asked for the two parts of this subtask, which has failed, instead of a plan.
std::string write_planner_request(const core::TaskSpec& spec, const core::Analysis& analysis, const core::Catalogue& catalogue,
                                  std::string_view previous_answer, const std::vector<std::string>& previous_problems,
                                  const core::Subtask* split = nullptr);

/// `context` of a child task, JSON text: what the whole is for, what its subtask builds upon, and the context of its parent. It
/// is carried into its handoffs.
std::string write_child_context(const core::Task& parent, const core::Subtask& subtask);

/// What the notify command reads on standard input. `root`: the coordination folder; `task`: of the attention, nullptr = it is no
/// task's matter. What blocks a task comes with its escalation.
std::string write_notification(std::string_view id, std::string_view root, const core::Attention& attention,
                               const core::Task* task, std::int64_t wall_ms);

}  // namespace baton::protocol
