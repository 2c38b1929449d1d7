#include "service/planner_jobs.h"

#include "base/time.h"
#include "core/planning.h"
#include "protocol/readers.h"
#include "protocol/writers.h"
#include "service/arriving.h"

namespace baton::service {

namespace {

constexpr std::size_t k_answer_bytes = 1 << 20;
constexpr std::size_t k_last_words = 300;

/// What it said at last, if it said anything.
std::string with_words(const std::string& what, const platform::Exit& exit) {
  const std::string words = exit.error_output.substr(0, k_last_words);
  return words.empty() ? what : what + ": " + words;
}

}  // namespace

PlannerJobs::PlannerJobs(World& world)
    : world_(world), pool_(world, "planner", k_max_planners, [this](const std::string& task_id) { return order(task_id); }) {}

void PlannerJobs::ask(const std::string& task_id) {
  repairs_.erase(task_id);
  pool_.ask(task_id);
}

void PlannerJobs::stop(const std::string& task_id) {
  repairs_.erase(task_id);
  pool_.stop(task_id);
}

Result<std::optional<JobOrder>> PlannerJobs::order(const std::string& task_id) {
  const core::Task* task = world_.core.task(task_id);
  if (task == nullptr || task->planned) {
    repairs_.erase(task_id);
    return std::nullopt;
  }
  if (world_.config.planner_command.empty()) return fail(ErrorCode::refused, "no planner command is configured any more");
  const auto repair = repairs_.find(task_id);
  const Repair& round = repair == repairs_.end() ? Repair() : repair->second;
  JobOrder order;
  order.argv = world_.config.planner_command;
  order.cwd = world_.workspace;
  order.input =
      protocol::write_planner_request(task->spec, task->analysis, world_.core.catalogue(), round.previous_answer, round.problems);
  order.timeout_ms = world_.config.planner_timeout_ms;
  order.head = k_answer_bytes;
  return order;
}

void PlannerJobs::finish(const std::string& task_id) {
  repairs_.erase(task_id);
  pool_.forget(task_id);
}

void PlannerJobs::answer(const std::string& task_id, Result<core::Plan> plan, Turn& turn) {
  finish(task_id);
  const core::Task* task = world_.core.task(task_id);
  if (task == nullptr || task->planned) return;
  core::PlannerAnswered answered;
  answered.task_id = task_id;
  auto fallback = world_.core.plan_without_command(task->spec);
  if (fallback) answered.fallback = std::move(*fallback);
  answered.taken_ids = taken_ids(world_, answered.fallback);
  if (plan)
    for (std::string& id : taken_ids(world_, *plan)) answered.taken_ids.push_back(std::move(id));
  answered.plan = std::move(plan);
  turn.tell(std::move(answered));
}

Result<core::Plan> PlannerJobs::read_plan(const core::Task& task, const std::string& output) const {
  TRY_VALUE(auto subtasks, protocol::read_planner_answer(output));
  return core::make_plan(task.spec, core::PlannerKind::command, std::move(subtasks), task.analysis, world_.core.catalogue());
}

void PlannerJobs::printed(const core::Task& task, const std::string& output, Turn& turn) {
  auto plan = read_plan(task, output);
  if (plan || repairs_.contains(task.spec.id)) return answer(task.spec.id, std::move(plan), turn);
  const std::string& pointer = plan.error().place.pointer;
  repairs_[task.spec.id] = {output, {(pointer.empty() ? "" : pointer + ": ") + plan.error().message}};
  pool_.ask_again(task.spec.id);
}

void PlannerJobs::ended(JobEnd end, Turn& turn) {
  const core::Task* task = world_.core.task(end.key);
  if (task == nullptr) return finish(end.key);
  const auto failed = [&](ErrorCode code, std::string message) { answer(end.key, fail(code, std::move(message)), turn); };
  if (end.how == JobEnd::How::not_started) return answer(end.key, tl::make_unexpected(std::move(end.error)), turn);
  if (end.how == JobEnd::How::timed_out)
    return failed(ErrorCode::timed_out,
                  "the planner command did not answer within " + format_duration(world_.config.planner_timeout_ms));
  if (end.exit.code != 0)
    return failed(ErrorCode::refused,
                  with_words("the planner command ended with exit code " + std::to_string(end.exit.code), end.exit));
  if (end.exit.left_out > 0) return failed(ErrorCode::invalid, "the planner command printed more than 1 MiB");
  printed(*task, end.exit.output, turn);
}

void PlannerJobs::take(Turn& turn) {
  pool_.take(turn, [&](JobEnd end) { ended(std::move(end), turn); });
}

}  // namespace baton::service
