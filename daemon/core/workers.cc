// Who lives and who does not: what becomes of signs of life and of their absence. The rules are in health.h; here they meet the
// records. docs/protocol.md, "Liveness, failure, escalation".
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "core/orchestrator_state.h"

namespace baton::core {
namespace {

constexpr std::int64_t k_minute_ms = 60'000;

bool is_watched(const Subtask& subtask) { return is_handed_out(subtask) && subtask.status != SubtaskStatus::handed_off; }

WorkerTrace trace_of(const WorkerRecord& record) {
  if (record.worker_id.empty()) return WorkerTrace::none;
  return record.host.empty() ? WorkerTrace::local : WorkerTrace::remote;
}

bool is_same_process(const WorkerRecord& record, const WorkerSeen& seen) {
  return seen.process && seen.process->pid == record.pid && seen.process->start_ticks == record.start_ticks;
}

/// Somebody else may take its place: its process has ended, or nothing is heard of it and it has no process of its own that is
/// known to live. One that has would go on beside the next.
bool is_replaceable(const WorkerWatch& watch, const WorkerSeen& by) {
  const WorkerState state = watch.liveness.state();
  const WorkerRecord& record = watch.record;
  const bool has_own = record.pid != 0 && record.spared.empty() && !is_same_process(record, by);
  return record.worker_id.empty() || watch.exited || is_final(state) || (state == WorkerState::stalled && !has_own);
}

/// What it was condemned for: the reason of the verdict, as far as the journal knows it.
std::string grounds_of(const Subtask& zombie) {
  if (zombie.failure_cause == FailureCause::time_limit) return "time_limit";
  return zombie.worker_id.empty() ? "never_seen" : "no_progress";
}

std::string failure_of(const WorkerVerdict& verdict) {
  return verdict.evidence.empty() ? verdict.reason : text::join(verdict.evidence, "; ");
}

}  // namespace

LivenessLimits Orchestrator::State::limits_of(const Subtask& subtask) const {
  const RecoverySettings& settings = catalogue.settings.recovery;
  LivenessLimits limits;
  limits.heartbeat_timeout = settings.heartbeat_timeout_ms;
  limits.zombie_after = settings.zombie_after_ms;
  limits.exit_grace = settings.exit_grace_ms;
  limits.time_limit = subtask.spec.time_limit_ms;
  limits.estimate = subtask.spec.estimated_minutes * k_minute_ms;
  const auto master = catalogue.masters.find(subtask.spec.assigned_to);
  if (master == catalogue.masters.end()) return limits;
  const MasterRecovery& own = master->second.recovery;
  if (own.zombie_after_ms > 0) limits.zombie_after = own.zombie_after_ms;
  if (limits.time_limit == 0) limits.time_limit = own.time_limit_ms;
  limits.reports_only = !own.watched;
  return limits;
}

/// How long it is claimed, as far as that is certain: a wall clock that was set and a suspend do not count. After another start
/// of the machine the clock has begun anew, which makes it less and never more.
std::int64_t Orchestrator::State::claimed_ago(const Subtask& subtask) const {
  return subtask.claimed_mono == 0 ? 0 : std::max<std::int64_t>(0, now.mono_ms - subtask.claimed_mono);
}

/// How much of the time for which a file lay there, by the wall clock, nobody slept through: nobody's silence counts in a
/// suspend. Since the claim the clock that nobody sets tells what the wall clock has too much. One that was set back meanwhile
/// hides a suspend from that, so no less is taken off than the machine has slept since its start.
std::int64_t Orchestrator::State::certainly_awake(const Subtask& subtask, std::int64_t lay_there_ms) const {
  const std::int64_t too_much = now.wall_ms - subtask.claimed_at - claimed_ago(subtask);
  const std::int64_t slept = now.boot_ms - now.mono_ms;
  return std::max<std::int64_t>(0, lay_there_ms - std::max({too_much, slept, std::int64_t{0}}));
}

/// It is claimed, and whoever works on it is watched from now on.
WorkerWatch& Orchestrator::State::watch(SubtaskRef ref, WorkerRecord record) {
  record.subtask_id = ref->spec.id;
  record.task_id = ref->task_id;
  record.epoch = ref->epoch;
  Liveness liveness(trace_of(record), limits_of(*ref), now.mono_ms, now.mono_ms - claimed_ago(*ref));
  WorkerWatch watch(std::move(liveness), std::move(record));
  return watches.insert_or_assign(ref->spec.id, std::move(watch)).first->second;
}

void Orchestrator::State::unwatch(const Subtask& subtask) {
  const auto found = watches.find(subtask.spec.id);
  if (found == watches.end()) return;
  if (found->second.ending)
    leaving.insert(subtask.spec.id);  // its record stays until it has ended: another run would go on with that
  else if (!found->second.record.worker_id.empty())
    changes.workers.insert(subtask.spec.id);
  judgements.clear(subtask.spec.id);
  if (subtask.status != SubtaskStatus::handed_off) retire_others(subtask, found->second);  // else it is for anybody once more
  watches.erase(found);
  for (const char* reason : {"stalled", "late", "overdue", "zombie"}) clear(subtask.task_id, subtask.spec.id, reason);
}

/// What others have said to work on this handoff must be no claim of the next one.
void Orchestrator::State::retire_others(const Subtask& subtask, const WorkerWatch& watched) {
  for (const auto* others : {&watched.rivals, &watched.replaced})
    for (const std::string& worker_id : *others)
      if (worker_id != watched.record.worker_id && worker_id != subtask.worker_id)
        changes.effects.push_back(RetireWorker{worker_id, "stale", std::nullopt, subtask.spec.id});
}

bool Orchestrator::State::is_its(const WorkerRecord& record, const Subtask& subtask) const {
  return record.subtask_id == subtask.spec.id && record.epoch == subtask.epoch;
}

/// A record is remembered longer than its worker is watched only while that is being ended.
void Orchestrator::State::recall_leaving() {
  for (const auto& [subtask_id, record] : remembered_workers)
    if (const SubtaskRef ref = find(subtask_id); ref && is_its(record, *ref) && !is_watched(*ref)) leaving.insert(subtask_id);
}

/// Those of the run before; nobody is judged by its silence before there was time to hear of it.
void Orchestrator::State::resume_watches() {
  for (auto& [task_id, live] : tasks)
    for (std::size_t i = 0; i < live.task.subtasks.size(); ++i) {
      const SubtaskRef ref{&live, i};
      if (!is_watched(*ref)) continue;
      const auto known = remembered_workers.find(ref->spec.id);
      WorkerRecord record;
      if (known != remembered_workers.end() && is_its(known->second, *ref)) {
        record = std::move(known->second);
        remembered_workers.erase(known);
      }
      WorkerWatch& watched = watch(ref, std::move(record));
      watched.restored = true;
      watched.liveness.adopted(now.mono_ms, now.mono_ms - claimed_ago(*ref));
      if (ref->status != SubtaskStatus::zombie) {
        judge(ref);
        continue;
      }
      watched.reason = grounds_of(*ref);
      watched.evidence = ref->evidence;
      end_worker(ref);
    }
  resume_endings();
}

void Orchestrator::State::renew_limits() {
  std::vector<std::string> ids;
  for (auto& [subtask_id, watched] : watches) {
    watched.liveness.set_limits(limits_of(*find(subtask_id)));
    ids.push_back(subtask_id);
  }
  for (const std::string& id : ids) judge(find(id));
}

// ---- signs of life

void Orchestrator::State::on(const WorkerSeen& event) {
  const SubtaskRef ref = find(event.subtask_id);
  if (!ref) return;
  if (event.epoch != 0 && event.epoch < ref->epoch) {
    changes.effects.push_back(
        FeedEntry{"document_warning",
                  ref->task_id,
                  ref->spec.id,
                  event.worker_id,
                  {{"reason", "it is of epoch " + std::to_string(event.epoch) + " of " + ref->spec.id + ", which is at epoch " +
                                  std::to_string(ref->epoch) + ": it goes to stale/"}}});
    changes.effects.push_back(RetireWorker{event.worker_id, "stale"});
    return;
  }
  if ((event.epoch != 0 && event.epoch != ref->epoch) || !is_handed_out(*ref)) return;
  if (ref->status == SubtaskStatus::handed_off) ref->worker_id = event.worker_id;  // who claims it
  on(HandoffClaimed{ref->spec.id, event.epoch, "worker"});
  const auto watched = watches.find(ref->spec.id);
  if (watched == watches.end()) return;
  if (ref->status == SubtaskStatus::zombie) return note_latecomer(ref, watched->second, event);
  const bool first = watched->second.record.worker_id != event.worker_id;
  if (first && !take_worker(ref, watched->second, event)) return;
  if (event.report) watched->second.report = *event.report;
  note_process(ref, watched->second, event);
  if (ref->started_at == 0) {
    ref->started_at = now.wall_ms;
    touch(*ref.live, *ref);
    tell("subtask_started", *ref, {{"master", ref->spec.assigned_to}, {"epoch", std::int64_t{ref->epoch}}});
  }
  first ? note_first_sight(ref, watched->second, event) : note_sign(ref, watched->second, event);
}

/// False: somebody else works on it, and lives.
bool Orchestrator::State::take_worker(SubtaskRef ref, WorkerWatch& watched, const WorkerSeen& seen) {
  if (!is_replaceable(watched, seen)) {
    if (watched.rivals.insert(seen.worker_id).second)
      changes.effects.push_back(
          FeedEntry{"document_warning",
                    ref->task_id,
                    ref->spec.id,
                    seen.worker_id,
                    {{"reason", ref->spec.id + " is worked on by " + watched.record.worker_id +
                                    ", which lives: " + seen.worker_id + " counts only when that is gone"}}});
    return false;
  }
  std::set<std::string> rivals = std::move(watched.rivals);
  std::set<std::string> replaced = std::move(watched.replaced);
  rivals.erase(seen.worker_id);
  if (!watched.record.worker_id.empty() && !rivals.contains(watched.record.worker_id)) replaced.insert(watched.record.worker_id);
  workers.erase(ref->worker_id);
  ref->worker_id = seen.worker_id;
  touch(*ref.live, *ref);
  WorkerRecord record;
  record.worker_id = seen.worker_id;
  record.host = seen.host;
  if (record.host.empty()) record.boot_id = seen.boot_id;
  record.first_seen = now.wall_ms;
  WorkerWatch& next = watch(ref, std::move(record));
  next.rivals = std::move(rivals);
  next.replaced = std::move(replaced);
  changes.workers.insert(ref->spec.id);
  return true;
}

/// The verdict has fallen, and stands. The first one's files go where the end of the subtask sends those of its worker.
void Orchestrator::State::note_latecomer(SubtaskRef ref, WorkerWatch& watched, const WorkerSeen& seen) {
  if (seen.worker_id == ref->worker_id || !watched.rivals.insert(seen.worker_id).second) return;
  if (ref->worker_id.empty()) {
    ref->worker_id = seen.worker_id;
    touch(*ref.live, *ref);
  }
  const std::string reason = ref->spec.id + " was given up before " + seen.worker_id +
                             " was seen: it is not watched, and its answer counts until the next handoff is published";
  changes.effects.push_back(FeedEntry{"document_warning", ref->task_id, ref->spec.id, seen.worker_id, {{"reason", reason}}});
}

void Orchestrator::State::note_first_sight(SubtaskRef ref, WorkerWatch& watched, const WorkerSeen& seen) {
  watched.heard_at = now.wall_ms - seen.lay_there_ms;
  watched.written_at = now.mono_ms - seen.lay_there_ms;
  if (seen.lay_there_ms > 0) watched.liveness.adopted(now.mono_ms, now.mono_ms - certainly_awake(*ref, seen.lay_there_ms));
  if (watched.record.host.empty()) look(watched);
  progress_seen(*ref, seen);
  judge(ref);
}

void Orchestrator::State::note_process(SubtaskRef ref, WorkerWatch& watched, const WorkerSeen& seen) {
  if (!seen.process) return;
  WorkerRecord& record = watched.record;
  const WorkerRecord before = record;
  record.pid = seen.process->pid;
  record.start_ticks = seen.process->start_ticks;
  record.uid = seen.process->uid;
  record.spared = seen.process->spared;
  if (record == before) return;
  watched.exited = watched.remains = false;
  watched.liveness.renewed();
  changes.workers.insert(ref->spec.id);
  changes.standing.insert(ref->spec.id);
}

void Orchestrator::State::note_sign(SubtaskRef ref, WorkerWatch& watched, const WorkerSeen& seen) {
  Liveness& liveness = watched.liveness;
  WorkerRecord& record = watched.record;
  if (record.host.empty() && !seen.boot_id.empty() && record.boot_id != seen.boot_id) {  // it works again, as the machine does
    record.boot_id = seen.boot_id;
    changes.workers.insert(ref->spec.id);
  }
  const std::int64_t at = now.mono_ms - seen.lay_there_ms;
  const bool moved = seen.progress_percent >= 0 && seen.progress_percent != ref->progress_percent;
  const bool is_news = seen.lay_there_ms == 0 || !watched.written_at || at > *watched.written_at;
  if (is_news) {
    watched.heard_at = now.wall_ms - seen.lay_there_ms;
    watched.written_at = at;
  }
  if (is_news && seen.lay_there_ms > 0 && watched.restored) {
    const std::int64_t heard_at = now.mono_ms - certainly_awake(*ref, seen.lay_there_ms);
    liveness.adopted(now.mono_ms, std::max(heard_at, liveness.heard_at()));
  } else if (is_news) {
    watched.restored = false;
    moved ? liveness.reported(now.mono_ms) : liveness.heard(now.mono_ms);
  }
  progress_seen(*ref, seen);
  if (liveness.state() != WorkerState::working) judge(ref);
}

void Orchestrator::State::on(const WorkerExited& event) {
  const SubtaskRef ref = find(event.subtask_id);
  const auto watched = watches.find(event.subtask_id);
  if (!ref || watched == watches.end() || watched->second.record.worker_id != event.worker_id) return;
  watched->second.remains = watched->second.remains || event.remains;
  if (watched->second.exited) return;
  if (event.rebooted && !limits_of(*ref).reports_only) {
    watched->second.exited = true;
    return lose_with_machine(ref, event.what);
  }
  if (event.worker_id.empty()) return;  // who has claimed it there is no machine's business
  watched->second.exited = true;
  Fields fields{{"master", ref->spec.assigned_to}, {"epoch", std::int64_t{ref->epoch}}, {"reason", event.what}};
  if (watched->second.record.pid != 0) fields.emplace_back("pid", watched->second.record.pid);
  tell("worker_exited", *ref, std::move(fields));
  if (ref->status == SubtaskStatus::zombie) return fail_zombie(ref);
  watched->second.liveness.exited(now.mono_ms, event.what);
  judge(ref);
}

void Orchestrator::State::on(const WorkerLooked& event) {
  const SubtaskRef ref = find(event.subtask_id);
  const auto watched = watches.find(event.subtask_id);
  if (!ref || watched == watches.end() || ref->epoch != event.epoch) return;
  watched->second.looking = false;
  if (ref->status != SubtaskStatus::in_progress) return;
  watched->second.liveness.looked(now.mono_ms, event.look);
  judge(ref);
}

// ---- verdicts

void Orchestrator::State::look(WorkerWatch& watched) {
  if (std::exchange(watched.looking, true)) return;
  changes.effects.push_back(LookAtWorker{watched.record.subtask_id, watched.record.worker_id, watched.record.epoch});
}

void Orchestrator::State::judge_workers() {
  while (const auto subtask_id = judgements.take_due(now.mono_ms)) judge(find(*subtask_id));
}

void Orchestrator::State::judge(SubtaskRef ref) {
  BATON_ASSERT(ref);
  if (ref->status != SubtaskStatus::in_progress) return;
  WorkerWatch& watched = watches.at(ref->spec.id);
  const WorkerState before = watched.liveness.state();
  const WorkerVerdict verdict = watched.liveness.judge(now.mono_ms);
  if (verdict.state != before || verdict.reason != watched.reason) changes.standing.insert(ref->spec.id);
  watched.reason = verdict.reason;
  watched.evidence = verdict.evidence;
  if (verdict.state == WorkerState::gone) return lose(ref, verdict);
  if (verdict.state == WorkerState::zombie) return condemn(ref, verdict);
  tell_standing(ref, verdict);
  judgements.clear(ref->spec.id);
  if (verdict.look) return look(watched);
  if (const auto due = watched.liveness.deadline(); due && !watched.looking) judgements.set(ref->spec.id, *due);
}

/// It was known in an earlier run, and there was no time yet to hear of it: what was said of it then stands.
bool Orchestrator::State::is_undecided(const WorkerWatch& watched, const WorkerVerdict& verdict) const {
  return watched.restored && verdict.state == WorkerState::starting && verdict.reason.empty();
}

/// What condemns nobody: said when it begins and when it is over.
void Orchestrator::State::tell_standing(SubtaskRef ref, const WorkerVerdict& verdict) {
  const bool undecided = is_undecided(watches.at(ref->spec.id), verdict);
  // True: it is to be said now. An older message stands, one of an earlier run, too.
  const auto is_news = [&](const char* reason, bool up) {
    if (!up && !undecided) clear(ref->task_id, ref->spec.id, reason);
    return up && !attention.is_up({ref->task_id, ref->spec.id, reason, ""});
  };
  if (is_news("stalled", verdict.state == WorkerState::stalled)) {
    tell("heartbeat_missed", *ref, verdict_fields(*ref, verdict));
    raise(about_silence(*ref, verdict.evidence));
  }
  if (is_news("late", verdict.late)) raise(about_lateness(*ref));
  if (is_news("overdue", verdict.overdue)) raise(about_overdue(*ref, verdict.evidence));
}

Orchestrator::State::Fields Orchestrator::State::verdict_fields(const Subtask& subtask, const WorkerVerdict& verdict) const {
  Fields fields{{"master", subtask.spec.assigned_to},
                {"epoch", std::int64_t{subtask.epoch}},
                {"reason", verdict.reason},
                {"evidence", verdict.evidence}};
  if (const auto watched = watches.find(subtask.spec.id); watched != watches.end() && watched->second.record.pid != 0)
    fields.emplace_back("pid", watched->second.record.pid);
  return fields;
}

/// What it has started may still be at work, and must not be beside the next one.
void Orchestrator::State::lose(SubtaskRef ref, const WorkerVerdict& verdict) {
  tell("worker_gone", *ref, verdict_fields(*ref, verdict));
  dismiss_worker(ref);
  fail_subtask(ref,
               {.cause = FailureCause::gone, .error = failure_of(verdict), .evidence = verdict.evidence, .verdict = verdict});
}

/// Nobody failed: what was begun is begun anew, at no cost.
void Orchestrator::State::lose_with_machine(SubtaskRef ref, const std::string& what) {
  tell("worker_gone", *ref,
       {{"master", ref->spec.assigned_to}, {"epoch", std::int64_t{ref->epoch}}, {"reason", "rebooted"}, {"evidence", what}});
  if (withdraw(ref)) ref->same_attempt = true;
}

void Orchestrator::State::condemn(SubtaskRef ref, const WorkerVerdict& verdict) {
  tell("zombie_detected", *ref, verdict_fields(*ref, verdict));
  judgements.clear(ref->spec.id);
  if (!move(ref, SubtaskCause::condemned)) return;
  ref->failure_cause = verdict.reason == "time_limit" ? FailureCause::time_limit : FailureCause::zombie;
  ref->error = failure_of(verdict);
  ref->evidence = verdict.evidence;
  retire_worker(*ref, "zombie", verdict);
  end_worker(ref);
}

}  // namespace baton::core
