#include "store/error.h"

#include <cerrno>
#include <cstring>

namespace baton::store {
namespace {

bool is_lack_of_space(int error_number) { return error_number == ENOSPC || error_number == EDQUOT || error_number == EROFS; }

// A failed sync may have dropped pages that SQLite believes written, whatever its errno was.
bool is_failed_sync(int extended_code) { return extended_code == SQLITE_IOERR_FSYNC || extended_code == SQLITE_IOERR_DIR_FSYNC; }

std::string system_text(sqlite3* db, int error_number) {
  const std::string text = sqlite3_errmsg(db);
  return error_number == 0 ? text : text + " (" + std::strerror(error_number) + ")";
}

// What the operating system said last about the log. A statement writes nothing else, and when COMMIT fails, SQLite does not
// keep the reason in sqlite3_system_errno.
int log_errno(sqlite3* db) {
  sqlite3_file* log = nullptr;
  int error_number = 0;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (log != nullptr && log->pMethods != nullptr) log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error_number);
  return error_number;
}

bool is_failed_write(int extended_code) { return extended_code == SQLITE_IOERR_WRITE || is_failed_sync(extended_code); }

tl::unexpected<Error> fail_space(const std::string& what, int error_number) {
  const int shown = is_lack_of_space(error_number) ? error_number : ENOSPC;
  return fail(ErrorCode::no_space, what + ": " + std::strerror(shown),
              "free some space or make the disk writable: the same commit is then tried again, nothing is lost");
}

tl::unexpected<Error> explain(sqlite3* db, const std::string& what, const std::string& path, int error_number) {
  const int extended = sqlite3_extended_errcode(db);
  switch (extended & 0xff) {
    case SQLITE_NOTADB:
      return fail(ErrorCode::invalid, path + " is not a journal of baton: it is kept as it is",
                  "put a backup in its place, or move it away to begin anew");
    case SQLITE_CORRUPT: return fail_damaged(path, sqlite3_errmsg(db));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fail(ErrorCode::refused, "journal " + path + " is in use by another process",
                  "only one daemon works on a coordination folder: stop the other one first");
    case SQLITE_FULL: return fail_space(what, error_number);
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      if (is_lack_of_space(error_number) && !is_failed_sync(extended)) return fail_space(what, error_number);
      return fail(ErrorCode::io, what + ": " + system_text(db, error_number));
    default: return fail(ErrorCode::io, what + ": " + sqlite3_errmsg(db));
  }
}

}  // namespace

std::string path_of(sqlite3* db) {
  const char* path = sqlite3_db_filename(db, "main");
  return path == nullptr ? std::string() : std::string(path);
}

tl::unexpected<Error> fail_damaged(const std::string& path, std::string_view why) {
  return fail(ErrorCode::invalid, "journal " + path + " is damaged (" + std::string(why) + "): it is kept as it is",
              "put a backup in its place, or move it and " + path + "-wal away to begin anew");
}

tl::unexpected<Error> fail_sqlite(sqlite3* db, std::string_view doing) { return fail_sqlite(db, doing, path_of(db)); }

tl::unexpected<Error> fail_sqlite(sqlite3* db, std::string_view doing, const std::string& path) {
  return explain(db, "cannot " + std::string(doing) + " journal " + path, path, sqlite3_system_errno(db));
}

tl::unexpected<Error> fail_statement(sqlite3_stmt* statement) {
  sqlite3* db = sqlite3_db_handle(statement);
  const std::string path = path_of(db);
  const std::string doing = sqlite3_column_count(statement) > 0 ? "read" : "write";
  const int error_number = is_failed_write(sqlite3_extended_errcode(db)) ? log_errno(db) : sqlite3_system_errno(db);
  return explain(db, "cannot " + doing + " journal " + path, path, error_number);
}

}  // namespace baton::store
