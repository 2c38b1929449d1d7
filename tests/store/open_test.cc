#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "rounds.h"
#include "store/folder.h"
#include "store/process.h"
#include "store/sample.h"
#include "store/schema.h"
#include "store/store.h"

using namespace baton;
using store::Store;

namespace {

Error error_of(const std::string& path) {
  const Result<Store> store = Store::open(path);
  if (store.has_value()) {
    FAIL("opened " << path);
    return {};
  }
  CHECK_FALSE(store.error().message.empty());
  return store.error();
}

/// A journal of `tasks` tasks, closed cleanly.
void make_journal(const std::string& path, int tasks) {
  Store store = test::open_store(path);
  for (int i = 0; i < tasks; ++i) test::commit_new(store, test::full_task("task-" + std::to_string(i)));
  REQUIRE(store.close().has_value());
}

void run_sql(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  REQUIRE(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_close(db) == SQLITE_OK);
}

}  // namespace

TEST_CASE("a new journal is empty, for its owner only, and one file when closed") {
  test::Folder folder;
  const std::string path = folder / "journal.db";
  Store store = test::open_store(path);
  const Result<store::Loaded> loaded = store.load();
  REQUIRE(loaded.has_value());
  CHECK(loaded->live.empty());
  CHECK(loaded->totals == core::Totals{});
  CHECK(loaded->last_seq == 0);
  CHECK(loaded->last_input_id == 0);
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  REQUIRE(store.close().has_value());
  CHECK_FALSE(std::filesystem::exists(path + "-wal"));
  CHECK_FALSE(std::filesystem::exists(path + "-shm"));
}

TEST_CASE("a journal that was not closed is read from its log") {
  test::Folder folder;
  const std::string path = folder / "journal.db";
  {
    Store store = test::open_store(path);
    test::commit_new(store, test::simple_task("task-1"));
  }
  CHECK(std::filesystem::file_size(path + "-wal") > 0);
  Store again = test::open_store(path);
  CHECK(again.load()->live.size() == 1);
}

TEST_CASE("a second opener is refused, in this process and in another") {
  test::Folder folder;
  const std::string path = folder / "journal.db";
  const Store store = test::open_store(path);
  const std::string message = "journal " + path + " is in use by another process";
  const Error error = error_of(path);
  CHECK(error.code == ErrorCode::refused);
  CHECK(error.message == message);
  test::Process other("child: open", path);
  CHECK(other.read_all().find(message) != std::string::npos);
}

TEST_CASE("child: open" * doctest::skip()) {
  const char* path = std::getenv(test::k_journal_variable);
  REQUIRE(path != nullptr);
  const Result<Store> store = Store::open(path);
  std::cout << (store.has_value() ? "opened" : store.error().message) << std::endl;
}

TEST_CASE("the lock ends with its holder") {
  test::Folder folder;
  const std::string path = folder / "journal.db";
  { const Store store = test::open_store(path); }
  test::Process other("child: open", path);
  CHECK(other.read_all().find("opened") != std::string::npos);
}

TEST_CASE("a file that is no database is kept byte for byte") {
  test::Folder folder;
  const std::string path = folder / "journal.db";
  for (const std::string& bytes : {std::string("{\"tasks\": []}"), std::string(10'000, 'x'), std::string(4'096, '\0')}) {
    test::write_bytes(path, bytes);
    const Error error = error_of(path);
    CHECK(error.code == ErrorCode::invalid);
    CHECK(error.message == path + " is not a journal of baton: it is kept as it is");
    CHECK_FALSE(error.hint.empty());
    CHECK(test::bytes_of(path) == bytes);
  }
}

TEST_CASE("somebody else's database is kept byte for byte") {
  test::Folder folder;
  const std::string path = folder / "journal.db";
  SUBCASE("with tables") { run_sql(path, "CREATE TABLE t(x); INSERT INTO t VALUES(1)"); }
  SUBCASE("with an application id") { run_sql(path, "PRAGMA application_id=17"); }
  SUBCASE("with a version") { run_sql(path, "PRAGMA user_version=1"); }
  const std::string before = test::bytes_of(path);
  const Error error = error_of(path);
  CHECK(error.code == ErrorCode::invalid);
  CHECK(error.message == path + " is a database, but not a journal of baton: it is kept as it is");
  CHECK(test::bytes_of(path) == before);
}

TEST_CASE("a newer version is refused and kept") {
  test::Folder folder;
  const std::string path = folder / "journal.db";
  make_journal(path, 1);
  run_sql(path, "PRAGMA user_version=99");
  const std::string before = test::bytes_of(path);
  const Error error = error_of(path);
  CHECK(error.code == ErrorCode::invalid);
  CHECK(error.message == "journal " + path + " has version 99, this program knows versions up to " +
                             std::to_string(store::migrations().back().to));
  CHECK(test::bytes_of(path) == before);
}

TEST_CASE("one from before the first version that is known is refused and kept") {
  test::Folder folder;
  const std::string path = folder / "journal.db";
  make_journal(path, 1);
  const int first = store::migrations().front().to;
  run_sql(path, "PRAGMA user_version=" + std::to_string(first - 1));
  const std::string before = test::bytes_of(path);
  const Error error = error_of(path);
  CHECK(error.code == ErrorCode::invalid);
  CHECK(error.message == "journal " + path + " has version " + std::to_string(first - 1) + ", this program knows versions from " +
                             std::to_string(first) + " on");
  CHECK(error.hint.starts_with("start the older baton"));
  CHECK(test::bytes_of(path) == before);
}

