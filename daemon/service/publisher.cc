#include "service/publisher.h"

#include "protocol/paths.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;

void Publisher::stage(Turn& turn) {
  handoffs_.stage(turn);
  remember(turn);
  collect_records(turn);
}

void Publisher::remember(Turn& turn) {
  for (const core::Effect& effect : turn.changes.effects) {
    if (const auto* accept = std::get_if<core::AcceptInput>(&effect)) inputs_.accept(accept->input, turn);
    if (const auto* refuse = std::get_if<core::RefuseInput>(&effect)) inputs_.refuse(refuse->input, refuse->error, turn);
    if (const auto* answer = std::get_if<core::AnswerCommand>(&effect)) inputs_.answer(*answer, turn);
    if (const auto* worker = std::get_if<core::RetireWorker>(&effect)) inputs_.retire(*worker, turn);
    if (const auto* planner = std::get_if<core::AskPlanner>(&effect)) jobs_.planners.remember(*planner, turn);
    if (const auto* split = std::get_if<core::ProposeSplit>(&effect)) jobs_.planners.remember(*split, turn);
    if (const auto* check = std::get_if<core::RunCheck>(&effect))
      jobs_.checks.remember(check_key(check->subject, check->epoch), turn);
    if (const auto* entry = std::get_if<core::FeedEntry>(&effect)) {
      feed_.remember(*entry, turn);
      jobs_.notifications.remember(*entry, turn);
    }
  }
}

void Publisher::collect_records(Turn& turn) {
  store::Commit& commit = turn.commit;
  std::map<std::string_view, const core::Task*> ended;
  for (const auto& task : turn.changes.ended) {
    ended[task->spec.id] = task.get();
    commit.views_due.push_back(task->spec.id);
  }
  const auto record = [&](const std::string& task_id) {
    const auto at = ended.find(task_id);
    return at == ended.end() ? world_.core.task(task_id) : at->second;
  };
  for (const std::string& task_id : turn.changes.tasks) {
    const core::Task* task = record(task_id);
    if (task == nullptr) continue;
    (turn.changes.created.contains(task_id) ? commit.created : commit.tasks).push_back(task);
    if (turn.changes.created.contains(task_id) || !ended.contains(task_id)) continue;
    for (const core::Subtask& subtask : task->subtasks)
      if (turn.changes.subtasks.contains(subtask.spec.id)) commit.subtasks.push_back(&subtask);
  }
  for (const std::string& subtask_id : turn.changes.subtasks) {
    const core::Subtask* subtask = world_.core.subtask(subtask_id);
    if (subtask != nullptr && !turn.changes.created.contains(subtask->task_id)) commit.subtasks.push_back(subtask);
  }
  for (const std::string& subtask_id : turn.changes.rewired)
    if (const core::Subtask* subtask = world_.core.subtask(subtask_id)) commit.rewired.push_back(subtask);
  for (const core::DurationKey& key : turn.changes.durations) commit.durations[key] = world_.core.catalogue().durations.at(key);
  for (const std::string& name : turn.changes.masters) {
    const core::MasterRecord* master = world_.core.master(name);
    commit.masters.push_back(master == nullptr ? core::MasterRecord{.name = name} : *master);
  }
  for (const std::string& subtask_id : turn.changes.workers) {
    if (const core::WorkerRecord* worker = world_.core.worker(subtask_id))
      commit.workers.push_back(*worker);
    else
      commit.workers_gone.push_back(subtask_id);
  }
  commit.attention.insert(commit.attention.end(), turn.changes.attention.begin(), turn.changes.attention.end());
  std::erase_if(commit.documents, [&](const auto& row) { return !turn.changes.created.contains(row.first); });
}

void Publisher::keep_error(Result<>& first, const Result<>& now, const char* what) {
  if (now) return;
  log::warn({what, ": ", now.error().message});
  if (first || (first.error().code != ErrorCode::no_space && now.error().code == ErrorCode::no_space)) first = now;
}

void Publisher::retire_handoffs(const Turn& turn, Result<>& result) {
  for (const core::Effect& effect : turn.changes.effects) {
    const auto* retire = std::get_if<core::RetireHandoff>(&effect);
    if (retire == nullptr) continue;
    const auto retired = handoffs_.retire(*retire);
    if (!retired) unretired_.push_back(*retire);
    keep_error(result, retired, "cannot file a handoff");
  }
}

