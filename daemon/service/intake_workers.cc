// worker-specs/: who works on what, as the workers themselves say it.
#include <algorithm>
#include <utility>

#include "platform/resources.h"
#include "service/arriving.h"
#include "service/filing.h"
#include "service/intake.h"
#include "service/log.h"
#include "service/remarks.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {
constexpr std::size_t k_max_spec_bytes = 1 << 20;
constexpr std::size_t k_max_pid_bytes = 64;
constexpr std::int64_t k_clock_slack_ms = 2'000;
constexpr std::string_view k_spec_ending = ".json";
constexpr std::size_t k_most_late = 1'000;  // that are remembered, so that memory does not grow with history

/// It works on a handoff that is over: the one that is out, or goes out next, is for somebody else. Or there never is one.
bool is_of_the_past(int epoch, const core::Subtask& subtask) {
  if (subtask.spec.orchestrate || core::is_final(subtask.status) || subtask.status == core::SubtaskStatus::failed) return true;
  if (epoch != 0 && epoch != subtask.epoch) return epoch < subtask.epoch;
  return subtask.epoch > 0 && !core::is_handed_out(subtask);
}

/// "epoch 1 of t is over (t is at epoch 2)"
std::string over_sentence(const core::Subtask& subtask, int epoch) {
  const std::string& id = subtask.spec.id;
  if (subtask.spec.orchestrate) return id + " is done by a child task, and by no worker";
  const std::string standing = core::is_final(subtask.status) || epoch == 0 || epoch == subtask.epoch
                                   ? std::string(core::name(subtask.status))
                                   : "at epoch " + std::to_string(subtask.epoch);
  if (epoch > subtask.epoch) return id + " is " + standing + ", and never had an epoch " + std::to_string(epoch);
  return "epoch " + std::to_string(epoch == 0 ? subtask.epoch : epoch) + " of " + id + " is over (" + id + " is " + standing +
         ")";
}

bool lies_ahead(std::int64_t wall_ms, const Moment& now) { return wall_ms > now.wall_ms + k_clock_slack_ms; }

std::int64_t written_ms(const platform::Stat& file) { return file.identity.mtime_ns / 1'000'000; }

/// What the file says, which was written by somebody who knew of the process. A date that lies ahead says no more than now.
WorkerClaim claim_of(const platform::Stat& file, const std::string& path, const std::string& worker_id,
                     const std::string& subtask_id, const Moment& now) {
  WorkerClaim claim;
  claim.worker_id = worker_id;
  claim.subtask_id = subtask_id;
  claim.path = path;
  claim.said_at = std::min(written_ms(file), now.wall_ms);
  claim.file_owner = file.uid;
  return claim;
}
}  // namespace

void Intake::look_at_worker(std::string_view folder, const Item& item, Turn& turn) {
  const auto name = paths::classify_worker(item.name);
  if (name.kind == paths::WorkerFileKind::other) return;
  const std::string path = paths::join(item.folder, item.name);
  if (folder == paths::k_workers_active) {
    if (item.how == How::gone) {
      if (name.kind == paths::WorkerFileKind::spec) subtask_of_worker_.erase(name.worker_id);
      said_of_worker_.erase(path);
      arrived_.erase(path);
      specs_.erase(path);
      return;
    }
    if (name.kind == paths::WorkerFileKind::spec) return take_worker_spec(path, name.worker_id, item.how, turn);
    return take_worker_sign(path, name, item.how, turn);
  }
  const bool completed = folder == paths::k_workers_completed;
  if (name.kind != paths::WorkerFileKind::spec || (!completed && folder != paths::k_workers_failed)) return;
  if (item.how == How::gone) {
    if (inputs_.is_left(path) && is_gone(path)) inputs_.vanished(path);
    return;
  }
  take_ended_worker(path, name.worker_id, completed, turn);
}

