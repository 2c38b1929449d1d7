#include <doctest/doctest.h>

#include <algorithm>

#include "core/planned.h"
#include "template.h"

using namespace baton;
using namespace baton::core;
using baton::test::task;
using baton::test::the_template;

namespace {

SubtaskSpec step(std::string id, std::vector<std::string> dependencies = {}, std::vector<std::string> files = {}) {
  SubtaskSpec subtask;
  subtask.title = "Work on " + id;
  subtask.id = std::move(id);
  subtask.assigned_to = "development";
  subtask.worker_type = "implementation";
  subtask.dependencies = std::move(dependencies);
  subtask.files_affected = std::move(files);
  return subtask;
}

Result<Plan> made(std::vector<SubtaskSpec> subtasks) {
  return make_plan(task("Make it"), PlannerKind::given, std::move(subtasks), {}, the_template());
}

Error error_of(std::vector<SubtaskSpec> subtasks) {
  const auto plan = made(std::move(subtasks));
  REQUIRE_FALSE(plan);
  CHECK(plan.error().code == ErrorCode::invalid);
  return plan.error();
}

std::vector<SubtaskSpec> chain(int length) {
  std::vector<SubtaskSpec> steps;
  for (int at = 0; at < length; ++at)
    steps.push_back(step("s" + std::to_string(at),
                         at == 0 ? std::vector<std::string>{} : std::vector<std::string>{"s" + std::to_string(at - 1)}));
  return steps;
}

}  // namespace

TEST_CASE("stages, and the order within them, follow dependencies and the plan's order") {
  const auto plan = made({step("d", {"b", "c"}), step("b", {"a"}), step("a"), step("c", {"a"})});
  REQUIRE(plan);
  CHECK(plan->subtasks[0].stage == 3);
  CHECK(plan->subtasks[1].stage == 2);
  CHECK(plan->subtasks[1].order == 1);
  CHECK(plan->subtasks[2].stage == 1);
  CHECK(plan->subtasks[3].stage == 2);
  CHECK(plan->subtasks[3].order == 2);
}

TEST_CASE("ten stages stand, eleven do not") {
  CHECK(made(chain(10)));
  const Error error = error_of(chain(11));
  CHECK(error.message == "the plan has 11 stages, at most 10: break the task down");
  CHECK(error.hint == "submit it as several tasks, joined by depends_on");
}

TEST_CASE("a cycle is named, in the order in which its members wait") {
  CHECK(error_of({step("a", {"b"}), step("b", {"a"})}).message == "the dependencies form a cycle: a → b → a");
  CHECK(error_of({step("x"), step("y", {"x", "y"})}).message == "the dependencies form a cycle: y → y");
}

TEST_CASE("dependencies exist, and count once") {
  const Error error = error_of({step("build"), step("check", {"biuld"})});
  CHECK(error.message == "subtask \"check\" depends on \"biuld\", which is not in the plan (did you mean \"build\"?)");
  const auto plan = made({step("a"), step("b", {"a", "a"})});
  REQUIRE(plan);
  CHECK(plan->subtasks[1].spec.dependencies == std::vector<std::string>{"a"});
}

TEST_CASE("the number of subtasks has bounds") {
  CHECK(error_of({}).message == "the plan has no subtasks");
  std::vector<SubtaskSpec> many;
  for (int at = 0; at < 50; ++at) many.push_back(step("s" + std::to_string(at)));
  CHECK(made(many));
  many.push_back(step("one-more"));
  const Error error = error_of(many);
  CHECK(error.message == "the plan has 51 subtasks, at most 50");
  CHECK(error.hint == "break the task down, or raise max_subtasks (up to 2000)");
}

TEST_CASE("ids fit the grammar and occur once") {
  CHECK(error_of({step("../etc")}).message == "subtask \"../etc\" has an id that does not fit");
  CHECK(error_of({step(std::string(97, 'x'))}).message.find("has an id that does not fit") != std::string::npos);
  CHECK(made({step(std::string(96, 'x'))}));
  CHECK(error_of({step("a"), step("a")}).message == "subtask \"a\" occurs twice in the plan");
}

TEST_CASE("a missing id is made from the task and the worker type") {
  SubtaskSpec nameless = step("");
  nameless.title = "Check it";
  nameless.worker_type = "audit";
  const auto plan = make_plan(task("Add the CSV export"), PlannerKind::given, {nameless, step("csv-export-001-audit"), nameless},
                              {}, the_template());
  REQUIRE(plan);
  CHECK(plan->subtasks[0].spec.id == "csv-export-002-audit");
  CHECK(plan->subtasks[2].spec.id == "csv-export-003-audit");
}

