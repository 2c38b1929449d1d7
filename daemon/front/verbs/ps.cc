// baton ps: who is at work, as which process, and what that takes.
#include <algorithm>
#include <cmath>

#include "base/time.h"
#include "front/agents.h"
#include "front/render.h"
#include "front/verbs.h"
#include "platform/loop.h"

namespace baton::front {
namespace {

void add_figures(Data& data, const AgentFigures& figures) {
  data.set("process_state", figures.state).set("process_count", figures.processes);
  data.set("cpu_ms", figures.cpu_ms).set("rss_bytes", figures.rss_bytes);
  if (figures.cpu_percent) data.set("cpu_percent", std::round(*figures.cpu_percent * 10) / 10);
}

Data data_of(const AgentRow& row, std::int64_t now) {
  Data data;
  data.set("worker_id", row.worker_id).set("subtask_id", row.subtask_id).set_if("task_id", row.task_id);
  data.set_if("title", row.title).set_if("master", row.master).set_if("state", row.state).set_if("host", row.host);
  if (row.pid != 0) data.set("pid", row.pid);
  if (row.process) add_figures(data, *row.process);
  if (const auto started = parse_timestamp(row.started_at))
    data.set("elapsed_ms", std::max<std::int64_t>(0, now - started->wall_ms));
  if (row.progress) data.set("progress_percent", *row.progress);
  data.set_if("current_step", row.step);
  if (row.tokens != 0) data.set("tokens_used", row.tokens);
  if (row.cost_usd != 0) data.set("cost_usd", row.cost_usd);
  data.set_if("worktree", row.worktree).set_if("output_file", row.output_file);
  data.set_if("started_at", row.started_at).set_if("last_heartbeat", row.last_heartbeat);
  Data last;
  data.set("last_evidence", std::move(last.set("what", row.sign).set_if("at", row.sign_at)));
  data.set_if("reason", row.reason);
  if (!row.evidence.empty()) data.set("evidence", row.evidence);
  return data;
}

Data data_of(const Agents& agents) {
  const std::int64_t now = platform::now().wall_ms;
  Data processes = Data::array();
  for (const AgentRow& row : agents.rows) processes.push(data_of(row, now));
  Data data;
  data.set("source", agents.by_daemon ? "daemon" : "worker_specs").set_if("updated_at", agents.updated_at);
  data.set("processes", std::move(processes));
  return data;
}

Result<int> run(Context& context) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  TRY_VALUE(Agents agents, load_agents(folder));
  look_at_processes(agents);
  Output& out = context.out;
  if (!agents.by_daemon)
    out.note(std::string(folder.daemon() ? "the daemon has no list yet" : "no daemon is running") +
             ": this is what the workers' own files say, and nobody has judged it");
  out.data(data_of(agents));
  if (out.json()) return exit_code::k_ok;
  if (agents.rows.empty())
    out.note("no agent is at work");
  else
    print_agents(out, agents, folder.root(), terminal_width());
  return exit_code::k_ok;
}

constexpr Example k_examples[] = {
    {"baton ps"},
    {"watch baton ps", "again and again"},
    {"baton ps --json | jq '[.data.processes[].rss_bytes] | add'", "the memory of all agents, in bytes"},
};

}  // namespace

constinit const Verb verbs::k_ps{.name = "ps",
                                 .summary = "List the agents at work: process, CPU, memory, progress, tokens, cost",
                                 .group = Group::inspect,
                                 .examples = k_examples,
                                 .run = run};

}  // namespace baton::front
