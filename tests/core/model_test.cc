#include "core/model.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <set>

#include "core/effect.h"
#include "core/settings.h"

namespace baton::core {
namespace {

template <class Enum>
void check_words(std::initializer_list<Enum> all) {
  std::set<std::string> words;
  for (const Enum value : all) {
    const std::string word(name(value));
    CHECK(words.insert(word).second);
    CHECK(parse<Enum>(word) == value);
  }
  for (const char* unknown : {"", "Completed", "pendign", "in-progress"}) CHECK_FALSE(parse<Enum>(unknown).has_value());
}

Task task_of(std::initializer_list<std::pair<int, SubtaskStatus>> subtasks) {
  Task task;
  for (const auto& [stage, status] : subtasks) {
    Subtask subtask;
    subtask.stage = stage;
    subtask.status = status;
    task.subtasks.push_back(subtask);
  }
  return task;
}

}  // namespace

TEST_CASE("every enum value has one word, and every word its value") {
  check_words({Priority::critical, Priority::high, Priority::medium, Priority::low});
  check_words({ExecutionMode::staged, ExecutionMode::sequential, ExecutionMode::eager});
  check_words({Complexity::low, Complexity::medium, Complexity::high});
  check_words({PlanStatus::planning, PlanStatus::awaiting_approval, PlanStatus::in_progress, PlanStatus::blocked,
               PlanStatus::completed, PlanStatus::failed, PlanStatus::cancelled});
  check_words({SubtaskStatus::pending, SubtaskStatus::ready, SubtaskStatus::handed_off, SubtaskStatus::in_progress,
               SubtaskStatus::validating, SubtaskStatus::completed, SubtaskStatus::failed, SubtaskStatus::zombie,
               SubtaskStatus::blocked, SubtaskStatus::skipped, SubtaskStatus::cancelled, SubtaskStatus::superseded});
  check_words({PlannerKind::routed, PlannerKind::given, PlannerKind::playbook, PlannerKind::command, PlannerKind::rules});
  check_words({FailureClass::transient, FailureClass::permanent, FailureClass::rate_limited, FailureClass::conflict});
  check_words({Source::drop, Source::queue});
  CHECK(name(PlannerKind::given) == "explicit");
  CHECK(name(SubtaskStatus::in_progress) == "in_progress");
}

TEST_CASE("stages and progress follow from the subtasks") {
  const Task none = task_of({});
  CHECK(stage_count(none) == 0);
  CHECK(current_stage(none) == 0);
  CHECK(progress_percent(none) == 0);

  Task task = task_of(
      {{1, SubtaskStatus::completed}, {2, SubtaskStatus::failed}, {2, SubtaskStatus::skipped}, {3, SubtaskStatus::pending}});
  CHECK(stage_count(task) == 3);
  CHECK(current_stage(task) == 2);
  CHECK(progress_percent(task) == 50);
  task.subtasks[0].spec.estimated_minutes = 3 * k_default_minutes;  // 45 + 15 of 45 + 15 + 15 + 15
  CHECK(progress_percent(task) == 66);
  task.subtasks[3].status = SubtaskStatus::superseded;
  CHECK(progress_percent(task) == 80);
  for (Subtask& subtask : task.subtasks) subtask.status = SubtaskStatus::completed;
  CHECK(current_stage(task) == 3);
  CHECK(progress_percent(task) == 100);
}

TEST_CASE("what is final and what is in flight") {
  CHECK(is_final(PlanStatus::completed));
  CHECK(is_final(PlanStatus::failed));
  CHECK(is_final(PlanStatus::cancelled));
  CHECK_FALSE(is_final(PlanStatus::blocked));
  CHECK_FALSE(is_final(SubtaskStatus::failed));  // it can be retried
  CHECK(is_final(SubtaskStatus::superseded));
  CHECK(is_in_flight(SubtaskStatus::validating));
  CHECK_FALSE(is_in_flight(SubtaskStatus::ready));
}

TEST_CASE("changes add up in order") {
  Changes first;
  first.effects.push_back(AskPlanner{"a"});
  first.tasks = {"a"};
  CHECK(Changes{}.empty());
  CHECK_FALSE(first.empty());
  Changes second;
  second.effects.push_back(AskPlanner{"b"});
  second.created = second.tasks = {"a", "b"};
  second.subtasks = {"b"};
  second.ended.push_back(std::make_shared<const Task>());
  first.add(std::move(second));
  REQUIRE(first.effects.size() == 2);
  CHECK(std::get<AskPlanner>(first.effects[1]).task_id == "b");
  CHECK(first.tasks == std::set<std::string>{"a", "b"});
  CHECK(first.created.size() == 2);
  CHECK(first.subtasks.size() == 1);
  CHECK(first.ended.size() == 1);
}

}  // namespace baton::core
