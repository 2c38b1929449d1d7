#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>

#include "store/folder.h"
#include "store/sample.h"
#include "store/store.h"

using namespace baton;
using store::Commit;
using store::Store;
using test::describe;

namespace {

// How many members an aggregate has, by how many initialisers it takes.
struct Anything {
  template <class T>
  operator T() const {
    return T{};
  }
};
template <class T, class... Members>
constexpr std::size_t count_members() {
  if constexpr (requires { T{Members{}..., Anything{}}; })
    return count_members<T, Members..., Anything>();
  else
    return sizeof...(Members);
}

void must(const Result<>& result) { REQUIRE_MESSAGE(result.has_value(), result.error().message); }

std::vector<core::Task> live(Store& store) {
  Result<store::Loaded> loaded = store.load();
  REQUIRE_MESSAGE(loaded.has_value(), loaded.error().message);
  return std::move(loaded->live);
}

void update(Store& store, const core::Task& task) {
  Commit commit;
  commit.tasks = {&task};
  for (const core::Subtask& subtask : task.subtasks) commit.subtasks.push_back(&subtask);
  must(store.commit(commit));
}

}  // namespace

// A new member must be given its column (fields.h and a migration), its value in sample.cc, and its number here.
static_assert(count_members<core::SubtaskSpec>() == 15);
static_assert(count_members<core::TaskSpec>() == 27);
static_assert(count_members<core::Analysis>() == 6);
static_assert(count_members<core::Estimate>() == 7);
static_assert(count_members<core::Conflict>() == 2);
static_assert(count_members<core::Outcome>() == 6);
static_assert(count_members<core::CheckResult>() == 8);
static_assert(count_members<core::Subtask>() == 41);
static_assert(count_members<core::Task>() == 25);

TEST_CASE("a task comes back with every member as it was committed") {
  test::Folder folder;
  const core::Task full = test::full_task("task-1");
  const core::Task simple = test::simple_task("task-2");
  core::Task bare;
  bare.spec.id = "task-3";
  {
    Store store = test::open_store(folder / "j.db");
    Commit commit;
    commit.created = {&full, &simple, &bare};
    must(store.commit(commit));
  }
  Store store = test::open_store(folder / "j.db");
  const std::vector<core::Task> tasks = live(store);
  REQUIRE(tasks.size() == 3);
  CHECK(describe(tasks[0]) == describe(full));
  CHECK(describe(tasks[1]) == describe(simple));
  CHECK(describe(tasks[2]) == describe(bare));
}

TEST_CASE("every word of every enum comes back") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  std::vector<core::Task> tasks;
  for (int i = 0; i < 12; ++i) {
    core::Task& task = tasks.emplace_back(test::simple_task("task-" + std::to_string(10 + i)));
    task.spec.priority = static_cast<core::Priority>(i % 4);
    task.spec.mode = static_cast<core::ExecutionMode>(i % 3);
    task.spec.source = static_cast<core::Source>(i % 2);
    task.analysis.complexity = static_cast<core::Complexity>(i % 3);
    task.planner = static_cast<core::PlannerKind>(i % 5);
    task.status = static_cast<core::PlanStatus>(i % 4);  // the live ones
    task.subtasks[0].status = static_cast<core::SubtaskStatus>(i);
    task.subtasks[0].failure_class = static_cast<core::FailureClass>(i % 3);
    task.subtasks[0].failure_cause = static_cast<core::FailureCause>(i % 5);
    if (i % 3 > 0) task.spec.orchestration_required = i % 3 == 1;
  }
  Commit commit;
  for (const core::Task& task : tasks) commit.created.push_back(&task);
  must(store.commit(commit));
  const std::vector<core::Task> back = live(store);
  REQUIRE(back.size() == tasks.size());
  for (std::size_t i = 0; i < back.size(); ++i) CHECK(describe(back[i]) == describe(tasks[i]));
}