TEST_CASE("a subtask says what is to be done") {
  SubtaskSpec blank = step("a");
  blank.title = "  ";
  CHECK(error_of({blank}).message == "subtask \"a\" has neither a title nor a description");
  blank.description = "Write the thing\ndown";
  CHECK(made({blank})->subtasks[0].spec.title == "Write the thing down");
}

TEST_CASE("estimates have bounds and defaults") {
  SubtaskSpec one = step("a");
  one.estimated_minutes = -1;
  CHECK(error_of({one}).message == "subtask \"a\" is estimated at -1 minutes");
  one.estimated_minutes = 100'001;
  CHECK(error_of({one}).hint == "give 0 (not estimated) to 100000");
  one.estimated_minutes = 100'000;
  CHECK(made({one}));
  one.estimated_minutes = 0;
  one.estimated_tokens = -5;
  CHECK(error_of({one}).message == "subtask \"a\" is estimated at -5 tokens");
  one.estimated_tokens = 0;
  const auto plan = made({one});
  CHECK(plan->subtasks[0].spec.estimated_minutes == k_default_minutes);
  CHECK(plan->subtasks[0].spec.estimated_tokens > 0);
}

TEST_CASE("each subtask has one existing master") {
  SubtaskSpec wrong = step("a");
  wrong.assigned_to = "develpment";
  const Error error = error_of({wrong});
  CHECK(error.message ==
        "subtask \"a\" names a master that does not exist: there is no master \"develpment\" (did you mean \"development\"?)");
  wrong.assigned_to = "Security-Master";
  CHECK(made({wrong})->subtasks[0].spec.assigned_to == "security");
}

TEST_CASE("a missing master is found by worker type, else by the title") {
  SubtaskSpec open = step("a");
  open.assigned_to = "";
  open.worker_type = "audit";
  CHECK(made({open})->subtasks[0].spec.assigned_to == "security");
  open.worker_type = "deployment";
  CHECK(made({open})->subtasks[0].spec.assigned_to == "cicd");
  open.worker_type = "";
  open.title = "List all repositories";
  const auto plan = made({open});
  CHECK(plan->subtasks[0].spec.assigned_to == "inventory");
  CHECK(plan->subtasks[0].spec.worker_type == "catalog");
}

TEST_CASE("files are normalised, and stay inside the workspace") {
  const auto plan = made({step("a", {}, {"./src//x.js", "src/x.js", "docs/"})});
  CHECK(plan->subtasks[0].spec.files_affected == std::vector<std::string>{"src/x.js", "docs"});
  CHECK(error_of({step("a", {}, {"../x"})}).message ==
        "subtask \"a\" affects a file outside: \"../x\" leads out of the workspace");
}

TEST_CASE("write conflicts within a stage are listed in order, a folder includes its files") {
  const auto plan = made({step("a", {}, {"src/x.js"}), step("b", {}, {"src/y.js"}), step("c", {}, {"src"}),
                          step("d", {}, {"src/x.js"}), step("e", {"a"}, {"src/x.js"}), step("f", {}, {"src-old/x.js"})});
  REQUIRE(plan);
  REQUIRE(plan->conflicts.size() == 2);
  CHECK(plan->conflicts[0].file == "src/x.js");
  CHECK(plan->conflicts[0].subtasks == std::vector<std::string>{"a", "c", "d"});
  CHECK(plan->conflicts[1].file == "src/y.js");
  CHECK(plan->conflicts[1].subtasks == std::vector<std::string>{"b", "c"});
}

TEST_CASE("the workspace as a whole conflicts with everything") {
  const auto plan = made({step("a", {}, {"."}), step("b", {}, {"-odd"}), step("c")});
  REQUIRE(plan->conflicts.size() == 1);
  CHECK(plan->conflicts[0].subtasks == std::vector<std::string>{"a", "b"});
}

TEST_CASE("an explicit plan may be coarser than advised, and says so") {
  SubtaskSpec large = step("a", {}, {"1", "2", "3", "4"});
  large.estimated_minutes = 21;
  large.estimated_tokens = 20'001;
  const auto plan = made({large});
  CHECK(plan->analysis.reasons == std::vector<std::string>{"the plan has 1 subtasks; 3 to 10 are advised",
                                                           "\"a\" is estimated at 21 minutes; up to 20 are advised",
                                                           "\"a\" is estimated at 20001 tokens; up to 20000 are advised",
                                                           "\"a\" affects 4 files; up to 3 are advised"});
  SubtaskSpec fitting = step("a", {}, {"1", "2", "3"});
  fitting.estimated_minutes = 20;
  fitting.estimated_tokens = 20'000;
  CHECK(made({fitting, step("b"), step("c")})->analysis.reasons.empty());
}

