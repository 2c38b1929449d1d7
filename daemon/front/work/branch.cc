#include "front/work/branch.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/text.h"
#include "front/lookup.h"
#include "front/settle.h"
#include "front/stored.h"
#include "front/work/pending.h"
#include "protocol/paths.h"
#include "runner/landing.h"
#include "runner/worktrees.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;
using protocol::Integrate;

/// The branch that `ref` names; empty: it names none.
std::string branch_named(const Workshop& workshop, const std::string& ref) {
  const auto here = runner::Git::find(workshop.workspace);
  if (!here) return {};
  if (ref.empty()) return here->ask({"symbolic-ref", "--quiet", "--short", "HEAD"}).value_or("");
  const auto known = here->test({"show-ref", "--verify", "--quiet", "refs/heads/" + ref});
  return known && *known ? ref : "";
}

/// One for each stage that was begun: refs/baton/savepoints/<task>/<stage>
std::string savepoint_refs(const std::string& task_id) { return "refs/baton/savepoints/" + runner::branch_word(task_id) + "/"; }

bool is_whole(const PlanView& plan) {
  return plan.status == "completed" && std::ranges::all_of(plan.subtasks, [](const SubtaskView& each) {
           return each.status == "completed" || each.status == "superseded";
         });
}

}  // namespace

Result<runner::Integration> task_branch(const Workshop& workshop, const std::string& task_id, const std::string& ref) {
  const runner::Git& repository = workshop.worktrees->repository();
  if (auto known = runner::Integration::existing(repository, task_id)) return std::move(*known);
  TRY_VALUE(const std::string base, base_commit(workshop.workspace, ref));
  TRY_VALUE(runner::Integration branch, runner::Integration::open(repository, task_id, base));
  TRY(runner::remember_base(repository, task_id, branch_named(workshop, ref)));
  return branch;
}

void drop_task_branch(const Workshop& workshop, const std::string& task_id) {
  if (const auto lock = workshop.worktrees->lock())
    static_cast<void>(workshop.worktrees->repository().ask({"branch", "-D", "--quiet", runner::integration_branch(task_id)}));
}

void keep_savepoint(const Workshop& workshop, const std::string& task_id, int stage, const std::string& commit) {
  const std::string ref = savepoint_refs(task_id) + std::to_string(stage);
  std::error_code ignored;
  if (std::filesystem::exists(workshop.worktrees->repository().git_dir() + "/" + ref, ignored)) return;
  // With the old value that means "there is none": the first one stays, and git says so.
  static_cast<void>(workshop.worktrees->repository().ask({"update-ref", ref, commit, std::string(commit.size(), '0')}));
}

std::map<int, std::string> savepoints_of(const Workshop& workshop, const std::string& task_id) {
  const std::string refs = savepoint_refs(task_id);
  const auto listed = workshop.worktrees->repository().ask({"for-each-ref", "--format=%(objectname) %(refname)", refs});
  std::map<int, std::string> found;
  if (!listed) return found;
  for (const std::string& line : text::split(*listed, '\n')) {
    const std::size_t space = line.find(' ');
    const std::string_view number = std::string_view(line).substr(space + 1 + refs.size());
    int stage = 0;
    if (std::from_chars(number.data(), number.data() + number.size(), stage).ec == std::errc())
      found[stage] = line.substr(0, space);
  }
  return found;
}

Result<> keep_base(const Workshop& workshop, const std::string& task_id, const std::string& new_id) {
  const runner::Git& repository = workshop.worktrees->repository();
  return runner::remember_base(repository, new_id, runner::base_of(repository, task_id));
}

std::string task_branch_name(const std::string& task_id) { return runner::integration_branch(task_id); }

