#include "store/statement.h"

#include "store/error.h"

namespace baton::store {

Result<> Statement::prepare(sqlite3* db, std::string_view sql) {
  sqlite3_stmt* made = nullptr;
  const int code = sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  statement_.reset(made);
  if (code != SQLITE_OK) return fail_sqlite(db, "read");
  return {};
}

// Documents are bounded far below what SQLite takes, so only the lack of memory is left, which step() would meet too.
void Statement::note(int code) { BATON_ASSERT(code == SQLITE_OK); }

void Statement::bind(std::int64_t value) { note(sqlite3_bind_int64(statement_.get(), ++parameter_, value)); }

void Statement::bind(std::string_view text) {
  // A null pointer would bind NULL, which is not the empty text.
  const char* data = text.data() == nullptr ? "" : text.data();
  note(sqlite3_bind_text64(statement_.get(), ++parameter_, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind_copy(std::string_view text) {
  const char* data = text.data() == nullptr ? "" : text.data();
  note(sqlite3_bind_text64(statement_.get(), ++parameter_, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind_blob(std::string_view bytes) {
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  note(sqlite3_bind_blob64(statement_.get(), ++parameter_, data, bytes.size(), SQLITE_STATIC));
}

void Statement::bind_null() { note(sqlite3_bind_null(statement_.get(), ++parameter_)); }

Result<bool> Statement::step() {
  switch (sqlite3_step(statement_.get())) {
    case SQLITE_ROW: return true;
    case SQLITE_DONE: return false;
    default: return fail_statement(statement_.get());
  }
}

Result<> Statement::finish() {
  const Result<bool> row = step();
  reset();
  if (!row) return tl::make_unexpected(row.error());
  return {};
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  parameter_ = 0;
}

std::int64_t Statement::changes() const { return sqlite3_changes64(sqlite3_db_handle(statement_.get())); }

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

// As a blob, because that spares SQLite the copy which ends a text with a zero byte.
std::string_view Statement::text(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

int Statement::columns() const { return sqlite3_column_count(statement_.get()); }

}  // namespace baton::store