TEST_CASE("what is broken down further may be as large as it is") {
  SubtaskSpec large = step("a", {}, {"1", "2", "3", "4"});
  large.estimated_minutes = 600;
  large.estimated_tokens = 900'000;
  large.orchestrate = true;
  const auto plan = made({large, step("b"), step("c")});
  CHECK(plan->analysis.reasons.empty());
  CHECK(plan->subtasks[0].spec.orchestrate);
}

TEST_CASE("too many files are said whoever planned; how long a playbook's steps take is its own affair") {
  SubtaskSpec large = step("a", {}, {"1", "2", "3", "4"});
  large.estimated_minutes = 30;
  for (PlannerKind planner : {PlannerKind::playbook, PlannerKind::rules, PlannerKind::command}) {
    const auto plan = make_plan(task("Make it"), planner, {large, step("b"), step("c")}, {}, the_template());
    REQUIRE(plan);
    CHECK(std::count(plan->analysis.reasons.begin(), plan->analysis.reasons.end(),
                     "\"a\" affects 4 files; up to 3 are advised") == 1);
    CHECK(plan->analysis.reasons.size() == (planner == PlannerKind::playbook ? 1 : 2));
  }
}

TEST_CASE("workers are subtasks and one retry for every four of them") {
  CHECK(made({step("a")})->estimate.workers == 1);
  CHECK(made(chain(4))->estimate.workers == 5);
  CHECK(made(chain(5))->estimate.workers == 7);
  CHECK_FALSE(made(chain(4))->estimate.parallelization_possible);
}

namespace {

SubtaskSpec lasting(std::string id, int minutes, std::vector<std::string> dependencies = {},
                    std::vector<std::string> files = {}) {
  SubtaskSpec subtask = step(std::move(id), std::move(dependencies), std::move(files));
  subtask.estimated_minutes = minutes;
  return subtask;
}

Estimate estimated(ExecutionMode mode, std::vector<SubtaskSpec> subtasks) {
  TaskSpec spec = task("Make it");
  spec.mode = mode;
  const auto plan = make_plan(spec, PlannerKind::given, std::move(subtasks), {}, the_template());
  REQUIRE(plan);
  return plan->estimate;
}

}  // namespace

TEST_CASE("the shortest time depends on the execution mode") {
  // a (30) → c (5), b (20) → d (40): staged, d waits for a too; eager, it does not
  const std::vector<SubtaskSpec> steps = {lasting("a", 30), lasting("b", 20), lasting("c", 5, {"a"}), lasting("d", 40, {"b"})};
  CHECK(estimated(ExecutionMode::staged, steps).critical_path_minutes == 70);
  CHECK(estimated(ExecutionMode::eager, steps).critical_path_minutes == 60);
  CHECK(estimated(ExecutionMode::sequential, steps).critical_path_minutes == 95);
  CHECK(estimated(ExecutionMode::staged, steps).parallelization_possible);
  CHECK(estimated(ExecutionMode::eager, steps).parallelization_possible);
  CHECK_FALSE(estimated(ExecutionMode::sequential, steps).parallelization_possible);
}

TEST_CASE("who writes the same file does not run side by side") {
  const std::vector<SubtaskSpec> both = {lasting("a", 10, {}, {"x"}), lasting("b", 20, {}, {"x"})};
  for (ExecutionMode mode : {ExecutionMode::staged, ExecutionMode::eager}) {
    CHECK(estimated(mode, both).critical_path_minutes == 30);
    CHECK_FALSE(estimated(mode, both).parallelization_possible);
    const Estimate with_third =
        estimated(mode, {lasting("a", 10, {}, {"src/x"}), lasting("b", 20, {}, {"y"}), lasting("c", 25, {}, {"src"})});
    CHECK(with_third.critical_path_minutes == 35);
    CHECK(with_third.parallelization_possible);
  }
}

TEST_CASE("a simple plan has the files that its words name, unless they lie outside") {
  const auto files = [](const char* title) {
    const TaskSpec spec = task(title);
    return make_simple_plan(spec, analyse(spec, the_template()), the_template())->subtasks[0].spec.files_affected;
  };
  CHECK(files("Fix bug in dashboard/server/index.js line 42") == std::vector<std::string>{"dashboard/server/index.js"});
  CHECK(files("Fix ./src/a.js:12 and ../other/b.js") == std::vector<std::string>{"src/a.js"});
  CHECK(files("Fix the bug").empty());
}

