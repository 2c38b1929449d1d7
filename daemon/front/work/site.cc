#include "front/work/site.h"

#include <poll.h>
#include <algorithm>
#include <fstream>
#include <utility>

#include "base/text.h"
#include "front/work/branch.h"
#include "platform/loop.h"
#include "runner/commit.h"

namespace baton::front {
namespace {

constexpr std::int64_t k_verdict_patience_ms = 5'000;
constexpr int k_look_ms = 50;

bool is_marker(std::string_view line) { return line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> "); }

}  // namespace

Result<Site> Site::prepare(const Workshop& workshop, const Assignment& assignment, const Wish& wish,
                           const std::atomic<bool>& stop) {
  Site site(workshop, assignment);
  site.cwd_ = workshop.workspace;
  if (!workshop.worktrees) return site;
  auto entered = site.enter_worktree(wish, stop);
  if (entered) return site;
  static_cast<void>(site.clear());
  return tl::make_unexpected(std::move(entered).error());
}

Result<runner::Integration> Site::integration() const { return task_branch(*workshop_, assignment_.task_id); }

Result<Tip> Site::tip(const Wish& wish) const {
  std::optional<runner::Integration> branch =
      runner::Integration::existing(workshop_->worktrees->repository(), assignment_.task_id);
  if (!branch) {
    TRY_VALUE(const platform::Lock lock, workshop_->worktrees->lock());
    TRY_VALUE(branch, integration());
  }
  for (;;) {
    TRY_VALUE(Tip tip, verified_tip(*workshop_, assignment_.task_id, *branch, wish.upstream));
    // A merge that was taken back meanwhile has no file any more, and is no tip.
    auto now = runner::Integration::existing(workshop_->worktrees->repository(), assignment_.task_id);
    if (now && now->tip() != branch->tip()) {
      branch = std::move(now);
      continue;
    }
    if (!tip.is_open && wish.stage > 0) keep_savepoint(*workshop_, assignment_.task_id, wish.stage, tip.commit);
    return tip;
  }
}

/// Who mends what was merged and taken back waits until it was. Everybody else waits a moment for a verdict that is still open:
/// the views are behind what the daemon knows, and a stage that is over counts for the next one. A checkpoint may take hours.
Result<std::string> Site::first_commit(const Wish& wish, const std::atomic<bool>& stop) const {
  std::optional<platform::Lock> alone;
  if (wish.mends) {
    TRY_VALUE(alone, lock_branch(*workshop_, assignment_.task_id, stop));
    TRY(settle_pending(*workshop_, assignment_.task_id, stop));
  }
  for (const std::int64_t end = platform::now().mono_ms + k_verdict_patience_ms;;) {
    TRY_VALUE(Tip tip, this->tip(wish));
    if (!tip.is_open || platform::now().mono_ms > end) return std::move(tip.commit);
    if (stop) return fail(ErrorCode::waiting, "stopped");
    ::poll(nullptr, 0, k_look_ms);
  }
}

Result<> Site::enter_worktree(const Wish& wish, const std::atomic<bool>& stop) {
  TRY_VALUE(const std::string tip, first_commit(wish, stop));
  const runner::AttemptName name{assignment_.task_id, assignment_.subtask_id, assignment_.attempt};
  TRY_VALUE(worktree_, workshop_->worktrees->add(name, tip));
  cwd_ = worktree_->path();
  if (!wish.mends) return {};
  TRY_VALUE(also_, workshop_->worktrees->rescued({name.task_id, name.subtask_id, name.attempt - 1}));
  return also_.empty() ? Result<>{} : take_up(tip);
}

/// The files of both.
Result<> Site::take_up(const std::string& tip) {
  TRY_VALUE(const runner::Merge tried, runner::try_merge(workshop_->worktrees->repository(), tip, also_));
  conflicts_ = tried.conflicts;
  conflict_tree_ = tried.tree;
  TRY(worktree_->git.ask({"read-tree", "-u", "--reset", tried.tree}));
  return {};
}

/// Of a merge: lines that were markers before it are the file's own.
bool Site::has_markers(const std::string& path) const {
  const auto before = worktree_->git.ask({"show", worktree_->start + ":" + path});
  if (before && before->find("\n<<<<<<< ") != std::string::npos) return false;
  std::ifstream file(cwd_ + "/" + path);
  for (std::string line; std::getline(file, line);)
    if (is_marker(line)) return true;
  return false;
}

/// Where both stand with markers these have to be gone. A file without (a program, a picture, one that one side deleted) has to
/// be another one now, or its agent says that it is right as it is.
Result<std::vector<std::string>> Site::unresolved(bool confirmed) const {
  std::vector<std::string> left;
  if (conflicts_.empty()) return left;
  TRY_VALUE(const std::vector<std::string> touched, runner::changed_paths(worktree_->git, conflict_tree_, commit_));
  for (const std::string& path : conflicts_) {
    const bool is_touched = std::ranges::find(touched, path) != touched.end();
    if (has_markers(path) || (!is_touched && !confirmed)) left.push_back(path);
  }
  return left;
}

Result<std::vector<std::string>> Site::commit(const std::string& message) {
  if (!worktree_) return std::vector<std::string>{};
  TRY_VALUE(runner::Commit made, workshop_->worktrees->commit_all(*worktree_, message, also_));
  commit_ = std::move(made.id);
  return std::move(made.changed);
}

/// In the order of what can be lost: first it is known what to go back to, then the branch moves.
Result<runner::Merge> Site::merge(const std::string& message) {
  TRY_VALUE(const platform::Lock lock, workshop_->worktrees->lock());
  TRY_VALUE(runner::Integration branch, integration());
  TRY_VALUE(runner::Merge merge, branch.prepare(commit_, message));
  if (merge.after.empty()) return merge;
  TRY(remember_merge(*workshop_, worktree_->name, assignment_, merge));
  TRY(branch.apply(merge));
  return merge;
}

Result<std::vector<std::string>> Site::deliver(const std::string& message, bool confirmed, const std::atomic<bool>& stop) {
  if (!worktree_) return std::vector<std::string>{};
  TRY_VALUE(std::vector<std::string> left, unresolved(confirmed));
  if (!left.empty()) return left;
  TRY_VALUE(platform::Lock lock, lock_branch(*workshop_, assignment_.task_id, stop));
  TRY(settle_pending(*workshop_, assignment_.task_id, stop));
  TRY_VALUE(runner::Merge merge, this->merge(message));
  if (merge.after.empty()) return merge.conflicts;
  merge_ = std::move(merge);
  lock_ = std::move(lock);
  if (merge_->after == commit_) return std::vector<std::string>{};  // it stands there already
  auto shown = worktree_->git.ask({"reset", "--hard", "--quiet", merge_->after});
  if (shown) return std::vector<std::string>{};
  TRY(settle(false));
  return tl::make_unexpected(std::move(shown).error());
}

Result<> Site::settle(bool good) {
  if (!merge_) return {};
  const runner::Merge merge = *std::exchange(merge_, std::nullopt);
  if (!good) TRY(take_back(*workshop_, assignment_, merge));
  TRY(forget_merge(*workshop_, worktree_->name));
  lock_.reset();
  return {};
}

void Site::leave_open() {
  merge_.reset();
  lock_.reset();
}

Result<std::string> Site::clear() {
  if (!worktree_) return std::string();
  TRY_VALUE(const runner::Removed removed, workshop_->worktrees->remove(std::exchange(worktree_, std::nullopt)->name));
  return removed.rescue;
}

}  // namespace baton::front
