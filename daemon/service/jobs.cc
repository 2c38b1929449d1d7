#include "service/jobs.h"

#include <csignal>

#include "core/planning.h"
#include "protocol/readers.h"
#include "protocol/writers.h"
#include "service/arriving.h"
#include "service/log.h"

namespace baton::service {

namespace {
constexpr std::size_t k_planner_output = 1 << 20;
}

void Jobs::ask_planner(const std::string& task_id) {
  const auto started = spawn(task_id, {}, {});
  if (!started) failed_[task_id] = started.error();
}

void Jobs::end(const std::string& task_id) {
  const auto at = planners_.find(task_id);
  if (at == planners_.end()) return;
  at->second.process.signal_group(SIGKILL);
  ended_.push_back(std::move(at->second.process));
  planners_.erase(at);
}

void Jobs::stop_planner(const std::string& task_id) {
  end(task_id);
  failed_.erase(task_id);
}

Result<> Jobs::spawn(const std::string& task_id, const std::string& previous_answer, const std::vector<std::string>& problems) {
  const core::Task* task = world_.core.task(task_id);
  if (task == nullptr || task->planned) return {};
  if (world_.config.planner_command.empty()) return fail(ErrorCode::refused, "no planner command is configured any more");
  platform::SpawnRequest request;
  request.argv = world_.config.planner_command;
  request.cwd = world_.workspace;
  request.input = protocol::write_planner_request(task->spec, task->analysis, world_.core.catalogue(), previous_answer, problems);
  request.output_limit = k_planner_output;
  request.unset_environment = {"NOTIFY_SOCKET", "WATCHDOG_*", "LISTEN_*"};
  request.exec_job_program = "/proc/self/exe";
  TRY_VALUE(auto process, platform::Process::spawn(request));
  log::info("{}: asking the planner command{}", task_id, previous_answer.empty() ? "" : " to repair its answer");
  planners_.insert_or_assign(
      task_id, Planner{std::move(process), world_.now.boot_ms + world_.config.planner_timeout_ms, !previous_answer.empty()});
  return {};
}

std::vector<int> Jobs::fds() const {
  std::vector<int> fds;
  for (const auto& [id, planner] : planners_)
    for (const int fd : planner.process.fds()) fds.push_back(fd);
  return fds;
}

std::optional<std::int64_t> Jobs::next_deadline() const {
  std::optional<std::int64_t> next;
  for (const auto& [id, planner] : planners_) next = std::min(next.value_or(planner.deadline_ms), planner.deadline_ms);
  return next;
}

void Jobs::answer(const std::string& task_id, Result<core::Plan> plan, Turn& turn) {
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

void Jobs::finished(const std::string& task_id, bool repairing, const platform::Exit& exit, Turn& turn) {
  const core::Task* task = world_.core.task(task_id);
  if (task == nullptr) return;
  if (exit.code != 0) {
    const std::string last = exit.error_output.substr(0, 300);
    return answer(task_id,
                  fail(ErrorCode::refused, "the planner command ended with exit code " + std::to_string(exit.code) +
                                               (last.empty() ? "" : ": " + last)),
                  turn);
  }
  if (exit.truncated) return answer(task_id, fail(ErrorCode::invalid, "the planner command printed more than 1 MiB"), turn);
  auto subtasks = protocol::read_planner_answer(exit.output);
  auto plan = subtasks ? core::make_plan(task->spec, core::PlannerKind::command, std::move(*subtasks), task->analysis,
                                         world_.core.catalogue())
                       : Result<core::Plan>(tl::make_unexpected(subtasks.error()));
  if (!plan && !repairing) {
    const std::string problem =
        plan.error().place.pointer.empty() ? plan.error().message : plan.error().place.pointer + ": " + plan.error().message;
    const auto again = spawn(task_id, exit.output, {problem});
    if (again) return;
  }
  answer(task_id, std::move(plan), turn);
}

void Jobs::take(Turn& turn) {
  for (const auto& [task_id, error] : std::exchange(failed_, {})) answer(task_id, tl::make_unexpected(error), turn);
  std::vector<std::pair<std::string, platform::Exit>> ended;
  std::vector<std::string> late;
  for (auto& [task_id, planner] : planners_) {
    if (auto exit = planner.process.pump())
      ended.emplace_back(task_id, std::move(*exit));
    else if (world_.now.boot_ms >= planner.deadline_ms)
      late.push_back(task_id);
  }
  for (const std::string& task_id : late) {
    end(task_id);
    answer(task_id,
           fail(ErrorCode::timed_out,
                "the planner command did not answer within " + format_duration(world_.config.planner_timeout_ms)),
           turn);
  }
  for (auto& [task_id, exit] : ended) {
    const bool repairing = planners_.at(task_id).repairing;
    end(task_id);
    finished(task_id, repairing, exit, turn);
  }
}

}  // namespace baton::service
