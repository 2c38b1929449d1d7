// In which order a request's own words put its steps, and what its clauses of time ask for.
#include <doctest/doctest.h>

#include "core/planned.h"
#include "template.h"

using namespace baton::core;
using baton::test::task;
using baton::test::the_template;

namespace {

/// "Run the tests > Deploy the api"; what runs side by side is joined by " | ".
std::string steps_of(const std::string& title, const std::string& description = {}) {
  const TaskSpec spec = task(title, description);
  const auto plan = make_plan(spec, PlannerKind::rules,
                              expand_rules(spec, analyse(spec, the_template()), the_template()).subtasks, {}, the_template());
  REQUIRE(plan);
  std::string shown;
  int stage = 1;
  for (const PlannedSubtask& planned : plan->subtasks) {
    if (!shown.empty()) shown += planned.stage > stage ? " > " : " | ";
    shown += planned.spec.title;
    stage = planned.stage;
  }
  return shown;
}

}  // namespace

TEST_CASE("a clause of time asks for what must have been done by then") {
  const std::string expected = "Run the tests > Deploy the api";
  for (const char* title :
       {"Once the tests pass, deploy the api", "When the tests pass, deploy the api", "If all the tests pass, deploy the api",
        "After running the tests, deploy the api", "As soon as the tests are green, deploy the api",
        "Deploy the api once the tests pass", "Deploy the api only if the tests pass", "Deploy the api after running the tests",
        "Before deploying the api, run the tests", "Prior to deploying the api, run the tests",
        "Run the tests before deploying the api", "Run the tests first, then deploy the api",
        "Deploy the api, but first run the tests", "Deploy the api, but run the tests first",
        "Deploy the api, but run the tests before that", "Deploy the api. But first run the tests",
        "Deploy the api, but make sure the tests pass", "Deploy the api, but first make sure that the tests pass"}) {
    CAPTURE(title);
    const std::string shown = steps_of(title);
    CHECK((shown == expected || shown == "Run all the tests > Deploy the api"));
    CHECK(analyse(task(title), the_template()).complex);
  }
  CHECK(steps_of("After the audit is done, deploy the api") == "Do the audit > Deploy the api");
  CHECK(steps_of("Once the password reset is implemented, document it") ==
        "Implement the password reset > Document the password reset");
  CHECK(steps_of("Publish the package after the docs are written") == "Write the docs > Publish the package");
  CHECK(steps_of("Add the export", "- once the tests pass, deploy the api\n- document it") ==
        "Run the tests > Deploy the api > Document the api");
}

TEST_CASE("a clause of time that only tells a time asks for nothing") {
  CHECK(steps_of("Before the release, update the changelog") == "Update the changelog");
  CHECK(steps_of("After merging the branch, run the smoke tests, then promote build 12") ==
        "Run the smoke tests > Promote build 12");
  CHECK(steps_of("Implement the exporter, and have security review it before it is released") ==
        "Implement the exporter > Review the exporter before it is released");
  for (const char* title : {"After the order is shipped, send a confirmation email",
                            "When a user is deleted, remove their avatars", "Once a report is written, archive it",
                            "Fix the crash after running the tests", "Let admins review comments before they are published",
                            "After the upgrade to 3.2, the login page is blank", "If the tests fail, print the log"}) {
    CAPTURE(title);
    CHECK_FALSE(analyse(task(title), the_template()).complex);
  }
}

TEST_CASE("what goes first goes before the step it is said of, with all that hangs on it") {
  CHECK(steps_of("Implement search, then deploy it, but first run the tests and audit it") ==
        "Implement search > Run the tests > Audit search > Deploy search");
  CHECK(steps_of("Fix the bug, but first reproduce it") == "Reproduce the bug > Fix the bug");
  CHECK(steps_of("Write the receiver, and after that test it") == "Write the receiver > Test the receiver");
  CHECK(steps_of("First extract the payment code, then write tests") == "Extract the payment code > Write tests");
}

TEST_CASE("work that is passed on is the work of whom it is passed on to") {
  const auto master = [](const std::string& title) {
    const TaskSpec spec = task(title);
    return expand_rules(spec, analyse(spec, the_template()), the_template()).subtasks.back().assigned_to;
  };
  CHECK(steps_of("Add SSO, then ask the security team to review it") == "Add SSO > Review SSO");
  CHECK(steps_of("Add SSO and have it audited") == "Add SSO > Audit SSO");
  CHECK(steps_of("Add the login, get it reviewed by security") == "Add the login > Review the login");
  for (const char* title : {"Add SSO, then ask the security team to review it", "Add SSO, then have security test it",
                            "Add SSO. Security must sign off on it.", "Add SSO and get it reviewed by security"}) {
    CAPTURE(title);
    CHECK(master(title) == "security");
  }
  CHECK(master("Add SSO, then let ops roll it out") == "cicd");
  CHECK(steps_of("Get records updated today from the cache") == "Get records updated today from the cache");
}

TEST_CASE("verbs without an object of their own share the one that is named") {
  CHECK(steps_of("Design, implement, test and document a plugin system") ==
        "Design a plugin system > Implement a plugin system > Test a plugin system > Document a plugin system");
  CHECK(steps_of("Refactor the API, test, and update the docs") == "Refactor the API > Test the API > Update the docs");
  CHECK(steps_of("Fix the login and deploy. Update the docs.") == "Fix the login > Deploy the login | Update the docs");
}

TEST_CASE("what is only told is no step beside what is to be done about it") {
  CHECK(steps_of("We need an invoicing service. Please build it with tests") == "Build the invoicing service > Write tests");
  CHECK(analyse(task("Somebody pushed the secret key, please rotate it"), the_template()).masters ==
        std::vector<std::string>{"security"});
}

TEST_CASE("numbers in a line and open boxes are lists; a ticked box is done") {
  CHECK(steps_of("1. Update the parser 2. Add an endpoint 3. Write tests") ==
        "Update the parser | Add an endpoint > Write tests");
  CHECK(steps_of("Update the parser to version 2. Add tests") == "Update the parser to version 2 > Add tests");
  CHECK(steps_of("Tidy up", "- [ ] fix the parser\n- [x] add retries\n- [ ] write tests") == "Fix the parser > Write tests");
}
