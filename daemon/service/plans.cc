#include "service/plans.h"

#include "core/planning.h"
#include "protocol/readers.h"
#include "protocol/writers.h"
#include "service/arriving.h"

namespace baton::service {

const core::Task* Plans::unplanned(const std::string& task_id) const {
  const core::Task* task = world_.core.task(task_id);
  return task == nullptr || task->planned ? nullptr : task;
}

std::optional<std::string> Plans::request(const std::string& task_id, const PlannerRound& round) const {
  const core::Task* task = unplanned(task_id);
  if (task == nullptr) return std::nullopt;
  return protocol::write_planner_request(task->spec, task->analysis, world_.core.catalogue(), round.previous_answer,
                                         round.problems);
}

void Plans::answer(const core::Task& task, Result<core::Plan> plan, Turn& turn) {
  core::PlannerAnswered answered;
  answered.task_id = task.spec.id;
  auto fallback = world_.core.plan_without_command(task.spec);
  if (fallback) answered.fallback = std::move(*fallback);
  answered.taken_ids = taken_ids(world_, task.spec.id, answered.fallback);
  if (plan)
    for (std::string& id : taken_ids(world_, task.spec.id, *plan)) answered.taken_ids.push_back(std::move(id));
  answered.plan = std::move(plan);
  turn.tell(std::move(answered));
}

Result<> Plans::read(const std::string& task_id, const std::string& output, Turn& turn) {
  const core::Task* task = unplanned(task_id);
  if (task == nullptr) return {};
  TRY_VALUE(auto subtasks, protocol::read_planner_answer(output));
  TRY_VALUE(core::Plan plan, core::make_plan(task->spec, core::PlannerKind::command, std::move(subtasks), task->analysis,
                                             world_.core.catalogue()));
  answer(*task, std::move(plan), turn);
  return {};
}

void Plans::give_up(const std::string& task_id, Error error, Turn& turn) {
  if (const core::Task* task = unplanned(task_id)) answer(*task, tl::make_unexpected(std::move(error)), turn);
}

}  // namespace baton::service
