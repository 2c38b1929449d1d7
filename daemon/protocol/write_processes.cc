// orchestrator/state/processes.json: who is at work, for editors and `baton ps`. docs/protocol.md, "Processes".
#include "protocol/json_write.h"
#include "protocol/paths.h"
#include "protocol/redact.h"
#include "protocol/writers.h"

namespace baton::protocol {
namespace {

void process_members(JsonWriter& out, const core::WorkerRecord& record, const std::optional<ProcessFigures>& figures) {
  out.member_if("host", record.host);
  if (record.pid != 0) {
    out.member("pid", record.pid);
    out.member("start_ticks", record.start_ticks);
  }
  if (!figures) return;
  out.member("process_state", figures->state);
  out.member("process_count", figures->processes);
  out.member("cpu_ms", figures->cpu_ms);
  out.member("rss_bytes", figures->rss_bytes);
}

void report_members(JsonWriter& out, const core::WorkerReport& report) {
  out.member_if("current_step", redacted(report.current_step));
  if (report.tokens_used != 0) out.member("tokens_used", report.tokens_used);
  if (report.cost_usd != 0) out.member("cost_usd", report.cost_usd);
  out.member_if("worktree", report.worktree);
  out.member_if("output_file", report.output_file);
}

void sign_members(JsonWriter& out, const core::WorkerAtWork& worker) {
  out.time_if("last_heartbeat", worker.standing.last_heartbeat);
  out.begin_object("last_evidence");
  out.member("what", worker.last_sign);
  out.time_if("at", worker.last_sign_at);
  out.end_object();
  out.member_if("reason", worker.standing.reason);
  out.member_if("evidence", worker.standing.evidence);
}

void process_object(JsonWriter& out, const core::WorkerAtWork& worker, const std::optional<ProcessFigures>& figures) {
  const core::Subtask& subtask = worker.subtask;
  out.begin_object();
  out.member("worker_id", worker.record.worker_id);
  out.member("subtask_id", subtask.spec.id);
  out.member("task_id", subtask.task_id);
  out.member("title", subtask.spec.title);
  out.member("master", subtask.spec.assigned_to);
  out.member_if("worker_type", subtask.spec.worker_type);
  out.member("attempt", subtask.attempt);
  out.member("epoch", worker.record.epoch);
  out.member("state", core::name(worker.standing.state));
  process_members(out, worker.record, figures);
  out.member("progress_percent", subtask.progress_percent);
  report_members(out, worker.report);
  out.time_if("claimed_at", subtask.claimed_at);
  out.time_if("started_at", worker.record.first_seen);
  sign_members(out, worker);
  out.end_object();
}

}  // namespace

std::string write_process_list(const core::Orchestrator& core,
                               const std::function<std::optional<ProcessFigures>(const core::WorkerRecord&)>& figures) {
  JsonWriter::Layout layout;
  layout.margin = layout.unit;
  JsonWriter out(layout);
  out.begin_array();
  core.for_each_worker([&](const core::WorkerAtWork& worker) { process_object(out, worker, figures(worker.record)); });
  out.end_array();
  return out.take();
}

std::string write_processes(std::string_view list, std::string_view host, std::string_view boot_id, std::int64_t now_wall_ms) {
  JsonWriter out;
  out.begin_object();
  out.member("schema_version", 1);
  out.member("updated_at", format_utc(now_wall_ms));
  out.member("host", host);
  out.member("boot_id", boot_id);
  out.key("processes");
  out.rendered(list);
  out.end_object();
  return out.take_line();
}

}  // namespace baton::protocol