/// A spec that names a live subtask claims it; the daemon then moves the handoff as the worker would have done. False: whoever
/// gives a handoff back takes the spec away first, and that was seen only now.
bool Intake::claim_for_worker(const core::Subtask& subtask, const std::string& spec) {
  const std::string& master = subtask.spec.assigned_to;
  const std::string name = paths::handoff_name(master, subtask.spec.id);
  const std::string published = paths::join(paths::handoffs(master), name);
  const std::string claimed = paths::join(paths::claimed(master), name);
  auto moved = move_to(world_.files, published, claimed);
  const bool is_meant = !moved || !is_gone(spec);
  if (!is_meant) moved = move_to(world_.files, claimed, published);
  if (!moved && moved.error().code != ErrorCode::not_found)
    log::warn({"cannot move the handoff of ", subtask.spec.id, ": ", moved.error().message});
  return is_meant;
}

/// Once, as long as something has that name.
void Intake::say_of_worker(const std::string& path, const std::string& worker_id, const std::string& reason, Turn& turn) {
  if (!said_of_worker_[path].insert(reason).second) return;
  turn.say({"document_warning", "", "", worker_id, {{"path", path}, {"reason", reason}}});
}

/// 0: it has just arrived. The file's own time, which another clock may have given it, counts only at the first sight: from then
/// on what has changed arrives when that is seen.
std::int64_t Intake::lay_there_ms(const std::string& path, const platform::Stat& stat, How how) {
  const bool was_there = how == How::listed || how == How::due;
  const auto [at, first] = arrived_.try_emplace(path, Sign{stat.identity, world_.now.mono_ms});
  Sign& sign = at->second;
  if (first && was_there)
    sign.arrived -= std::max<std::int64_t>(0, world_.now.wall_ms - written_ms(stat));
  else if (!was_there || sign.identity != stat.identity)
    sign = {stat.identity, world_.now.mono_ms};
  return world_.now.mono_ms - sign.arrived;
}

/// The boot of this machine in which it was written; empty: one before.
std::string Intake::boot_of(std::int64_t lay_there_ms) const {
  return world_.rebooted && lay_there_ms > world_.now.boot_ms ? std::string() : world_.boot_id;
}

std::optional<std::int64_t> Intake::read_pid_file(const std::string& path) {
  const auto stat = world_.files.stat(path);
  if (!stat || stat->type != platform::FileType::regular) return std::nullopt;
  const auto content = world_.files.read(path, k_max_pid_bytes);
  if (!content) return std::nullopt;
  return protocol::read_pid(content->bytes);
}

// <worker_id>.pid or <worker_id>.heartbeat
void Intake::take_worker_sign(const std::string& path, const paths::WorkerName& name, How how, Turn& turn) {
  const auto stat = world_.files.stat(path);
  if (!stat) return;
  if (stat->type != platform::FileType::regular)
    return say_of_worker(path, name.worker_id, "it is no regular file: it counts for nothing; write or touch a file of that name",
                         turn);
  if (lies_ahead(written_ms(*stat), world_.now))
    say_of_worker(path, name.worker_id, "its time lies in the future: when it was seen here counts instead", turn);
  WorkerClaim claim = claim_of(*stat, path, name.worker_id, "", world_.now);
  if (name.kind == paths::WorkerFileKind::pid) {
    claim.pid = read_pid_file(path);
    if (!claim.pid) say_of_worker(path, name.worker_id, "it holds no decimal number: it names no process", turn);
    workers_.note_named(claim);
  }
  const auto at = subtask_of_worker_.find(name.worker_id);
  if (at == subtask_of_worker_.end()) return;
  claim.subtask_id = at->second;
  const std::string spec = paths::worker_spec(paths::k_workers_active, name.worker_id);
  const core::Subtask* subtask = world_.core.subtask(at->second);
  if (subtask == nullptr || subtask->worker_id != name.worker_id)  // it was early, or its spec tells of another handoff
    return take_worker_spec(spec, name.worker_id, how, turn);
  core::WorkerSeen seen{name.worker_id, at->second, 0, -1, {}};
  seen.lay_there_ms = lay_there_ms(path, *stat, how);
  seen.boot_id = boot_of(seen.lay_there_ms);
  if (name.kind == paths::WorkerFileKind::pid) seen.process = workers_.find(claim, turn);
  turn.tell(std::move(seen));
  if (claim.pid) workers_.settle(claim);
}

