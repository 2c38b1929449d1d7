#include "store/schema.h"

#include <doctest/doctest.h>

#include "store/connection.h"
#include "store/folder.h"
#include "store/statement.h"

using namespace baton;
using store::Migration;

namespace {

store::Connection plain(const std::string& path) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  sqlite3_extended_result_codes(db, 1);
  return store::Connection(db);
}

std::int64_t ask(sqlite3* db, const char* sql) {
  store::Statement statement;
  REQUIRE(statement.prepare(db, sql).has_value());
  REQUIRE(statement.step().value());
  return statement.integer(0);
}

void tell(sqlite3* db, const std::string& sql) { REQUIRE(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK); }

constexpr Migration k_steps[] = {
    {1, "CREATE TABLE a(x); INSERT INTO a VALUES(7);"},
    {2, "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1;"},
    {3, "CREATE TABLE b AS SELECT x + y AS z FROM a;"},
};
constexpr std::span<const Migration> k_all(k_steps);

}  // namespace

TEST_CASE("the steps go up by one") {
  int version = store::migrations().front().to - 1;
  for (const Migration& step : store::migrations()) CHECK(step.to == ++version);
}

TEST_CASE("an empty database gets every step") {
  test::Folder folder;
  const store::Connection db = plain(folder / "j.db");
  REQUIRE(store::migrate(db.get(), k_all).has_value());
  CHECK(ask(db.get(), "SELECT z FROM b") == 15);
  CHECK(ask(db.get(), "PRAGMA user_version") == 3);
  CHECK(ask(db.get(), "PRAGMA application_id") == store::k_application_id);
}

TEST_CASE("an older journal gets only the steps it lacks, and keeps what it holds") {
  test::Folder folder;
  const store::Connection db = plain(folder / "j.db");
  REQUIRE(store::migrate(db.get(), k_all.first(1)).has_value());
  tell(db.get(), "UPDATE a SET x = 20");
  REQUIRE(store::migrate(db.get(), k_all).has_value());
  CHECK(ask(db.get(), "SELECT z FROM b") == 41);
  CHECK(ask(db.get(), "PRAGMA user_version") == 3);
  REQUIRE(store::migrate(db.get(), k_all).has_value());  // nothing is left to do
  CHECK(ask(db.get(), "SELECT count(*) FROM b") == 1);
}

TEST_CASE("a step that fails leaves the older version whole") {
  test::Folder folder;
  const store::Connection db = plain(folder / "j.db");
  REQUIRE(store::migrate(db.get(), k_all.first(1)).has_value());
  const Migration broken[] = {k_steps[0], k_steps[1], {3, "CREATE TABLE c(x); INSERT INTO nowhere VALUES(1);"}};
  const Result<> done = store::migrate(db.get(), broken);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == ErrorCode::io);
  CHECK(done.error().message.find("nowhere") != std::string::npos);
  CHECK(sqlite3_get_autocommit(db.get()) != 0);
  CHECK(ask(db.get(), "PRAGMA user_version") == 1);
  CHECK(ask(db.get(), "SELECT count(*) FROM pragma_table_info('a')") == 1);
}

TEST_CASE("a newer journal is refused with both versions") {
  test::Folder folder;
  const store::Connection db = plain(folder / "j.db");
  REQUIRE(store::migrate(db.get(), k_all).has_value());
  const Result<> done = store::migrate(db.get(), k_all.first(2));
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == ErrorCode::invalid);
  CHECK(done.error().message == "journal " + (folder / "j.db") + " has version 3, this program knows versions up to 2");
}
