// Where one attempt works: a worktree of its own, or the workspace; and how what it changed comes together with the work of
// others.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "front/assignment.h"
#include "front/work/pending.h"
#include "front/work/workshop.h"
#include "platform/lock.h"
#include "runner/integration.h"

namespace baton::front {

class Site {
 public:
  struct Wish {
    bool mends = false;                 // it goes on with what the attempt before it left
    std::vector<std::string> upstream;  // subtasks whose work has to be there
    int stage = 0;                      // of its plan; 0 = not known
  };
  /// waiting: `stop` became true. When it fails the worktree is gone.
  static Result<Site> prepare(const Workshop& workshop, const Assignment& assignment, const Wish& wish,
                              const std::atomic<bool>& stop);

  const std::string& cwd() const { return cwd_; }  // absolute
  bool in_worktree() const { return worktree_.has_value(); }
  /// Its name in worktrees/; empty: it works in the workspace.
  std::string worktree() const { return worktree_ ? worktree_->name : ""; }
  /// Files in which the attempt before it and others have changed the same. Those of text have both with markers.
  const std::vector<std::string>& conflicts() const { return conflicts_; }

  /// Makes one commit of what was done, and says which files that changed; nothing in the workspace itself, where nobody can
  /// know.
  Result<std::vector<std::string>> commit(const std::string& message);

  /// Merges the commit into the branch of the orchestration and shows the outcome in the worktree. From then on nobody else
  /// merges there until settle(). Returns the files that do not go together with what others did meanwhile: nothing was merged.
  /// `confirmed`: its agent says that conflicts are solved whose files it left alone. waiting: `stop` became true.
  Result<std::vector<std::string>> deliver(const std::string& message, bool confirmed, const std::atomic<bool>& stop);
  /// `good`: the work counts. Otherwise the branch goes back to where it was.
  Result<> settle(bool good);
  /// Leaves the merge to whoever comes next: its verdict is open.
  void leave_open();
  /// Removes the worktree. The ref that holds what nobody merged; empty: all was.
  Result<std::string> clear();

 private:
  explicit Site(const Workshop& workshop, Assignment assignment) : workshop_(&workshop), assignment_(std::move(assignment)) {}
  Result<> enter_worktree(const Wish& wish, const std::atomic<bool>& stop);
  Result<std::string> first_commit(const Wish& wish, const std::atomic<bool>& stop) const;
  Result<Tip> tip(const Wish& wish) const;
  Result<> take_up(const std::string& tip);
  Result<runner::Integration> integration() const;
  Result<runner::Merge> merge(const std::string& message);
  Result<std::vector<std::string>> unresolved(bool confirmed) const;
  bool has_markers(const std::string& path) const;

  const Workshop* workshop_;
  Assignment assignment_;
  std::string cwd_;
  std::optional<runner::Worktree> worktree_;
  std::string also_;  // the commit of the attempt before, which this one goes on with
  std::vector<std::string> conflicts_;
  std::string conflict_tree_;  // the files as this attempt found them
  std::string commit_;
  std::optional<platform::Lock> lock_;  // of the orchestration's branch
  std::optional<runner::Merge> merge_;
};

}  // namespace baton::front
