#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "rounds.h"
#include "store/fault_vfs.h"
#include "store/folder.h"
#include "store/process.h"
#include "store/sample.h"
#include "store/store.h"

using namespace baton;
using store::Commit;
using store::Store;

namespace {

// What a dying machine leaves: the files as they are before each write, and once more with half of that write done.
class Snapshots {
 public:
  Snapshots(test::FaultVfs& faults, const test::Folder& folder) : folder_(folder) {
    faults.before_write = [this](const std::string& path, std::string_view bytes, std::int64_t offset) {
      take();
      if (bytes.size() < 2) return;
      const std::string torn = take() + path.substr(journal().size());
      std::fstream file(torn, std::ios::binary | std::ios::in | std::ios::out);
      file.seekp(offset);
      file.write(bytes.data(), static_cast<std::streamsize>(bytes.size() / 2));
    };
  }
  std::string take() {
    const std::string to = path(count_++);
    for (const char* end : {"", "-wal", ".new", ".new-wal", ".new-journal"})
      if (std::filesystem::exists(journal() + end)) std::filesystem::copy_file(journal() + end, to + end);
    return to;
  }
  int count() const { return count_; }
  std::string path(int i) const { return folder_ / ("crash-" + std::to_string(i) + ".db"); }

 private:
  std::string journal() const { return folder_ / "j.db"; }
  const test::Folder& folder_;
  int count_ = 0;
};

/// 0 or 1: whether the commit of run() is in the journal, which must be whole either way.
int committed(const std::string& path) {
  Store store = test::open_store(path);
  const store::Loaded loaded = store.load().value();
  const bool is_there = store.ended("old").value().has_value();
  REQUIRE(loaded.live.size() == 1);
  CHECK(loaded.live[0].spec.id == (is_there ? "new" : "old"));
  CHECK(loaded.totals == (is_there ? core::Totals{2, 1, 0, 0} : core::Totals{1, 0, 0, 0}));
  CHECK(loaded.last_seq == (is_there ? 2 : 1));
  CHECK(store.taken({"new-1", "new-2", "new-3"}).value().size() == (is_there ? 3U : 0U));
  CHECK(store.document("new").has_value() == is_there);
  return is_there ? 1 : 0;
}

void commit_old(Store& store, const core::Task& old) {
  Commit commit;
  commit.created = {&old};
  commit.feed = {{1, "old\n", 1, 0}};
  REQUIRE(store.commit(commit).has_value());
}

void commit_turn(Store& store, core::Task& old, const core::Task& fresh) {
  old.status = core::PlanStatus::completed;
  Commit commit;
  commit.created = {&fresh};
  commit.tasks = {&old};
  commit.documents = {{"new", "text"}};
  commit.feed = {{2, "new\n", 1, 4}};
  REQUIRE(store.commit(commit).has_value());
}

}  // namespace

TEST_CASE("a crash before, within and after a commit leaves all of it or nothing") {
  test::FaultVfs faults;
  test::Folder folder;
  core::Task old = test::simple_task("old");
  const core::Task fresh = test::full_task("new");
  int last = 0;
  {
    Store store = test::open_store(folder / "j.db");
    commit_old(store, old);
    Snapshots snapshots(faults, folder);
    commit_turn(store, old, fresh);
    faults.before_write = nullptr;
    const std::string after = snapshots.take();
    REQUIRE(snapshots.count() > 20);
    CHECK(committed(snapshots.path(0)) == 0);
    for (int i = 0; i < snapshots.count() - 1; ++i) {
      CAPTURE(i);
      const int now = committed(snapshots.path(i));
      CHECK(now >= last);
      last = now;
    }
    CHECK(committed(after) == 1);
  }
  CHECK(committed(folder / "j.db") == 1);
}

TEST_CASE("a crash anywhere within a checkpoint or a close loses nothing") {
  test::FaultVfs faults;
  test::Folder folder;
  core::Task old = test::simple_task("old");
  Store store = test::open_store(folder / "j.db");
  commit_old(store, old);
  core::Task fresh = test::full_task("new");
  fresh.spec.description.assign(500'000, 'd');  // enough pages to be worth a checkpoint
  commit_turn(store, old, fresh);
  Snapshots snapshots(faults, folder);
  REQUIRE(store.checkpoint(true).has_value());
  const int by_checkpoint = snapshots.count();
  CHECK(by_checkpoint > 100);
  REQUIRE(store.close().has_value());
  CHECK(snapshots.count() > by_checkpoint);
  faults.before_write = nullptr;
  for (int i = 0; i < snapshots.count(); i += i < by_checkpoint - 5 ? 7 : 1) {
    CAPTURE(i);
    CHECK(committed(snapshots.path(i)) == 1);
  }
  CHECK(committed(folder / "j.db") == 1);
}

TEST_CASE("a crash while a journal is made leaves one that opens") {
  test::FaultVfs faults;
  test::Folder folder;
  Snapshots snapshots(faults, folder);
  { const Store store = test::open_store(folder / "j.db"); }
  faults.before_write = nullptr;
  REQUIRE(snapshots.count() > 5);
  for (int i = 0; i < snapshots.count(); i += test::rounds(7, 1)) {  // odd: every second one is torn
    CAPTURE(i);
    Store store = test::open_store(snapshots.path(i));
    CHECK(store.load().value().live.empty());
  }
}

TEST_CASE("what a killed process was told is committed is there") {
  test::Folder folder;
  const std::string path = folder / "j.db";
  std::int64_t seq = 0;
  for (int round = 0; round < 3; ++round) {
    test::Process writer("child: commit for ever", path);
    char acknowledged = 0;
    for (int i = 0; i < 30 + round * 17; ++i, ++seq) REQUIRE(::read(writer.output(), &acknowledged, 1) == 1);
    writer.kill_now();
    seq += static_cast<std::int64_t>(writer.read_all().size());
    Store store = test::open_store(path);
    const store::Loaded loaded = store.load().value();
    CHECK(loaded.last_seq >= seq);
    CHECK(loaded.last_seq <= seq + 1);
    CHECK(static_cast<std::int64_t>(loaded.live.size()) == loaded.last_seq);
    seq = loaded.last_seq;
  }
}

TEST_CASE("child: commit for ever" * doctest::skip()) {
  const char* path = std::getenv(test::k_journal_variable);
  REQUIRE(path != nullptr);
  Store store = test::open_store(path);
  for (std::int64_t seq = store.load().value().last_seq + 1;; ++seq) {
    const core::Task task = test::simple_task("task-" + std::to_string(seq));
    Commit commit;
    commit.created = {&task};
    commit.feed = {{seq, "line\n", 1, 0}};
    REQUIRE(store.commit(commit).has_value());
    if (::write(STDOUT_FILENO, ".", 1) != 1) return;
    REQUIRE(store.checkpoint(seq % 10 == 0).has_value());
  }
}
