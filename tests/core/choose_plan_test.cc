// Which planner is taken, and what is said when the one that was asked for cannot do it.
#include <doctest/doctest.h>

#include <algorithm>

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

bool says(const Analysis& analysis, const std::string& reason) {
  return std::count(analysis.reasons.begin(), analysis.reasons.end(), reason) == 1;
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
  spec.description = "Then deploy it.";
  CHECK_FALSE(core.plan(spec).has_value());
  plan = core.plan_without_command(spec);
  REQUIRE(plan->has_value());
  CHECK((*plan)->planner == PlannerKind::rules);
  CHECK(says((*plan)->analysis, "+0: by the rules, for want of an answer of the planner command"));
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

TEST_CASE("a planner that is asked for and cannot do it is an error, not a wish") {
  const auto refusal = [](TaskSpec spec, bool planner_command = false) {
    const auto plan = with(planner_command).plan(spec);
    REQUIRE(plan.has_value());
    REQUIRE_FALSE(plan->has_value());
    CHECK_FALSE(plan->error().hint.empty());
    return plan->error().place.pointer + ": " + plan->error().message;
  };
  TaskSpec spec = task("Rewrite the parser, then test it");
  spec.planner = "command";
  CHECK(refusal(spec) == "/planner: the planner is \"command\", and none is configured");
  spec.planner = "playbook";
  CHECK(refusal(spec) == "/planner: the planner is \"playbook\", and no playbook matches");
  spec.playbook = "authentication";
  CHECK(with(false).plan(spec)->has_value());
  spec.planner = "rules";
  CHECK(refusal(spec) == "/planner: the task names the playbook \"authentication\", and asks for the planner \"rules\"");
  spec.planner.clear();
  spec.orchestration_required = false;
  CHECK(refusal(spec) ==
        "/orchestration_required: orchestration_required is false, and the task asks for the playbook \"authentication\"");
  spec.playbook.clear();
  spec.planner = "command";
  CHECK(refusal(spec, true) ==
        "/orchestration_required: orchestration_required is false, and the task asks for the planner \"command\"");
  spec = task("Rewrite the parser");
  spec.subtasks.resize(1);
  spec.planner = "rules";
  CHECK(refusal(spec) == "/planner: the task brings its own subtasks, and asks for the planner \"rules\"");
  spec.planner.clear();
  spec.playbook = "authentication";
  CHECK(refusal(spec) == "/playbook: the task brings its own subtasks, and names the playbook \"authentication\"");
  spec.playbook.clear();
  spec.orchestration_required = false;
  CHECK(refusal(spec) == "/orchestration_required: orchestration_required is false, and the task asks for its own subtasks");
}

TEST_CASE("a playbook that was asked for is taken even where the request spells out its steps") {
  TaskSpec spec = task("Add authentication, test it, document it and deploy it");
  CHECK((*with(false).plan(spec))->planner == PlannerKind::rules);
  spec.planner = "playbook";
  CHECK((*with(false).plan(spec))->planner == PlannerKind::playbook);
}

TEST_CASE("what is complex and goes to one master says why") {
  const auto plan = with(false).plan(task("Implement end-to-end encryption across the messaging platform"));
  REQUIRE((plan.has_value() && plan->has_value()));
  CHECK((*plan)->planner == PlannerKind::routed);
  CHECK((*plan)->analysis.complex);
  CHECK(says((*plan)->analysis, "+0: nothing in the request says how to break it down"));
}

TEST_CASE("a plan says why each master was chosen") {
  const Orchestrator core = with(false);
  CHECK(says((*core.plan(task("Scan the image for malware")))->analysis, "+0: security takes it: \"scan\" says security"));
  CHECK(says((*core.plan(task("Increase the timeout")))->analysis,
             "+0: development takes it: no word of it says another field than development"));
  TaskSpec spec = task("Rename the logger");
  spec.assigned_to = "security";
  CHECK(says((*core.plan(spec))->analysis, "+0: security takes it: the task is addressed to it"));
  spec = task("Handle it");
  spec.type = "security";
  CHECK(says((*core.plan(spec))->analysis, "+0: security takes it: its type says so"));

  const auto ruled = core.plan(task("Rename the logger, then audit it, then deploy it"));
  CHECK(says((*ruled)->analysis, "+0: security takes \"Audit the logger\": \"audit\" says security"));
  CHECK(says((*ruled)->analysis,
             "+0: development takes \"Deploy the logger\": \"deploy\" says cicd, which no master has: this is the default"));

  spec = task("Anything");
  spec.playbook = "authentication";
  CHECK(says((*core.plan(spec))->analysis,
             "+0: development takes \"design of Anything\" and 1 more: its playbook names that master"));
}

TEST_CASE("keywords and domains of a master's own file are named as the reason") {
  Catalogue catalogue;
  catalogue.masters["development"] = {"development", "", {"development", "testing"}, {}, 0};
  catalogue.masters["data"] = {"data", "", {"analytics"}, {"etl"}, 0};
  Orchestrator core;
  core.step({{}, CatalogueChanged{catalogue, true}});
  CHECK(says((*core.plan(task("Implement the ETL import")))->analysis,
             "+0: data takes it: its words are keywords in masters/data/master.json"));
  CHECK(says((*core.plan(task("Write tests")))->analysis,
             "+0: development takes it: \"tests\" says testing, a domain in masters/development/master.json"));
}

TEST_CASE("without an answer of the command a task is broken down, though only its document said that it is large") {
  TaskSpec spec = task("Add the export with tests");
  spec.estimated_minutes = 90;
  CHECK_FALSE(with(true).plan(spec).has_value());
  spec.estimated_minutes = 0;  // as a restart restores it
  const auto plan = with(true).plan_without_command(spec);
  REQUIRE(plan);
  CHECK(plan->planner == PlannerKind::rules);
  CHECK(plan->subtasks.size() == 2);
}

}  // namespace baton::core
