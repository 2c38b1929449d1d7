#include <doctest/doctest.h>

#include <limits>

#include "store/folder.h"
#include "store/sample.h"
#include "store/store.h"

using namespace baton;
using store::Commit;
using store::FeedRow;
using store::InputRow;
using store::Loaded;
using store::QueueRow;
using store::Store;

namespace {

void must(const Result<>& result) { REQUIRE_MESSAGE(result.has_value(), result.error().message); }

Loaded load(Store& store) {
  Result<Loaded> loaded = store.load();
  REQUIRE_MESSAGE(loaded.has_value(), loaded.error().message);
  return std::move(*loaded);
}

}  // namespace

TEST_CASE("inputs come back by id, are replaced by id, and their numbers never come twice") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  const std::uint64_t inode = std::numeric_limits<std::uint64_t>::max() - 1;
  Commit commit;
  commit.inputs = {{7, "task-queue.d/a.json", {inode, -5, 99}, "task-queue.d/rejected", "x.error.json", "{\n}"},
                   {3, "b", {1, 2, 3}, "", "", ""}};
  must(store.commit(commit));
  Loaded loaded = load(store);
  REQUIRE(loaded.inputs.size() == 2);
  CHECK(loaded.last_input_id == 7);
  CHECK(loaded.inputs[0].id == 3);
  const InputRow& row = loaded.inputs[1];
  CHECK(row.path == "task-queue.d/a.json");
  CHECK(row.identity == platform::Identity{inode, -5, 99});
  CHECK(row.folder == "task-queue.d/rejected");
  CHECK(row.sidecar_path == "x.error.json");
  CHECK(row.sidecar == "{\n}");

  commit = {};
  commit.inputs = {{3, "c", {1, 2, 3}, "", "", ""}};
  commit.inputs_done = {7};
  must(store.commit(commit));
  loaded = load(store);
  REQUIRE(loaded.inputs.size() == 1);
  CHECK(loaded.inputs[0].path == "c");
  CHECK(loaded.last_input_id == 7);
}

TEST_CASE("the feed is kept until it was synced, and seq goes on") {
  test::Folder folder;
  {
    Store store = test::open_store(folder / "j.db");
    Commit commit;
    commit.feed = {{1, "one\n", 11, 0}, {2, "two\n", 11, 4}, {3, "three\n", 0, 0}};
    must(store.commit(commit));
    commit = {};
    commit.feed_synced = 2;
    CHECK_FALSE(commit.empty());
    must(store.commit(commit));
    const Loaded loaded = load(store);
    REQUIRE(loaded.feed.size() == 1);
    CHECK(loaded.feed[0].seq == 3);
    CHECK(loaded.feed[0].line == "three\n");
    CHECK(loaded.last_seq == 3);
    commit.feed_synced = 3;
    must(store.commit(commit));
  }
  Store store = test::open_store(folder / "j.db");
  const Loaded loaded = load(store);
  CHECK(loaded.feed.empty());
  CHECK(loaded.last_seq == 3);
}

TEST_CASE("feed rows keep inode and offset") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  Commit commit;
  commit.feed = {{1, "l\n", std::numeric_limits<std::uint64_t>::max(), 5'000'000'000}};
  must(store.commit(commit));
  const FeedRow row = load(store).feed.at(0);
  CHECK(row.inode == std::numeric_limits<std::uint64_t>::max());
  CHECK(row.offset == 5'000'000'000);
}

TEST_CASE("workers, until they are gone") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  core::WorkerRecord record;
  record.subtask_id = "t-1";
  record.task_id = "t";
  record.worker_id = "w";
  record.epoch = 2;
  record.boot_id = "boot";
  record.first_seen = 3;
  record.pid = 4'711;
  record.start_ticks = 5'000'000'000;
  record.uid = 1'000;
  record.spared = "it belongs to user 7";
  core::WorkerRecord other;
  other.subtask_id = "t-2";
  other.host = "far-away";
  Commit commit;
  commit.workers = {record, other};
  must(store.commit(commit));
  CHECK(load(store).workers == std::vector{record, other});
  record.pid = 4'712;
  Commit next;
  next.workers = {record};
  next.workers_gone = {"t-2"};
  must(store.commit(next));
  CHECK(load(store).workers == std::vector{record});
}

TEST_CASE("what people were told, until it is over") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  const core::Attention silent{"t", "t-1", "stalled", "it is silent"};
  const core::Attention unclaimed{"", "", "unclaimed", "one lies there", "development"};
  Commit commit;
  commit.attention = {
      {silent, true}, {{"t", "t-1", "late", "", ""}, true}, {{"t", "t-1", "late", "", ""}, false}, {unclaimed, true}};
  CHECK_FALSE(commit.empty());
  must(store.commit(commit));
  CHECK(load(store).attention == std::vector{unclaimed, silent});
  Commit next;
  next.attention = {{{"t", "t-1", "stalled", "", ""}, false}, {{"", "", "unclaimed", "", "security"}, false}};
  must(store.commit(next));
  CHECK(load(store).attention == std::vector{unclaimed});
}

