#include "service/arriving.h"

#include <algorithm>
#include <utility>

#include "core/planning.h"
#include "protocol/checkpoint.h"
#include "service/log.h"

namespace baton::service {

namespace {

// Two of them may be taken by what is not committed yet, which only the core knows.
constexpr int k_spare_forms = 3;

}  // namespace

std::vector<std::string> taken_ids(World& world, const std::string& task_id, const core::Plan& plan) {
  std::vector<std::string> ids, taken;
  for (const core::PlannedSubtask& subtask : plan.subtasks) ids.push_back(subtask.spec.id);
  std::vector<std::string> wanted = ids;
  if (std::ranges::find(ids, task_id) == ids.end()) wanted.push_back(task_id);
  for (int form = 1;; ++form) {
    const auto found = world.history.taken(wanted);
    if (!found) log::error({"cannot look up ids: ", found.error().message});  // the commit will say so, too
    if (found) taken.insert(taken.end(), found->begin(), found->end());
    const bool is_free = !found || (found->empty() && form > k_spare_forms);
    if (is_free || plan.planner == core::PlannerKind::routed) return taken;  // a simple task's subtask is called like it
    wanted.clear();
    for (const std::string& id : ids) wanted.push_back(core::id_instead(task_id, id, form));
  }
}

std::vector<std::string> taken_ids(World& world, const std::vector<std::string>& ids) {
  auto taken = world.history.taken(ids);
  if (taken) return std::move(*taken);
  log::error({"cannot look up ids: ", taken.error().message});
  return ids;  // every id counts as taken: longer names, no collision
}

std::vector<core::FeedEntry> warnings_about(const World& world, const protocol::TaskIn& in, const std::string& path) {
  std::vector<core::FeedEntry> warnings;
  const auto add = [&](const std::string& reason) {
    warnings.push_back({"document_warning", in.spec.id, "", "", {{"path", path}, {"reason", reason}}});
  };
  std::ranges::for_each(in.warnings, add);
  std::ranges::for_each(protocol::misspelled_checkpoints(in.spec, world.config.checkpoints), add);
  return warnings;
}

void add_place(core::FeedEntry& entry, const Error& error) {
  if (!error.hint.empty()) entry.fields.emplace_back("hint", error.hint);
  if (!error.place.pointer.empty()) entry.fields.emplace_back("pointer", error.place.pointer);
  if (error.place.line > 0) entry.fields.emplace_back("line", std::int64_t{error.place.line});
  if (error.place.column > 0) entry.fields.emplace_back("column", std::int64_t{error.place.column});
}

core::ResultArrived arriving_result(protocol::ResultIn in, std::int64_t written_at, std::int64_t now_wall_ms) {
  core::ResultArrived result;
  result.worker_id = std::move(in.worker_id);
  result.epoch = in.epoch;
  result.completed = in.completed;
  result.outcome = std::move(in.outcome);
  result.error = std::move(in.error);
  result.failure_class = in.failure_class;
  if (in.retry_after_ms != 0) in.retry_at = std::min(written_at, now_wall_ms) + in.retry_after_ms;
  if (in.retry_at != 0) result.retry_after_ms = std::max<std::int64_t>(1, in.retry_at - now_wall_ms);
  return result;
}

core::ArrivedTask arriving_task(World& world, core::TaskSpec spec) {
  core::ArrivedTask task;
  const core::Task* live = world.core.task(spec.id);
  if (live == nullptr) {  // a task that lives already needs no plan
    task.plan = world.core.plan(spec);
    if (!task.plan)
      task.analysis = core::analyse(core::read_request(spec), spec, world.core.catalogue());  // for the planner command
    task.taken_ids = taken_ids(world, spec.id, task.plan && *task.plan ? **task.plan : core::Plan());
    if (const auto ended = world.history.ended(spec.id)) task.ended = *ended;
    for (const std::string& id : spec.depends_on) {
      if (world.core.task(id) != nullptr) continue;
      if (const auto ended = world.history.ended(id); ended && *ended) task.dependencies.push_back(**ended);
    }
  }
  task.spec = std::move(spec);
  return task;
}

}  // namespace baton::service
