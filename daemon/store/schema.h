// The shape of the journal and how it grew: one row per version. A file is told to be a journal by its application_id, its
// version by its user_version; both stand in the file's header.
#pragma once

#include <sqlite3.h>

#include <span>

#include "base/result.h"

namespace baton::store {

inline constexpr std::int64_t k_application_id = 0x6261746e;  // "batn"
inline constexpr std::int64_t k_key_stride = 65'536;          // subtask key = task key × this + its place in the plan

/// Brings a journal of the version before to version `to`; the first one, an empty database.
struct Migration {
  int to;
  const char* sql;  // statements without BEGIN and COMMIT
};
std::span<const Migration> migrations();

/// Brings the database to the last version of `steps`, all in one transaction or not at all. An empty database is version 0.
/// invalid: as check_identity says.
Result<> migrate(sqlite3* db, std::span<const Migration> steps);

/// invalid: not a journal, or one of a version that `steps` do not know. An empty database is well. Only reads.
Result<> check_identity(sqlite3* db, std::span<const Migration> steps);

}  // namespace baton::store
