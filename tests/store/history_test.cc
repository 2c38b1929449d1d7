#include <doctest/doctest.h>

#include <filesystem>

#include "rounds.h"
#include "store/fault_vfs.h"
#include "store/folder.h"
#include "store/sample.h"
#include "store/store.h"

using namespace baton;
using store::Commit;
using store::Store;

namespace {

void add_tasks(Store& store, const std::string& prefix, int count, core::PlanStatus status) {
  constexpr int k_batch = 1'000;
  for (int first = 0; first < count; first += k_batch) {
    std::vector<core::Task> tasks;
    tasks.reserve(k_batch);
    for (int i = first; i < std::min(count, first + k_batch); ++i) {
      core::Task& task = tasks.emplace_back(test::simple_task(prefix + std::to_string(i)));
      task.status = status;
    }
    Commit commit;
    for (const core::Task& task : tasks) commit.created.push_back(&task);
    REQUIRE(store.commit(commit).has_value());
    REQUIRE(store.checkpoint(false).has_value());
  }
}

}  // namespace

TEST_CASE("a start reads no more with a long history than without") {
  test::FaultVfs faults;
  test::Folder folder;
  const auto reads_of_a_start = [&](int finished) {
    const std::string path = folder / ("j" + std::to_string(finished) + ".db");
    {
      Store store = test::open_store(path);
      add_tasks(store, "done-", finished, core::PlanStatus::completed);
      add_tasks(store, "live-", 20, core::PlanStatus::in_progress);
      REQUIRE(store.close().has_value());
    }
    faults.reads = 0;
    Store store = test::open_store(path);
    const store::Loaded loaded = store.load().value();
    CHECK(loaded.live.size() == 20);
    CHECK(loaded.totals == core::Totals{finished + 20, finished, 0, 0});
    return faults.reads;
  };
  const int finished = test::rounds(5'000, 50'000);
  const int without = reads_of_a_start(0);
  const int with = reads_of_a_start(finished);
  MESSAGE("pages read at a start: " << without << " without history, " << with << " after " << finished << " tasks");
  CHECK(with <= without + 10);  // a tree with so many more leaves is a few pages higher
}

TEST_CASE("the log does not grow as long as idle moments come") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  std::uintmax_t at_100 = 0;
  for (int i = 0; i < 1'000; ++i) {
    test::commit_new(store, test::simple_task("task-" + std::to_string(i)));
    REQUIRE(store.checkpoint(i % 10 == 9).has_value());
    if (i == 100) at_100 = std::filesystem::file_size((folder / "j.db") + "-wal");
  }
  CHECK(std::filesystem::file_size((folder / "j.db") + "-wal") <= at_100 * 2);
}

TEST_CASE("without an idle moment the log is bounded too") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  std::uintmax_t largest = 0;
  for (int i = 0; i < 500; ++i) {
    test::commit_new(store, test::simple_task("task-" + std::to_string(i)));
    REQUIRE(store.checkpoint(false).has_value());
    largest = std::max(largest, std::filesystem::file_size((folder / "j.db") + "-wal"));
  }
  CHECK(largest >= 900 * 4'096);
  CHECK(largest <= 1'100 * (4'096 + 24));
}
