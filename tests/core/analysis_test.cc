// Judgement by labelled requests: requests.txt here, and the corpus where it is there. A label is what a careful person says;
// for a simple request any listed master is right, for a complex one all of them must take part in the plan.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "core/planned.h"
#include "core/request.h"
#include "template.h"

using namespace baton;
using namespace baton::core;
using baton::test::task;
using baton::test::the_template;

namespace {

struct Labelled {
  bool complex = false;
  std::vector<std::string> masters;
  TaskSpec spec;
};

std::string with_line_breaks(std::string text) {
  for (std::size_t at = 0; (at = text.find("\\n", at)) != std::string::npos;) text.replace(at, 2, "\n");
  return text;
}

std::vector<Labelled> own_requests() {
  std::ifstream file(std::filesystem::path(BATON_SOURCE_DIR) / "tests/core/requests.txt");
  std::vector<Labelled> requests;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> columns = text::split(line, '\t');
    if (columns.size() < 3) continue;
    columns.resize(4);
    requests.push_back({columns[0] == "complex", text::split(columns[1], ','), task(columns[2], with_line_breaks(columns[3]))});
  }
  return requests;
}

Result<Plan> plan_of(const TaskSpec& spec, const Analysis& analysis) {
  if (const Playbook* playbook = matching_playbook(spec, the_template()))
    return make_plan(spec, PlannerKind::playbook, expand_playbook(*playbook, spec, the_template()).subtasks, analysis,
                     the_template());
  return make_plan(spec, PlannerKind::rules, expand_rules(spec, analysis, the_template()).subtasks, analysis, the_template());
}

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

void check(const Labelled& request) {
  CAPTURE(request.spec.title);
  const Analysis analysis = analyse(request.spec, the_template());
  CAPTURE(text::join(analysis.reasons, "; "));
  CHECK(analysis.complex == request.complex);
  CHECK_FALSE(analysis.reasons.empty());
  REQUIRE_FALSE(analysis.masters.empty());
  if (!request.complex) {
    CAPTURE(analysis.masters.front());
    CHECK(contains(request.masters, analysis.masters.front()));
    return;
  }
  const auto plan = plan_of(request.spec, analysis);
  REQUIRE(plan);
  for (const std::string& master : request.masters) {
    CAPTURE(master);
    CHECK(contains(plan->estimate.masters, master));
  }
}

Analysis judged(std::string title, std::string description = {}) {
  return analyse(task(std::move(title), std::move(description)), the_template());
}

}  // namespace

TEST_CASE("requests of this project are judged as labelled") {
  const std::vector<Labelled> requests = own_requests();
  CHECK(requests.size() >= 160);
  for (const Labelled& request : requests) check(request);
}

TEST_CASE("requests of the shared corpus are judged as labelled") {
  const auto path = std::filesystem::path(BATON_SOURCE_DIR) / "../shared/corpus/requests.json";
  if (!std::filesystem::exists(path)) {
    MESSAGE("skipped: the shared corpus is not here");
    return;
  }
  for (const auto& row : test::read_json(path))
    check({row.at("complex"), row.at("masters").get<std::vector<std::string>>(), task(row.at("title"), row.at("description"))});
}

TEST_CASE("the score is the sum of its reasons") {
  const Analysis analysis = judged("Add authentication system with security audit and documentation");
  int sum = 0;
  for (const std::string& reason : analysis.reasons) {
    REQUIRE(reason.front() == '+');
    sum += std::stoi(reason.substr(1));
  }
  CHECK(analysis.score == sum);
  CHECK(analysis.complexity == Complexity::high);
  CHECK(analysis.domains == std::vector<std::string>{"development", "security", "documentation"});
  CHECK(analysis.masters == std::vector<std::string>{"development", "security"});
}

TEST_CASE("the threshold is a setting") {
  Catalogue strict = the_template();
  strict.settings.complexity_threshold = 1;
  CHECK(analyse(task("Add a login form with tests"), strict).complex);
  CHECK_FALSE(judged("Add a login form with tests").complex);
}

TEST_CASE("three files are simple, four are not") {
  TaskSpec spec = task("Rename the logger");
  spec.files_affected = {"a.js", "b.js", "c.js"};
  CHECK_FALSE(analyse(spec, the_template()).complex);
  spec.files_affected.push_back("d.js");
  const Analysis analysis = analyse(spec, the_template());
  CHECK(analysis.complex);
  CHECK(analysis.reasons == std::vector<std::string>{"+4: it names 4 files"});
}

TEST_CASE("an estimate counts over 30 minutes and over 20k tokens") {
  CHECK_FALSE(judged("Tidy the imports", "It should take 30 minutes.").complex);
  CHECK(judged("Tidy the imports", "It should take 31 minutes.").complex);
  CHECK(judged("Tidy the imports", "Estimated effort: 2 hours").complex);
  CHECK(judged("Tidy the imports (this takes about half a day)").complex);
  CHECK_FALSE(judged("Tidy the imports", "Estimated: 20k tokens").complex);
  CHECK(judged("Tidy the imports", "Estimated: 21k tokens").complex);
  CHECK_FALSE(judged("Keep sessions for 48 hours").complex);
  CHECK_FALSE(judged("Speed up the report that takes 3 hours").complex);
}