/// A worker has one process and one subtask: what ends the one must never end work on another.
std::string Intake::why_not_free(const std::string& worker_id, const std::string& subtask_id) const {
  const core::WorkerRecord* its = world_.core.worker(subtask_id);
  if (its != nullptr && its->worker_id == worker_id) return {};
  if (workers_.is_ending(worker_id)) return "the worker of this id is being ended: a new one is called differently";
  const std::string other = world_.core.subtask_of_worker(worker_id);
  if (other.empty() || other == subtask_id) return {};
  return worker_id + " works on " + other + ", which is not answered yet: it cannot claim " + subtask_id +
         "; a worker of that is called differently";
}

/// It may know of a handoff before this program does: it counts when it is written again, or its heartbeat touched.
void Intake::say_of_early(const protocol::WorkerIn& worker, const core::Subtask& subtask, const std::string& path,
                          const std::string& worker_id, Turn& turn) {
  subtask_of_worker_.emplace(worker_id, subtask.spec.id);
  const std::string standing = subtask.epoch == 0 ? " was not handed out yet" : " is at epoch " + std::to_string(subtask.epoch);
  say_of_worker(path, worker_id,
                subtask.spec.id + standing + ", and has no epoch " + std::to_string(worker.epoch) + ": left where it is", turn);
}

bool Intake::may_work_on(const protocol::WorkerIn& worker, const core::Subtask& subtask, const std::string& path,
                         const std::string& worker_id, Turn& turn) {
  if (!worker.worker_id.empty() && worker.worker_id != worker_id)
    say_of_worker(path, worker_id, "it says that it is " + worker.worker_id + "; a worker is called as its file is", turn);
  if (const std::string reason = why_not_free(worker_id, subtask.spec.id); !reason.empty()) {
    say_of_worker(path, worker_id, reason, turn);
    return false;
  }
  const std::string& master = subtask.spec.assigned_to;
  if (worker.master.empty() || worker.master == master || !world_.core.catalogue().masters.contains(worker.master)) return true;
  say_of_worker(path, worker_id,
                subtask.spec.id + " was handed to " + master + ", not to " + worker.master + ": left where it is", turn);
  return false;
}

/// What the file says of its process.
WorkerClaim Intake::claim_in(const protocol::WorkerIn& worker, const WorkerClaim& file) {
  WorkerClaim claim = file;
  claim.pid = worker.pid;
  claim.started_at = worker.started_at;
  claim.worktree = worker.worktree;
  claim.output_file = worker.output_file;
  if (!claim.pid && !workers_.holds(claim.worker_id))
    claim.pid = read_pid_file(claim.path.substr(0, claim.path.size() - k_spec_ending.size()) + ".pid");
  return claim;
}

/// When it was written last, or anything beside it.
std::int64_t Intake::last_sign_ms(const std::string& worker_id) {
  std::int64_t last = 0;
  for (const char* ending : {".json", ".pid", ".heartbeat"})
    if (const auto sign = world_.files.stat(paths::join(paths::k_workers_active, worker_id + ending));
        sign && sign->type == platform::FileType::regular)
      last = std::max(last, written_ms(*sign));
  return last;
}

/// One that says no epoch means the handoff that was out when it was written. What is only found here may have lain there since
/// an earlier one, of a worker that is long dead.
bool Intake::is_of_now(const protocol::WorkerIn& worker, const core::Subtask& subtask, const WorkerClaim& claim, How how,
                       Turn& turn) {
  const bool is_found = how == How::listed || how == How::due;
  if (!is_found || worker.epoch != 0 || subtask.epoch == 0 || subtask.worker_id == claim.worker_id) return true;
  if (last_sign_ms(claim.worker_id) + k_clock_slack_ms >= subtask.handed_off_at) return true;
  if (platform::is_this_host(worker.host) && workers_.lives(claim)) return true;
  say_of_worker(claim.path, claim.worker_id,
                "it was written before epoch " + std::to_string(subtask.epoch) + " of " + subtask.spec.id +
                    " was handed out, and says no epoch: it counts when it is written again, or its heartbeat touched",
                turn);
  return false;
}

