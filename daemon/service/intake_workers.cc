// worker-specs/: who works on what, as the workers themselves say it.
#include <utility>

#include "service/arriving.h"
#include "service/filing.h"
#include "service/intake.h"
#include "service/log.h"
#include "service/remarks.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {
constexpr std::size_t k_max_spec_bytes = 1 << 20;
}

void Intake::look_at_worker(std::string_view folder, const Item& item, Turn& turn) {
  const auto name = paths::classify_worker(item.name);
  if (name.kind == paths::WorkerFileKind::other) return;
  const std::string path = paths::join(item.folder, item.name);
  if (folder == paths::k_workers_active) {
    if (item.how == How::gone) {
      if (name.kind == paths::WorkerFileKind::spec) subtask_of_worker_.erase(name.worker_id);
      return;
    }
    if (name.kind == paths::WorkerFileKind::spec) return take_worker_spec(path, name.worker_id, turn);
    const auto known = subtask_of_worker_.find(name.worker_id);
    if (known == subtask_of_worker_.end()) return;
    if (world_.core.subtask(known->second) == nullptr)  // it was early; there may be one by now
      return take_worker_spec(paths::worker_spec(paths::k_workers_active, name.worker_id), name.worker_id, turn);
    return turn.tell(core::WorkerSeen{name.worker_id, known->second, 0, -1, {}});
  }
  const bool completed = folder == paths::k_workers_completed;
  if (name.kind != paths::WorkerFileKind::spec || (!completed && folder != paths::k_workers_failed)) return;
  if (item.how == How::gone) {
    if (inputs_.is_left(path) && is_gone(path)) inputs_.vanished(path);
    return;
  }
  take_ended_worker(path, name.worker_id, completed, turn);
}

// A spec that names a live subtask claims it; the daemon then moves the handoff as the worker would have done.
void Intake::claim_for_worker(const core::Subtask& subtask) {
  const std::string& master = subtask.spec.assigned_to;
  const std::string name = paths::handoff_name(master, subtask.spec.id);
  const auto moved = move_to(world_.files, paths::join(paths::handoffs(master), name), paths::join(paths::claimed(master), name));
  if (!moved && moved.error().code != ErrorCode::not_found)
    log::warn("cannot move the handoff of {}: {}", subtask.spec.id, moved.error().message);
}

void Intake::take_worker_spec(const std::string& path, const std::string& worker_id, Turn& turn) {
  const auto content = read_input(InputKind::worker, path, How::renamed, k_max_spec_bytes, turn);
  if (!content) return;
  auto worker = protocol::read_worker_spec(content->bytes);
  if (!worker) {
    if (!settling_.settled(path, content->stat.identity, world_.now, world_.config.settle_ms, world_.config.max_open_ms)) return;
    return refuse(inputs_.take(InputKind::worker, path, content->stat.identity), std::move(worker).error(), turn);
  }
  const core::Subtask* subtask = worker->subtask_id.empty() ? nullptr : world_.core.find_subtask(worker->subtask_id);
  if (subtask == nullptr) {
    const auto ended = worker->subtask_id.empty() ? std::nullopt : ended_subtask(worker->subtask_id);
    if (ended) return retire_if_over(worker_id, *ended, worker->epoch, turn);
    if (worker->subtask_id.empty()) return;  // a worker of something that baton did not hand out
    // It may be early: it stays, and is told once.
    std::string& named = subtask_of_worker_[worker_id];
    if (std::exchange(named, worker->subtask_id) == worker->subtask_id) return;
    const std::string reason = in_words(world_.core.no_subtask(worker->subtask_id)) + ": left where it is";
    return turn.say({"document_warning", "", "", worker_id, {{"path", path}, {"reason", reason}}});
  }
  const bool over = core::is_final(subtask->status) || subtask->status == core::SubtaskStatus::failed;
  if (over) return retire_if_over(worker_id, *subtask, worker->epoch, turn);
  subtask_of_worker_[worker_id] = subtask->spec.id;
  if (subtask->status == core::SubtaskStatus::handed_off) claim_for_worker(*subtask);
  turn.tell(core::WorkerSeen{worker_id, subtask->spec.id, worker->epoch, worker->progress_percent, worker->current_step});
}

// Its spec should have been filed when its subtask ended; or it was, and the worker has written it once more.
void Intake::retire_if_over(const std::string& worker_id, const core::Subtask& subtask, int epoch, Turn& turn) {
  const bool of_last = epoch == 0 || epoch == subtask.epoch;
  std::string folder = !of_last                                           ? "stale"
                       : subtask.status == core::SubtaskStatus::completed ? "completed"
                       : subtask.status == core::SubtaskStatus::failed    ? "failed"
                                                                          : "stale";
  if (presence(world_.files, paths::worker_spec(paths::join(paths::k_workers, folder), worker_id)) == Presence::there)
    folder = "stale";
  turn.changes.effects.emplace_back(core::RetireWorker{worker_id, folder});
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
  if (subtask == nullptr || !core::is_in_flight(subtask->status)) return inputs_.leave_lazily(path, content->stat.identity);
  subtask_of_worker_.erase(worker_id);
  core::ResultArrived result = arriving_result(std::move(worker->result), world_.now.wall_ms);
  result.input = inputs_.take(InputKind::worker, path, content->stat.identity);
  result.subtask_id = subtask->spec.id;
  result.worker_id = worker_id;
  result.epoch = worker->epoch;
  result.completed = completed;
  if (!completed && result.error.empty()) result.error = "the worker's spec was moved to failed/";
  turn.tell(std::move(result));
}

}  // namespace baton::service
