// Git, run as a program: argument vectors, nobody else's GIT_* variables, the repository's hooks off, and never a repository that
// git would find by looking upwards. Every folder is named, because an agent may have deleted what git would look for.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace baton::runner {

struct GitOutput {
  int code = 0;        // of its exit
  std::string text;    // standard output, whole
  std::string errors;  // standard error, its beginning
};

class Git {
 public:
  /// `git_dir`: absolute; the repository's, or one of a worktree. `work_tree`: absolute; empty for what needs no files.
  Git(std::string git_dir, std::string work_tree);
  /// What git itself finds from `folder` on. not_found: no repository there, or no git.
  static Result<Git> find(const std::string& folder);
  /// The repository that all of its worktrees share.
  Result<Git> shared() const;

  const std::string& git_dir() const { return git_dir_; }
  const std::string& work_tree() const { return work_tree_; }
  Git with_work_tree(std::string work_tree) const { return {git_dir_, std::move(work_tree)}; }

  /// Any exit code is an answer. Errors: git cannot be started, or did not end (timed_out), or said more than fits.
  Result<GitOutput> run(const std::vector<std::string>& words, std::string input = "") const;
  /// What it printed, without the last line break. Errors: also when it did not exit with 0 (io or no_space, with what git said).
  Result<std::string> ask(const std::vector<std::string>& words, std::string input = "") const;
  /// True for exit 0, false for exit 1; everything else is an error.
  Result<bool> test(const std::vector<std::string>& words) const;

 private:
  const std::string& folder() const { return work_tree_.empty() ? git_dir_ : work_tree_; }

  std::string git_dir_;
  std::string work_tree_;
};

/// Variables that no git and no agent inherits.
extern const std::vector<std::string> k_kept_back;

/// `id` as a part of a branch's name: what git refuses there ("a.lock", "a.") is written with "%2e". Different ids stay
/// different.
std::string branch_word(std::string_view id);
std::string id_of_branch_word(std::string_view word);

}  // namespace baton::runner
