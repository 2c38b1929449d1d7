#include "runner/base_branch.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include "base/text.h"
#include "platform/run.h"
#include "platform/spawn.h"
#include "runner/integration.h"
#include "runner/worktrees.h"

namespace baton::runner {
namespace {

namespace fs = std::filesystem;

constexpr int k_most_tries = 5;  // somebody else may move the base between look and move
constexpr std::int64_t k_gh_limit_ms = 120'000;

std::string key(const std::string& task_id, const std::string& name) {
  return "branch." + integration_branch(task_id) + "." + name;
}

std::string configured(const Git& repository, const std::string& name) {
  return repository.ask({"config", "--local", "--get", name}).value_or("");
}

std::string by_hand(const std::string& task_id) { return "by hand: git merge " + integration_branch(task_id); }

Result<std::string> known_base(const Git& repository, const std::string& task_id) {
  std::string base = base_of(repository, task_id);
  if (base.empty())
    return fail(ErrorCode::refused, task_id + " began at a commit and not at a branch, so there is none to merge into",
                by_hand(task_id));
  if (!tip_of(repository, base))
    return fail(ErrorCode::refused, "the branch " + base + ", at which " + task_id + " began, is gone", by_hand(task_id));
  return base;
}

/// The folder in which the branch is checked out; empty: nowhere.
Result<std::string> checked_out_at(const Git& repository, const std::string& branch) {
  TRY_VALUE(const std::string listed, repository.ask({"worktree", "list", "--porcelain"}));
  std::string folder;
  for (const std::string& line : text::split(listed, '\n')) {
    if (line.starts_with("worktree ")) folder = line.substr(std::string("worktree ").size());
    if (line == "branch refs/heads/" + branch) return folder;
  }
  return std::string();
}

/// Somebody is in the middle of a rebase or a bisection of the branch: git calls that detached, and wants to find it as it was.
bool is_in_use(const Git& repository, const std::string& branch) {
  std::error_code error;
  std::vector<std::string> folders = {repository.git_dir()};
  for (fs::directory_iterator at(repository.git_dir() + "/worktrees", error), end; !error && at != end; at.increment(error))
    folders.push_back(at->path().string());
  for (const std::string& folder : folders)
    for (const char* name : {"/rebase-merge/head-name", "/rebase-apply/head-name", "/BISECT_START"}) {
      std::ifstream file(folder + name);
      std::string line;
      if (std::getline(file, line) && (line == "refs/heads/" + branch || line == branch)) return true;
    }
  return false;
}

/// git itself looks that no change of the user is in the way, and moves branch and files together.
Result<> move_with_files(const std::string& folder, const Merge& merge, const std::string& task_id) {
  TRY_VALUE(const Git there, Git::find(folder));
  TRY_VALUE(const GitOutput moved, there.run({"merge", "--ff-only", "--no-stat", "--quiet", merge.after}));
  if (moved.code == 0) return {};
  return fail(ErrorCode::refused, "the files of " + folder + " are in the way: " + text::printable(text::trim(moved.errors)),
              "commit or stash them, then " + by_hand(task_id));
}

tl::unexpected<Error> conflict(const std::string& base, const Merge& merge, const std::string& task_id) {
  return fail(ErrorCode::refused,
              base + " and the work of " + task_id + " have both changed " + text::printable(text::join(merge.conflicts, ", ")),
              by_hand(task_id));
}

/// Nothing: the base was moved meanwhile.
Result<std::optional<Merged>> try_to_merge(const Git& workspace, const std::string& base, const std::string& task_id,
                                           const std::string& message, MergeWish wish) {
  TRY_VALUE(const Git repository, workspace.shared());
  TRY_VALUE(const std::string work, tip_of(repository, integration_branch(task_id)));
  TRY_VALUE(std::string tip, tip_of(repository, base));
  Integration target = Integration::at_branch(repository, base, std::move(tip));
  TRY_VALUE(const Merge merge, target.prepare(work, message));
  if (!merge.conflicts.empty()) return conflict(base, merge, task_id);
  const bool forward = merge.after == work || merge.after == merge.before;
  if (!forward && wish == MergeWish::forward_only)
    return fail(ErrorCode::refused, base + " has moved on since " + task_id + " began", by_hand(task_id));
  if (is_in_use(repository, base))
    return fail(ErrorCode::refused, "a rebase or bisection of " + base + " is under way", "end it, then " + by_hand(task_id));
  TRY_VALUE(const std::string folder, checked_out_at(repository, base));
  const Result<> moved = folder.empty() ? target.apply(merge) : move_with_files(folder, merge, task_id);
  if (moved) return Merged{base, merge.after, forward};
  TRY_VALUE(const std::string now, tip_of(repository, base));
  if (now != merge.before) return std::optional<Merged>{};
  return tl::make_unexpected(moved.error());
}

Result<std::string> gh(const Git& workspace, std::vector<std::string> words, std::string input = "") {
  platform::SpawnRequest request;
  words.insert(words.begin(), "gh");
  request.argv = std::move(words);
  request.cwd = workspace.work_tree();
  request.input = std::move(input);
  request.unset_environment = k_kept_back;
  TRY_VALUE(const platform::Exit exit, platform::run_to_end(request, k_gh_limit_ms));
  if (exit.code != 0) return fail(ErrorCode::refused, "gh: " + text::printable(text::trim(exit.error_output)));
  return std::string(text::trim(exit.output));
}

}  // namespace

Result<> remember_base(const Git& repository, const std::string& task_id, const std::string& branch) {
  if (!branch.empty()) TRY(repository.ask({"config", "--local", key(task_id, "batonBase"), branch}));
  return {};
}

std::string base_of(const Git& repository, const std::string& task_id) {
  return configured(repository, key(task_id, "batonBase"));
}

Result<> remember_integrated(const Git& repository, const std::string& task_id) {
  TRY_VALUE(const std::string tip, tip_of(repository, integration_branch(task_id)));
  TRY(repository.ask({"config", "--local", key(task_id, "batonIntegrated"), tip}));
  return {};
}

bool is_integrated(const Git& repository, const std::string& task_id) {
  const std::string merged = configured(repository, key(task_id, "batonIntegrated"));
  return !merged.empty() && merged == tip_of(repository, integration_branch(task_id)).value_or("");
}

Result<Merged> merge_to_base(const Git& workspace, const std::string& task_id, const std::string& message, MergeWish wish) {
  TRY_VALUE(const Git repository, workspace.shared());
  TRY_VALUE(const std::string base, known_base(repository, task_id));
  for (int tries = 0; tries < k_most_tries; ++tries) {
    TRY_VALUE(const auto merged, try_to_merge(workspace, base, task_id, message, wish));
    if (merged) return *merged;
  }
  return fail(ErrorCode::refused, base + " moves all the time", by_hand(task_id));
}

Result<std::string> open_pull_request(const Git& workspace, const std::string& task_id, const std::string& title,
                                      const std::string& body) {
  TRY_VALUE(const Git repository, workspace.shared());
  TRY_VALUE(const std::string base, known_base(repository, task_id));
  std::string remote = configured(repository, "branch." + base + ".remote");
  if (remote.empty() || remote == ".") remote = "origin";
  const std::string branch = integration_branch(task_id);
  const auto pushed = repository.ask({"push", "--quiet", remote, "refs/heads/" + branch + ":refs/heads/" + branch});
  if (!pushed) return fail(ErrorCode::refused, pushed.error().message, "push by hand: git push " + remote + " " + branch);
  if (!platform::is_startable("gh", workspace.work_tree()))
    return fail(ErrorCode::refused, branch + " was pushed to " + remote + "; there is no `gh` to open a pull request with",
                "open it by hand, from " + branch + " into " + base);
  const auto open = gh(workspace, {"pr", "list", "--head", branch, "--state", "open", "--json", "url", "--jq", ".[].url"});
  if (open && !open->empty()) return *open;
  return gh(workspace, {"pr", "create", "--head", branch, "--base", base, "--title", title, "--body-file", "-"}, body);
}

}  // namespace baton::runner
