#include <doctest/doctest.h>

#include <sys/resource.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "rounds.h"
#include "store/fault_vfs.h"
#include "store/folder.h"
#include "store/sample.h"
#include "store/store.h"

using namespace baton;
using store::Commit;
using store::Store;
using test::describe;

namespace {

struct Turn {
  core::Task old = test::simple_task("old");
  core::Task fresh = test::full_task("new");
  Commit commit() {
    old.status = core::PlanStatus::completed;
    Commit commit;
    commit.created = {&fresh};
    commit.tasks = {&old};
    commit.subtasks = {&old.subtasks[0]};
    commit.documents = {{"new", std::string(20'000, 'd')}};
    commit.feed = {{1, "line\n", 1, 0}};
    commit.inputs = {{1, "in", {}, "", "", ""}};
    return commit;
  }
};

std::string reason(int error_number) { return std::strerror(error_number == 0 ? ENOSPC : error_number); }

void check_before(Store& store, const Turn& turn) {
  const store::Loaded loaded = store.load().value();
  REQUIRE(loaded.live.size() == 1);
  CHECK(loaded.live[0].spec.id == turn.old.spec.id);
  CHECK(loaded.totals == core::Totals{1, 0, 0, 0});
  CHECK(loaded.last_seq == 0);
}

void check_after(Store& store, const Turn& turn) {
  const store::Loaded loaded = store.load().value();
  REQUIRE(loaded.live.size() == 1);
  CHECK(describe(loaded.live[0]) == describe(turn.fresh));
  CHECK(loaded.totals == core::Totals{2, 1, 0, 0});
  CHECK(loaded.last_seq == 1);
  CHECK(store.document("new").value().size() == 20'000);
}

}  // namespace

TEST_CASE("a commit that finds no space, at whatever write, changes nothing and can be tried again") {
  struct Kind {
    int code;
    int error_number;
  };
  for (const Kind kind : {Kind{SQLITE_FULL, 0}, Kind{SQLITE_IOERR_WRITE, ENOSPC}, Kind{SQLITE_IOERR_WRITE, EDQUOT},
                          Kind{SQLITE_IOERR_WRITE, EROFS}}) {
    int failed = 0;
    const int step = test::rounds(5, 1);
    for (int at = 0; failed * step == at; at += step) {
      CAPTURE(at);
      test::FaultVfs faults;
      test::Folder folder;
      Turn turn;
      Store store = test::open_store(folder / "j.db");
      test::commit_new(store, turn.old);
      const Commit commit = turn.commit();
      faults.writes = 0;
      faults.fail_at = at;
      faults.fail_code = kind.code;
      faults.fail_errno = kind.error_number;
      faults.fail_after = true;
      const Result<> done = store.commit(commit);
      faults.fail_at = -1;
      faults.fail_errno = 0;
      if (done.has_value()) break;  // it needs no more than `at` writes
      ++failed;
      REQUIRE_MESSAGE(done.error().code == ErrorCode::no_space, done.error().message);
      CHECK(done.error().message == "cannot write journal " + (folder / "j.db") + ": " + reason(kind.error_number));
      CHECK_FALSE(done.error().hint.empty());
      check_before(store, turn);
      const Result<> again = store.commit(commit);
      REQUIRE_MESSAGE(again.has_value(), again.error().message);
      check_after(store, turn);
    }
    CHECK(failed >= test::rounds(4, 12));
  }
}

TEST_CASE("after a failed sync nothing is tried again, whatever the reason") {
  for (const int error_number : {EIO, ENOSPC}) {
    test::FaultVfs faults;
    test::Folder folder;
    Turn turn;
    Store store = test::open_store(folder / "j.db");
    test::commit_new(store, turn.old);
    faults.only_syncs = true;
    faults.writes = 0;
    faults.fail_at = 0;
    faults.fail_code = SQLITE_IOERR_FSYNC;
    faults.fail_errno = error_number;
    const Result<> done = store.commit(turn.commit());
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().code == ErrorCode::io);
    CHECK(done.error().message.find("cannot write journal " + (folder / "j.db") + ": disk I/O error (") == 0);
  }
}

TEST_CASE("any other error of a write ends the program") {
  test::FaultVfs faults;
  test::Folder folder;
  Turn turn;
  Store store = test::open_store(folder / "j.db");
  test::commit_new(store, turn.old);
  faults.writes = 0;
  faults.fail_at = 3;
  faults.fail_code = SQLITE_IOERR_WRITE;
  faults.fail_errno = EIO;
  const Result<> done = store.commit(turn.commit());
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == ErrorCode::io);
  CHECK(done.error().message.find("Input/output error") != std::string::npos);
}

TEST_CASE("the reason of a failed commit comes from the operating system itself") {
  test::Folder folder;
  Turn turn;
  Store store = test::open_store(folder / "j.db");
  test::commit_new(store, turn.old);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{65'536, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const Result<> done = store.commit(turn.commit());
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == ErrorCode::io);
  CHECK(done.error().message.find("(File too large)") != std::string::npos);
  check_before(store, turn);
}

TEST_CASE("one commit is one sync, and an empty one is none") {
  test::FaultVfs faults;
  test::Folder folder;
  Turn turn;
  Store store = test::open_store(folder / "j.db");
  test::commit_new(store, turn.old);
  faults.only_syncs = true;
  faults.writes = 0;
  REQUIRE(store.commit(turn.commit()).has_value());
  CHECK(faults.writes == 1);
  faults.only_syncs = false;
  faults.writes = 0;
  REQUIRE(store.commit({}).has_value());
  CHECK(faults.writes == 0);
}

TEST_CASE("a checkpoint that finds no space loses nothing and is tried again") {
  test::FaultVfs faults;
  test::Folder folder;
  {
    Store store = test::open_store(folder / "j.db");
    for (int i = 0; i < 20; ++i) test::commit_new(store, test::full_task("t" + std::to_string(i)));
    faults.writes = 0;
    faults.fail_at = 4;
    faults.fail_code = SQLITE_FULL;
    const Result<> done = store.checkpoint(true);
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().code == ErrorCode::no_space);
    CHECK(done.error().message.find("cannot checkpoint journal ") == 0);
    faults.fail_at = -1;
    CHECK(store.load().value().live.size() == 20);
    REQUIRE(store.checkpoint(true).has_value());
    faults.writes = 0;
    REQUIRE(store.checkpoint(true).has_value());
    CHECK(faults.writes == 0);  // nothing is left to move
  }
  Store store = test::open_store(folder / "j.db");
  CHECK(store.load().value().live.size() == 20);
}

TEST_CASE("a close that cannot empty the log says so and keeps it") {
  test::FaultVfs faults;
  test::Folder folder;
  {
    Store store = test::open_store(folder / "j.db");
    test::commit_new(store, test::simple_task("a"));
    faults.writes = 0;
    faults.fail_at = 1;
    faults.fail_code = SQLITE_FULL;
    faults.fail_after = true;
    const Result<> done = store.close();
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().code == ErrorCode::no_space);
    faults.fail_at = -1;
  }
  Store store = test::open_store(folder / "j.db");
  CHECK(store.load().value().live.size() == 1);
}
