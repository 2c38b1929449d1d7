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

namespace {

/// Killed between the copy and its place: the journal is gone, its log lies about, the copy is complete.
void killed_while_written_anew(const test::Folder& folder) {
  Store store = test::open_store(folder / "j.db");
  test::commit_new(store, test::full_task("task-1"));
  std::filesystem::remove(folder / "j.db");
  REQUIRE(store.copy_to(folder / "j.db.whole").has_value());
}

}  // namespace

TEST_CASE("a journal that was deleted while open is written anew, and work goes on in it") {
  test::Folder folder;
  const std::string path = folder / "j.db";
  {
    Store store = test::open_store(path);
    test::commit_new(store, test::full_task("task-1"));
    SUBCASE("deleted") { std::filesystem::remove(path); }
    SUBCASE("with its log") {
      std::filesystem::remove(path);
      std::filesystem::remove(path + "-wal");
    }
    SUBCASE("replaced") {
      std::filesystem::remove(path);
      test::write_bytes(path, "somebody else's");
    }
    CHECK(store.moved().value());
    const Result<> done = store.write_anew(path);
    REQUIRE_MESSAGE(done.has_value(), done.error().message);
    CHECK_FALSE(store.moved().value());
    test::commit_new(store, test::simple_task("later"));
  }
  Store again = test::open_store(path);
  CHECK(again.load().value().live.size() == 2);
  CHECK_FALSE(std::filesystem::exists(path + ".new"));
  CHECK_FALSE(std::filesystem::exists(path + ".whole"));
}

TEST_CASE("killed while the journal was written anew: the whole copy is taken, its log is not the copy's") {
  test::Folder folder;
  killed_while_written_anew(folder);
  CHECK(std::filesystem::exists(folder / "j.db-wal"));
  Store store = test::open_store(folder / "j.db");
  CHECK(store.load().value().live.size() == 1);
  CHECK_FALSE(std::filesystem::exists(folder / "j.db.whole"));
}

TEST_CASE("a copy that is not whole is never taken for the journal, and kept") {
  test::Folder folder;
  killed_while_written_anew(folder);
  const std::string path = folder / "j.db.whole";
  const std::string whole = test::bytes_of(path);
  std::string ruined;
  SUBCASE("empty") {}
  SUBCASE("cut") { ruined = whole.substr(0, whole.size() / 2); }
  SUBCASE("damaged") { ruined = whole.substr(0, 8'192) + std::string(whole.size() - 8'192, 'x'); }
  SUBCASE("none of ours") { ruined = "text"; }
  test::write_bytes(path, ruined);
  const Result<Store> store = Store::open(folder / "j.db");
  REQUIRE_FALSE(store.has_value());
  CHECK(store.error().code == ErrorCode::invalid);
  CHECK(store.error().message.find(path) != std::string::npos);
  CHECK(store.error().message.find("it is kept as it is") != std::string::npos);
  CHECK(test::bytes_of(path) == ruined);
  CHECK_FALSE(std::filesystem::exists(folder / "j.db"));
}

TEST_CASE("no space to write the journal anew: the open one works on, and the next attempt succeeds") {
  test::FaultVfs faults;
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  test::commit_new(store, test::full_task("task-1"));
  std::filesystem::remove(folder / "j.db");
  faults.writes = 0;
  faults.fail_at = 2;
  faults.fail_code = SQLITE_FULL;
  const Result<> done = store.write_anew(folder / "j.db");
  faults.fail_at = -1;
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == ErrorCode::no_space);
  test::commit_new(store, test::simple_task("later"));
  REQUIRE(store.write_anew(folder / "j.db").has_value());
  CHECK(store.load().value().live.size() == 2);
}

TEST_CASE("the folder of the journal is gone: the open one works on until it can be written anew") {
  test::Folder folder;
  const std::string state = folder / "state";
  std::filesystem::create_directory(state);
  Store store = test::open_store(state + "/j.db");
  test::commit_new(store, test::full_task("task-1"));
  std::filesystem::remove_all(state);
  CHECK(store.moved().value());
  const Result<> done = store.write_anew(state + "/j.db");
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == ErrorCode::not_found);
  test::commit_new(store, test::simple_task("later"));
  std::filesystem::create_directory(state);
  REQUIRE(store.write_anew(state + "/j.db").has_value());
  CHECK(store.load().value().live.size() == 2);
  CHECK_FALSE(store.moved().value());
}

TEST_CASE("the new journal cannot be opened: the old one works on, and so does the next attempt") {
  test::Folder folder;
  const std::string path = folder / "j.db";
  Store store = test::open_store(path);
  test::commit_new(store, test::full_task("task-1"));
  for (const char* ending : {"", "-wal"}) std::filesystem::remove(path + ending);
  std::filesystem::create_directory(path + "-wal");  // SQLite cannot make its log
  const Result<> done = store.write_anew(path);
  REQUIRE_FALSE(done.has_value());
  test::commit_new(store, test::simple_task("later"));
  std::filesystem::remove(path + "-wal");
  REQUIRE(store.write_anew(path).has_value());
  CHECK(store.load().value().live.size() == 2);
}

TEST_CASE("a copy that was never put in place goes when the journal is sound, and stays when it is not") {
  test::Folder folder;
  const std::string path = folder / "j.db";
  {
    Store store = test::open_store(path);
    for (int i = 0; i < 40; ++i) test::commit_new(store, test::full_task("task-" + std::to_string(i)));
    REQUIRE(store.close().has_value());
  }
  const std::string sound = test::bytes_of(path);
  test::write_bytes(path + ".whole", sound);
  SUBCASE("sound") {
    Store store = test::open_store(path);
    CHECK(store.load().value().live.size() == 40);
    CHECK_FALSE(std::filesystem::exists(path + ".whole"));
  }
  SUBCASE("damaged") {
    std::string damaged = sound;
    damaged.replace(sound.size() - 3 * 4'096, 4'096, std::string(4'096, '\xa5'));
    test::write_bytes(path, damaged);
    const Result<Store> store = Store::open(path);
    REQUIRE_FALSE(store.has_value());
    CHECK(store.error().code == ErrorCode::invalid);
    CHECK(test::bytes_of(path + ".whole") == sound);
  }
}

TEST_CASE("a copy says what the journal said when it was made") {
  test::Folder folder;
  Store store = test::open_store(folder / "j.db");
  store::Commit commit;
  commit.meta = {{"backup:x", "here"}};
  REQUIRE(store.commit(commit).has_value());
  REQUIRE(store.copy_to(folder / "copy.db").has_value());
  CHECK(store::says(folder / "copy.db", "backup:x", "here"));
  CHECK_FALSE(store::says(folder / "copy.db", "backup:x", "there"));
  CHECK_FALSE(store::says(folder / "copy.db", "backup:y", "here"));
  test::write_bytes(folder / "text", "backup:x here");
  CHECK_FALSE(store::says(folder / "text", "backup:x", "here"));
  CHECK_FALSE(store::says(folder / "missing", "backup:x", "here"));
}
