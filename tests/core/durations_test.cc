#include "core/durations.h"

#include <doctest/doctest.h>

#include "core/estimate.h"
#include "core/planning.h"
#include "core/template.h"

namespace baton::core {
namespace {

constexpr std::int64_t k_minute = 60'000;
const DurationKey k_key{"implementation", "development"};

Durations learned(std::initializer_list<std::int64_t> minutes) {
  Durations all;
  for (const std::int64_t each : minutes) CHECK(learn(all, k_key, each * k_minute));
  return all;
}

Catalogue one_master(Durations durations = {}) {
  Catalogue catalogue;
  catalogue.masters["development"].name = "development";
  catalogue.durations = std::move(durations);
  return catalogue;
}

Subtask subtask(const std::string& id, SubtaskStatus status, int minutes, int stage = 1) {
  Subtask each;
  each.spec.id = id;
  each.spec.estimated_minutes = minutes;
  each.stage = stage;
  each.status = status;
  return each;
}

Task running(std::initializer_list<Subtask> subtasks, ExecutionMode mode = ExecutionMode::staged) {
  Task task;
  task.planned = true;
  task.status = PlanStatus::in_progress;
  task.spec.mode = mode;
  task.subtasks = subtasks;
  return task;
}

}  // namespace

TEST_CASE("two that have finished say nothing, three say their mean") {
  CHECK_FALSE(learned_minutes(learned({30, 40}), k_key));
  CHECK(learned_minutes(learned({30, 40, 50}), k_key) == 40);
  CHECK_FALSE(learned_minutes(learned({30, 40, 50}), {"test", "development"}));
}

TEST_CASE("what is quick is not estimated below five minutes, or everything would soon be late") {
  CHECK(learned_minutes(learned({0, 1, 0}), k_key) == k_least_learned_minutes);
}

TEST_CASE("newer ones count more in the long run") {
  Durations all = learned({10, 10, 10, 10, 10, 10, 10, 10, 10, 10});
  for (int i = 0; i < 30; ++i) learn(all, k_key, 50 * k_minute);
  CHECK(*learned_minutes(all, k_key) >= 45);
  CHECK(all.at(k_key).samples == 40);
}

TEST_CASE("kinds are bounded: what is known goes on, what is new is not learned") {
  Durations all;
  for (std::size_t i = 0; i < k_most_durations; ++i) CHECK(learn(all, {"type " + std::to_string(i), "development"}, 1));
  CHECK_FALSE(learn(all, k_key, 1));
  CHECK(learn(all, {"type 0", "development"}, 1));
  CHECK(all.size() == k_most_durations);
}

TEST_CASE("plans of our own are estimated by what such subtasks took; what a document says stands") {
  const Catalogue catalogue = one_master(learned({40, 40, 40}));
  SubtaskSpec build;
  build.id = "a";
  build.title = "Implement it";
  build.worker_type = "implementation";
  SubtaskSpec estimated = build;
  estimated.id = "b";
  estimated.estimated_minutes = 7;
  TaskSpec spec;
  spec.id = "t";
  spec.title = "Implement it";
  const auto minutes = [&](PlannerKind planner) {
    const auto plan = make_plan(spec, planner, {build, estimated}, {}, catalogue);
    REQUIRE(plan);
    return std::pair(plan->subtasks[0].spec.estimated_minutes, plan->subtasks[1].spec.estimated_minutes);
  };
  CHECK(minutes(PlannerKind::given) == std::pair(40, 7));
  CHECK(minutes(PlannerKind::command) == std::pair(40, 7));
  CHECK(minutes(PlannerKind::playbook) == std::pair(40, 40));
  CHECK(minutes(PlannerKind::rules) == std::pair(40, 40));
  const auto plan = make_plan(spec, PlannerKind::rules, {build, estimated}, {}, catalogue);
  CHECK(std::ranges::count(plan->analysis.reasons, "+0: 2 estimates are what finished subtasks of the kind took") == 1);
}

TEST_CASE("what is left follows the mode") {
  const auto parts = {subtask("a", SubtaskStatus::pending, 10), subtask("b", SubtaskStatus::pending, 20),
                      subtask("c", SubtaskStatus::pending, 5, 2)};
  CHECK(remaining_minutes(running(parts)) == 25);
  CHECK(remaining_minutes(running(parts, ExecutionMode::sequential)) == 35);
  CHECK(remaining_minutes(running(parts, ExecutionMode::eager)) == 20);
}

TEST_CASE("what is finished bends the estimates of the rest, within bounds") {
  Subtask done = subtask("a", SubtaskStatus::completed, 10);
  done.worked_ms = 20 * k_minute;
  CHECK(remaining_minutes(running({done, subtask("b", SubtaskStatus::pending, 10, 2)})) == 20);
  done.worked_ms = 5 * k_minute;
  CHECK(remaining_minutes(running({done, subtask("b", SubtaskStatus::pending, 10, 2)})) == 5);
  done.worked_ms = 1;
  CHECK(remaining_minutes(running({done, subtask("b", SubtaskStatus::pending, 10, 2)})) == 1);
  done.worked_ms = 1'000 * k_minute;
  CHECK(remaining_minutes(running({done, subtask("b", SubtaskStatus::pending, 10, 2)})) == 100);
}

TEST_CASE("of what is at work the rest counts, and never nothing") {
  Subtask busy = subtask("a", SubtaskStatus::in_progress, 10);
  busy.claimed_at = 1'000 * k_minute;
  Task task = running({busy});
  task.updated_at = 1'004 * k_minute;
  CHECK(remaining_minutes(task) == 6);
  task.updated_at = 1'060 * k_minute;
  CHECK(remaining_minutes(task) == 1);
}

TEST_CASE("what was split, skipped or ended takes no time; what is not planned is not known") {
  CHECK(remaining_minutes(running({subtask("a", SubtaskStatus::superseded, 10), subtask("b", SubtaskStatus::skipped, 10)})) == 0);
  Task ended = running({subtask("a", SubtaskStatus::completed, 10)});
  ended.status = PlanStatus::completed;
  CHECK_FALSE(remaining_minutes(ended));
  Task unplanned = running({});
  unplanned.planned = false;
  CHECK_FALSE(remaining_minutes(unplanned));
}

}  // namespace baton::core