TEST_CASE("a subtask that is split: its parts come behind the others, and dependents wait for them") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  core::Task task = test::simple_task("big");
  task.simple = false;
  task.subtasks[0].spec.id = "big-1";
  core::Subtask second = task.subtasks[0];
  second.spec.id = "big-2";
  second.spec.dependencies = {"big-1"};
  task.subtasks.push_back(second);
  test::commit_new(store, task);

  core::Subtask part = task.subtasks[0];
  part.split_of = "big-1";
  for (const char* id : {"big-1-a", "big-1-b"}) {
    part.spec.id = id;
    task.subtasks.push_back(part);
  }
  task.subtasks[1].spec.dependencies = {"big-1-a", "big-1-b"};
  Commit commit;
  commit.tasks = {&task};
  commit.subtasks = {&task.subtasks[2], &task.subtasks[3]};
  commit.rewired = {&task.subtasks[1]};
  must(store.commit(commit));
  CHECK(describe(live(store).at(0)) == describe(task));
}

TEST_CASE("what changes comes back changed, what was asked stays") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  const core::Task full = test::full_task("task-1");
  core::Task task = test::simple_task("task-1");
  task.spec = full.spec;
  task.subtasks = full.subtasks;
  for (core::Subtask& subtask : task.subtasks) {
    core::Subtask fresh;
    fresh.spec = subtask.spec;
    fresh.task_id = subtask.task_id;
    subtask = fresh;
  }
  test::commit_new(store, task);
  CHECK(describe(live(store).at(0)) == describe(task));
  update(store, full);
  CHECK(describe(live(store).at(0)) == describe(full));
}

TEST_CASE("progress is not journalled") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  core::Task task = test::simple_task("task-1");
  task.subtasks[0].progress_percent = 50;
  test::commit_new(store, task);
  CHECK(live(store).at(0).subtasks[0].progress_percent == 0);
}

TEST_CASE("a plan that comes later stands in its own order, whatever order its subtasks are told in") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  core::Task task = test::full_task("task-1");
  const StableVector<core::Subtask> planned = std::exchange(task.subtasks, {});
  test::commit_new(store, task);
  CHECK(live(store).at(0).subtasks.empty());

  task.subtasks = planned;
  Commit commit;
  commit.tasks = {&task};
  commit.subtasks = {&task.subtasks[1], &task.subtasks[0], &task.subtasks[2]};  // by id
  must(store.commit(commit));
  CHECK(describe(live(store).at(0)) == describe(task));

  // More of them, without their task: behind the others. With it, where another one stands: behind the others too.
  const core::Subtask more = test::full_subtask("task-1-fix", "task-1");
  commit = {};
  commit.subtasks = {&more};
  must(store.commit(commit));
  StableVector<core::Subtask> reordered;
  reordered.push_back(test::full_subtask("task-1-first", "task-1"));
  for (const core::Subtask& each : task.subtasks) reordered.push_back(each);
  task.subtasks = std::move(reordered);
  commit = {};
  commit.tasks = {&task};
  commit.subtasks = {&task.subtasks[0]};
  must(store.commit(commit));
  const auto back = live(store).at(0).subtasks;
  REQUIRE(back.size() == 5);
  CHECK(back[3].spec.id == "task-1-fix");
  CHECK(back[4].spec.id == "task-1-first");
}

TEST_CASE("a task of the greatest plan comes back in order") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  core::Task task = test::simple_task("task-1");
  for (int i = 0; i < 2'000; ++i) {
    core::Subtask& subtask = task.subtasks.emplace_back();
    subtask.spec.id = "s-" + std::to_string((i * 7919) % 2'000);
    subtask.task_id = "task-1";
  }
  const core::Task neighbour = test::simple_task("task-2");
  Commit commit;
  commit.created = {&task, &neighbour};
  must(store.commit(commit));
  const std::vector<core::Task> back = live(store);
  CHECK(describe(back.at(0)) == describe(task));
  CHECK(back.at(1).subtasks.size() == 1);
}

