// Look-ups, and the answer to "why is it where it is".
#include <algorithm>
#include <span>

#include "base/text.h"
#include "base/time.h"
#include "core/orchestrator_state.h"

namespace baton::core {

LiveTask* Orchestrator::State::find_task(std::string_view id) {
  const auto found = tasks.find(id);
  return found == tasks.end() ? nullptr : &found->second;
}

SubtaskRef Orchestrator::State::find(std::string_view id) const {
  const auto found = subtasks.find(id);
  return found == subtasks.end() ? SubtaskRef{} : found->second;
}

SubtaskRef Orchestrator::State::find_short(std::string_view text) const {
  if (const SubtaskRef exact = find(text)) return exact;
  std::set<std::string> meant;
  const std::string prefix = std::string(text) + "-";
  for (auto at = subtasks.lower_bound(prefix); at != subtasks.end() && at->first.starts_with(prefix) && meant.size() < 2; ++at)
    // "scan-2" is not short for "scan": both are whole names of simple tasks.
    if (!at->second.live->task.simple) meant.insert(at->first);
  const auto [first, last] = given_ids.equal_range(text);
  for (auto at = first; at != last; ++at) meant.insert(at->second);
  return meant.size() == 1 ? find(*meant.begin()) : SubtaskRef{};
}

namespace {

constexpr std::size_t k_named = 10;  // of many

/// Those that can be answered now; where none is out, all that have not ended.
std::string live_subtasks(const Task& task) {
  std::vector<std::string> out, live;
  for (const Subtask& subtask : task.subtasks) {
    if (is_in_flight(subtask)) out.push_back(subtask.spec.id);
    if (!is_final(subtask.status)) live.push_back(subtask.spec.id);
  }
  const std::vector<std::string>& meant = out.empty() ? live : out;
  const std::size_t shown = std::min(meant.size(), k_named);
  const std::string names = text::join(std::span(meant).first(shown), ", ");
  return shown == meant.size() ? names : names + " and " + std::to_string(meant.size() - shown) + " more";
}

}  // namespace

Error Orchestrator::State::no_subtask(std::string_view words) const {
  const std::string id(words);
  if (const auto task = tasks.find(words); task != tasks.end()) {
    if (!task->second.task.planned)
      return {ErrorCode::not_found, id + " is a task that has no plan yet", "work on a subtask when its handoff is there", {}};
    return {ErrorCode::not_found,
            id + " is a task, not one of its subtasks",
            "name one of them: " + live_subtasks(task->second.task),
            {}};
  }
  std::vector<std::string> ids;
  ids.reserve(subtasks.size());
  for (const auto& [subtask_id, ref] : subtasks) ids.push_back(subtask_id);
  return {
      ErrorCode::not_found, "no subtask is called " + id + text::did_you_mean(id, ids), "copy subtask_id from the handoff", {}};
}

std::vector<WaitsFor> Orchestrator::State::waits_for(SubtaskRef ref) const {
  if (is_done_by_child(*ref)) return waits_for_child(*ref);
  if (ref->status != SubtaskStatus::pending && ref->status != SubtaskStatus::ready) return {};
  std::vector<WaitsFor> reasons = waits_for_task(ref.live->task);
  if (ref->status == SubtaskStatus::pending) {
    const std::vector<WaitsFor> more = waits_for_plan(ref);
    reasons.insert(reasons.end(), more.begin(), more.end());
  } else if (reasons.empty()) {
    reasons = waits_for_attempt(*ref);
  }
  if (reasons.empty()) reasons.push_back({"turn", ref->task_id});
  return reasons;
}

std::vector<WaitsFor> Orchestrator::State::waits_for_attempt(const Subtask& ready) const {
  if (ready.spec.orchestrate) return {{"child_task", ready.spec.id}};
  if (leaving.contains(ready.spec.id)) return {{"worker", ready.worker_id}};
  if (backoffs.contains(ready.spec.id)) return {{"retry", format_utc(ready.retry_at)}};
  if (ready.splitting) return {{"split", ready.spec.id}};
  if (!machine.shortage.empty()) return {{machine.shortage, ""}};
  const auto obstacle = scheduler.obstacle(ready);
  if (!obstacle) return {};
  if (obstacle->reason != "gate") return {{obstacle->reason, obstacle->subject}};
  const MasterRecord master = record_of(obstacle->subject);
  return {{master.paused ? "master_paused" : master.parked_until != 0 ? "parked" : "breaker", master.name}};
}

std::vector<WaitsFor> Orchestrator::State::waits_for_task(const Task& task) const {
  const std::string& id = task.spec.id;
  std::vector<WaitsFor> reasons;
  for (const std::string& dependency : task.awaits) reasons.push_back({"task", dependency});
  if (task.status == PlanStatus::awaiting_approval) reasons.push_back({"approval", id});
  for (const std::string& dependency : task.lost) reasons.push_back({"blocked", dependency});
  if (!task.blocking_subtask.empty()) reasons.push_back({"blocked", task.blocking_subtask});
  if (paused) reasons.push_back({"paused", ""});
  if (task.paused) reasons.push_back({"paused", id});
  const int limit = catalogue.settings.max_active_orchestrations;
  if (reasons.empty() && task.status == PlanStatus::planning && limit > 0 && running >= limit && !is_child(task))
    reasons.push_back({"limit", "max_active_orchestrations"});
  return reasons;
}

std::vector<WaitsFor> Orchestrator::State::waits_for_plan(SubtaskRef ref) const {
  const Task& task = ref.live->task;
  std::vector<WaitsFor> reasons;
  const auto unsettled = [this](const std::string& id) {
    const SubtaskRef other = find(id);
    return other && !is_settled(other->status);
  };
  for (const std::string& dependency : ref->spec.dependencies)
    if (unsettled(dependency)) reasons.push_back({"dependency", dependency});
  if (scheduler.rule() != FileConflicts::off)
    for (const Conflict& conflict : task.conflicts)
      for (std::size_t i = 1; i < conflict.subtasks.size(); ++i)
        if (conflict.subtasks[i] == ref->spec.id && unsettled(conflict.subtasks[i - 1]))
          reasons.push_back({"order", conflict.subtasks[i - 1]});
  if (task.spec.mode == ExecutionMode::staged && ref->stage > ref.live->progress.stage())
    reasons.push_back({"stage", std::to_string(ref.live->progress.stage())});
  if (task.spec.mode == ExecutionMode::sequential)
    if (const int current = ref.live->progress.current(); current >= 0 && static_cast<std::size_t>(current) != ref.index)
      reasons.push_back({"sequential", task.subtasks[static_cast<std::size_t>(current)].spec.id});
  return reasons;
}

const MasterRecord* Orchestrator::master(std::string_view name) const {
  const auto found = state_->masters.find(name);
  return found == state_->masters.end() ? nullptr : &found->second;
}

const WorkerRecord* Orchestrator::worker(std::string_view subtask_id) const {
  const auto found = state_->watches.find(subtask_id);
  return found == state_->watches.end() || found->second.record.worker_id.empty() ? nullptr : &found->second.record;
}

std::string Orchestrator::subtask_of_worker(std::string_view worker_id) const {
  for (const auto& [subtask_id, watched] : state_->watches)
    if (watched.record.worker_id == worker_id) return subtask_id;
  return {};
}

std::optional<WorkerStanding> Orchestrator::worker_standing(std::string_view subtask_id) const {
  const auto found = state_->watches.find(subtask_id);
  if (found == state_->watches.end()) return std::nullopt;
  const auto& [id, watched] = *found;
  const bool condemned = state_->find(id)->status == SubtaskStatus::zombie;  // in an earlier run, maybe
  return WorkerStanding{condemned ? WorkerState::zombie : watched.liveness.state(),
                        watched.record.worker_id,
                        watched.record.host,
                        watched.record.pid,
                        watched.heard_at,
                        watched.reason,
                        watched.evidence,
                        watched.not_ended};
}

void Orchestrator::for_each_worker(const std::function<void(const WorkerAtWork&)>& visit) const {
  for (const auto& [subtask_id, watched] : state_->watches) {
    if (watched.record.worker_id.empty()) continue;
    const SignOfLife sign = watched.liveness.last_sign();
    const bool heard = sign.at == watched.liveness.heard_at();
    const std::int64_t at = heard ? watched.heard_at : state_->now.wall_ms - (state_->now.mono_ms - sign.at);
    visit({*state_->find(subtask_id), watched.record, watched.report, *worker_standing(subtask_id), sign.what, at});
  }
}

const Catalogue& Orchestrator::catalogue() const { return state_->catalogue; }

const Task* Orchestrator::task(std::string_view task_id) const {
  const LiveTask* live = state_->find_task(task_id);
  return live == nullptr ? nullptr : &live->task;
}

const Subtask* Orchestrator::subtask(std::string_view subtask_id) const {
  const SubtaskRef ref = state_->find(subtask_id);
  return ref ? &*ref : nullptr;
}

const Subtask* Orchestrator::find_subtask(std::string_view text) const {
  const SubtaskRef ref = state_->find_short(text);
  return ref ? &*ref : nullptr;
}

Error Orchestrator::no_subtask(std::string_view text) const { return state_->no_subtask(text); }

void Orchestrator::for_each_task(const std::function<void(const Task&)>& visit) const {
  for (const auto& [task_id, live] : state_->tasks) visit(live.task);
}

std::size_t Orchestrator::live_tasks() const { return state_->tasks.size(); }

std::vector<WaitsFor> Orchestrator::waits_for(std::string_view subtask_id) const {
  const SubtaskRef ref = state_->find(subtask_id);
  return ref ? state_->waits_for(ref) : std::vector<WaitsFor>{};
}

std::vector<Attention> Orchestrator::attention() const { return state_->attention.all(); }
Totals Orchestrator::totals() const { return state_->totals; }
bool Orchestrator::paused() const { return state_->paused; }

}  // namespace baton::core
