// A task that was broken down is not done before its own checkpoint has passed: the final validation, after the last stage. What
// it finds is mended by a subtask more, which has the same checkpoint and the budget that is left. spec: "Final validation
// passes".
#include <algorithm>
#include <set>

#include "base/ids.h"
#include "core/orchestrator_state.h"
#include "core/validation.h"

namespace baton::core {
namespace {

constexpr int k_fix_minutes = 15;

/// Who built most of it, of several the one that did so first; who did most, where nothing was built.
std::string builder_of(const Task& task) {
  std::string builder;
  int most = 0;
  for (const Subtask& each : task.subtasks) {
    const std::string& master = each.spec.assigned_to;
    const auto count = std::count_if(task.subtasks.begin(), task.subtasks.end(), [&](const Subtask& other) {
      return other.spec.assigned_to == master && other.status == SubtaskStatus::completed;
    });
    const bool builds = each.spec.worker_type == "implementation" && each.status == SubtaskStatus::completed;
    const int weight = static_cast<int>(count) + (builds ? k_max_subtasks_bound : 0);
    if (weight <= most) continue;
    most = weight;
    builder = master;
  }
  return builder.empty() ? task.subtasks.front().spec.assigned_to : builder;
}

std::vector<std::string> files_of(const Task& task) {
  std::set<std::string> files;
  for (const Subtask& each : task.subtasks) files.insert(each.spec.files_affected.begin(), each.spec.files_affected.end());
  return {files.begin(), files.end()};
}

SubtaskSpec fix_of(const Task& task, std::string id) {
  SubtaskSpec spec;
  spec.id = std::move(id);
  spec.title = "Mend what the final validation of " + task.spec.id + " found";
  spec.description =
      "All stages of the task are done, and its checkpoint does not pass. Find out why, mend it, and make sure that nothing else "
      "breaks by it. The task: " +
      task.spec.title;
  spec.assigned_to = builder_of(task);
  spec.worker_type = "fix-executor";
  spec.estimated_minutes = k_fix_minutes;
  spec.files_affected = files_of(task);
  spec.success_criteria = task.spec.success_criteria;
  spec.checkpoint = task.spec.checkpoint;
  return spec;
}

}  // namespace

std::vector<std::string> fix_ids(const std::string& task_id) {
  std::vector<std::string> ids;
  for (int n = 1; n <= 8; ++n) ids.push_back(shorten_id(task_id + "-fix-" + std::to_string(n)));
  return ids;
}

bool Orchestrator::State::has_final_check(const Task& task) const {
  return !task.simple && task.check.at == 0 && (task.program_checks || is_run(task.spec.checkpoint));
}

void Orchestrator::State::begin_final_check(LiveTask& live) {
  live.task.validating = true;
  touch(live.task);
  tell("checkpoint_started", live.task);
  changes.effects.push_back(RunCheck{live.task.spec.id, 0});
}

void Orchestrator::State::finish_final_check(LiveTask& live, const CheckFinished& event) {
  Task& task = live.task;
  if (!std::exchange(task.validating, false)) return;
  task.check = event.result;
  task.check.at = now.wall_ms;
  touch(task);
  tell_check(FeedEntry{"", task.spec.id, "", "", {}}, task.check);
  if (task.check.passed) return finish_if_done(live);
  const SubtaskRef fix = add_fix(live, event);
  ++live.failed;
  recover(fix, {FailureCause::checkpoint, class_of(fix), fix->error, {}, 0});
}

/// It begins where the validation has failed: as a subtask whose first attempt did not pass.
SubtaskRef Orchestrator::State::add_fix(LiveTask& live, const CheckFinished& event) {
  Task& task = live.task;
  std::vector<std::string> ids = fix_ids(task.spec.id);
  std::erase_if(ids, [&](const std::string& id) {
    return std::ranges::find(event.taken_ids, id) != event.taken_ids.end() || find(id) || find_task(id) != nullptr;
  });
  if (ids.empty()) ids.push_back(shorten_id(task.spec.id + "-fix-" + std::to_string(now.wall_ms)));
  Subtask fix;
  fix.spec = fix_of(task, std::move(ids.front()));
  fix.task_id = task.spec.id;
  fix.stage = stage_count(task) + 1;
  fix.status = SubtaskStatus::failed;
  fix.attempt = 1;
  fix.created_at = now.wall_ms;
  fix.check = task.check;
  fix.error = sentence_about(task.check);
  fix.failure_cause = FailureCause::checkpoint;
  task.subtasks.push_back(std::move(fix));
  const SubtaskRef ref{&live, task.subtasks.size() - 1};
  subtasks.insert_or_assign(ref->spec.id, ref);
  live.progress = PlanProgress(task, scheduler.rule() != FileConflicts::off);
  note_progress(live);
  touch(live, *ref);
  tell("stage_started", task, {{"stage", std::int64_t{ref->stage}}});
  return ref;
}

}  // namespace baton::core