TEST_CASE("estimates that the document gives count by the same bounds") {
  TaskSpec spec = task("Integrate Elastic APM");
  spec.estimated_minutes = 31;
  CHECK(analyse(spec, the_template()).complex);
  spec.estimated_minutes = 30;
  spec.estimated_tokens = 20'000;
  CHECK_FALSE(analyse(spec, the_template()).complex);
  spec.estimated_tokens = 20'001;
  CHECK(analyse(spec, the_template()).complex);
}

TEST_CASE("text that only looks like an estimate does not count") {
  TaskSpec spec = task("Integrate Elastic APM");
  spec.metadata = R"({"not_estimated_minutes": 90})";
  CHECK_FALSE(analyse(spec, the_template()).complex);
}

TEST_CASE("orchestration_required overrules the score and says so") {
  TaskSpec spec = task("Fix typo in README.md");
  spec.orchestration_required = true;
  const Analysis forced = analyse(spec, the_template());
  CHECK(forced.complex);
  CHECK(forced.reasons.back() == "+0: orchestration_required is true");
  spec = task("Refactor API layer, update tests, and deploy");
  spec.orchestration_required = false;
  CHECK_FALSE(analyse(spec, the_template()).complex);
}

TEST_CASE("a type that names a field decides where the title does not") {
  TaskSpec spec = task("Update the dependency list");
  spec.type = "security";
  CHECK(analyse(spec, the_template()).masters.front() == "security");
  spec = task("Rotate the leaked AWS key");
  spec.type = "development";
  CHECK(analyse(spec, the_template()).masters.front() == "security");
  spec = task("Handle it");
  spec.type = "catalog";
  CHECK(analyse(spec, the_template()).masters.front() == "inventory");
}

TEST_CASE("what is refused is not asked for") {
  CHECK_FALSE(judged("Add a login form without deploying it").complex);
  CHECK_FALSE(judged("Implement the CSV export, no docs, no security audit").complex);
  CHECK_FALSE(judged("Add a health endpoint", "Do not deploy it. Never run a security scan.").complex);
}

TEST_CASE("quoted text and brackets are not read as work") {
  CHECK_FALSE(judged("Rename the button to \"Save, test and deploy\"").complex);
  CHECK_FALSE(judged("Change the label 'Audit and release' to 'Ship'").complex);
  CHECK(judged("Fix the header (see the deployment docs)").masters == std::vector<std::string>{"development"});
}

TEST_CASE("steps to reproduce are no plan") {
  CHECK_FALSE(judged("Fix the crash on logout",
                     "Steps to reproduce:\n1. deploy the app\n2. run the tests\n3. audit the log\n4. release the mouse")
                  .complex);
}

TEST_CASE("a task without a title is read by its description") {
  CHECK(judged("", "Scan the repository for leaked credentials\nAsap.").masters.front() == "security");
  CHECK(judged("", "Add the export, then deploy it").complex);
}

TEST_CASE("masters of one's own are found by domain, name and keyword") {
  Catalogue catalogue = the_template();
  catalogue.masters["data"] = {"data", "", {"analytics"}, {"etl", "spark job"}, 0};
  CHECK(analyse(task("Implement the nightly ETL import for orders"), catalogue).masters.front() == "data");
  catalogue.masters["docs"] = {"docs", "", {}, {}, 0};
  catalogue.masters["development"].domains = {"development", "testing"};
  CHECK(analyse(task("Document the security policy"), catalogue).masters.front() == "docs");
}

TEST_CASE("without specialists everything goes to the default master") {
  Catalogue catalogue;
  catalogue.masters["worker"] = {"worker", "", {}, {}, 0};
  CHECK(analyse(task("Scan repository for security vulnerabilities"), catalogue).masters == std::vector<std::string>{"worker"});
  CHECK(master_for_domain("security", Catalogue{}) == "development");
}

TEST_CASE("a master is resolved from what people write") {
  CHECK(*resolve_master(" Development ", the_template()) == "development");
  CHECK(*resolve_master("security-master", the_template()) == "security");
  CHECK(*resolve_master("cicd-agent", the_template()) == "cicd");
  Catalogue catalogue = the_template();
  catalogue.masters["security-master"] = {"security-master", "", {}, {}, 0};
  CHECK(*resolve_master("security-master", catalogue) == "security-master");
  const auto unknown = resolve_master("securty", the_template());
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == ErrorCode::invalid);
  CHECK(unknown.error().message == "there is no master \"securty\" (did you mean \"security\"?)");
  CHECK(unknown.error().hint == "masters are the folders under masters/: cicd, development, inventory, security");
  CHECK(resolve_master("x", Catalogue{}).error().hint == "there is no folder under masters/ yet");
}

TEST_CASE("parts of a system count, small things side by side do not") {
  CHECK(judged("Create database schema, REST endpoints, and React components for the booking feature").complex);
  CHECK(judged("Build search: indexer, API, UI").complex);
  CHECK_FALSE(judged("Create a button, a tooltip and a dropdown for the settings page").complex);
  CHECK_FALSE(judged("Add name, email and phone fields to the form").complex);
}

TEST_CASE("hostile text is read without harm") {
  for (const std::string& text :
       {std::string(100'000, ','), std::string(100'000, '('), std::string("\xff\xfe→→→ then then and and, , ,"),
        std::string("with with with"), std::string("1) 2) 3)"), std::string("→"), std::string("and"), std::string(":"),
        std::string("to to to deploy"), std::string("before deploying"), std::string("no")}) {
    const Analysis analysis = judged(text, text);
    CHECK_FALSE(analysis.masters.empty());
    CHECK(expand_rules(task(text, text), analysis, the_template()).subtasks.size() >= 1);
  }
}
