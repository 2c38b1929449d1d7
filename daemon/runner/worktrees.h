// One git worktree per attempt, beneath coordination/worktrees, on a branch of its own. What is removed was saved first: nothing
// that is not in another branch goes without a ref beneath refs/baton/rescue that holds it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/lock.h"
#include "runner/commit.h"
#include "runner/git.h"

namespace baton::runner {

/// Names worktree and branch of one attempt at a subtask.
struct AttemptName {
  std::string task_id;
  std::string subtask_id;
  int attempt = 1;
};
std::string attempt_branch(const AttemptName& name);         // baton/<task>/<subtask>-a<attempt>
std::string worktree_name(const AttemptName& name);          // <subtask>-a<attempt>
std::string integration_branch(const std::string& task_id);  // baton/<task>/integration
/// The task that one of these branches belongs to; empty: it is none of them.
std::string task_of_branch(const std::string& branch);
/// Under which the commit of an attempt is kept that nobody merged.
std::string rescue_ref(const AttemptName& name, const std::string& commit);
inline constexpr std::string_view k_rescue_refs = "refs/baton/rescue/";

struct Worktree {
  std::string name;    // of its folder
  Git git;             // its own index and HEAD
  std::string branch;  // that it was made with, wherever its agent has gone since; empty: it is none of baton's
  std::string start;   // the commit that it began with; empty: not known

  const std::string& path() const { return git.work_tree(); }
};

/// What became of a worktree that was removed.
struct Removed {
  std::string name;
  std::string rescue;  // the ref that holds what is in no other branch; empty: there was nothing
};

class Worktrees {
 public:
  /// `folder`: absolute, beneath which they are made.
  Worktrees(Git repository, std::string folder);

  const Git& repository() const { return repository_; }
  const std::string& folder() const { return folder_; }

  /// A new one at `start`, whatever an earlier process left under its name (that is removed like any other). Metadata is changed
  /// under the lock, files are written without it.
  Result<Worktree> add(const AttemptName& name, const std::string& start) const;
  /// The tree of all its files that are not ignored as a commit on top of its HEAD, which moves there; HEAD itself when nothing
  /// changed. `also`: a second parent that was merged into it, or empty. refused: it holds a repository of its own, whose files
  /// no commit would have.
  Result<Commit> commit_all(const Worktree& worktree, const std::string& message, const std::string& also = "") const;
  Result<Removed> remove(const std::string& name) const;
  /// The commit that this attempt, or else the one before it and so on, left and nobody merged; empty: none did.
  Result<std::string> rescued(const AttemptName& last) const;
  /// All there are, by name.
  Result<std::vector<std::string>> list() const;
  /// The worktree of that name as it stands. not_found: none, or git does not know it (any more).
  Result<Worktree> find(const std::string& name) const;

  /// Held while metadata of the repository changes: git itself gives up when two do that at once.
  Result<platform::Lock> lock() const;

 private:
  std::string path_of(const std::string& name) const { return folder_ + "/" + name; }
  Result<std::string> git_dir_of(const std::string& path) const;
  Result<std::string> rescue(const Worktree& worktree) const;
  Result<> drop(const std::string& path) const;
  Result<> begin_branch(const std::string& branch, const std::string& start) const;
  Result<std::string> rescue_commit(const std::string& commit, const std::string& name) const;
  Result<bool> is_kept(const std::string& commit, const std::string& except_branch) const;

  Git repository_;
  std::string folder_;
};

}  // namespace baton::runner
