#include "front/agents.h"

#include <algorithm>

#include "base/ids.h"
#include "base/time.h"
#include "platform/files_at.h"
#include "platform/loop.h"
#include "platform/resources.h"
#include "protocol/paths.h"
#include "protocol/readers.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::int64_t k_ns_per_ms = 1'000'000;

std::string in_active(const std::string& name) { return paths::join(paths::k_workers_active, name); }

/// 0: there is no such file.
std::int64_t written_ms(const Folder& folder, const std::string& path) {
  const auto stat = folder.files().stat(path);
  return stat ? stat->identity.mtime_ns / k_ns_per_ms : 0;
}

std::int64_t pid_in(const Folder& folder, const std::string& path) {
  const auto bytes = folder.read(path);
  return bytes ? protocol::read_pid(*bytes).value_or(0) : 0;
}

AgentRow row_of(const Folder& folder, const std::string& worker_id, const protocol::WorkerIn& worker) {
  AgentRow row;
  row.worker_id = worker_id;
  row.subtask_id = worker.subtask_id;
  row.master = worker.master;
  if (!platform::is_this_host(worker.host)) row.host = worker.host;
  const std::string spec = in_active(worker_id + ".json");
  const std::string pid_file = in_active(worker_id + ".pid");
  row.pid = worker.pid ? *worker.pid : pid_in(folder, pid_file);
  row.written_ms = written_ms(folder, worker.pid ? spec : pid_file);
  if (worker.progress_percent >= 0) row.progress = worker.progress_percent;
  row.step = worker.current_step;
  row.worktree = worker.worktree;
  row.output_file = worker.output_file;
  row.tokens = worker.tokens_used;
  row.cost_usd = worker.cost_usd;
  row.started_at = format_utc(worker.started_at);
  const std::int64_t heard = std::max(written_ms(folder, spec), written_ms(folder, in_active(worker_id + ".heartbeat")));
  row.sign = "heartbeat";
  row.sign_at = row.last_heartbeat = format_utc(heard);
  return row;
}

std::optional<AgentRow> by_worker(const Folder& folder, const std::string& worker_id) {
  const auto bytes = folder.read(in_active(worker_id + ".json"));
  if (!bytes) return std::nullopt;
  const auto worker = protocol::read_worker_spec(*bytes);
  return worker ? std::optional(row_of(folder, worker_id, *worker)) : std::nullopt;
}

/// Its own files are newer than the list.
void bring_up_to_date(AgentRow& row, AgentRow own) {
  if (own.subtask_id != row.subtask_id) return;
  if (own.progress) row.progress = own.progress;
  if (!own.step.empty()) row.step = std::move(own.step);
  if (!own.worktree.empty()) row.worktree = std::move(own.worktree);
  if (own.tokens != 0) row.tokens = own.tokens;
  if (own.cost_usd != 0) row.cost_usd = own.cost_usd;
  row.last_heartbeat = std::max(row.last_heartbeat, own.last_heartbeat);
  if (row.last_heartbeat <= row.sign_at) return;
  row.sign = own.sign;
  row.sign_at = row.last_heartbeat;
}

Agents by_workers(const Folder& folder) {
  Agents agents;
  for (const std::string& name : folder.names(std::string(paths::k_workers_active))) {
    const auto file = paths::classify_worker(name);
    if (file.kind != paths::WorkerFileKind::spec) continue;
    if (auto row = by_worker(folder, file.worker_id)) agents.rows.push_back(std::move(*row));
  }
  std::ranges::stable_sort(agents.rows, {}, &AgentRow::subtask_id);
  return agents;
}

}  // namespace

Result<Agents> load_agents(const Folder& folder) {
  const std::string path(paths::k_processes);
  auto bytes = folder.daemon() ? folder.read(path) : fail(ErrorCode::not_found, "");
  if (!bytes && bytes.error().code == ErrorCode::not_found) return by_workers(folder);
  if (!bytes) return tl::make_unexpected(std::move(bytes).error());
  auto agents = read_agents(*bytes);
  if (!agents)
    return fail(ErrorCode::invalid, folder.root() + "/" + path + ": " + agents.error().message,
                "the daemon puts it back within a minute");
  for (AgentRow& row : agents->rows)
    if (auto own = is_record_id(row.worker_id) ? by_worker(folder, row.worker_id) : std::nullopt)
      bring_up_to_date(row, std::move(*own));
  return agents;
}

}  // namespace baton::front
