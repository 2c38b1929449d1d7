#include "front/work/integrator.h"

#include <algorithm>
#include <atomic>

#include "base/text.h"
#include "front/lookup.h"
#include "front/settle.h"
#include "front/stored.h"
#include "front/work/pending.h"
#include "protocol/paths.h"
#include "runner/base_branch.h"
#include "runner/worktrees.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;
using protocol::Integrate;

bool is_whole(const PlanView& plan) {
  return plan.status == "completed" && std::ranges::all_of(plan.subtasks, [](const SubtaskView& each) {
           return each.status == "completed" || each.status == "superseded";
         });
}

}  // namespace

void Integrator::expect(const std::string& task_id) {
  if (wish_ == Integrate::leave || !workshop_.worktrees) return;
  const std::scoped_lock lock(mutex_);
  expected_.insert(task_id);
}

void Integrator::expect_left() {
  if (wish_ == Integrate::leave || !workshop_.worktrees) return;
  const auto refs = workshop_.worktrees->repository().ask(
      {"for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/" + runner::integration_branch("*")});
  if (!refs) return;
  for (const std::string& branch : text::split(*refs, '\n'))
    if (const std::string task_id = runner::task_of_branch(branch); is_stored(workshop_.folder, paths::report_json(task_id)))
      expect(task_id);
}

std::vector<Integrated> Integrator::integrate(bool wait) {
  std::set<std::string> waiting;
  {
    const std::scoped_lock lock(mutex_);
    waiting = expected_;
  }
  std::vector<Integrated> told;
  for (const std::string& task_id : waiting) {
    if (wait) await_plan(workshop_.folder, task_id, [](const PlanView& plan) { return is_final_status(plan.status); });
    const auto loaded = load_plan(workshop_.folder, task_id);
    if (!loaded || !is_final_status(loaded->plan.status)) continue;
    if (is_whole(loaded->plan)) {
      const auto done = integrate_one(task_id, loaded->plan.title);
      if (!done && done.error().code == ErrorCode::waiting) continue;  // somebody else is at it
      if (!done)
        told.push_back({task_id + " is not integrated: " + done.error().message +
                        (done.error().hint.empty() ? "" : "; " + done.error().hint)});
      else if (!done->empty())
        told.push_back({task_id + ": " + *done, true});
    }
    const std::scoped_lock lock(mutex_);
    expected_.erase(task_id);
  }
  return told;
}

/// Empty: it was integrated already. waiting: somebody else has the lock of the task.
Result<std::string> Integrator::integrate_one(const std::string& task_id, const std::string& title) const {
  const std::atomic<bool> at_once = true;
  TRY_VALUE(const platform::Lock lock, lock_branch(workshop_, task_id, at_once));
  if (runner::is_integrated(workshop_.worktrees->repository(), task_id)) return std::string();
  return carry_out(task_id, title);
}

Result<std::string> Integrator::carry_out(const std::string& task_id, const std::string& title) const {
  const runner::Git& here = *workshop_.here;
  std::string words;
  if (wish_ == Integrate::pull_request) {
    const std::string report = read_stored(workshop_.folder, paths::report_md(task_id)).value_or(title + "\n");
    TRY_VALUE(words, runner::open_pull_request(here, task_id, title, report));
    words = "pull request " + text::printable(words);
  } else {
    const auto wish = wish_ == Integrate::merge ? runner::MergeWish::as_needed : runner::MergeWish::forward_only;
    TRY_VALUE(const platform::Lock lock, workshop_.worktrees->lock());
    TRY_VALUE(const runner::Merged merged, runner::merge_to_base(here, task_id, "Merge " + task_id + ": " + title + "\n", wish));
    words = merged.branch + (merged.forward ? " was moved to its work" : " has its work, by a merge") + " (" +
            merged.commit.substr(0, 12) + ")";
  }
  TRY(runner::remember_integrated(workshop_.worktrees->repository(), task_id));
  return words;
}

}  // namespace baton::front
