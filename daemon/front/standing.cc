#include "front/standing.h"

#include <algorithm>
#include <vector>

#include "base/ids.h"
#include "base/text.h"
#include "front/lookup.h"
#include "front/render.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::size_t k_shown = 2;        // subtasks of a task in one line
constexpr std::size_t k_step_width = 40;  // columns

bool is_taken(const SubtaskView& subtask) { return subtask.status == "in_progress"; }

std::string with_age(std::string words, const std::string& since, std::int64_t now) {
  const std::string age = age_of(since, now);
  return age.empty() ? words : words + ", " + age;
}

std::string at_work(const SubtaskView& subtask, std::int64_t now) {
  std::string words = subtask.master + " at work";
  if (subtask.progress > 0) words += ", " + std::to_string(subtask.progress) + "%";
  if (!subtask.step.empty()) words += ", " + cut_to(subtask.step, k_step_width);
  return with_age(words, subtask.claimed_at.empty() ? subtask.started_at : subtask.claimed_at, now);
}

}  // namespace

void add_worker(const Folder& folder, SubtaskView& subtask) {
  if (!is_taken(subtask) || !is_record_id(subtask.worker_id)) return;
  const auto bytes = folder.read(paths::worker_spec(paths::k_workers_active, subtask.worker_id));
  const auto worker = bytes ? read_worker(*bytes) : Result<WorkerView>(tl::make_unexpected(bytes.error()));
  if (!worker) return;
  subtask.progress = std::max(subtask.progress, worker->progress);
  subtask.step = worker->step;
}

void add_workers(const Folder& folder, PlanView& plan) {
  for (SubtaskView& subtask : plan.subtasks) add_worker(folder, subtask);
}

std::string standing(const SubtaskView& subtask, std::int64_t now_wall_ms) {
  if (subtask.status == "handed_off" && subtask.undelivered) return "handoff for " + subtask.master + " could not be written";
  if (subtask.status == "handed_off")
    return with_age("handed out, waits for " + subtask.master, subtask.handed_off_at, now_wall_ms);
  if (subtask.status == "validating") return with_age("its checkpoint is run", subtask.completed_at, now_wall_ms);
  return is_taken(subtask) ? at_work(subtask, now_wall_ms) : subtask.status;
}

std::string standing_of(const Folder& folder, const TaskRow& task, std::int64_t now_wall_ms) {
  std::vector<std::string> parts;
  for (const std::string& id : task.active) {
    if (parts.size() == k_shown) break;
    auto loaded = load_subtask(folder, id);
    if (!loaded) continue;
    add_worker(folder, loaded->subtask);
    parts.push_back((task.simple ? "" : id + " ") + standing(loaded->subtask, now_wall_ms));
  }
  std::string words = text::join(parts, "; ");
  if (task.active.size() > parts.size() && !parts.empty())
    words += "; " + std::to_string(task.active.size() - parts.size()) + " more";
  return words;
}

}  // namespace baton::front
