// The end of workers: who may be ended, what is waited for until then, and what another run goes on with. docs/protocol.md,
// "Liveness".
#include <utility>

#include "core/orchestrator_state.h"

namespace baton::core {

/// Its process is known, lives, and may be signalled. Else why not.
std::string Orchestrator::State::why_not_ended(const WorkerWatch& watched) const {
  const WorkerRecord& record = watched.record;
  if (record.worker_id.empty()) return "no worker was ever seen, so there is nothing that could be ended";
  if (!record.host.empty()) return "it runs on " + record.host + ", where it cannot be ended from here";
  if (record.pid == 0) return "it named no process, so there is nothing that could be ended";
  if (watched.exited && !watched.remains) return "its process has exited, and something else goes on in its name";
  return record.spared;
}

void Orchestrator::State::ask_end(WorkerWatch& watched) {
  const WorkerRecord& record = watched.record;
  watched.ending = true;
  changes.effects.push_back(EndWorker{record.task_id, record.subtask_id, record.worker_id, record.epoch, record.pid,
                                      record.start_ticks, record.boot_id});
}

void Orchestrator::State::end_worker(SubtaskRef ref) {
  WorkerWatch& watched = watches.at(ref->spec.id);
  const std::string why_not = why_not_ended(watched);
  why_not.empty() ? ask_end(watched) : leave_to_person(ref, {why_not});
}

void Orchestrator::State::leave_to_person(SubtaskRef ref, std::vector<std::string> why_not_ended) {
  raise(about_zombie(*ref, why_not_ended));
  watches.at(ref->spec.id).not_ended = std::move(why_not_ended);
  changes.standing.insert(ref->spec.id);
}

/// Whoever works on it is not wanted any more. What cannot be proven to be it is left alone.
void Orchestrator::State::dismiss_worker(SubtaskRef ref) {
  const auto watched = watches.find(ref->spec.id);
  if (watched == watches.end() || ref->status == SubtaskStatus::zombie || !why_not_ended(watched->second).empty()) return;
  ask_end(watched->second);
}

void Orchestrator::State::fail_zombie(SubtaskRef ref) {
  fail_subtask(ref, {.cause = ref->failure_cause, .error = ref->error, .evidence = ref->evidence});
}

void Orchestrator::State::on(const WorkerEnded& event) {
  Fields fields{{"took_ms", event.took_ms}, {"killed", event.killed}, {"processes", event.processes}, {"left", event.left}};
  if (!event.beside.empty()) fields.emplace_back("beside", event.beside);
  changes.effects.push_back(FeedEntry{"worker_ended", event.task_id, event.subtask_id, event.worker_id, std::move(fields)});
  const SubtaskRef ref = find(event.subtask_id);
  const bool is_last = ref && ref->epoch == event.epoch;
  if (is_last && ref->status == SubtaskStatus::zombie) {
    watches.at(ref->spec.id).ending = false;
    return event.left.empty() ? fail_zombie(ref) : leave_to_person(ref, event.left);
  }
  const bool is_awaited = is_last && leaving.contains(ref->spec.id);
  if (is_awaited && !event.left.empty() && !is_final(ref->status)) return raise(about_leftover(*ref, event.left));
  changes.workers.insert(event.subtask_id);
  if (is_awaited) stop_waiting_for_worker(ref);
}

/// It is gone, or a person says that it does not matter.
void Orchestrator::State::stop_waiting_for_worker(SubtaskRef ref) {
  leaving.erase(ref->spec.id);
  changes.workers.insert(ref->spec.id);
  clear(ref->task_id, ref->spec.id, "worker_left");
  ask_for_parts(ref);
  let_go(ref);
}

void Orchestrator::State::resume_endings() {
  for (const auto& [subtask_id, record] : std::exchange(remembered_workers, {}))
    changes.effects.push_back(
        EndWorker{record.task_id, subtask_id, record.worker_id, record.epoch, record.pid, record.start_ticks, record.boot_id});
}

}  // namespace baton::core
