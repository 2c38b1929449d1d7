#include "service/archive.h"

#include <algorithm>
#include <sstream>

#include "platform/loop.h"
#include "protocol/paths.h"
#include "service/filing.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {
constexpr std::int64_t k_slice_ms = 5;
constexpr std::string_view k_ending = ".json";
constexpr std::int64_t k_ns_per_ms = 1'000'000;
constexpr std::int64_t k_answer_ms = 60'000;       // whoever asked may not have read a younger answer yet
constexpr std::string_view k_prefix = "archive:";  // in the journal's meta table, followed by the identity of the request

std::string row_name(const platform::Identity& request) {
  std::string name(k_prefix);
  for (const std::string& part : {std::to_string(request.inode), std::to_string(request.mtime_ns), std::to_string(request.size)})
    name += part + ".";
  return name;
}

}  // namespace

void Archive::restore(const std::map<std::string, std::string>& meta) {
  for (auto at = meta.lower_bound(std::string(k_prefix)); at != meta.end() && at->first.starts_with(k_prefix); ++at) {
    Begun begun;
    if (std::istringstream(at->second) >> begun.before_ms >> begun.tasks) begun_[at->first] = begun;
  }
}

// Which tasks: every one whose report is old enough. A report is written once, at the end.
Result<std::vector<std::string>> Archive::tasks_before(std::int64_t before_ms) const {
  TRY_VALUE(const auto reports, world_.files.list(std::string(paths::k_reports)));
  std::vector<std::string> tasks;
  for (const platform::Entry& entry : reports) {
    if (paths::is_private(entry.name) || !entry.name.ends_with(k_ending)) continue;
    const auto stat = world_.files.stat(paths::join(paths::k_reports, entry.name));
    if (stat && stat->identity.mtime_ns / k_ns_per_ms <= before_ms)
      tasks.push_back(entry.name.substr(0, entry.name.size() - k_ending.size()));
  }
  return tasks;
}

Result<> Archive::start(const core::InputRef& input, const platform::Identity& request, std::int64_t older_than_ms, Turn& turn) {
  Job job{input, row_name(request), {}, {}, 0, {}, 0, 0};
  const auto earlier = begun_.find(job.row);
  Begun begun = earlier == begun_.end() ? Begun{world_.now.wall_ms - older_than_ms, 0} : earlier->second;
  TRY_VALUE(job.tasks, tasks_before(begun.before_ms));
  TRY_VALUE(const auto answers, world_.files.list(std::string(paths::k_commands_done)));
  begun.tasks = std::max(begun.tasks, job.tasks.size());
  job.moved = begun.tasks - job.tasks.size();
  job.before_ms = begun.before_ms;
  job.answered_before_ms = std::min(begun.before_ms, world_.now.wall_ms - k_answer_ms);
  for (const platform::Entry& entry : answers)
    if (!paths::is_private(entry.name)) job.answers.push_back(entry.name);
  begun_.erase(job.row);
  turn.commit.meta[job.row] = std::to_string(begun.before_ms) + " " + std::to_string(begun.tasks);
  jobs_.push_back(std::move(job));
  return {};
}

Result<> Archive::move_file(const std::string& path, const std::string& month, const std::string& kind) {
  const std::string folder = paths::join(paths::join(paths::k_archive, month), kind);
  TRY(world_.files.make_folder(folder));
  auto moved = world_.files.rename(path, paths::join(folder, path.substr(path.rfind('/') + 1)), platform::Replace::no);
  if (moved) views_.moved(path);
  if (!moved && moved.error().code == ErrorCode::not_found) return {};
  return moved;
}

/// A child task goes with the task that it was made for, or after it: until then that one's documents name its report.
Result<bool> Archive::moves(const core::Task& task, std::int64_t before_ms) const {
  std::string above = task.spec.parent_task_id;
  while (!above.empty()) {
    if (world_.core.task(above) != nullptr) return false;
    const auto report = world_.files.stat(paths::report_json(above));
    if (report && report->identity.mtime_ns / k_ns_per_ms > before_ms) return false;
    TRY_VALUE(const auto parent, world_.history.load_task(above));
    above = parent ? parent->spec.parent_task_id : "";
  }
  return true;
}

// The report goes last: while it stands the task is found again.
Result<bool> Archive::move_task(const std::string& task_id, std::int64_t before_ms) {
  TRY_VALUE(const auto task, world_.history.load_task(task_id));
  if (!task) return true;  // no task of ours, or it lives again
  TRY_VALUE(const bool goes, moves(*task, before_ms));
  if (!goes) return false;
  const std::string month = format_utc(task->completed_at).substr(0, 7);
  for (const core::Subtask& subtask : task->subtasks) TRY(move_file(paths::subtask(subtask.spec.id), month, "subtasks"));
  TRY(move_file(paths::plan_link(task_id), month, "tasks"));
  TRY(move_file(paths::plan(task_id), month, "tasks"));
  TRY(move_file(paths::report_md(task_id), month, "reports"));
  TRY(move_file(paths::report_json(task_id), month, "reports"));
  return true;
}

Result<> Archive::move_answer(const std::string& name, std::int64_t before_ms) {
  const std::string path = paths::join(paths::k_commands_done, name);
  TRY_VALUE(const platform::Stat stat, world_.files.stat(path));
  const std::int64_t answered_ms = stat.identity.mtime_ns / k_ns_per_ms;
  if (answered_ms > before_ms) return {};
  const std::string month = paths::join(paths::k_archive, format_utc(answered_ms).substr(0, 7));
  const std::string folder = paths::join(month, "commands");
  TRY(world_.files.make_folder(folder));
  TRY(move_to_free_name(world_.files, path, folder, name));
  return {};
}

void Archive::answer(const Job& job, Turn& turn) {
  const std::string count =
      std::to_string(job.moved) + (job.moved == 1 ? " task was" : " tasks were") + " moved to orchestrator/archive";
  turn.changes.effects.emplace_back(core::AnswerCommand{
      job.input, job.failure.empty(), job.failure.empty() ? count : count + "; not all could be: " + job.failure});
  turn.commit.meta_gone.push_back(job.row);
}

void Archive::work(Turn& turn) {
  if (jobs_.empty()) return;
  const std::int64_t begin = platform::now().boot_ms;
  while (!jobs_.empty() && platform::now().boot_ms - begin < k_slice_ms) {
    Job& job = jobs_.front();
    if (!job.tasks.empty()) {
      const auto moved = move_task(job.tasks.back(), job.before_ms);
      job.moved += moved && *moved ? 1 : 0;
      if (!moved && job.failure.empty()) job.failure = job.tasks.back() + ": " + moved.error().message;
      job.tasks.pop_back();
      continue;
    }
    if (!job.answers.empty()) {
      const auto moved = move_answer(job.answers.back(), job.answered_before_ms);
      const bool there = moved || moved.error().code != ErrorCode::not_found;
      if (!moved && there && job.failure.empty()) job.failure = job.answers.back() + ": " + moved.error().message;
      job.answers.pop_back();
      continue;
    }
    answer(job, turn);
    jobs_.pop_front();
  }
  if (!jobs_.empty()) return;
  for (const auto& [row, begun] : begun_) turn.commit.meta_gone.push_back(row);  // their requests are gone
  begun_.clear();
}

}  // namespace baton::service
