#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "base/ids.h"
#include "base/text.h"
#include "core/planned.h"
#include "template.h"

using namespace baton;
using namespace baton::core;
using baton::test::task;
using baton::test::the_template;

namespace {

std::string playbook_of(std::string title) {
  const Playbook* playbook = matching_playbook(task(std::move(title)), the_template());
  return playbook == nullptr ? "" : playbook->name;
}

std::vector<SubtaskSpec> expanded(const std::string& playbook, const TaskSpec& spec) {
  return expand_playbook(the_template().playbooks.at(playbook), spec, the_template()).subtasks;
}

Result<Plan> planned(const std::string& playbook, const TaskSpec& spec) {
  return make_plan(spec, PlannerKind::playbook, expanded(playbook, spec), analyse(spec, the_template()), the_template());
}

std::vector<std::string> roles(const std::vector<SubtaskSpec>& steps) {
  std::vector<std::string> roles;
  for (const SubtaskSpec& step : steps) roles.push_back(step.id.substr(step.id.rfind('-') + 1));
  return roles;
}

}  // namespace

TEST_CASE("the seed's example gives its six subtasks in its five stages") {
  const TaskSpec spec = task("Add authentication system with security audit and documentation");
  REQUIRE(playbook_of(spec.title) == "authentication");
  const auto plan = planned("authentication", spec);
  REQUIRE(plan);
  struct Expected {
    std::string id, master, worker;
    int minutes, stage;
    std::vector<std::string> dependencies, files;
  };
  const std::vector<Expected> expected = {
      {"auth-001-design", "development", "planner", 15, 1, {}, {"docs/auth-architecture.md"}},
      {"auth-002-backend",
       "development",
       "implementation",
       30,
       2,
       {"auth-001-design"},
       {"server/routes/auth.js", "server/middleware/auth.js"}},
      {"auth-003-frontend",
       "development",
       "implementation",
       30,
       2,
       {"auth-001-design"},
       {"client/pages/Login.jsx", "client/pages/Signup.jsx"}},
      {"auth-004-tests", "development", "test", 20, 3, {"auth-002-backend", "auth-003-frontend"}, {"tests/auth.test.js"}},
      {"auth-005-security", "security", "audit", 15, 4, {"auth-004-tests"}, {}},
      {"auth-006-docs", "development", "documentation", 10, 5, {"auth-005-security"}, {"docs/authentication.md"}},
  };
  REQUIRE(plan->subtasks.size() == expected.size());
  for (std::size_t at = 0; at < expected.size(); ++at) {
    const PlannedSubtask& subtask = plan->subtasks[at];
    CHECK(subtask.spec.id == expected[at].id);
    CHECK(subtask.spec.assigned_to == expected[at].master);
    CHECK(subtask.spec.worker_type == expected[at].worker);
    CHECK(subtask.spec.estimated_minutes == expected[at].minutes);
    CHECK(subtask.spec.dependencies == expected[at].dependencies);
    CHECK(subtask.spec.files_affected == expected[at].files);
    CHECK(subtask.stage == expected[at].stage);
  }
  CHECK(plan->subtasks[0].spec.estimated_tokens == 5'000);
  CHECK(plan->estimate.critical_path_minutes == 90);
  CHECK(plan->estimate.total_minutes == 120);
  CHECK(plan->estimate.tokens == 75'000);
  CHECK(plan->estimate.workers == 8);
  CHECK(plan->estimate.masters == std::vector<std::string>{"development", "security"});
  CHECK(plan->estimate.parallelization_possible);
  CHECK(plan->estimate.bottlenecks == std::vector<std::string>{"stage_4: security audit must wait for tests"});
}

TEST_CASE("steps that are not asked for are left out, and dependencies pass through") {
  const auto steps = expanded("authentication", task("Add authentication system and deploy it"));
  CHECK(roles(steps) == std::vector<std::string>{"design", "backend", "frontend", "tests", "deploy"});
  CHECK(steps.back().dependencies == std::vector<std::string>{"auth-004-tests"});
  CHECK(roles(expanded("authentication", task("Add authentication system, without docs and audit"))).size() == 4);
}

TEST_CASE("playbooks match what they are for") {
  CHECK(playbook_of("Add user authentication with OAuth") == "authentication");
  CHECK(playbook_of("Build complete e-commerce platform") == "feature");
  CHECK(playbook_of("Refactor the billing module and deploy it") == "refactoring");
  CHECK(playbook_of("Fix the token leak in the session store and audit it") == "bug-fix-with-audit");
  CHECK(playbook_of("Migrate the user database to PostgreSQL") == "migration");
  CHECK(playbook_of("Prepare release 2.0 with a security check") == "release");
  CHECK(playbook_of("Write the documentation for the public SDK") == "documentation");
}

TEST_CASE("a wrong match is worse than none") {
  CHECK(playbook_of("Fix the authentication bug, then deploy") == "");
  CHECK(playbook_of("Write a migration guide and publish it") == "");
  CHECK(playbook_of("Deploy the new platform image to staging") == "");
  CHECK(playbook_of("List all repositories that use the old login system") == "");
  CHECK(playbook_of("Refactor API layer, update tests, and deploy") == "");
  CHECK(playbook_of("Add authentication system; do not migrate the users") == "authentication");
}

TEST_CASE("a playbook whose order contradicts that of the request does not fit, unless it is asked for") {
  CHECK(playbook_of("Refactor the parser, then write tests") == "");
  CHECK(playbook_of("Refactor the parser and write tests") == "refactoring");
  CHECK(playbook_of("Before refactoring the parser, write tests") == "refactoring");
  CHECK(playbook_of("Audit the payment module, then fix every issue found") == "");
  CHECK(playbook_of("Have the payment flow audited and fix the findings") == "");
  TaskSpec spec = task("Refactor the parser, then write tests");
  spec.planner = "playbook";
  REQUIRE(matching_playbook(spec, the_template()) != nullptr);
  CHECK(matching_playbook(spec, the_template())->name == "refactoring");
}

TEST_CASE("roles that wait for each other in a circle are looked at once") {
  Catalogue catalogue = the_template();
  catalogue.playbooks.clear();
  Playbook& playbook = catalogue.playbooks["circle"];
  playbook.name = "circle";
  playbook.match_any = {"dance"};
  playbook.steps.resize(3);
  playbook.steps[0].role = "one", playbook.steps[0].worker_type = "implementation", playbook.steps[0].dependencies = {"two"};
  playbook.steps[1].role = "two", playbook.steps[1].worker_type = "planner", playbook.steps[1].dependencies = {"one", "two"};
  playbook.steps[2].role = "three", playbook.steps[2].worker_type = "audit";
  CHECK(matching_playbook(task("Add a dance, then audit it"), catalogue) == &playbook);
  playbook.steps[1].dependencies = {"three"};
  CHECK(matching_playbook(task("Add a dance, then audit it"), catalogue) == nullptr);
}

TEST_CASE("what the request asks for beyond the playbook is added") {
  const auto plan = planned("migration", task("Migrate the user database and catalog all its clients"));
  REQUIRE(plan);
  CHECK(plan->subtasks.back().spec.assigned_to == "inventory");
  CHECK(plan->subtasks.back().spec.dependencies == std::vector<std::string>{plan->subtasks[plan->subtasks.size() - 2].spec.id});
}

TEST_CASE("the piece that the playbook is for is done once, by its own master") {
  const auto plan = planned("migration", task("Migrate all CI pipelines from Jenkins to GitHub Actions"));
  REQUIRE(plan);
  REQUIRE(plan->subtasks.size() == 4);
  CHECK(plan->subtasks[1].spec.title == "Migrate CI pipelines");
  CHECK(plan->subtasks[1].spec.assigned_to == "cicd");
  CHECK(plan->subtasks[3].spec.assigned_to == "development");
  CHECK(plan->subtasks[3].spec.worker_type == "test");
}

TEST_CASE("the subject is what the matched verb is about, and \"it\" is resolved") {
  const TaskSpec spec = task("Write tests for the parser, then refactor it");
  REQUIRE(playbook_of(spec.title) == "refactoring");
  const auto steps = expanded("refactoring", spec);
  REQUIRE(steps.size() == 3);
  CHECK(steps[2].title == "Refactor parser");
  CHECK(steps[2].id == "refactor-003-refactor");
  CHECK(expanded("refactoring", task("Document the cache and refactor the store"))[2].title == "Refactor store");
}

TEST_CASE("a whole that is made is a feature, whatever it is called") {
  for (const char* title : {"Build a CRM", "Develop the online shop", "Create an event-driven microservices architecture"})
    CHECK(playbook_of(title) == "feature");
  for (const char* title : {"Configure the billing system", "Design the reporting system", "Add a field to the CRM"})
    CHECK(playbook_of(title) != "feature");
}

TEST_CASE("what lists the parts of a whole is planned by its own words") {
  CHECK(playbook_of("Create a mobile app for couriers, an admin portal and an API") == "");
}

namespace {

std::vector<std::string> all_files(const std::vector<SubtaskSpec>& steps) {
  std::vector<std::string> files;
  for (const SubtaskSpec& step : steps) files.insert(files.end(), step.files_affected.begin(), step.files_affected.end());
  return files;
}

}  // namespace

TEST_CASE("files of the task go to the steps that implement, three each") {
  TaskSpec spec = task("Add authentication system");
  spec.files_affected = {"src/a.ts", "src/b.ts"};
  const auto steps = expanded("authentication", spec);
  CHECK(steps[1].files_affected == std::vector<std::string>{"server/routes/auth.js", "server/middleware/auth.js", "src/a.ts"});
  CHECK(steps[2].files_affected == std::vector<std::string>{"client/pages/Login.jsx", "client/pages/Signup.jsx", "src/b.ts"});
}

TEST_CASE("a step with more than three files is split, and who waits for it waits for all parts") {
  TaskSpec spec = task("Build a CRM");
  for (char name = 'a'; name <= 'f'; ++name) spec.files_affected.push_back(std::string("src/") + name + ".ts");
  const auto steps = expanded("feature", spec);
  REQUIRE(steps.size() == 4);
  CHECK(steps[1].id == "crm-002-implement");
  CHECK(steps[1].title == "Implement CRM (part 1 of 2)");
  CHECK(steps[1].files_affected == std::vector<std::string>{"src/a.ts", "src/b.ts", "src/c.ts"});
  CHECK(steps[2].id == "crm-002-implement-2");
  CHECK(steps[2].files_affected == std::vector<std::string>{"src/d.ts", "src/e.ts", "src/f.ts"});
  CHECK(steps[2].dependencies == steps[1].dependencies);
  CHECK(steps[3].dependencies == std::vector<std::string>{"crm-002-implement", "crm-002-implement-2"});
}

TEST_CASE("a step that becomes a task of its own keeps all its files: that task shares them out") {
  Playbook playbook = the_template().playbooks.at("feature");
  playbook.steps[1].orchestrate = true;
  TaskSpec spec = task("Build a CRM");
  for (char name = 'a'; name <= 'f'; ++name) spec.files_affected.push_back(std::string("src/") + name + ".ts");
  const auto steps = expand_playbook(playbook, spec, the_template()).subtasks;
  REQUIRE(steps.size() == 3);
  CHECK(steps[1].orchestrate);
  CHECK(steps[1].files_affected.size() == 6);
  CHECK_FALSE(steps[0].orchestrate);
}

TEST_CASE("no file of the task is lost, and no playbook grows past ten steps") {
  for (const auto& [name, playbook] : the_template().playbooks) {
    TaskSpec spec = task("Do it with audit, docs, tests and deployment");
    for (int at = 0; at < 60; ++at) spec.files_affected.push_back("src/" + std::to_string(at) + ".ts");
    const auto steps = expand_playbook(playbook, spec, the_template()).subtasks;
    CHECK(steps.size() <= 10);
    const std::vector<std::string> files = all_files(steps);
    for (const std::string& file : spec.files_affected) CHECK(std::count(files.begin(), files.end(), file) == 1);
    CHECK(make_plan(spec, PlannerKind::playbook, steps, {}, the_template()));
  }
}

TEST_CASE("every playbook of the template makes a sound plan, however it is asked for") {
  REQUIRE(the_template().playbooks.size() == 7);
  for (const auto& [name, playbook] : the_template().playbooks) {
    const std::string called = name;  // doctest captures by a lambda, which cannot take a structured binding
    CAPTURE(called);
    CHECK_FALSE(playbook.description.empty());
    CHECK((playbook.steps.size() >= 3 && playbook.steps.size() <= 10));
    std::set<std::string> known;
    for (const PlaybookStep& step : playbook.steps) {
      CAPTURE(step.role);
      CHECK(known.insert(step.role).second);
      for (const std::string& role : step.dependencies) CHECK(known.contains(role));
      CHECK((step.estimated_minutes > 0 && step.estimated_minutes <= 30));
      CHECK((step.estimated_tokens > 0 && step.estimated_tokens <= 20'000));
      CHECK(step.files.size() <= 3);
      CHECK_FALSE(step.success_criteria.empty());
      CHECK_FALSE(step.domain.empty());
    }
    for (const char* title : {"Do it", "Do it with audit, docs, tests and deployment", ""}) {
      const auto plan = planned(name, task(title, "Something to do"));
      REQUIRE(plan);
      for (const PlannedSubtask& subtask : plan->subtasks) CHECK(subtask.spec.title.find('{') == std::string::npos);
    }
  }
}

TEST_CASE("the highest priority wins, then the name") {
  Catalogue catalogue = the_template();
  catalogue.playbooks.clear();
  for (const char* name : {"beta", "alpha", "gamma"}) {
    catalogue.playbooks[name].name = name;
    catalogue.playbooks[name].match_any = {"dance"};
  }
  CHECK(matching_playbook(task("Add a dance"), catalogue)->name == "alpha");
  catalogue.playbooks["gamma"].priority = 1;
  CHECK(matching_playbook(task("Add a dance"), catalogue)->name == "gamma");
  catalogue.playbooks["gamma"].match_none = {"slow"};
  CHECK(matching_playbook(task("Add a slow dance"), catalogue)->name == "alpha");
  catalogue.playbooks["alpha"].match_all = {"shoes"};
  CHECK(matching_playbook(task("Add a slow dance", "It needs no shoes"), catalogue)->name == "beta");
  CHECK(matching_playbook(task("Add a song"), catalogue) == nullptr);
}

TEST_CASE("a playbook without match rules is used only by name") {
  Catalogue catalogue = the_template();
  catalogue.playbooks.clear();
  catalogue.playbooks["silent"].name = "silent";
  CHECK(matching_playbook(task("Add anything"), catalogue) == nullptr);
}

TEST_CASE("a role that does not exist is named by the plan rules") {
  Playbook playbook;
  playbook.name = "broken";
  playbook.steps.resize(1);
  playbook.steps[0].role = "only";
  playbook.steps[0].title = "Only";
  playbook.steps[0].dependencies = {"nowhere"};
  const TaskSpec spec = task("Anything");
  const auto plan =
      make_plan(spec, PlannerKind::playbook, expand_playbook(playbook, spec, the_template()).subtasks, {}, the_template());
  REQUIRE_FALSE(plan);
  CHECK(plan.error().message.find("depends on \"nowhere\", which is not in the plan") != std::string::npos);
}

TEST_CASE("placeholders are filled once, and never from each other") {
  Playbook playbook;
  playbook.slug = "x";
  playbook.steps.resize(1);
  playbook.steps[0].role = "one";
  playbook.steps[0].title = "{subject} of {title} as {slug} {unknown}";
  const auto steps = expand_playbook(playbook, task("Add the {slug} exporter"), the_template()).subtasks;
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].id == "x-001-one");
  CHECK(steps[0].title.find("of Add the {slug} exporter as ") != std::string::npos);
  CHECK(steps[0].title.ends_with("{unknown}"));
}

TEST_CASE("ids fit the grammar however long the subject is") {
  const std::string endless(400, 'x');
  for (const SubtaskSpec& step : expanded("feature", task("Build " + endless + " platform with docs")))
    CHECK(is_record_id(step.id));
}
