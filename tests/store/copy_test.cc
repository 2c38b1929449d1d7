#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "store/fault_vfs.h"
#include "store/folder.h"
#include "store/sample.h"
#include "store/store.h"

using namespace baton;
using store::Store;

TEST_CASE("a copy taken while running is a whole journal, for its owner only") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  const core::Task task = test::full_task("task-1");
  test::commit_new(store, task);
  REQUIRE(store.copy_to(folder / "copy.db").has_value());
  test::commit_new(store, test::simple_task("later"));
  struct stat status {};
  REQUIRE(::stat((folder / "copy.db").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  Store copy = test::open_store(folder / "copy.db");
  const store::Loaded loaded = copy.load().value();
  REQUIRE(loaded.live.size() == 1);
  CHECK(test::describe(loaded.live[0]) == test::describe(task));
  CHECK(store.load().value().live.size() == 2);
}

TEST_CASE("a copy never replaces a file") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  test::write_bytes(folder / "mine", "mine");
  const Result<> done = store.copy_to(folder / "mine");
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == ErrorCode::refused);
  CHECK(done.error().message == "cannot copy the journal: " + (folder / "mine") + " exists");
  CHECK(test::bytes_of(folder / "mine") == "mine");
}

TEST_CASE("a copy into a folder that is not there says so") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  const Result<> done = store.copy_to(folder / "missing/copy.db");
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == ErrorCode::not_found);
  CHECK(done.error().message == "cannot make " + (folder / "missing/copy.db") + ": No such file or directory");
}

TEST_CASE("a copy that finds no space leaves nothing behind, and the journal works on") {
  test::FaultVfs faults;
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  test::commit_new(store, test::full_task("task-1"));
  faults.writes = 0;
  faults.fail_at = 2;
  faults.fail_code = SQLITE_FULL;
  const Result<> done = store.copy_to(folder / "copy.db");
  faults.fail_at = -1;
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == ErrorCode::no_space);
  CHECK(done.error().message.find("cannot write the copy " + (folder / "copy.db") + ": ") == 0);
  CHECK_FALSE(std::filesystem::exists(folder / "copy.db"));
  test::commit_new(store, test::simple_task("later"));
  CHECK(store.load().value().live.size() == 2);
}
