// Sizes at which anything that looks at all live tasks, or recurses through the graph, would show.
#include <doctest/doctest.h>

#include <ctime>

#include "core/orchestrator.h"
#include "rounds.h"

namespace baton::core {
namespace {

constexpr Moment k_now{1'700'000'000'000, 1'000, 1'000};

Catalogue one_master(int max_active_subtasks) {
  Catalogue catalogue;
  catalogue.masters["development"] = {"development", "", {}, {}, 0};
  catalogue.settings.max_active_subtasks = max_active_subtasks;
  return catalogue;
}

ArrivedTask simple_task(const std::string& id) {
  ArrivedTask arrived;
  arrived.spec.id = arrived.spec.content_hash = id;
  Plan plan;
  SubtaskSpec spec;
  spec.id = id;
  spec.assigned_to = "development";
  spec.files_affected = {"src/" + id};
  plan.subtasks.push_back({spec, 1, 1, ""});
  arrived.plan = plan;
  return arrived;
}

ResultArrived done(const std::string& id) {
  ResultArrived event;
  event.subtask_id = id;
  event.completed = true;
  return event;
}

std::int64_t cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

int published(const Changes& changes) {
  int count = 0;
  for (const Effect& effect : changes.effects) count += std::holds_alternative<PublishHandoff>(effect);
  return count;
}

/// CPU time in ns of three thousand heartbeats and a hundred ends, of a hundred handed-out tasks among so many live ones.
std::int64_t cost_among(int live) {
  constexpr int k_out = 100, k_heartbeats = 3'000;
  Orchestrator core;
  core.step({k_now, CatalogueChanged{one_master(k_out), true}});
  TasksArrived all;
  for (int i = 0; i < live; ++i) all.tasks.push_back(simple_task("t" + std::to_string(i)));
  CHECK(published(core.step({k_now, all})) == k_out);
  REQUIRE(core.live_tasks() == static_cast<std::size_t>(live));
  std::vector<std::string> out;
  core.for_each_task([&out](const Task& task) {
    if (task.subtasks[0].status == SubtaskStatus::handed_off) out.push_back(task.spec.id);
  });
  const std::int64_t begin = cpu_ns();
  for (int i = 0; i < k_heartbeats; ++i)
    CHECK(core.step({k_now, WorkerSeen{"w", out[0], 0, -1, ""}}).tasks.size() == (i == 0 ? 1 : 0));
  for (const std::string& id : out) CHECK(published(core.step({k_now, done(id)})) == 1);
  return cpu_ns() - begin;
}

}  // namespace

TEST_CASE("a step costs what it touches, not what is alive") {
  // Of this thread, and as a ratio: neither the machine nor who else uses it counts. Fifty times as much, if each looked at all.
  CHECK(cost_among(10'000) < 10 * cost_among(200));
}

TEST_CASE("a plan of 2,000 subtasks and a task with thousands of dependents are worked off without recursion") {
  Orchestrator core;
  core.step({k_now, CatalogueChanged{one_master(0), true}});
  ArrivedTask big;
  big.spec.id = big.spec.content_hash = "big";
  big.spec.mode = ExecutionMode::eager;
  Plan plan;
  plan.planner = PlannerKind::given;
  for (int i = 0; i < k_max_subtasks_bound; ++i) {
    SubtaskSpec spec;
    spec.id = "s" + std::to_string(i);
    spec.assigned_to = "development";
    if (i > 0) spec.dependencies = {"s" + std::to_string(i - 1)};
    plan.subtasks.push_back({spec, 1 + i / 200, 1 + i % 200, ""});
  }
  big.plan = plan;
  TasksArrived event;
  const int dependents = test::rounds(2'000, 10'000);
  event.tasks.push_back(big);
  for (int i = 0; i < dependents; ++i) {
    event.tasks.push_back(simple_task("d" + std::to_string(i)));
    event.tasks.back().spec.depends_on = {"big"};
  }
  CHECK(published(core.step({k_now, event})) == 1);
  for (int i = 0; i + 1 < k_max_subtasks_bound; ++i) CHECK(published(core.step({k_now, done("s" + std::to_string(i))})) == 1);
  CHECK(published(core.step({k_now, done("s1999")})) == dependents);
  CHECK(core.totals().completed == 1);
}

TEST_CASE("a chain of tasks in one document, either way round") {
  for (const bool forwards : {true, false}) {
    Orchestrator core;
    core.step({k_now, CatalogueChanged{one_master(0), true}});
    TasksArrived event;
    constexpr int k_count = 1'000;
    for (int i = 0; i < k_count; ++i) {
      event.tasks.push_back(simple_task("t" + std::to_string(i)));
      const int other = forwards ? i - 1 : i + 1;
      if (other >= 0 && other < k_count) event.tasks.back().spec.depends_on = {"t" + std::to_string(other)};
    }
    CHECK(published(core.step({k_now, event})) == 1);
    CHECK(core.attention().empty());
    for (int i = 0; i < k_count; ++i) {
      const int at = forwards ? i : k_count - 1 - i;
      CHECK(published(core.step({k_now, done("t" + std::to_string(at))})) == (i + 1 < k_count ? 1 : 0));
    }
    CHECK(core.live_tasks() == 0);
  }
}

TEST_CASE("a moved orchestrator goes on") {
  Orchestrator first;
  first.step({k_now, CatalogueChanged{one_master(0), true}});
  Orchestrator second = std::move(first);
  TasksArrived event;
  event.tasks.push_back(simple_task("t"));
  CHECK(published(second.step({k_now, event})) == 1);
  CHECK(second.catalogue().masters.contains("development"));
  CHECK(second.subtask("t")->epoch == 1);
  CHECK(second.subtask("u") == nullptr);
  CHECK(second.waits_for("u").empty());
  CHECK(second.waits_for("t").empty());
}

}  // namespace baton::core
