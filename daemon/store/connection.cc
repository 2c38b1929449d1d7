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
PRAGMA cache_size=-256;
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

// The name tells that it is complete and on disk: it is given last.
std::string whole_copy(const std::string& path) { return path + ".whole"; }

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
  TRY(check_identity(db, migrations()));
  TRY(execute(db, k_set_up, "open"));
  return migrate(db, migrations());
}

void checkpoint_on_close(sqlite3* db, bool on) { sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 0 : 1, nullptr); }

Result<> sync_path(const std::string& name) {
  const platform::Fd fd(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return fail_errno("cannot sync " + name, errno);
  return {};
}

Result<> sync_file_and_folder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  TRY(sync_path(path));
  return sync_path(slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash));
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

Result<> check_integrity(sqlite3* db, const std::string& path) {
  TRY(check_identity(db, migrations()));
  Statement version, integrity;
  TRY(version.prepare(db, "PRAGMA user_version"));
  TRY_VALUE(const bool has_version, version.step());
  if (!has_version || version.integer(0) == 0) return fail_damaged(path, "it is empty");
  TRY(integrity.prepare(db, "PRAGMA integrity_check(1)"));
  TRY_VALUE(const bool answered, integrity.step());
  const std::string found(answered ? integrity.text(0) : "nothing can be read");
  if (found != "ok") return fail_damaged(path, found);
  return {};
}

Result<> check_copy(const std::string& path) {
  TRY_VALUE(const Connection db, open_to_read(path));
  return check_integrity(db.get(), path);
}

// The log at `path` belongs to a file that is gone; SQLite would replay it into this one.
Result<> put_copy_in_place(const std::string& path) {
  for (const char* end : {"-wal", "-shm"}) ::unlink((path + end).c_str());
  if (std::rename(whole_copy(path).c_str(), path.c_str()) != 0)
    return fail_errno("cannot put the journal back at " + path, errno);
  return sync_file_and_folder(path);
}

}  // namespace

Result<Connection> open_to_read(const std::string& path) {
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Connection db(raw);
  if (code != SQLITE_OK) return fail_sqlite(raw, "open", path);
  return db;
}

Result<Connection> open_connection(const std::string& path) {
  configure_library();
  if (!exists(path) && exists(whole_copy(path))) {
    TRY(check_copy(whole_copy(path)));
    TRY(put_copy_in_place(path));
  }
  TRY(check_not_a_remnant(path));
  if (!exists(path)) TRY(make_journal(path));
  TRY_VALUE(Connection db, connect(path));
  // It came too late to take the place of this one. Left there, it would be taken for the journal when that is lost one day.
  if (exists(whole_copy(path))) {
    TRY(check_integrity(db.get(), path));
    if (::unlink(whole_copy(path).c_str()) != 0) return fail_errno("cannot remove " + whole_copy(path), errno);
  }
  return db;
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

Result<> replace_by_copy(sqlite3* db, const std::string& path) {
  const std::string made = path + ".new";
  ::unlink(made.c_str());  // of an attempt that did not come so far
  TRY(copy_database(db, made));
  if (std::rename(made.c_str(), whole_copy(path).c_str()) != 0) return fail_errno("cannot write the journal anew", errno);
  TRY(sync_file_and_folder(whole_copy(path)));
  return put_copy_in_place(path);
}

}  // namespace baton::store