void Intake::say_of_times(const protocol::WorkerIn& worker, const platform::Stat& stat, const std::string& path,
                          const std::string& worker_id, Turn& turn) {
  if (lies_ahead(worker.started_at, world_.now))
    say_of_worker(path, worker_id, "its started_at lies in the future: the time of the file counts instead", turn);
  if (lies_ahead(worker.last_heartbeat, world_.now))
    say_of_worker(path, worker_id, "its last_heartbeat lies in the future: when it was seen here counts instead", turn);
  if (lies_ahead(written_ms(stat), world_.now))
    say_of_worker(path, worker_id, "its time lies in the future: when it was seen here counts instead", turn);
}

/// What went away while nobody told.
void Intake::forget_workers_but(std::span<const platform::Entry> entries) {
  const std::string active = paths::join(paths::k_workers_active, "");
  const auto is_gone = [&](const auto& each) {
    if (!each.first.starts_with(active)) return false;
    const std::string_view name = std::string_view(each.first).substr(active.size());
    const auto at = std::ranges::lower_bound(entries, name, {}, &platform::Entry::name);
    return at == entries.end() || at->name != name;
  };
  std::erase_if(specs_, is_gone);
  std::erase_if(arrived_, is_gone);
  std::erase_if(said_of_worker_, is_gone);
}

/// Only a worker whose spec counts keeps it.
protocol::SpecReader Intake::take_reader(const std::string& path) {
  auto known = specs_.extract(path);
  return known.empty() ? protocol::SpecReader() : std::move(known.mapped());
}

void Intake::take_worker_spec(const std::string& path, const std::string& worker_id, How how, Turn& turn) {
  const auto content = read_input(InputKind::worker, path, How::renamed, k_max_spec_bytes, turn);
  if (!content) return;
  protocol::SpecReader reader = take_reader(path);
  auto worker = reader.read(content->bytes);
  if (!worker) {
    if (!settling_.settled(path, content->stat.identity, world_.now, world_.config.settle_ms, world_.config.max_open_ms)) return;
    return refuse(inputs_.take(InputKind::worker, path, content->stat.identity), std::move(worker).error(), turn);
  }
  if (worker->pid && platform::is_this_host(worker->host)) {
    WorkerClaim named = claim_of(content->stat, path, worker_id, worker->subtask_id, world_.now);
    named.pid = worker->pid;
    workers_.note_named(named);
  }
  const core::Subtask* subtask = worker->subtask_id.empty() ? nullptr : world_.core.find_subtask(worker->subtask_id);
  if (subtask == nullptr) {
    const auto ended = worker->subtask_id.empty() ? std::nullopt : world_.history.ended_subtask(worker->subtask_id);
    if (ended) return retire_late(path, worker_id, *ended, worker->epoch, turn);
    if (worker->subtask_id.empty()) return;  // a worker of something that baton did not hand out
    if (is_early(worker->subtask_id)) return put_off(path, how);
    subtask_of_worker_[worker_id] = worker->subtask_id;  // it may be early all the same: it stays, and is told once
    return say_of_worker(path, worker_id, in_words(world_.core.no_subtask(worker->subtask_id)) + ": left where it is", turn);
  }
  if (is_of_the_past(worker->epoch, *subtask)) return retire_late(path, worker_id, *subtask, worker->epoch, turn);
  if (worker->epoch > subtask->epoch) return say_of_early(*worker, *subtask, path, worker_id, turn);
  if (!may_work_on(*worker, *subtask, path, worker_id, turn)) return;
  const std::string subtask_id = subtask->spec.id;
  subtask_of_worker_[worker_id] = subtask_id;
  const WorkerClaim claim = claim_in(*worker, claim_of(content->stat, path, worker_id, subtask_id, world_.now));
  if (!is_of_now(*worker, *subtask, claim, how, turn)) return;
  if (subtask->status == core::SubtaskStatus::handed_off && !claim_for_worker(*subtask, path)) return;
  core::WorkerSeen seen{worker_id, subtask_id, worker->epoch, worker->progress_percent, worker->current_step};
  seen.lay_there_ms = lay_there_ms(path, content->stat, how);
  if (platform::is_this_host(worker->host))
    seen.boot_id = boot_of(seen.lay_there_ms);
  else
    seen.host = worker->host;
  seen.report =
      core::WorkerReport{worker->current_step, worker->worktree, worker->output_file, worker->tokens_used, worker->cost_usd};
  say_of_times(*worker, content->stat, path, worker_id, turn);
  specs_.insert_or_assign(path, std::move(reader));
  if (seen.host.empty()) {
    seen.process = workers_.find(claim, turn);
    turn.tell(std::move(seen));
    return workers_.settle(claim);
  }
  turn.tell(std::move(seen));
}

