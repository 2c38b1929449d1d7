#include "front/work/branch.h"

#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/text.h"
#include "runner/base_branch.h"
#include "runner/worktrees.h"

namespace baton::front {
namespace {

/// The branch that `ref` names; empty: it names none.
std::string branch_named(const Workshop& workshop, const std::string& ref) {
  if (ref.empty()) return workshop.here->ask({"symbolic-ref", "--quiet", "--short", "HEAD"}).value_or("");
  const auto known = workshop.here->test({"show-ref", "--verify", "--quiet", "refs/heads/" + ref});
  return known && *known ? ref : "";
}

/// One for each stage that was begun: refs/baton/savepoints/<task>/<stage>
std::string savepoint_refs(const std::string& task_id) { return "refs/baton/savepoints/" + runner::branch_word(task_id) + "/"; }

}  // namespace

Result<runner::Integration> task_branch(const Workshop& workshop, const std::string& task_id, const std::string& ref) {
  const runner::Git& repository = workshop.worktrees->repository();
  if (auto known = runner::Integration::existing(repository, task_id)) return std::move(*known);
  TRY_VALUE(const std::string base, base_commit(*workshop.here, ref));
  TRY_VALUE(runner::Integration branch, runner::Integration::begin(repository, task_id, base));
  TRY(runner::remember_base(repository, task_id, branch_named(workshop, ref)));
  return branch;
}

void drop_task_branch(const Workshop& workshop, const std::string& task_id) {
  if (const auto lock = workshop.worktrees->lock())
    static_cast<void>(workshop.worktrees->repository().ask({"branch", "-D", "--quiet", runner::integration_branch(task_id)}));
}

void keep_savepoint(const Workshop& workshop, const std::string& task_id, int stage, const std::string& commit) {
  const std::string ref = savepoint_refs(task_id) + std::to_string(stage);
  const auto is_kept = [path = workshop.worktrees->repository().git_dir() + "/" + ref] {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
  };
  if (is_kept()) return;
  const auto lock = workshop.worktrees->lock();  // all of a stage begin at once, and one is enough
  if (is_kept()) return;
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
      told.push_back(branch + ": the work that counts" + (runner::is_integrated(repository, task_id) ? ", integrated" : "") +
                     (base.empty() ? "" : "; it began at " + base));
  }
  return told;
}

}  // namespace baton::front
