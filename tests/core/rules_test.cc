#include <doctest/doctest.h>

#include <algorithm>

#include "base/text.h"
#include "core/planned.h"
#include "core/request.h"
#include "template.h"

using namespace baton;
using namespace baton::core;
using baton::test::task;
using baton::test::the_template;

namespace {

std::vector<SubtaskSpec> ruled(const TaskSpec& spec) {
  return expand_rules(spec, analyse(spec, the_template()), the_template()).subtasks;
}

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

TEST_CASE("then separates; of a list, what is of one kind runs side by side") {
  CHECK(
      shown(ruled(task(
          "Migrate the payment service from REST to gRPC, then update clients, integration tests and the deployment pipeline"))) ==
      "payment-service-001-implement [development/implementation] Migrate the payment service from REST to gRPC\n"
      "payment-service-002-implement [development/implementation] Update clients <- payment-service-001-implement\n"
      "payment-service-003-implement [cicd/implementation] Update the deployment pipeline <- payment-service-001-implement\n"
      "payment-service-004-test [development/test] Update integration tests <- payment-service-002-implement, "
      "payment-service-003-implement\n");
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

TEST_CASE("a list under one verb is ordered by the kinds of work, whatever its order in the sentence") {
  CHECK(shown(ruled(task("Add a payment page, security audit and deployment"))) ==
        "payment-page-001-implement [development/implementation] Add a payment page\n"
        "payment-page-002-audit [security/audit] Security audit <- payment-page-001-implement\n"
        "payment-page-003-deploy [cicd/deployment] Deployment <- payment-page-002-audit\n");
  CHECK(shown(ruled(task("Add SSO, docs, tests"))) ==
        "sso-001-implement [development/implementation] Add SSO\n"
        "sso-002-test [development/test] Add tests <- sso-001-implement\n"
        "sso-003-docs [development/documentation] Add docs <- sso-002-test\n");
  for (const char* title :
       {"Implement the export feature, tests and deployment", "Create a Python SDK, tests, docs and a release"}) {
    const auto steps = ruled(task(title));
    for (std::size_t at = 1; at < steps.size(); ++at) CHECK(steps[at].dependencies == std::vector<std::string>{steps[at - 1].id});
  }
}

TEST_CASE("a list that begins with later work keeps its place in the sequence") {
  CHECK(shown(ruled(task("Fix the login, then write docs, tests and a client"))) ==
        "login-001-implement [development/implementation] Fix the login\n"
        "login-002-implement [development/implementation] Write a client <- login-001-implement\n"
        "login-003-test [development/test] Write tests <- login-002-implement\n"
        "login-004-docs [development/documentation] Write docs <- login-003-test\n");
}

TEST_CASE("three or more listed things that are made are a step each") {
  CHECK(shown(ruled(task("Create database schema, REST endpoints, and React components for the booking feature"))) ==
        "database-schema-001-implement [development/implementation] Create database schema\n"
        "database-schema-002-implement [development/implementation] Create REST endpoints\n"
        "database-schema-003-implement [development/implementation] Create React components for the booking feature\n");
  CHECK(ruled(task("Create a mobile app for couriers, an admin portal and an API")).size() == 3);
  CHECK(ruled(task("Write unit tests, integration tests and e2e tests for the whole app")).size() == 3);
}

TEST_CASE("what is listed inside an object, or describes one, is no step") {
  for (const char* title :
       {"Create a form with name, email and phone", "Add name, email and phone fields to the profile",
        "Add sorting, filtering and pagination to the table", "Create endpoints for users, orders and invoices"})
    CHECK(ruled(task(title)).size() == 1);
}

TEST_CASE("what a thing is made up of is a step each, however the list is led in") {
  CHECK(shown(ruled(task("Develop a chat feature comprising a websocket server, a sync engine and a React client"))) ==
        "websocket-server-001-implement [development/implementation] Develop a websocket server\n"
        "websocket-server-002-implement [development/implementation] Develop a sync engine\n"
        "websocket-server-003-implement [development/implementation] Develop a React client\n");
  CHECK(shown(ruled(task("We need a shop: product catalog, checkout, plan changes and a security review"))) ==
        "product-catalog-001-implement [development/implementation] Build product catalog\n"
        "product-catalog-002-implement [development/implementation] Build checkout\n"
        "product-catalog-003-implement [development/implementation] Build plan changes\n"
        "product-catalog-004-audit [security/audit] Security review <- product-catalog-001-implement, "
        "product-catalog-002-implement, product-catalog-003-implement\n");
  for (const char* title :
       {"Build a portal including an inbox, a user directory and a billing page",
        "Build a portal made up of an inbox, a user directory and a billing page",
        "Build a portal with an inbox, a user directory and a billing page",
        "I'd like a portal that contains an inbox, a user directory and a billing page",
        "Build a portal (inbox, user directory, billing page)", "Build a portal - inbox, user directory, billing page",
        "The portal should include an inbox, a user directory and a billing page",
        "I want a portal. It should include an inbox, a user directory and a billing page."})
    CHECK_MESSAGE(ruled(task(title)).size() == 3, title);
}

TEST_CASE("what a thing copes with, is made with or made for is no step") {
  for (const char* title :
       {"Build a portal supporting Chrome, Firefox and Safari", "Build a portal for admins, editors and viewers",
        "Build a portal with React, TypeScript and Tailwind", "Create a service with retries, timeouts and logging",
        "Create a settings form including theme, language and time zone",
        "We need clearer errors: red text, an icon and a short hint",
        "We do not need a portal: the inbox, the user directory and the billing page exist",
        "Set up a workflow that runs lint, tests and build"})
    CHECK_MESSAGE(ruled(task(title)).size() == 1, title);
}

TEST_CASE("a list behind a colon: the header is a step when the list does not build") {
  CHECK(shown(ruled(task("Build search: indexer, API, UI"))) ==
        "indexer-001-implement [development/implementation] Build indexer\n"
        "indexer-002-implement [development/implementation] Build API\n"
        "indexer-003-implement [development/implementation] Build UI\n");
  const auto steps = ruled(task("Develop the API: tests, docs, deployment"));
  REQUIRE(steps.size() == 4);
  CHECK(steps[0].title == "Develop the API");
  CHECK(steps[3].dependencies == std::vector<std::string>{steps[2].id});
  const auto cart = ruled(task("Implement the shopping cart: backend API, frontend UI, database schema and tests"));
  REQUIRE(cart.size() == 4);
  CHECK(cart[3].worker_type == "test");
  CHECK(cart[3].dependencies.size() == 3);
}

TEST_CASE("a header comes after what is thought out first") {
  const auto steps = ruled(task("Build the importer: design, tests, docs"));
  REQUIRE(steps.size() == 4);
  CHECK(steps[0].worker_type == "planner");
  CHECK(steps[1].title == "Build the importer");
  CHECK(steps[1].dependencies == std::vector<std::string>{steps[0].id});
}

TEST_CASE("no step is lost after a clause with a finite verb") {
  const auto steps = ruled(task("Scan all repositories for secrets, rotate what is found and update the docs"));
  REQUIRE(steps.size() == 3);
  CHECK(steps[1].title == "Rotate what is found");
  CHECK(steps[1].worker_type == "implementation");
  CHECK(steps[2].title == "Update the docs");
  CHECK(ruled(task("Add components that load and display the data")).size() == 1);
}

TEST_CASE("a path in words that leads out of the workspace is no file of the plan") {
  const TaskSpec spec = task("Fix ../shared/lib/x.js and src/./y.js, and then deploy it");
  const auto steps = ruled(spec);
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].files_affected == std::vector<std::string>{"src/y.js"});
  CHECK(make_plan(spec, PlannerKind::rules, steps, {}, the_template()));
}