TEST_CASE("a simple plan is one subtask with the task's own id") {
  TaskSpec spec = task("Scan repository for security vulnerabilities", "All of it");
  spec.success_criteria = "A report";
  spec.files_affected = {"./src/"};
  spec.checkpoint = "\"clean\"";
  spec.time_limit_ms = 5;
  const auto plan = make_simple_plan(spec, analyse(spec, the_template()), the_template());
  REQUIRE(plan);
  REQUIRE(plan->subtasks.size() == 1);
  const SubtaskSpec& subtask = plan->subtasks[0].spec;
  CHECK(plan->planner == PlannerKind::routed);
  CHECK(subtask.id == "task-1");
  CHECK(subtask.assigned_to == "security");
  CHECK(subtask.worker_type == "audit");
  CHECK(subtask.description == "All of it");
  CHECK(subtask.success_criteria == "A report");
  CHECK(subtask.files_affected == std::vector<std::string>{"src"});
  CHECK(subtask.checkpoint == "\"clean\"");
  CHECK(subtask.time_limit_ms == 5);
}

TEST_CASE("on a simple task a named master wins over the router, and must exist") {
  TaskSpec spec = task("Scan repository for security vulnerabilities");
  spec.assigned_to = "development";
  CHECK(make_simple_plan(spec, analyse(spec, the_template()), the_template())->subtasks[0].spec.assigned_to == "development");
  spec.assigned_to = "nobody";
  const auto plan = make_simple_plan(spec, analyse(spec, the_template()), the_template());
  REQUIRE_FALSE(plan);
  CHECK(plan.error().message == "subtask \"task-1\" names a master that does not exist: there is no master \"nobody\"");
}

TEST_CASE("taken ids get the task's id in front; dependencies and conflicts follow") {
  auto plan = made({step("a", {}, {"x"}), step("b", {}, {"x"}), step("c", {"a", "b"})});
  rename_taken_ids(*plan, "task-1", {"a"});
  CHECK(plan->subtasks[0].spec.id == "task-1.a");
  CHECK(plan->subtasks[0].given_id == "a");
  CHECK(plan->subtasks[1].spec.id == "b");
  CHECK(plan->subtasks[1].given_id.empty());
  CHECK(plan->subtasks[2].spec.dependencies == std::vector<std::string>{"task-1.a", "b"});
  CHECK(plan->conflicts[0].subtasks == std::vector<std::string>{"task-1.a", "b"});
}

TEST_CASE("a new id that is taken too gets a number; one that is too long keeps the grammar") {
  auto plan = made({step("a"), step("task-1.a"), step(std::string(96, 'x'))});
  rename_taken_ids(*plan, "task-1", {"a", "task-1.a-2", std::string(96, 'x')});
  CHECK(plan->subtasks[0].spec.id == "task-1.a-3");
  CHECK(plan->subtasks[1].spec.id == "task-1.a");
  CHECK(plan->subtasks[2].spec.id.size() == 96);
  CHECK(plan->subtasks[2].spec.id != std::string(96, 'x'));
}

TEST_CASE("an id that occurs twice is given to the first") {
  Plan plan;
  for (int at = 0; at < 2; ++at) plan.subtasks.push_back({step("same"), 1, at + 1, {}});
  plan.subtasks.push_back({step("last", {"same"}), 2, 1, {}});
  rename_taken_ids(plan, "task-1", {});
  CHECK(plan.subtasks[0].spec.id == "same");
  CHECK(plan.subtasks[1].spec.id == "task-1.same");
  CHECK(plan.subtasks[2].spec.dependencies == std::vector<std::string>{"same"});
}

TEST_CASE("two thousand subtasks are planned") {
  Catalogue catalogue = the_template();
  catalogue.settings.max_subtasks = k_max_subtasks_bound;
  std::vector<SubtaskSpec> subtasks;
  for (int at = 0; at < k_max_subtasks_bound; ++at) {
    const std::string number = std::to_string(at);
    subtasks.push_back(
        step("s" + number, {}, {"src/" + number + "/a.js", "src/" + number + "/b.js", "docs/" + std::to_string(at % 100)}));
    for (int back = 0; at >= 200 && back < 5; ++back)  // ten stages of 200, each subtask waits for five of the stage before
      subtasks.back().dependencies.push_back("s" + std::to_string((at / 200 - 1) * 200 + (at + back) % 200));
  }
  const auto plan = make_plan(task("Large"), PlannerKind::given, subtasks, {}, catalogue);
  REQUIRE(plan);
  CHECK(plan->subtasks.back().stage == 10);
  CHECK(plan->conflicts.size() == 1'000);
  subtasks.push_back(step("too-many"));
  CHECK_FALSE(make_plan(task("Large"), PlannerKind::given, subtasks, {}, catalogue));
}
