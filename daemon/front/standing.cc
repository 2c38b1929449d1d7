#include "front/standing.h"

#include <algorithm>
#include <vector>

#include "base/ids.h"
#include "base/text.h"
#include "base/time.h"
#include "core/model.h"
#include "front/lookup.h"
#include "front/render.h"
#include "front/waiting.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::size_t k_shown = 2;        // subtasks of a task in one line
constexpr std::size_t k_step_width = 40;  // columns
constexpr std::int64_t k_ns_per_ms = 1'000'000;

bool is_taken(const SubtaskView& subtask) { return subtask.status == "in_progress"; }

std::string with_age(const std::string& words, const std::string& since, std::int64_t now) {
  const std::string age = age_of(since, now);
  return age.empty() ? words : words + ", " + age;
}

std::string at_work(const SubtaskView& subtask, std::int64_t now) {
  std::string words = subtask.is_done_by_child() ? "done by task " + subtask.child_task : subtask.master + " at work";
  if (subtask.worker.state == "stalled") words += ", silent";
  if (subtask.worker.state == "idle") words += ", idle";
  if (subtask.progress > 0) words += ", " + std::to_string(subtask.progress) + "%";
  if (!subtask.step.empty()) words += ", " + cut_to(subtask.step, k_step_width);
  return with_age(words, subtask.claimed_at.empty() ? subtask.started_at : subtask.claimed_at, now);
}

/// What happens to a zombie: its process is ended, or a person has to.
std::string dead(const SubtaskView& subtask) {
  return "the worker of " + subtask.master + " counts as dead" +
         (subtask.needs_person() ? ": a person has to look at it" : ", its process is being ended");
}

std::string state_words(std::string_view state) {
  if (state == "starting") return "has not been heard of yet";
  if (state == "idle") return "is idle (heard of, and nothing moves)";
  if (state == "stalled") return "is stalled (silent, and nothing moves)";
  if (state == "zombie") return "counts as dead";
  return "is " + std::string(state);
}

void add_heartbeat(const Folder& folder, SubtaskView& subtask) {
  const std::string spec = paths::worker_spec(paths::k_workers_active, subtask.worker_id);
  const std::string heartbeat = paths::join(paths::k_workers_active, subtask.worker_id + ".heartbeat");
  for (const std::string& path : {spec, heartbeat})
    if (const auto stat = folder.files().stat(path))
      subtask.worker.last_heartbeat = std::max(subtask.worker.last_heartbeat, format_utc(stat->identity.mtime_ns / k_ns_per_ms));
}

}  // namespace

bool is_in_flight(const SubtaskView& subtask) {
  const auto status = core::parse<core::SubtaskStatus>(subtask.status);
  return status && core::is_in_flight(*status);
}

void add_worker(const Folder& folder, SubtaskView& subtask) {
  if (!is_taken(subtask) || !is_record_id(subtask.worker_id)) return;
  const auto bytes = folder.read(paths::worker_spec(paths::k_workers_active, subtask.worker_id));
  const auto worker = bytes ? read_worker(*bytes) : Result<WorkerView>(tl::make_unexpected(bytes.error()));
  if (!worker) return;
  if (!subtask.worker.last_heartbeat.empty()) add_heartbeat(folder, subtask);
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
  if (subtask.status == "zombie") return with_age(dead(subtask), subtask.claimed_at, now_wall_ms);
  if (subtask.status == "validating") return with_age("its checkpoint is run", subtask.completed_at, now_wall_ms);
  return is_taken(subtask) ? at_work(subtask, now_wall_ms) : subtask.status;
}

std::string worker_words(const SubtaskView& subtask, std::int64_t now_wall_ms) {
  const WorkerRow& worker = subtask.worker;
  std::string words = subtask.worker_id;
  if (worker.state.empty()) return words;
  if (words.empty()) return "nobody was seen yet";
  if (worker.pid != 0) words += " (process " + std::to_string(worker.pid) + ")";
  words += (worker.host.empty() ? " " : " on " + worker.host + " ") + state_words(worker.state);
  const std::string age = age_of(worker.last_heartbeat, now_wall_ms);
  return age.empty() ? words : words + ", heard of " + age + " ago";
}

std::string standing_of(const Folder& folder, const TaskRow& task, std::int64_t now_wall_ms) {
  if (task.active.empty()) return waiting_of(folder, task, now_wall_ms);
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