namespace {

Plan sound(const TaskSpec& spec, const Catalogue& catalogue = the_template()) {
  const auto plan =
      make_plan(spec, PlannerKind::rules, expand_rules(spec, analyse(spec, catalogue), catalogue).subtasks, {}, catalogue);
  REQUIRE(plan);
  CHECK(plan->subtasks.size() <= 10);
  CHECK(plan->subtasks.back().stage <= k_max_stages);
  return *plan;
}

std::string repeated(int times, std::string_view pattern) {
  std::string text;
  for (int at = 0; at < times; ++at)
    for (char c : pattern) text += c == '#' ? std::to_string(at) : std::string(1, c);
  return text;
}

/// How often the pieces occur in titles and descriptions of the plan, each counted once.
int found(const Plan& plan, int times, std::string_view pattern) {
  int count = 0;
  for (int at = 0; at < times; ++at) {
    std::string piece;
    for (char c : pattern) piece += c == '#' ? std::to_string(at) : std::string(1, c);
    count += std::any_of(plan.subtasks.begin(), plan.subtasks.end(), [&](const PlannedSubtask& planned) {
      const std::string work = planned.spec.description.substr(0, planned.spec.description.find("Part of:"));
      return planned.spec.title == piece || work.find("- " + piece + "\n") != std::string::npos;
    });
  }
  return count;
}

}  // namespace

