// From the files of a worktree to a commit, without trusting what an agent did to HEAD, index or branches.
#pragma once

#include <string>
#include <vector>

#include "runner/git.h"

namespace baton::runner {

/// What a worktree was made with; empty = not known.
struct Begun {
  std::string branch;
  std::string start;  // commit
};
struct Commit {
  std::string id;
  std::vector<std::string> changed;  // paths that differ from what the worktree was made with
};
/// refused: something was written into a submodule. git add passes over that, whether it was checked out or not.
Result<> check_submodules(const Git& worktree);
/// See Worktrees::commit_all. No branch but its own moves, whichever the agent has checked out.
Result<Commit> commit_all(const Git& worktree, const Begun& begun, const std::string& message, const std::string& also);

/// The worktree's HEAD names the branch that it was made with: both are the same commit.
bool is_on(const Git& worktree, const std::string& branch);

/// The commit, which no branch has yet: by the author that git is configured with, else by "baton".
Result<std::string> commit_tree(const Git& git, const std::string& tree, const std::vector<std::string>& parents,
                                const std::string& message);

/// Paths that differ between two commits or trees.
Result<std::vector<std::string>> changed_paths(const Git& git, const std::string& from, const std::string& to);
/// The same for steps from one commit to another, each to a different one, by one process.
struct Step {
  std::string from, to;
};
Result<std::vector<std::vector<std::string>>> changed_paths(const Git& git, const std::vector<Step>& steps);

}  // namespace baton::runner
