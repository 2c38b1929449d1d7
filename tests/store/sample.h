// Records for the tests: full ones (no member at its default) and small ones; and all of a record as text, to compare.
#pragma once

#include <string>

#include "core/model.h"
#include "store/store.h"

namespace baton::test {

/// A complex task, no member at its default, with lists that hold newlines, backslashes and empty items.
core::Task full_task(const std::string& id);
core::Subtask full_subtask(const std::string& id, const std::string& task_id);
/// A task with one subtask of the same id, as a router makes it.
core::Task simple_task(const std::string& id);

/// Every member, one per line.
std::string describe(const core::Task& task);
std::string describe(const core::Subtask& subtask);

/// Opens the journal at `path` and requires that it works.
store::Store open_store(const std::string& path);
/// Commits one new task and requires that it works.
void commit_new(store::Store& store, const core::Task& task);

}  // namespace baton::test
