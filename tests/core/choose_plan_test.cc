// Which planner is taken, and what is said when the one that was asked for cannot do it.
#include <doctest/doctest.h>

#include "core/orchestrator.h"
#include "core/script.h"

namespace baton::core {
namespace {

Orchestrator with(bool planner_command) {
  Catalogue catalogue;
  for (const char* master : {"development", "security"}) catalogue.masters[master] = {master, "", {master}, {}, 0};
  catalogue.settings.has_planner_command = planner_command;
  Playbook playbook;
  playbook.name = "authentication";
  playbook.slug = "auth";
  playbook.match_any = {"authentication"};
  for (const char* role : {"design", "backend"}) {
    PlaybookStep step;
    step.role = role;
    step.title = std::string(role) + " of {subject}";
    step.master = "development";
    playbook.steps.push_back(step);
  }
  playbook.steps[1].dependencies = {"design"};
  catalogue.playbooks["authentication"] = playbook;
  Orchestrator core;
  core.step({{}, CatalogueChanged{catalogue, true}});
  return core;
}

TaskSpec task(const std::string& title) {
  TaskSpec spec;
  spec.id = "t";
  spec.title = title;
  return spec;
}

std::string error_of(const std::optional<Result<Plan>>& plan) {
  REQUIRE(plan.has_value());
  REQUIRE_FALSE(plan->has_value());
  return plan->error().message;
}

}  // namespace

TEST_CASE("a simple task is routed; false forces it, and an explicit master wins") {
  const Orchestrator core = with(true);
  TaskSpec spec = task("Fix typo in the README");
  spec.assigned_to = "security";
  auto plan = core.plan(spec);
  REQUIRE(plan.has_value());
  REQUIRE(plan->has_value());
  CHECK((*plan)->planner == PlannerKind::routed);
  REQUIRE((*plan)->subtasks.size() == 1);
  CHECK((*plan)->subtasks[0].spec.id == "t");
  CHECK((*plan)->subtasks[0].spec.assigned_to == "security");

  spec = task("Add authentication with tests, audit, documentation, and deploy it");
  spec.orchestration_required = false;
  plan = core.plan(spec);
  REQUIRE(plan.has_value());
  REQUIRE(plan->has_value());
  CHECK((*plan)->planner == PlannerKind::routed);
}

TEST_CASE("a master that does not exist refuses the task and names the nearest one") {
  TaskSpec spec = task("x");
  spec.assigned_to = "securty";
  const std::string message = error_of(with(false).plan(spec));
  CHECK(message.find("securty") != std::string::npos);
  CHECK(message.find("security") != std::string::npos);
}

TEST_CASE("explicit subtasks come first; asked for and missing is an error") {
  const Orchestrator core = with(true);
  TaskSpec spec = task("Add authentication");
  spec.planner = "explicit";
  CHECK(error_of(core.plan(spec)) == "the planner is \"explicit\", and there are no subtasks");
  SubtaskSpec subtask;
  subtask.id = "mine";
  subtask.title = "mine";
  spec.subtasks = {subtask};
  auto plan = core.plan(spec);
  REQUIRE(plan.has_value());
  REQUIRE(plan->has_value());
  CHECK((*plan)->planner == PlannerKind::given);
  spec.subtasks[0].dependencies = {"ghost"};
  CHECK(error_of(core.plan(spec)).find("ghost") != std::string::npos);
}

TEST_CASE("a playbook by name or by match, then the command, then the rules") {
  const Orchestrator core = with(true);
  TaskSpec spec = task("anything");
  spec.playbook = "authentification";
  CHECK(error_of(core.plan(spec)) == "there is no playbook called authentification (did you mean \"authentication\"?)");
  spec.playbook = "authentication";
  auto plan = core.plan(spec);
  REQUIRE(plan.has_value());
  REQUIRE(plan->has_value());
  CHECK((*plan)->planner == PlannerKind::playbook);
  CHECK((*plan)->planner_name == "authentication");
  CHECK((*plan)->subtasks.size() == 2);

  spec = task("Add authentication");
  spec.orchestration_required = true;
  plan = core.plan(spec);
  REQUIRE(plan.has_value());
  REQUIRE(plan->has_value());
  CHECK((*plan)->planner == PlannerKind::playbook);

  spec.planner = "command";
  CHECK_FALSE(core.plan(spec).has_value());
  CHECK(core.plan_without_command(spec).has_value());
  spec.planner = "rules";
  plan = core.plan(spec);
  REQUIRE(plan.has_value());
  REQUIRE(plan->has_value());
  CHECK((*plan)->planner == PlannerKind::rules);

  spec = task("Rewrite the parser, then test it");
  spec.orchestration_required = true;
  CHECK_FALSE(core.plan(spec).has_value());
  CHECK(with(false).plan(spec).has_value());
}

}  // namespace baton::core
