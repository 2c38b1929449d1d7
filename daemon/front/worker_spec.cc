#include "front/worker_spec.h"

#include <signal.h>
#include <unistd.h>
#include <cerrno>

#include "base/ids.h"
#include "base/text.h"
#include "base/time.h"
#include "front/data.h"
#include "platform/loop.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::size_t k_host_name = 256;

std::string host() {
  char name[k_host_name] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

std::string spec_name(std::string_view worker_id) { return std::string(worker_id) + ".json"; }

tl::unexpected<Error> no_such_worker(const Folder& folder, std::string_view worker_id) {
  const std::string id(worker_id);
  for (const std::string_view ended :
       {paths::k_workers_completed, paths::k_workers_failed, paths::k_workers_zombie, paths::k_workers_stale})
    if (folder.exists(paths::worker_spec(ended, id)))
      return fail(ErrorCode::refused, "worker " + id + " has ended: its spec lies in " + std::string(ended),
                  "stop working; what it did no longer counts");
  return fail(ErrorCode::not_found, "there is no worker " + id,
              "name the subtask that it works on: baton heartbeat " + id + " --subtask ID");
}

}  // namespace

Result<> check_worker_id(std::string_view worker_id) {
  if (is_record_id(worker_id)) return {};
  return fail(ErrorCode::usage, "\"" + text::printable(worker_id) + "\" cannot be the id of a worker",
              "letters, digits, dots, dashes and underscores, at most 96");
}

Result<> check_pid(std::int64_t pid) {
  if (pid == 0 || ::kill(static_cast<pid_t>(pid), 0) == 0 || errno != ESRCH) return {};
  return fail(ErrorCode::not_found, "there is no process " + std::to_string(pid),
              "name one that lives as long as the work, for example --pid $$ in a script");
}

Result<> write_worker_spec(const Folder& folder, std::string_view worker_id, const Assignment& assignment,
                           const WorkerFacts& facts, platform::Replace replace) {
  const std::string now = format_utc(platform::now().wall_ms);
  Data spec;
  spec.set("worker_id", worker_id).set("subtask_id", assignment.subtask_id).set("master", assignment.master);
  spec.set_if("host", host())
      .set("status", "in_progress")
      .set("started_at", now)
      .set("last_heartbeat", now)
      .set("progress_percent", 0);
  if (facts.pid != 0) spec.set("pid", facts.pid);
  spec.set_if("current_step", facts.step).set_if("output_file", facts.output_file);
  if (assignment.epoch > 0) spec.set("epoch", assignment.epoch);
  auto written = folder.put(std::string(paths::k_workers_active), spec_name(worker_id), spec.document(), replace);
  if (!written && written.error().code == ErrorCode::refused)
    return fail(ErrorCode::refused, "worker " + std::string(worker_id) + " is at work already",
                "give every worker an id of its own");
  if (!written) return tl::make_unexpected(std::move(written).error());
  return {};
}

Result<> give_sign(const Folder& folder, std::string_view worker_id, const Sign& sign) {
  const std::string active(paths::k_workers_active);
  auto bytes = folder.read(paths::worker_spec(active, worker_id));
  if (!bytes && bytes.error().code == ErrorCode::not_found) return no_such_worker(folder, worker_id);
  if (!bytes) return tl::make_unexpected(std::move(bytes).error());
  const std::string now = format_utc(platform::now().wall_ms);
  if (sign.progress || !sign.step.empty() || sign.pid != 0 || sign.tokens != 0 || sign.cost_usd != 0) {
    TRY_VALUE(Data spec, Data::parse(*bytes));
    if (!spec.is_object()) return fail(ErrorCode::invalid, "the spec of worker " + std::string(worker_id) + " is no JSON object");
    spec.set("last_heartbeat", now);
    if (sign.progress) spec.set("progress_percent", *sign.progress);
    spec.set_if("current_step", sign.step).set_if("worktree", sign.worktree);
    if (sign.tokens != 0) spec.set("tokens_used", sign.tokens);
    if (sign.cost_usd != 0) spec.set("cost_usd", sign.cost_usd);
    if (sign.pid != 0) spec.set("pid", sign.pid).set("started_at", now);  // of this process
    TRY(folder.put(active, spec_name(worker_id), spec.document(), platform::Replace::yes));
  }
  TRY(folder.put(active, std::string(worker_id) + ".heartbeat", now + "\n", platform::Replace::yes));
  return {};
}

}  // namespace baton::front
