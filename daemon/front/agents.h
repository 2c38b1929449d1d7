// Who is at work, and what that takes at this moment: from the daemon's list, or, where none runs, from what the workers
// themselves have written; figures of processes as /proc has them now.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "front/folder.h"

namespace baton::front {

/// What a process and all that descends from it take. `cpu_percent`: of one processor, while it was looked at.
struct AgentFigures {
  std::string state;  // running, sleeping, waiting, stopped, ended
  std::int64_t cpu_ms = 0;
  std::int64_t rss_bytes = 0;
  int processes = 0;
  std::optional<double> cpu_percent = {};  // nothing: it was not looked at from here
};

struct AgentRow {
  std::string worker_id, subtask_id, task_id, title, master;
  std::string state;  // working, stalled, ...; empty: nobody has judged it
  std::string host;   // empty: that of the list
  std::int64_t pid = 0;
  std::int64_t start_ticks = 0;         // 0 = not known
  std::int64_t written_ms = 0;          // start_ticks is not known: it started before that, wall clock
  std::optional<AgentFigures> process;  // nothing: it named none that is known
  std::optional<int> progress;          // percent
  std::string step, worktree, output_file;
  std::int64_t tokens = 0;  // 0 = not said
  double cost_usd = 0;      // likewise
  std::string started_at, last_heartbeat, sign, sign_at, reason;
  std::vector<std::string> evidence;
};

struct Agents {
  bool by_daemon = false;
  std::string updated_at;      // by the daemon
  std::string host, boot_id;   // where its pids mean something
  std::vector<AgentRow> rows;  // in the order of their subtasks
};

/// orchestrator/state/processes.json. invalid: not a JSON object.
Result<Agents> read_agents(std::string_view bytes);

/// invalid: the daemon's list cannot be read.
Result<Agents> load_agents(const Folder& folder);

/// Looks at their processes twice, as far as they are on this machine; that takes a third of a second.
void look_at_processes(Agents& agents);

/// A table of at most `width` columns (0 = any), and below it on what a bad state rests. `root`: the coordination folder.
void print_agents(Output& out, const Agents& agents, const std::string& root, std::size_t width);

}  // namespace baton::front
