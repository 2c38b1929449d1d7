// What is left of a plan that runs. seed 001: "estimated_remaining".
#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "core/estimate.h"
#include "core/plan_progress.h"
#include "core/settings.h"

namespace baton::core {
namespace {

constexpr std::int64_t k_minute_ms = 60'000;
constexpr std::int64_t k_slowest = 10;  // how far actual times bend estimates, both ways

std::int64_t minutes_of(const Subtask& subtask) {
  return subtask.spec.estimated_minutes > 0 ? subtask.spec.estimated_minutes : k_default_minutes;
}

/// How the estimates of finished subtasks held: a fraction.
struct Pace {
  std::int64_t worked_ms = 1;
  std::int64_t estimated_ms = 1;
};

Pace pace_of(const Task& task) {
  std::int64_t worked = 0;
  std::int64_t estimated = 0;
  for (const Subtask& each : task.subtasks) {
    if (each.status != SubtaskStatus::completed || each.worked_ms <= 0) continue;
    worked += each.worked_ms;
    estimated += minutes_of(each) * k_minute_ms;
  }
  if (estimated == 0) return {};
  return {std::clamp(worked, estimated / k_slowest, estimated * k_slowest), estimated};
}

/// What a subtask still takes: of one at work what is left, but never nothing.
int left_of(const Task& task, const Subtask& subtask, const Pace& pace) {
  if (is_settled(subtask.status) || subtask.status == SubtaskStatus::cancelled) return 0;
  std::int64_t whole = minutes_of(subtask) * k_minute_ms * pace.worked_ms / pace.estimated_ms;
  if (is_done_by_child(subtask)) whole = whole * (100 - subtask.progress_percent) / 100;
  const bool at_work = is_in_flight(subtask) && subtask.claimed_at != 0;
  const std::int64_t gone = at_work ? std::max<std::int64_t>(0, task.updated_at - subtask.claimed_at) : 0;
  return static_cast<int>(std::max<std::int64_t>(1, (whole - gone + k_minute_ms - 1) / k_minute_ms));
}

}  // namespace

std::optional<int> remaining_minutes(const Task& task) {
  if (!task.planned || is_final(task.status)) return std::nullopt;
  const Pace pace = pace_of(task);
  std::unordered_map<std::string_view, int> index;
  std::vector<int> stages, left;
  for (const Subtask& each : task.subtasks) {
    index.emplace(each.spec.id, static_cast<int>(index.size()));
    stages.push_back(each.stage);
    left.push_back(left_of(task, each, pace));
  }
  Dependencies graph(task.subtasks.size());
  for (std::size_t at = 0; at < graph.size(); ++at)
    for (const std::string& dependency : task.subtasks[at].spec.dependencies) graph[at].push_back(index.at(dependency));
  for (const Conflict& conflict : task.conflicts)
    for (std::size_t at = 1; at < conflict.subtasks.size(); ++at)
      graph[static_cast<std::size_t>(index.at(conflict.subtasks[at]))].push_back(index.at(conflict.subtasks[at - 1]));
  return shortest_time(stages, graph, left, task.spec.mode);
}

}  // namespace baton::core