TEST_CASE("an ended task leaves the live ones and can be looked up") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  core::Task task = test::full_task("task-1");
  const core::Task other = test::simple_task("task-2");
  test::commit_new(store, task);
  test::commit_new(store, other);
  CHECK_FALSE(store.ended("task-1")->has_value());
  CHECK_FALSE(store.load_task("task-1")->has_value());
  CHECK_FALSE(store.task_of_subtask("task-1-2")->has_value());

  task.status = core::PlanStatus::failed;
  update(store, task);
  CHECK(live(store).size() == 1);
  const auto ended = store.ended("task-1").value();
  REQUIRE(ended.has_value());
  CHECK(ended->id == "task-1");
  CHECK(ended->status == core::PlanStatus::failed);
  CHECK(ended->content_hash == task.spec.content_hash);
  const auto of_subtask = store.task_of_subtask("task-1-3").value();
  REQUIRE(of_subtask.has_value());
  CHECK(of_subtask->id == "task-1");
  CHECK_FALSE(store.task_of_subtask("task-2")->has_value());
  CHECK_FALSE(store.task_of_subtask("nobody")->has_value());
  const auto whole = store.load_task("task-1").value();
  REQUIRE(whole.has_value());
  CHECK(describe(*whole) == describe(task));
}

TEST_CASE("totals follow every move, there and back") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  core::Task a = test::simple_task("a"), b = test::simple_task("b"), c = test::simple_task("c");
  c.status = core::PlanStatus::failed;  // no valid plan could be made: ended as it came
  Commit commit;
  commit.created = {&a, &b, &c};
  must(store.commit(commit));
  CHECK(store.load()->totals == core::Totals{3, 0, 1, 0});
  a.status = core::PlanStatus::completed;
  b.status = core::PlanStatus::cancelled;
  commit = {};
  commit.tasks = {&a, &b};
  must(store.commit(commit));
  must(store.commit(commit));  // the same once more counts once
  CHECK(store.load()->totals == core::Totals{3, 1, 1, 1});
  b.status = core::PlanStatus::in_progress;
  must(store.commit(commit));
  CHECK(store.load()->totals == core::Totals{3, 1, 1, 0});
  CHECK(live(store).size() == 1);
}

TEST_CASE("documents are the user's own bytes") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  const core::Task one = test::simple_task("one"), two = test::simple_task("two"), three = test::simple_task("three");
  Commit commit;
  commit.created = {&one, &two, &three};
  std::string bytes(300'000, '\xff');
  bytes[7] = '\0';
  commit.documents = {{"one", bytes}, {"two", ""}};
  must(store.commit(commit));
  CHECK(store.document("one") == bytes);
  CHECK(store.document("two") == "");
  const Result<std::string> none = store.document("three");
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().code == ErrorCode::not_found);
  CHECK(none.error().message == "the journal holds no document of task three");
}

TEST_CASE("ids that were ever used, among thousands") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  core::Task ended = test::full_task("ended");
  ended.status = core::PlanStatus::completed;
  test::commit_new(store, ended);
  test::commit_new(store, test::simple_task("living"));
  std::vector<std::string> ids;
  for (int i = 0; i < 5'000; ++i) ids.push_back("free-" + std::to_string(i));
  ids[17] = "ended";
  ids[1'234] = "ended-3";
  ids[4'999] = "living";
  CHECK(store.taken(ids).value() == std::vector<std::string>{"ended", "ended-3", "living"});
  CHECK(store.taken({}).value().empty());
}

TEST_CASE("a journal of the first version is brought up to date with what it holds") {
  test::Folder folder;
  core::Task full = test::full_task("task-1");
  {
    Store store = test::open_store(folder / "j.db");
    Commit commit;
    commit.created = {&full};
    must(store.commit(commit));
  }
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open((folder / "j.db").c_str(), &db) == SQLITE_OK);
  REQUIRE(sqlite3_exec(db, "ALTER TABLE subtask DROP COLUMN conflicts; PRAGMA user_version=16", nullptr, nullptr, nullptr) ==
          SQLITE_OK);
  REQUIRE(sqlite3_close(db) == SQLITE_OK);
  Store store = test::open_store(folder / "j.db");
  const std::vector<core::Task> tasks = live(store);
  REQUIRE(tasks.size() == 1);
  for (core::Subtask& subtask : full.subtasks) subtask.conflicts = 0;
  CHECK(describe(tasks[0]) == describe(full));
}