Result<> Publisher::perform(Turn& turn) {
  world_.history.committed();
  Result<> result;
  retire_handoffs(turn, result);  // first: the next epoch gets the same name
  for (const core::Effect& effect : turn.changes.effects) {
    const auto* handoff = std::get_if<core::PublishHandoff>(&effect);
    const core::Subtask* subtask = handoff == nullptr ? nullptr : world_.core.subtask(handoff->subtask_id);
    if (subtask == nullptr || subtask->undelivered) continue;  // staging has failed: the core knows already
    const auto published = handoffs_.publish(*handoff);
    if (published) continue;
    undelivered_.push_back({handoff->subtask_id, handoff->epoch, false, published.error().message});
    keep_error(result, published, "cannot publish a handoff");
  }
  keep_error(result, feed_.append(), "feed");
  for (const std::string& path : inputs_.file()) intake_.look_again(path);
  for (const core::Effect& effect : turn.changes.effects) {
    if (const auto* planner = std::get_if<core::AskPlanner>(&effect)) jobs_.planners.ask(*planner);
    if (const auto* planner = std::get_if<core::StopPlanner>(&effect)) jobs_.planners.stop(planner->task_id);
    if (const auto* check = std::get_if<core::RunCheck>(&effect)) run_check(*check);
    if (const auto* check = std::get_if<core::StopCheck>(&effect)) jobs_.checks.stop(check_key(check->subject, check->epoch));
    if (const auto* split = std::get_if<core::ProposeSplit>(&effect)) jobs_.planners.ask(*split);
    if (const auto* child = std::get_if<core::ProposeChild>(&effect)) children_.ask(*child);
  }
  jobs_.notifications.send();
  jobs_.probes.ask();
  workers_.perform(turn);
  views_.changed(turn.changes);
  for (const std::string& task_id : turn.changes.tasks)
    if (const core::Task* task = world_.core.task(task_id)) queue_.changed(*task);
  for (const auto& task : turn.changes.ended) queue_.changed(*task);
  if (result && owes()) result = fail(ErrorCode::io, "some documents could not be filed");
  return result;
}

/// Where a subtask's work lies; of a whole task: where the work lies that was merged last, which has all the rest in it.
std::string Publisher::place_of_work(const core::Task& task, const core::Subtask* subtask) const {
  const core::Subtask* last = subtask;
  for (const core::Subtask& each : task.subtasks) {
    if (subtask != nullptr || each.outcome.worktree.empty() || each.status != core::SubtaskStatus::completed) continue;
    if (last == nullptr || last->completed_at <= each.completed_at) last = &each;
  }
  if (last == nullptr || last->outcome.worktree.empty()) return world_.workspace;
  return world_.root + "/" + paths::join(paths::k_worktrees, last->outcome.worktree);
}

void Publisher::run_check(const core::RunCheck& asked) {
  const std::string key = check_key(asked.subject, asked.epoch);
  const core::Subtask* subtask = world_.core.subtask(asked.subject);
  const core::Task* task = world_.core.task(subtask == nullptr ? asked.subject : subtask->task_id);
  if (task == nullptr) return;  // it has ended in the same turn, and the check is stopped there
  const std::string& checkpoint = subtask == nullptr ? task->spec.checkpoint : core::checkpoint_of(*task, *subtask);
  auto check = protocol::check_of(checkpoint, world_.config.checkpoints);
  if (check)
    jobs_.checks.run(key, std::move(*check), place_of_work(*task, subtask));
  else
    jobs_.checks.refuse(key, "orchestrator/config.json has no checkpoint \"" + protocol::checkpoint_in_words(checkpoint) +
                                 "\" any more: put it back and retry, or skip with a reason");
}

Result<> Publisher::retry() {
  Result<> result;
  keep_error(result, feed_.append(), "feed");
  for (const std::string& path : inputs_.file()) intake_.look_again(path);
  for (const core::RetireHandoff& retire : std::exchange(unretired_, {})) {
    const core::Subtask* live = world_.core.subtask(retire.subtask_id);
    if (live != nullptr && live->epoch > retire.epoch) continue;  // that name is the next handoff's by now
    const auto retired = handoffs_.retire(retire);
    if (!retired) unretired_.push_back(retire);
    keep_error(result, retired, "cannot file a handoff");
  }
  if (result && owes()) result = fail(ErrorCode::io, "some documents could not be filed");
  return result;
}

void Publisher::report_failures(Turn& turn) {
  for (core::HandoffDelivery& failure : std::exchange(undelivered_, {})) turn.tell(std::move(failure));
}

}  // namespace baton::service
