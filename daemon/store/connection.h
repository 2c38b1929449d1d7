// The one connection to the journal: opened exclusively and set up as docs/architecture.md says. Opening never changes a file
// that is not a journal, and closing never changes one that could not be read.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace baton::store {

struct CloseConnection {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;

/// Opens or makes the file, locks it and brings it to the current version. Errors as for Store::open.
Result<Connection> open_connection(const std::string& path);

/// Nothing is changed, locked or made. Errors as for Store::open, as far as they show at the opening.
Result<Connection> open_to_read(const std::string& path);

/// Moves the whole log into the database, removes it, and closes.
Result<> close_connection(Connection db);

/// A copy under a name that does not exist; complete and on disk when this returns, else not there.
Result<> copy_database(sqlite3* db, const std::string& path);

/// Puts a copy in the place of a journal that was deleted or replaced while `db` has it open. A start that finds the journal
/// missing takes the copy from when it was complete (<path>.whole).
Result<> replace_by_copy(sqlite3* db, const std::string& path);

}  // namespace baton::store
