#include "service/jobs.h"

#include <algorithm>
#include <csignal>

#include "core/planning.h"
#include "platform/random.h"
#include "protocol/readers.h"
#include "protocol/writers.h"
#include "service/arriving.h"
#include "service/log.h"

namespace baton::service {

namespace {

constexpr std::size_t k_planner_output = 1 << 20;
constexpr std::int64_t k_short_ms = 1'000;  // how long nothing is started when the system is short of something

std::string job_name(const std::string& task_id) { return "planner:" + task_id; }

}  // namespace

void Jobs::restore(std::vector<store::JobRow> rows) {
  std::vector<std::string> marks;
  for (store::JobRow& row : rows) {
    if (row.boot_id == world_.boot_id) marks.push_back(std::move(row.mark));
    gone_.push_back(std::move(row.name));
  }
  const int ended = platform::end_marked(marks);
  if (ended > 0) log::info("ended {} processes that planner commands of the last run had left", ended);
}

void Jobs::remember_planner(const std::string& task_id, Turn& turn) {
  const std::string& mark = marks_[task_id] = platform::random_word(16);
  std::erase(gone_, job_name(task_id));
  turn.commit.jobs.push_back({job_name(task_id), mark, world_.boot_id});
}

void Jobs::ask_planner(const std::string& task_id) {
  waiting_.push_back({task_id, false, {}, {}});
  start_some();
}

void Jobs::end(const std::string& task_id) {
  const auto at = planners_.find(task_id);
  if (at == planners_.end()) return;
  at->second.process.signal_group(SIGKILL);
  ended_.push_back(std::move(at->second.process));
  planners_.erase(at);
}

/// It has answered, or nobody wants its answer any more.
void Jobs::forget(const std::string& task_id) {
  if (marks_.erase(task_id) > 0) gone_.push_back(job_name(task_id));
}

void Jobs::stop_planner(const std::string& task_id) {
  std::erase_if(waiting_, [&](const Ask& ask) { return ask.task_id == task_id; });
  failed_.erase(task_id);
  if (planners_.contains(task_id)) {
    end(task_id);
    platform::end_marked({marks_[task_id]});  // also what left its group
  }
  forget(task_id);
}

Result<platform::Process> Jobs::spawn(const core::Task& task, const Ask& ask) {
  if (world_.config.planner_command.empty()) return fail(ErrorCode::refused, "no planner command is configured any more");
  platform::SpawnRequest request;
  request.argv = world_.config.planner_command;
  request.cwd = world_.workspace;
  request.input =
      protocol::write_planner_request(task.spec, task.analysis, world_.core.catalogue(), ask.previous_answer, ask.problems);
  request.output_limit = k_planner_output;
  request.unset_environment = {"NOTIFY_SOCKET", "WATCHDOG_*", "LISTEN_*"};
  request.exec_job_program = "/proc/self/exe";
  request.mark = marks_[ask.task_id];
  return platform::Process::spawn(request);
}

void Jobs::start_some() {
  while (!waiting_.empty() && planners_.size() < k_max_planners && world_.now.boot_ms >= retry_ms_) {
    const Ask ask = std::move(waiting_.front());
    waiting_.pop_front();
    const core::Task* task = world_.core.task(ask.task_id);
    if (task == nullptr || task->planned) {
      forget(ask.task_id);
      continue;
    }
    auto process = spawn(*task, ask);
    if (process) {
      log::info("{}: asking the planner command{}", ask.task_id, ask.repairing ? " to repair its answer" : "");
      planners_.insert_or_assign(
          ask.task_id, Planner{std::move(*process), world_.now.boot_ms + world_.config.planner_timeout_ms, ask.repairing});
    } else if (process.error().code == ErrorCode::no_space) {
      log::warn("{}: {}; trying again", ask.task_id, process.error().message);
      waiting_.push_front(ask);
      retry_ms_ = world_.now.boot_ms + k_short_ms;
    } else {
      failed_[ask.task_id] = process.error();
    }
  }
}

std::vector<int> Jobs::fds() const {
  std::vector<int> fds;
  for (const auto& [id, planner] : planners_)
    for (const int fd : planner.process.fds()) fds.push_back(fd);
  return fds;
}

std::optional<std::int64_t> Jobs::next_deadline() const {
  std::optional<std::int64_t> next;
  if (!waiting_.empty() && planners_.size() < k_max_planners) next = retry_ms_;
  for (const auto& [id, planner] : planners_) next = std::min(next.value_or(planner.deadline_ms), planner.deadline_ms);
  return next;
}

void Jobs::answer(const std::string& task_id, Result<core::Plan> plan, Turn& turn) {
  forget(task_id);
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

Result<core::Plan> Jobs::read_plan(const core::Task& task, const platform::Exit& exit) const {
  TRY_VALUE(auto subtasks, protocol::read_planner_answer(exit.output));
  return core::make_plan(task.spec, core::PlannerKind::command, std::move(subtasks), task.analysis, world_.core.catalogue());
}

void Jobs::finished(const std::string& task_id, bool repairing, const platform::Exit& exit, Turn& turn) {
  const core::Task* task = world_.core.task(task_id);
  if (task == nullptr) return forget(task_id);
  if (exit.code != 0) {
    const std::string last = exit.error_output.substr(0, 300);
    return answer(task_id,
                  fail(ErrorCode::refused, "the planner command ended with exit code " + std::to_string(exit.code) +
                                               (last.empty() ? "" : ": " + last)),
                  turn);
  }
  if (exit.truncated) return answer(task_id, fail(ErrorCode::invalid, "the planner command printed more than 1 MiB"), turn);
  auto plan = read_plan(*task, exit);
  if (plan || repairing) return answer(task_id, std::move(plan), turn);
  const std::string& pointer = plan.error().place.pointer;
  waiting_.push_front({task_id, true, exit.output, {(pointer.empty() ? "" : pointer + ": ") + plan.error().message}});
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
    platform::end_marked({marks_[task_id]});
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
  start_some();
  auto& gone = turn.commit.jobs_gone;
  gone.insert(gone.end(), gone_.begin(), gone_.end());
  gone_.clear();
}

}  // namespace baton::service