TEST_CASE("too many pieces are joined by kind, in the order of their phases, and none is lost") {
  const Plan plan = sound(task(repeated(18, "Fix module#. Add tests for module#. Update docs of module#. ")));
  CHECK(plan.subtasks.size() == 10);
  CHECK(plan.subtasks.back().stage == 3);
  CHECK(found(plan, 18, "Fix module#") == 18);
  CHECK(found(plan, 18, "Add tests for module#") == 18);
  CHECK(found(plan, 18, "Update docs of module#") == 18);
  int minutes = 0;
  for (const PlannedSubtask& planned : plan.subtasks) minutes += planned.spec.estimated_minutes;
  CHECK(minutes == 18 * (20 + 15 + 10));
  REQUIRE_FALSE(plan.analysis.reasons.empty());
  CHECK(plan.analysis.reasons.back() ==
        "it asks for more than 10 pieces of work: 10 subtasks take on several of one kind, and more than the 20 minutes that are "
        "advised");
}

TEST_CASE("ten bullets are ten steps, of twenty-four some are joined") {
  CHECK(sound(task("Bring it up to date", repeated(10, "- fix handler number #\n"))).subtasks.size() == 10);
  CHECK(sound(task("Bring it up to date", repeated(11, "- fix handler number #\n"))).subtasks.size() == 10);
  const Plan plan = sound(task("Bring it up to date", repeated(24, "- fix handler number #\n")));
  CHECK(plan.subtasks.size() == 10);
  CHECK(found(plan, 24, "Fix handler number #") + found(plan, 24, "fix handler number #") >= 24);
}

TEST_CASE("a longer sequence than there may be stages keeps its order") {
  const Plan chain = sound(task("Start." + repeated(14, " Then implement part# of it.")));
  CHECK(chain.subtasks.size() == 10);
  for (std::size_t at = 1; at < chain.subtasks.size(); ++at) CHECK(chain.subtasks[at].stage == static_cast<int>(at) + 1);
  CHECK(sound(task("Start." + repeated(9, " Then implement part#. Then test part#."))).subtasks.size() == 10);
  const Plan masters = sound(task("Start." + repeated(9, " Then implement part#. Then audit part#.")));
  CHECK(masters.subtasks.back().stage == 2);
  CHECK(masters.subtasks.back().spec.assigned_to == "security");
}

TEST_CASE("rules keep to max_subtasks, down to one") {
  Catalogue small = the_template();
  const TaskSpec spec = task("Implement the export, test it, audit it, document it, catalog the clients and deploy it");
  for (int most : {1, 2, 3, 5}) {
    small.settings.max_subtasks = most;
    CHECK(sound(spec, small).subtasks.size() <= static_cast<std::size_t>(most));
  }
}

TEST_CASE("many files are spread over ten steps at most, and the excess is said") {
  TaskSpec spec = task("Rename the logger");
  for (int at = 0; at < 31; ++at) spec.files_affected.push_back("src/" + std::to_string(at) + ".js");
  const Plan plan = sound(spec);
  std::size_t files = 0;
  for (const PlannedSubtask& planned : plan.subtasks) files += planned.spec.files_affected.size();
  CHECK(files == 31);
  CHECK(plan.analysis.reasons.front().ends_with("affects 4 files; up to 3 are advised"));
  spec.files_affected.pop_back();
  CHECK(sound(spec).analysis.reasons.empty());
}

TEST_CASE("of a description of 8 MiB the beginning is read, which makes a small plan") {
  std::string endless;
  while (endless.size() < 8 * 1024 * 1024) endless += "add tests and docs, ";
  const TaskSpec spec = task("", std::move(endless));
  const Request request = read_request(spec);
  CHECK(request.is_cut);
  CHECK(request.words.size() < 16 * 1024);  // a word has a byte at least, and 16 KiB are read
  const Plan plan = sound(spec);
  std::size_t bytes = 0;
  for (const PlannedSubtask& planned : plan.subtasks) bytes += planned.spec.title.size() + planned.spec.description.size();
  CHECK(bytes < 100'000);
}

TEST_CASE("what is too long is cut where a character begins, and the judgement says so") {
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string title(shift, 'x');
    while (title.size() < 5'000) title += "\xe2\x82\xac";  // three bytes each
    const TaskSpec spec = task(title, title + title + title + title);
    const auto steps = ruled(spec);
    CHECK(text::is_utf8(steps.front().title));
    CHECK(text::is_utf8(steps.front().description));
    const Request request = read_request(spec);
    CHECK(request.is_cut);
    CHECK(text::is_utf8(request.title.front().word));
    CHECK(text::is_utf8(request.description.front().word));
    CHECK(analyse(spec, the_template()).reasons.front() ==
          "+0: it is too long to be read as a whole: what stands last was left out");
  }
  CHECK_FALSE(read_request(task("Add the export", std::string(16 * 1024, 'x'))).is_cut);
  CHECK(read_request(task("Add the export", std::string(16 * 1024 + 1, 'x'))).is_cut);
}
