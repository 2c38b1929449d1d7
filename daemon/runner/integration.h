// Where the work of one orchestration comes together: baton/<task>/integration. Merges happen without any files on disk, are
// tried before the branch moves, and prove that nothing of what was merged is missing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runner/git.h"

namespace baton::runner {

/// One change of the branch, or why there was none.
struct Merge {
  std::string before;                  // the branch's tip
  std::string after;                   // its tip now; empty: there are conflicts, and the branch stands where it stood
  std::vector<std::string> conflicts;  // paths
  std::string tree;                    // both sides' files, with markers where they conflict; empty: nothing had to be merged
};

/// What a merge of two commits would give; neither branch nor file is changed, and `after` is empty.
Result<Merge> try_merge(const Git& repository, const std::string& tip, const std::string& commit);

/// The commit at which the branch stands.
Result<std::string> tip_of(const Git& repository, const std::string& branch);

class Integration {
 public:
  /// Nothing: there is no such branch yet.
  static std::optional<Integration> existing(const Git& repository, const std::string& task_id);
  /// Makes the branch at `base` when it is missing. REQUIRES, here and below: the lock of the repository's metadata is held.
  static Result<Integration> open(Git repository, const std::string& task_id, const std::string& base);
  /// Makes it; REQUIRES: it is missing.
  static Result<Integration> begin(Git repository, const std::string& task_id, const std::string& base);

  /// Any branch that there is, to merge into, and where it stands.
  static Integration at_branch(Git repository, std::string branch, std::string tip) {
    return {std::move(repository), std::move(branch), std::move(tip)};
  }

  const std::string& branch() const { return branch_; }
  /// Where it was found, or was moved to from here.
  const std::string& tip() const { return tip_; }
  /// The commit that the branch would move to: a fast-forward where that is possible. The branch is not moved. refused: what was
  /// merged is not all there (that would be a fault of the merge).
  Result<Merge> prepare(const std::string& commit, const std::string& message) const;
  /// Moves it there. io: it is no longer where it was.
  Result<> apply(const Merge& merge);
  /// Moves the branch back, as long as nothing came on top (io: something did), and keeps what was merged as `rescue`, a ref.
  Result<> take_back(const Merge& merge, const std::string& rescue);

 private:
  Integration(Git repository, std::string branch, std::string tip)
      : repository_(std::move(repository)), branch_(std::move(branch)), tip_(std::move(tip)) {}
  Result<> move(const std::string& to, const std::string& from);
  Result<> prove(const std::string& base, const std::string& commit, const std::string& merged) const;

  Git repository_;
  std::string branch_;
  std::string tip_;
};

}  // namespace baton::runner
