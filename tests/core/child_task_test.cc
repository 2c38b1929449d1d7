#include "core/child_task.h"

#include <doctest/doctest.h>

#include "base/ids.h"

namespace baton::core {
namespace {

Subtask done(const std::string& id, const std::string& summary, std::vector<std::string> artifacts = {}) {
  Subtask subtask;
  subtask.spec.id = id;
  subtask.spec.title = "Title of " + id;
  subtask.status = SubtaskStatus::completed;
  subtask.outcome.summary = summary;
  subtask.outcome.artifacts = std::move(artifacts);
  subtask.outcome.files_modified = {"src/all.cc", "src/" + id + ".cc"};
  subtask.spent_tokens = 70;
  return subtask;
}

Task child_with(std::vector<Subtask> subtasks) {
  Task child;
  child.spec.id = "p-1.task";
  child.status = PlanStatus::completed;
  for (Subtask& subtask : subtasks) child.subtasks.push_back(std::move(subtask));
  return child;
}

}  // namespace

TEST_CASE("a child task is called like the subtask that it does, within what an id may be") {
  CHECK(child_id("auth-002-backend", 1) == "auth-002-backend.task");
  CHECK(child_id("auth-002-backend", 3) == "auth-002-backend.task-3");
  CHECK(child_id("orch-1", 1) == "1.task");  // only plans are called so
  CHECK(child_id("a.", 1) == "a.task");
  const std::string longest(k_max_id, 'a');
  for (int number = 1; number <= 3; ++number) {
    CHECK(is_task_id(child_id(longest, number)));
    CHECK(child_id(longest, number) != child_id(longest, number + 1));
  }
}

TEST_CASE("a child task is asked what its subtask says, within what its parent says") {
  Task parent;
  parent.spec.id = "p";
  parent.spec.title = "The whole";
  parent.spec.priority = Priority::critical;
  parent.spec.mode = ExecutionMode::sequential;
  parent.spec.context = R"({"repository":"x"})";
  parent.spec.metadata = R"("m")";
  parent.spec.max_tokens = 9'000;
  parent.spec.checkpoint = R"("the whole is good")";
  parent.spec.approval_required = true;
  parent.spec.source = Source::queue;
  Subtask subtask;
  subtask.spec.id = "p-1";
  subtask.spec.title = "The backend";
  subtask.spec.description = "All of it";
  subtask.spec.assigned_to = "development";
  subtask.spec.files_affected = {"src"};
  subtask.spec.success_criteria = "it answers";
  subtask.spec.checkpoint = R"("tests pass")";
  subtask.spec.time_limit_ms = 60'000;
  subtask.spec.orchestration_prompt = "Mind the schema";
  const TaskSpec spec = child_spec(parent, subtask);
  CHECK(spec.title == "The backend");
  CHECK(spec.description == "All of it\n\nMind the schema");
  CHECK(spec.files_affected == std::vector<std::string>{"src"});
  CHECK(spec.success_criteria == "it answers");
  CHECK(spec.checkpoint == R"("tests pass")");
  CHECK(spec.time_limit_ms == 60'000);
  CHECK(spec.priority == Priority::critical);
  CHECK(spec.mode == ExecutionMode::staged);
  CHECK(spec.context == parent.spec.context);
  CHECK(spec.metadata == parent.spec.metadata);
  CHECK(spec.max_tokens == 9'000);
  CHECK(spec.orchestration_required == true);
  CHECK_FALSE(spec.approval_required);
  CHECK(spec.assigned_to.empty());
  CHECK(spec.source == Source::subtask);
  CHECK(spec.parent_task_id == "p");
  CHECK(spec.parent_subtask_id == "p-1");
  CHECK(spec.planner.empty());
  parent.spec.planner = "rules";
  CHECK(child_spec(parent, subtask).planner == "rules");
  parent.spec.planner = "explicit";
  CHECK(child_spec(parent, subtask).planner.empty());
}

TEST_CASE("what a child task delivered is the sum of its subtasks") {
  Task child = child_with({done("a", "made a", {"a.md", "all.md"}), done("b", "", {"all.md", "b.md"}), done("c", "x")});
  child.subtasks[2].status = SubtaskStatus::skipped;
  child.subtasks[2].skip_reason = "not needed";
  const Outcome outcome = outcome_of(child);
  CHECK(outcome.summary ==
        "p-1.task: 2 of 3 subtasks completed, 1 skipped.\n- Title of a: made a\n- Title of b\n- Title of c: skipped: not needed");
  CHECK(outcome.artifacts == std::vector<std::string>{"a.md", "all.md", "b.md"});
  CHECK(outcome.files_modified == std::vector<std::string>{"src/all.cc", "src/a.cc", "src/b.cc", "src/c.cc"});
  CHECK(outcome.tokens_used == 210);
}

TEST_CASE("a summary is bounded, however much was delivered") {
  std::vector<Subtask> many;
  for (int i = 0; i < 40; ++i) many.push_back(done("s" + std::to_string(i), std::string(2'000, 'x')));
  const std::string summary = outcome_of(child_with(std::move(many))).summary;
  CHECK(summary.size() < 4'096);
  CHECK(summary.ends_with("\n- and 33 more: see its report"));
}

TEST_CASE("on the last level nobody is orchestrated, and those who asked for it are named") {
  Plan plan;
  CHECK(hand_out_all(plan).empty());
  for (int i = 0; i < 7; ++i) {
    PlannedSubtask planned;
    planned.spec.id = "s" + std::to_string(i);
    planned.spec.orchestrate = i != 3;
    plan.subtasks.push_back(planned);
  }
  CHECK(hand_out_all(plan) == "orchestrate of s0, s1, s2, s4, s5 and 1 more has no effect: child tasks nest up to 3 levels");
  for (const PlannedSubtask& planned : plan.subtasks) CHECK_FALSE(planned.spec.orchestrate);
}

TEST_CASE("what the final validation came to is the last check, and who let it pass says why") {
  Task child;
  child.spec.checkpoint = "\"tests\"";
  CHECK(last_check_of(child) == CheckResult{});
  child.check.at = 10;
  child.check.message = "exit code 2";
  for (const char* id : {"a", "fix-1", "fix-2"}) {
    Subtask& subtask = child.subtasks.emplace_back();
    subtask.spec.id = id;
    if (subtask.spec.id != "a") subtask.spec.checkpoint = child.spec.checkpoint;
    subtask.check = child.check;
  }
  child.subtasks[0].check.at = 99;  // of another checkpoint
  child.subtasks[0].status = SubtaskStatus::skipped;
  child.subtasks[0].skip_reason = "another one";
  CHECK(last_check_of(child).at == 10);
  CHECK(let_pass_of(child).empty());
  child.subtasks[1].status = child.subtasks[2].status = SubtaskStatus::skipped;
  child.subtasks[1].skip_reason = "flaky";
  child.subtasks[2].skip_reason = "still flaky";
  child.subtasks[2].check.at = 20;
  CHECK(last_check_of(child).at == 20);
  CHECK(let_pass_of(child) == "flaky; still flaky");
}

}  // namespace baton::core
