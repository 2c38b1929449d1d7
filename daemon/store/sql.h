// The texts of statements over the columns of fields.h.
#pragma once

#include <string>
#include <vector>

#include "base/text.h"
#include "core/model.h"
#include "store/fields.h"
#include "store/record.h"

namespace baton::store::sql {

using Names = std::vector<std::string>;

inline Names task_columns() {
  Columns columns;
  visit_task(static_cast<const core::Task&>(core::Task{}), columns);
  return columns.names;
}

inline Names task_spec_columns() {
  Columns columns;
  visit_task_spec(static_cast<const core::TaskSpec&>(core::TaskSpec{}), columns);
  return columns.names;
}

inline Names subtask_columns() {
  Columns columns;
  visit_subtask(static_cast<const core::Subtask&>(core::Subtask{}), columns);
  return columns.names;
}

inline Names subtask_spec_columns() {
  Columns columns;
  visit_subtask_spec(static_cast<const core::SubtaskSpec&>(core::SubtaskSpec{}), columns);
  return columns.names;
}

inline Names master_columns() {
  Columns columns;
  visit_master(static_cast<const core::MasterRecord&>(core::MasterRecord{}), columns);
  return columns.names;
}

inline Names worker_columns() {
  Columns columns;
  visit_worker(static_cast<const core::WorkerRecord&>(core::WorkerRecord{}), columns);
  return columns.names;
}

/// INSERT INTO table(first…, columns…) VALUES(?, …)
inline std::string insert(const std::string& table, Names first, const Names& columns, const std::string& how = "INSERT") {
  first.insert(first.end(), columns.begin(), columns.end());
  return how + " INTO " + table + "(" + text::join(first, ", ") + ") VALUES(" + text::join(Names(first.size(), "?"), ", ") + ")";
}

/// UPDATE table SET columns… = ? … WHERE id = ?
inline std::string update_by_id(const std::string& table, const Names& columns) {
  return "UPDATE " + table + " SET " + text::join(columns, " = ?, ") + " = ? WHERE id = ?";
}

/// alias.column, …
inline std::string list(const std::string& alias, const Names& columns) {
  return alias + "." + text::join(columns, ", " + alias + ".");
}

}  // namespace baton::store::sql
