// What SQLite says, told to a person. The codes are told apart as base/result.h wants them: a full disk can be waited out, a
// damaged file must be kept, and after a failed fsync nothing in memory is true any more.
#pragma once

#include <sqlite3.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace baton::store {

/// The last failure on this connection. `doing`: "open", "checkpoint", ...
tl::unexpected<Error> fail_sqlite(sqlite3* db, std::string_view doing);
/// The same when the connection does not know its file yet.
tl::unexpected<Error> fail_sqlite(sqlite3* db, std::string_view doing, const std::string& path);
/// The last failure of a statement.
tl::unexpected<Error> fail_statement(sqlite3_stmt* statement);

/// The file at `path` cannot be what this program wrote. `why` completes "... is damaged (why)".
tl::unexpected<Error> fail_damaged(const std::string& path, std::string_view why);

/// The absolute path of the connection's file.
std::string path_of(sqlite3* db);

}  // namespace baton::store
