// The branch of a task: where it begins, what each stage began with, and what there is of it in the repository.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "front/work/workshop.h"
#include "runner/integration.h"

namespace baton::front {

/// That of the task; when there is none yet it is made at `ref` (empty: what is checked out), and the branch of that name is
/// where it will go. REQUIRES: the repository's metadata is locked.
Result<runner::Integration> task_branch(const Workshop& workshop, const std::string& task_id, const std::string& ref = "");

/// Nothing was begun on it: it goes.
void drop_task_branch(const Workshop& workshop, const std::string& task_id);

/// Keeps the commit that a stage of the task begins with, unless that is known.
void keep_savepoint(const Workshop& workshop, const std::string& task_id, int stage, const std::string& commit);
/// By stage.
std::map<int, std::string> savepoints_of(const Workshop& workshop, const std::string& task_id);
/// The branch of `new_id` goes where that of `task_id` was to go.
Result<> keep_base(const Workshop& workshop, const std::string& task_id, const std::string& new_id);

std::string task_branch_name(const std::string& task_id);
/// The refs that have work of the task: its branch, and what nobody merged, each with what it is.
std::vector<std::string> refs_of(const Workshop& workshop, const std::string& task_id);

}  // namespace baton::front