TEST_CASE("a damaged journal is told on open or load, and kept byte for byte") {
  test::Folder folder;
  const std::string path = folder / "journal.db";
  make_journal(path, 40);
  const std::string whole = test::bytes_of(path);
  int told = 0;
  const auto step = static_cast<std::size_t>(test::rounds(8, 1));
  for (std::size_t page = 0; page < whole.size() / 4096; page += step) {
    CAPTURE(page);
    std::string damaged = whole;
    const std::size_t begin = page == 0 ? 100 : page * 4096;  // the header itself has its own tests
    for (std::size_t i = begin; i < (page + 1) * 4096; ++i) damaged[i] = static_cast<char>(0xa5);
    test::write_bytes(path, damaged);
    Error error;
    if (Result<Store> store = Store::open(path); !store)
      error = store.error();
    else if (Result<store::Loaded> loaded = store->load(); !loaded)
      error = loaded.error();
    CHECK(test::bytes_of(path) == damaged);
    if (error.message.empty()) continue;  // a page that a start does not read
    ++told;
    CHECK(error.code == ErrorCode::invalid);
    CHECK(error.message.find("journal " + path + " is damaged") == 0);
    CHECK(error.message.find("it is kept as it is") != std::string::npos);
    CHECK(error.hint.find("backup") != std::string::npos);
  }
  CHECK(told > test::rounds(3, 20));
}

TEST_CASE("a journal that lost its end is told") {
  test::Folder folder;
  const std::string path = folder / "journal.db";
  make_journal(path, 10);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  Result<Store> store = Store::open(path);
  Error error;
  if (!store)
    error = store.error();
  else if (const Result<store::Loaded> loaded = store->load(); !loaded)
    error = loaded.error();
  CHECK(error.code == ErrorCode::invalid);
  CHECK(error.message.find("is damaged") != std::string::npos);
}

TEST_CASE("words that no version writes are told with their column") {
  test::Folder folder;
  const std::string path = folder / "journal.db";
  make_journal(path, 1);
  const char* sql = nullptr;
  std::string column;
  SUBCASE("task") {
    sql = "UPDATE task SET status = 'sleeping'";
    column = "status of task task-0";
  }
  SUBCASE("subtask") {
    sql = "UPDATE subtask SET artifacts = 'no end'";
    column = "artifacts of subtask task-0-2";
  }
  SUBCASE("conflicts") {
    sql = "UPDATE task SET conflicts = 'x'";
    column = "conflicts of task task-0";
  }
  SUBCASE("given") {
    sql = "UPDATE given_subtask SET dependencies = '\\'";
    column = "dependencies of a given subtask of task task-0";
  }
  run_sql(path, sql);
  Store store = test::open_store(path);
  const Result<store::Loaded> loaded = store.load();
  REQUIRE_FALSE(loaded.has_value());
  CHECK(loaded.error().code == ErrorCode::invalid);
  CHECK(loaded.error().message.find("column " + column) != std::string::npos);
}

TEST_CASE("what is left of a journal is never taken for a new one") {
  test::Folder folder;
  const std::string path = folder / "journal.db";
  {
    Store store = test::open_store(path);
    test::commit_new(store, test::simple_task("task-1"));
  }
  const std::string log = test::bytes_of(path + "-wal");
  std::string why = "it is empty";
  SUBCASE("gone") {
    std::filesystem::remove(path);
    why = "it is gone, but its log " + path + "-wal is there";
  }
  SUBCASE("empty") { std::filesystem::resize_file(path, 0); }
  SUBCASE("one byte") { std::filesystem::resize_file(path, 1); }
  const Error error = error_of(path);
  CHECK(error.code == ErrorCode::invalid);
  CHECK(error.message == "journal " + path + " is damaged (" + why + "): it is kept as it is");
  CHECK(test::bytes_of(path + "-wal") == log);
}

TEST_CASE("what a broken start left behind is no obstacle") {
  test::Folder folder;
  test::write_bytes(folder / "journal.db.new", "half");
  test::write_bytes(folder / "journal.db.new-journal", "half");
  const Store store = test::open_store(folder / "journal.db");
  CHECK_FALSE(std::filesystem::exists(folder / "journal.db.new"));
  CHECK_FALSE(std::filesystem::exists(folder / "journal.db.new-journal"));
}

TEST_CASE("places that cannot be written are told by their reason") {
  test::Folder folder;
  Error error = error_of(folder / "missing/journal.db");
  CHECK(error.code == ErrorCode::not_found);
  CHECK(error.message == "cannot make journal " + (folder / "missing/journal.db") + ": No such file or directory");
  std::filesystem::create_directory(folder / "journal.db");
  error = error_of(folder / "journal.db");
  CHECK(error.code == ErrorCode::io);
  CHECK(error.message.find("cannot open journal " + (folder / "journal.db")) == 0);
}

TEST_CASE("a journal that may not be written is refused with the reason") {
  if (::geteuid() == 0) {
    MESSAGE("skipped: root may write everything");
    return;
  }
  test::Folder folder;
  const std::string path = folder / "journal.db";
  make_journal(path, 1);
  REQUIRE(::chmod(path.c_str(), 0400) == 0);
  const Error error = error_of(path);
  CHECK(error.code == ErrorCode::io);
  CHECK(error.message == "cannot write journal " + path + ": Permission denied");
}