// Its spec should have been filed when its subtask ended; or it was, and the worker has written it once more. Whoever goes on
// writing it is told of once.
void Intake::retire_late(const std::string& path, const std::string& worker_id, const core::Subtask& subtask, int epoch,
                         Turn& turn) {
  const bool of_last = !subtask.spec.orchestrate && (epoch == 0 || epoch == subtask.epoch);
  std::string folder = !of_last                                           ? "stale"
                       : subtask.status == core::SubtaskStatus::completed ? "completed"
                       : subtask.status == core::SubtaskStatus::failed    ? "failed"
                                                                          : "stale";
  if (presence(world_.files, paths::worker_spec(paths::join(paths::k_workers, folder), worker_id)) == Presence::there)
    folder = "stale";
  turn.changes.effects.emplace_back(core::RetireWorker{worker_id, folder});
  const std::string over = over_sentence(subtask, epoch);
  if (said_of_late_.size() >= k_most_late) said_of_late_.clear();
  if (said_of_late_.emplace(worker_id, over).second)
    turn.say({"document_warning",
              subtask.task_id,
              subtask.spec.id,
              worker_id,
              {{"path", path}, {"reason", over + ": it goes to " + folder + "/"}}});
}

void Intake::take_ended_worker(const std::string& path, const std::string& worker_id, bool completed, Turn& turn) {
  const auto content = read_input(InputKind::worker, path, How::renamed, k_max_spec_bytes, turn);
  if (!content) return;
  auto worker = protocol::read_worker_spec(content->bytes);
  if (!worker) {
    if (!subtask_of_worker_.contains(worker_id))  // history that was never ours
      return inputs_.leave_lazily(path, content->stat.identity);
    return refuse(inputs_.take(InputKind::worker, path, content->stat.identity), std::move(worker).error(), turn);
  }
  const core::Subtask* subtask = worker->subtask_id.empty() ? nullptr : world_.core.find_subtask(worker->subtask_id);
  // It has had its look. Were it looked at again after the next handoff, it would be taken for the answer to that one.
  if (subtask == nullptr || !core::is_handed_out(*subtask)) return inputs_.leave_lazily(path, content->stat.identity);
  subtask_of_worker_.erase(worker_id);
  core::ResultArrived result =
      arriving_result(std::move(worker->result), content->stat.identity.mtime_ns / 1'000'000, world_.now.wall_ms);
  result.input = inputs_.take(InputKind::worker, path, content->stat.identity);
  result.subtask_id = subtask->spec.id;
  result.worker_id = worker_id;
  result.epoch = worker->epoch;
  result.completed = completed;
  if (!completed && result.error.empty()) result.error = "the worker's spec was moved to failed/";
  turn.tell(std::move(result));
}

}  // namespace baton::service