std::vector<std::string> refs_of(const Workshop& workshop, const std::string& task_id) {
  const runner::Git& repository = workshop.worktrees->repository();
  const std::string branch = runner::integration_branch(task_id);
  const std::string rescue = std::string(runner::k_rescue_refs) + runner::branch_word(task_id) + "/";
  const auto refs = repository.ask({"for-each-ref", "--format=%(refname)", "refs/heads/" + branch, rescue});
  std::vector<std::string> told;
  if (!refs) return told;
  const std::string base = runner::base_of(repository, task_id);
  for (const std::string& ref : text::split(*refs, '\n')) {
    if (ref.starts_with(runner::k_rescue_refs))
      told.push_back(ref + ": what an attempt left and nobody merged");
    else
      told.push_back(branch + ": the work that counts" + (runner::is_landed(repository, task_id) ? ", brought in" : "") +
                     (base.empty() ? "" : "; it began at " + base));
  }
  return told;
}

void Landing::expect(const std::string& task_id) {
  if (wish_ == Integrate::leave || !workshop_.worktrees) return;
  const std::scoped_lock lock(mutex_);
  expected_.insert(task_id);
}

void Landing::expect_left() {
  if (wish_ == Integrate::leave || !workshop_.worktrees) return;
  const auto refs = workshop_.worktrees->repository().ask(
      {"for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/" + runner::integration_branch("*")});
  if (!refs) return;
  for (const std::string& branch : text::split(*refs, '\n'))
    if (const std::string task_id = runner::task_of_branch(branch); is_stored(workshop_.folder, paths::report_json(task_id)))
      expect(task_id);
}

std::vector<Landed> Landing::land(bool wait) {
  std::set<std::string> waiting;
  {
    const std::scoped_lock lock(mutex_);
    waiting = expected_;
  }
  std::vector<Landed> told;
  for (const std::string& task_id : waiting) {
    if (wait) await_plan(workshop_.folder, task_id, [](const PlanView& plan) { return is_final_status(plan.status); });
    const auto loaded = load_plan(workshop_.folder, task_id);
    if (!loaded || !is_final_status(loaded->plan.status)) continue;
    if (is_whole(loaded->plan)) {
      const auto done = land_one(task_id, loaded->plan.title);
      if (!done && done.error().code == ErrorCode::waiting) continue;  // somebody else is at it
      if (!done)
        told.push_back({task_id + " is not brought in: " + done.error().message +
                        (done.error().hint.empty() ? "" : "; " + done.error().hint)});
      else if (!done->empty())
        told.push_back({task_id + ": " + *done, true});
    }
    const std::scoped_lock lock(mutex_);
    expected_.erase(task_id);
  }
  return told;
}

/// Empty: it was brought in already. waiting: somebody else has the lock of the task.
Result<std::string> Landing::land_one(const std::string& task_id, const std::string& title) const {
  const std::atomic<bool> at_once = true;
  TRY_VALUE(const platform::Lock lock, lock_branch(workshop_, task_id, at_once));
  if (runner::is_landed(workshop_.worktrees->repository(), task_id)) return std::string();
  return carry_out(task_id, title);
}

Result<std::string> Landing::carry_out(const std::string& task_id, const std::string& title) const {
  TRY_VALUE(const runner::Git here, runner::Git::find(workshop_.workspace));
  std::string words;
  if (wish_ == Integrate::pull_request) {
    const std::string report = read_stored(workshop_.folder, paths::report_md(task_id)).value_or(title + "\n");
    TRY_VALUE(words, runner::open_pull_request(here, task_id, title, report));
    words = "pull request " + text::printable(words);
  } else {
    const auto wish = wish_ == Integrate::merge ? runner::MergeWish::as_needed : runner::MergeWish::forward_only;
    TRY_VALUE(const platform::Lock lock, workshop_.worktrees->lock());
    TRY_VALUE(const runner::Landed landed, runner::merge_to_base(here, task_id, "Merge " + task_id + ": " + title + "\n", wish));
    words = landed.branch + (landed.forward ? " was moved to its work" : " has its work, by a merge") + " (" +
            landed.commit.substr(0, 12) + ")";
  }
  TRY(runner::remember_landed(workshop_.worktrees->repository(), task_id));
  return words;
}

}  // namespace baton::front
