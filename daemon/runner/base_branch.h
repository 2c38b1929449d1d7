// The end of a task's branch: into the branch that it began at, or before others as a pull request. Everything is tried before
// it is done, and nothing of anybody is overwritten.
#pragma once

#include <string>

#include "base/result.h"
#include "runner/git.h"

namespace baton::runner {

/// Keeps with the task's branch which branch it is to go into; empty: none (a commit was checked out).
Result<> remember_base(const Git& repository, const std::string& task_id, const std::string& branch);
/// Empty: not known.
std::string base_of(const Git& repository, const std::string& task_id);

/// That the task's branch as it stands was integrated, so that nobody does it again.
Result<> remember_integrated(const Git& repository, const std::string& task_id);
bool is_integrated(const Git& repository, const std::string& task_id);

struct Merged {
  std::string branch;  // that has it now
  std::string commit;
  bool forward = false;  // no merge was needed
};

enum class MergeWish { forward_only, as_needed };

/// Merges the task's branch into its base. `workspace`: where the user works: when the base is checked out there its files
/// follow, as long as nothing that was not committed would be overwritten. refused, with what to do: no base is known, it has
/// moved on (forward_only), both changed the same lines, or files of the workspace are in the way. Nothing was changed then.
Result<Merged> merge_to_base(const Git& workspace, const std::string& task_id, const std::string& message, MergeWish wish);

/// Pushes the task's branch to the remote of its base (else "origin") and opens a pull request there with `gh`. The words for a
/// person: its address, or the one that was open already. refused: there is no remote, or no `gh` (the branch was pushed then).
Result<std::string> open_pull_request(const Git& workspace, const std::string& task_id, const std::string& title,
                                      const std::string& body);

}  // namespace baton::runner