TEST_CASE("masters that are not well, until they are") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  core::MasterRecord record{"development",     core::Breaker::open, 7,     2,   1'700'000'000'000,
                            1'700'000'600'000, 1'700'000'900'000,   "429", true};
  Commit commit;
  commit.masters = {record, {.name = "security", .breaker = core::Breaker::half_open}};
  must(store.commit(commit));
  Loaded loaded = load(store);
  REQUIRE(loaded.masters.size() == 2);
  CHECK(loaded.masters[0] == record);
  CHECK(loaded.masters[1].breaker == core::Breaker::half_open);
  record.breaker = core::Breaker::degraded;
  Commit next;
  next.masters = {record, {.name = "security"}};
  must(store.commit(next));
  loaded = load(store);
  REQUIRE(loaded.masters.size() == 1);
  CHECK(loaded.masters[0] == record);
}

TEST_CASE("durations are kept by worker type and master, the last word counts") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  Commit commit;
  commit.durations = {{{"implementation", "development"}, {3, 60'000}}, {{"implementation", "security"}, {1, 5}}};
  CHECK_FALSE(commit.empty());
  must(store.commit(commit));
  Commit next;
  next.durations = {{{"implementation", "development"}, {4, 90'000'000'000}}};
  must(store.commit(next));
  const core::Durations expected{{{"implementation", "development"}, {4, 90'000'000'000}},
                                 {{"implementation", "security"}, {1, 5}}};
  CHECK(load(store).durations == expected);
}

TEST_CASE("queue rows, jobs, due views and facts by name") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  Commit commit;
  commit.queue = {{"b", "2025-11-05T18:00:00Z"}, {"a", ""}};
  commit.jobs = {{"planner:a", "mark", "boot-1"}, {"planner:b", "other", "boot-1"}};
  commit.views_due = {"x", "y", "x"};
  commit.meta = {{"paused", "1"}, {"boot", "b1"}};
  must(store.commit(commit));
  Loaded loaded = load(store);
  REQUIRE(loaded.queue.size() == 2);
  CHECK(loaded.queue[0].task_id == "a");
  CHECK(loaded.queue[1].stamp == "2025-11-05T18:00:00Z");
  REQUIRE(loaded.jobs.size() == 2);
  CHECK(loaded.jobs[0].name == "planner:a");
  CHECK(loaded.jobs[0].mark == "mark");
  CHECK(loaded.jobs[0].boot_id == "boot-1");
  CHECK(loaded.views_due == std::vector<std::string>{"x", "y"});
  CHECK(loaded.meta == std::map<std::string, std::string>{{"boot", "b1"}, {"paused", "1"}});

  commit = {};
  commit.queue = {{"a", "s"}};
  commit.queue_gone = {"b", "unknown"};
  commit.jobs_gone = {"planner:a", "planner:b"};
  commit.jobs = {{"planner:b", "new", "boot-2"}};  // ended and started again in one turn
  commit.views_done = {"x"};
  commit.meta = {{"boot", "b2"}};
  must(store.commit(commit));
  loaded = load(store);
  REQUIRE(loaded.queue.size() == 1);
  CHECK(loaded.queue[0].stamp == "s");
  REQUIRE(loaded.jobs.size() == 1);
  CHECK(loaded.jobs[0].mark == "new");
  CHECK(loaded.views_due == std::vector<std::string>{"y"});
  CHECK(loaded.meta == std::map<std::string, std::string>{{"boot", "b2"}, {"paused", "1"}});
}

TEST_CASE("a commit knows whether it says anything") {
  const core::Task task;
  const core::Subtask subtask;
  const auto says = [](auto change) {
    Commit commit;
    change(commit);
    return !commit.empty();
  };
  CHECK(Commit{}.empty());
  CHECK(says([&](Commit& c) { c.created = {&task}; }));
  CHECK(says([&](Commit& c) { c.tasks = {&task}; }));
  CHECK(says([&](Commit& c) { c.subtasks = {&subtask}; }));
  CHECK(says([](Commit& c) { c.documents = {{"a", ""}}; }));
  CHECK(says([](Commit& c) { c.inputs.emplace_back(); }));
  CHECK(says([](Commit& c) { c.inputs_done = {1}; }));
  CHECK(says([](Commit& c) { c.feed.emplace_back(); }));
  CHECK(says([](Commit& c) { c.feed_synced = 1; }));
  CHECK(says([](Commit& c) { c.queue.emplace_back(); }));
  CHECK(says([](Commit& c) { c.queue_gone = {"a"}; }));
  CHECK(says([](Commit& c) { c.views_due = {"a"}; }));
  CHECK(says([](Commit& c) { c.views_done = {"a"}; }));
  CHECK(says([](Commit& c) { c.meta = {{"a", ""}}; }));
}

TEST_CASE("meta values are replaced by name, and gone when they are dropped") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  Commit commit;
  commit.meta = {{"a", "1"}, {"b", "1"}};
  must(store.commit(commit));
  commit = {};
  commit.meta = {{"a", "2"}};
  commit.meta_gone = {"b", "never"};
  must(store.commit(commit));
  CHECK(load(store).meta == std::map<std::string, std::string>{{"a", "2"}});
}
