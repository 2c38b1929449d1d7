#include "store/connection.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>
#include <utility>

#include "platform/fd.h"
#include "store/error.h"
#include "store/schema.h"
#include "store/statement.h"

namespace baton::store {
namespace {

// Before journal_mode, which writes into the file: nothing of somebody else's file may change.
constexpr const char* k_lock = R"sql(
PRAGMA locking_mode=EXCLUSIVE;
PRAGMA trusted_schema=OFF;
PRAGMA cell_size_check=ON;
)sql";

// The automatic checkpoint would hit single turns with milliseconds; Store::checkpoint finds a better moment. A log that one huge
// turn made long is cut to journal_size_limit (bytes) when it is used again. cache_size: KiB, negative.
constexpr const char* k_set_up = R"sql(
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
PRAGMA wal_autocheckpoint=0;
PRAGMA journal_size_limit=16777216;
PRAGMA cache_size=-1024;
)sql";

// One thread, one connection: without locks and allocation statistics. No effect (and none needed) once SQLite is in use.
void configure_library() {
  static const bool configured = [] {
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    return true;
  }();
  static_cast<void>(configured);
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

// A journal comes into being whole, by rename. Taking a file that lost its content, or a lost file's log, for the beginning of a
// new one would delete what was remembered: SQLite begins anew with a file of up to one byte, and removes its log.
Result<> check_not_a_remnant(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISREG(status.st_mode) && status.st_size <= 1) return fail_damaged(path, "it is empty");
  } else if (exists(path + "-wal")) {
    return fail_damaged(path, "it is gone, but its log " + path + "-wal is there");
  }
  return {};
}

Result<> execute(sqlite3* db, const char* sql, std::string_view doing) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return fail_sqlite(db, doing);
  return {};
}

Result<> check_writable(sqlite3* db, const std::string& path) {
  if (sqlite3_db_readonly(db, "main") == 0) return {};
  const int error_number = ::access(path.c_str(), W_OK) == 0 ? EACCES : errno;
  return fail_errno("cannot write journal " + path, error_number);
}

Result<> set_up(sqlite3* db, const std::string& path) {
  TRY(check_writable(db, path));
  TRY(execute(db, k_lock, "open"));
  TRY(check_identity(db, migrations().back().to));
  TRY(execute(db, k_set_up, "open"));
  return migrate(db, migrations());
}

void checkpoint_on_close(sqlite3* db, bool on) { sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 0 : 1, nullptr); }

Result<> sync_file_and_folder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  for (const std::string& name : {path, folder}) {
    const platform::Fd fd(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) return fail_errno("cannot sync " + name, errno);
  }
  return {};
}

Result<Connection> connect(const std::string& path) {
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Connection db(raw);
  if (code != SQLITE_OK) return fail_sqlite(raw, "open", path);
  checkpoint_on_close(raw, false);
  TRY(set_up(raw, path));
  return db;
}

Result<> make_journal(const std::string& path) {
  const std::string made = path + ".new";
  for (const char* end : {"", "-wal", "-journal"}) ::unlink((made + end).c_str());  // of a start that did not come so far
  {
    const platform::Fd fd(::open(made.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd) return fail_errno("cannot make journal " + path, errno);
  }
  TRY_VALUE(Connection db, connect(made));
  TRY(close_connection(std::move(db)));
  if (std::rename(made.c_str(), path.c_str()) != 0) return fail_errno("cannot make journal " + path, errno);
  return sync_file_and_folder(path);
}

Result<> vacuum_into(sqlite3* db, const std::string& path) {
  Statement statement;
  TRY(statement.prepare(db, "VACUUM INTO ?1"));
  statement.bind(std::string_view(path));
  if (const Result<> done = statement.finish(); !done)
    return fail(done.error().code, "cannot write the copy " + path + ": " + done.error().message, done.error().hint);
  return sync_file_and_folder(path);
}

}  // namespace

Result<Connection> open_connection(const std::string& path) {
  configure_library();
  TRY(check_not_a_remnant(path));
  if (!exists(path)) TRY(make_journal(path));
  return connect(path);
}

Result<> close_connection(Connection db) {
  if (sqlite3_wal_checkpoint_v2(db.get(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) != SQLITE_OK)
    return fail_sqlite(db.get(), "close");
  checkpoint_on_close(db.get(), true);
  return {};
}

Result<> copy_database(sqlite3* db, const std::string& path) {
  // An empty file of our own: SQLite would make it readable for everybody, and its message names no reason.
  const platform::Fd made(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!made && errno == EEXIST)
    return fail(ErrorCode::refused, "cannot copy the journal: " + path + " exists", "choose another name");
  if (!made) return fail_errno("cannot make " + path, errno);
  Result<> done = vacuum_into(db, path);
  if (!done) ::unlink(path.c_str());
  return done;
}

}  // namespace baton::store
