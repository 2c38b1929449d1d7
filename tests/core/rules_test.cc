#include <doctest/doctest.h>

#include "base/text.h"
#include "core/planning.h"
#include "template.h"

using namespace baton;
using namespace baton::core;
using baton::test::task;
using baton::test::the_template;

namespace {

std::vector<SubtaskSpec> ruled(const TaskSpec& spec) { return expand_rules(spec, analyse(spec, the_template()), the_template()); }

/// "id [master/worker] title <- dependencies", one step per line.
std::string shown(const std::vector<SubtaskSpec>& steps) {
  std::string lines;
  for (const SubtaskSpec& step : steps)
    lines += step.id + " [" + step.assigned_to + "/" + step.worker_type + "] " + step.title +
             (step.dependencies.empty() ? "" : " <- " + text::join(step.dependencies, ", ")) + "\n";
  return lines;
}

}  // namespace

TEST_CASE("arrows run one after the other, with the words of the request") {
  CHECK(shown(ruled(task("Build new feature: design → implement → test → audit → document"))) ==
        "feature-001-design [development/planner] Design new feature\n"
        "feature-002-implement [development/implementation] Implement new feature <- feature-001-design\n"
        "feature-003-test [development/test] Test new feature <- feature-002-implement\n"
        "feature-004-audit [security/audit] Audit new feature <- feature-003-test\n"
        "feature-005-docs [development/documentation] Document new feature <- feature-004-audit\n");
}

TEST_CASE("then separates, a list of objects runs side by side") {
  CHECK(
      shown(ruled(task(
          "Migrate the payment service from REST to gRPC, then update clients, integration tests and the deployment pipeline"))) ==
      "payment-service-001-implement [development/implementation] Migrate the payment service from REST to gRPC\n"
      "payment-service-002-implement [development/implementation] Update clients <- payment-service-001-implement\n"
      "payment-service-003-test [development/test] Update integration tests <- payment-service-001-implement\n"
      "payment-service-004-implement [cicd/implementation] Update the deployment pipeline <- payment-service-001-implement\n");
}

TEST_CASE("without sequence words the kinds of work give the order") {
  CHECK(shown(ruled(task("Refactor API layer, update tests, and deploy"))) ==
        "api-layer-001-implement [development/implementation] Refactor API layer\n"
        "api-layer-002-test [development/test] Update tests <- api-layer-001-implement\n"
        "api-layer-003-deploy [cicd/deployment] Deploy API layer <- api-layer-002-test\n");
}

TEST_CASE("numbered pieces of one kind run side by side, what builds on them waits") {
  const auto steps = ruled(task("1) Add the metrics endpoint 2) Add the health endpoint 3) Write integration tests"));
  REQUIRE(steps.size() == 3);
  CHECK(steps[0].dependencies.empty());
  CHECK(steps[1].dependencies.empty());
  CHECK(steps[2].dependencies == std::vector<std::string>{steps[0].id, steps[1].id});
  CHECK(steps[2].worker_type == "test");
}

TEST_CASE("what refers back waits") {
  const auto steps = ruled(task("Upgrade to Node 22 across all services, fix what breaks, rerun the test suites and roll out"));
  REQUIRE(steps.size() == 4);
  CHECK(steps[1].title == "Fix what breaks");
  CHECK(steps[1].dependencies == std::vector<std::string>{steps[0].id});
  CHECK(steps[3].assigned_to == "cicd");
  CHECK(steps[3].dependencies == std::vector<std::string>{steps[2].id});
}

TEST_CASE("an audit that is asked for first comes first") {
  const auto steps = ruled(task("Audit the payment module, then fix every issue found"));
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].worker_type == "audit");
  CHECK(steps[1].worker_type == "implementation");
  CHECK(steps[1].dependencies == std::vector<std::string>{steps[0].id});
}

TEST_CASE("a tail is ordered by kind, whatever its order in the sentence") {
  const auto steps = ruled(task("Implement the export with docs, security audit and tests"));
  REQUIRE(steps.size() == 4);
  CHECK(steps[1].worker_type == "test");
  CHECK(steps[2].worker_type == "audit");
  CHECK(steps[3].worker_type == "documentation");
  CHECK(steps[3].dependencies == std::vector<std::string>{steps[2].id});
}

TEST_CASE("a list in the description is the plan; its title is not a step of its own") {
  const auto steps = ruled(
      task("Add two-factor authentication",
           "- design the enrolment flow\n- implement TOTP verification\n- write tests\n- security review\n- update the docs"));
  REQUIRE(steps.size() == 5);
  CHECK(steps[0].title == "Design the enrolment flow");
  CHECK(steps[0].worker_type == "planner");
  CHECK(steps[3].assigned_to == "security");
  CHECK(steps[4].worker_type == "documentation");
}

TEST_CASE("files go to the piece that names them, the others to the first implementation") {
  TaskSpec spec = task("Write tests in tests/cart.test.js, then change src/cart.js");
  spec.files_affected = {"src/price.js"};
  const auto steps = ruled(spec);
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].files_affected == std::vector<std::string>{"tests/cart.test.js"});
  CHECK(steps[1].files_affected == std::vector<std::string>{"src/cart.js", "src/price.js"});
}

TEST_CASE("no step touches more than three files") {
  const auto steps = ruled(task("Rename the logger in a.js, b.js, c.js, d.js and e.js"));
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].files_affected == std::vector<std::string>{"a.js", "b.js", "c.js"});
  CHECK(steps[1].files_affected == std::vector<std::string>{"d.js", "e.js"});
  CHECK(steps[1].title.ends_with("(part 2 of 2)"));
  CHECK(steps[1].dependencies.empty());
}

TEST_CASE("never more than asked for") {
  CHECK(ruled(task("Fix typo in README.md")).size() == 1);
  CHECK(ruled(task("Add a login form without tests or docs")).size() == 1);
  CHECK(ruled(task("Implement the export, but do not deploy it")).size() == 1);
}

TEST_CASE("a step carries what it is part of") {
  const auto steps = ruled(task("Add the export, then deploy it", "For the finance team."));
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].description == "Part of: Add the export, then deploy it\n\nFor the finance team.");
  CHECK(steps[0].estimated_minutes == 20);
  CHECK(steps[0].estimated_tokens == 15'000);
  CHECK_FALSE(steps[0].success_criteria.empty());
}
