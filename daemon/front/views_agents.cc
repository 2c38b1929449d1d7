#include "front/agents.h"
#include "front/views_parse.h"

namespace baton::front {
namespace {

std::optional<AgentFigures> figures_in(const dom::Object& item) {
  AgentFigures figures;
  figures.state = dom::text(item, "process_state");
  if (figures.state.empty()) return std::nullopt;
  figures.cpu_ms = dom::number(item, "cpu_ms");
  figures.rss_bytes = dom::number(item, "rss_bytes");
  figures.processes = dom::integer(item, "process_count");
  return figures;
}

AgentRow agent_row(const dom::Object& item) {
  AgentRow row;
  row.worker_id = dom::text(item, "worker_id");
  row.subtask_id = dom::text(item, "subtask_id");
  row.task_id = dom::text(item, "task_id");
  row.title = dom::text(item, "title");
  row.master = dom::text(item, "master");
  row.state = dom::text(item, "state");
  row.host = dom::text(item, "host");
  row.pid = dom::number(item, "pid");
  row.start_ticks = dom::number(item, "start_ticks");
  row.process = figures_in(item);
  row.progress = dom::integer(item, "progress_percent");
  row.step = dom::text(item, "current_step");
  row.worktree = dom::text(item, "worktree");
  row.output_file = dom::text(item, "output_file");
  row.tokens = dom::number(item, "tokens_used");
  row.cost_usd = dom::real(item, "cost_usd");
  row.started_at = dom::text(item, "started_at");
  row.last_heartbeat = dom::text(item, "last_heartbeat");
  dom::within(item, "last_evidence", [&row](const dom::Object& last) {
    row.sign = dom::text(last, "what");
    row.sign_at = dom::text(last, "at");
  });
  row.reason = dom::text(item, "reason");
  row.evidence = dom::texts(item, "evidence");
  return row;
}

}  // namespace

Result<Agents> read_agents(std::string_view bytes) {
  simdjson::dom::parser parser;
  TRY_VALUE(const dom::Object root, parse_object(parser, bytes, "the list of agents"));
  Agents agents;
  agents.by_daemon = true;
  agents.updated_at = dom::text(root, "updated_at");
  agents.host = dom::text(root, "host");
  agents.boot_id = dom::text(root, "boot_id");
  dom::each(root, "processes", [&agents](const dom::Object& item) { agents.rows.push_back(agent_row(item)); });
  return agents;
}

}  // namespace baton::front
