#include "runner/worktrees.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/ids.h"
#include "base/text.h"

namespace baton::runner {
namespace {

namespace fs = std::filesystem;

constexpr unsigned k_lock_mode = 0660;
constexpr std::string_view k_ours = "baton/";            // of branches
constexpr const char* k_made_with = "/baton-made-with";  // beside a worktree's index: its branch and first commit

bool is_ours(const std::string& branch) { return branch.starts_with(k_ours); }

std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string branch_ref(const std::string& branch) { return "refs/heads/" + branch; }

Result<> write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.close();
  return file ? Result<>{} : fail(ErrorCode::io, "cannot write " + path);
}

/// git removes no worktree that does not point back to it, whatever made it lose that.
Result<> restore_pointer(const Worktree& worktree) {
  const std::string path = worktree.path() + "/.git";
  const std::string pointer = "gitdir: " + worktree.git.git_dir();
  if (first_line(path) == pointer) return {};
  return write_file(path, pointer + "\n");
}

/// Its HEAD, when all that is not ignored is in there; empty: not all is, or it is no longer the worktree that was made.
std::string clean_head(const Worktree& worktree) {
  if (first_line(worktree.path() + "/.git").empty()) return {};
  const auto status =
      worktree.git.ask({"status", "--porcelain=v2", "--branch", "--untracked-files=normal", "--ignore-submodules=none"});
  constexpr std::string_view k_head = "# branch.oid ";
  if (!status || !status->starts_with(k_head)) return {};
  for (const std::string& line : text::split(*status, '\n'))
    if (!line.starts_with('#')) return {};
  if (!check_submodules(worktree.git)) return {};
  const std::string head = status->substr(k_head.size(), status->find('\n') - k_head.size());
  return head.find_first_not_of("0123456789abcdef") == std::string::npos ? head : "";
}

Result<> fill(const Worktree& worktree) {
  TRY(write_file(worktree.git.git_dir() + k_made_with, worktree.branch + "\n" + worktree.start + "\n"));
  TRY(worktree.git.ask({"reset", "--hard", "--quiet"}));
  return {};
}

std::vector<std::string> sorted_folders(const std::string& folder, std::error_code& error) {
  std::vector<std::string> names;
  std::error_code ignored;  // of one that went meanwhile
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (entry->is_directory(ignored) && !entry->is_symlink(ignored)) names.push_back(entry->path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::string attempt_branch(const AttemptName& name) { return "baton/" + branch_word(name.task_id) + "/" + worktree_name(name); }

std::string worktree_name(const AttemptName& name) { return shorten_id(name.subtask_id + "-a" + std::to_string(name.attempt)); }

std::string rescue_ref(const AttemptName& name, const std::string& commit) {
  return std::string(k_rescue_refs) + attempt_branch(name).substr(k_ours.size()) + "-" + commit.substr(0, 12);
}

std::string integration_branch(const std::string& task_id) { return "baton/" + branch_word(task_id) + "/integration"; }

std::string task_of_branch(const std::string& branch) {
  const std::size_t slash = branch.find('/', k_ours.size());
  if (!is_ours(branch) || slash == std::string::npos) return {};
  return id_of_branch_word(branch.substr(k_ours.size(), slash - k_ours.size()));
}

Worktrees::Worktrees(Git repository, std::string folder) : repository_(std::move(repository)), folder_(std::move(folder)) {}

Result<platform::Lock> Worktrees::lock() const {
  return platform::Lock::wait(repository_.git_dir() + "/baton.lock", k_lock_mode);
}

Result<std::vector<std::string>> Worktrees::list() const {
  std::error_code error;
  std::vector<std::string> names = sorted_folders(folder_, error);
  if (error && error != std::errc::no_such_file_or_directory) return fail_errno("cannot list " + folder_, error.value());
  return names;
}

/// From git's side, since the worktree's own pointer may be gone or changed.
Result<std::string> Worktrees::git_dir_of(const std::string& path) const {
  std::error_code error;
  for (const std::string& name : sorted_folders(repository_.git_dir() + "/worktrees", error)) {
    std::string git_dir = repository_.git_dir() + "/worktrees/" + name;
    if (first_line(fs::path(git_dir) / "gitdir") == path + "/.git") return git_dir;
  }
  return fail(ErrorCode::not_found, "git knows no worktree at " + path);
}

Result<Worktree> Worktrees::find(const std::string& name) const {
  const std::string path = path_of(name);
  TRY_VALUE(std::string git_dir, git_dir_of(path));
  std::ifstream made(git_dir + k_made_with);
  Worktree worktree{name, Git(std::move(git_dir), path), "", ""};
  std::getline(made, worktree.branch);
  std::getline(made, worktree.start);
  return worktree;
}

Result<Worktree> Worktrees::add(const AttemptName& name, const std::string& start) const {
  const std::string folder = worktree_name(name);
  const std::string branch = attempt_branch(name);
  if (fs::exists(path_of(folder))) TRY(remove(folder));
  TRY(begin_branch(branch, start));
  {
    TRY_VALUE(const platform::Lock lock, this->lock());
    if (git_dir_of(path_of(folder))) TRY(drop(path_of(folder)));  // somebody deleted the folder alone
    TRY(repository_.ask({"worktree", "add", "--no-checkout", "--force", path_of(folder), branch}));
  }
  TRY_VALUE(std::string git_dir, git_dir_of(path_of(folder)));
  Worktree worktree{folder, Git(std::move(git_dir), path_of(folder)), branch, start};
  const Result<> filled = fill(worktree);
  if (filled) return worktree;
  TRY_VALUE(const platform::Lock lock, this->lock());
  static_cast<void>(drop(worktree.path()));  // nobody has worked there yet
  static_cast<void>(repository_.ask({"branch", "-D", "--quiet", branch}));
  return tl::make_unexpected(filled.error());
}

/// One of that name that an earlier attempt left is moved, and what only it has is saved before. By itself, not by `git worktree
/// add`, which starts a process more for it, while others wait for the lock.
Result<> Worktrees::begin_branch(const std::string& branch, const std::string& start) const {
  const std::string ref = branch_ref(branch);
  const auto begun = repository_.ask({"update-ref", ref, start, ""});  // "": there must be none
  if (begun) return {};
  const auto left = repository_.ask({"rev-parse", "--verify", "--quiet", ref + "^{commit}"});
  if (!left) return tl::make_unexpected(begun.error());
  TRY(rescue_commit(*left, branch));
  TRY(repository_.ask({"update-ref", ref, start, *left}));
  return {};
}

Result<Commit> Worktrees::commit_all(const Worktree& worktree, const std::string& message, const std::string& also) const {
  return runner::commit_all(worktree.git, {worktree.branch, worktree.start}, message, also);
}

/// In a branch or a rescue ref; the branch that is about to go does not count.
Result<bool> Worktrees::is_kept(const std::string& commit, const std::string& except_branch) const {
  TRY_VALUE(const std::string refs, repository_.ask({"for-each-ref", "--format=%(refname)", "--contains", commit, "refs/heads",
                                                     "refs/remotes", "refs/tags", std::string(k_rescue_refs)}));
  const std::vector<std::string> names = text::split(refs, '\n');
  return std::ranges::any_of(names, [&](const std::string& name) { return name != branch_ref(except_branch); });
}

Result<std::string> Worktrees::rescue_commit(const std::string& commit, const std::string& name) const {
  TRY_VALUE(const bool kept, is_kept(commit, name));
  if (kept) return std::string();
  const std::string below = is_ours(name) ? name.substr(k_ours.size()) : name;
  std::string ref = std::string(k_rescue_refs) + below + "-" + commit.substr(0, 12);
  TRY(repository_.ask({"update-ref", ref, commit}));
  return ref;
}

Result<std::string> Worktrees::rescued(const AttemptName& last) const {
  for (AttemptName name = last; name.attempt > 0; --name.attempt) {
    const std::string pattern = rescue_ref(name, "*");
    TRY_VALUE(std::string commit,
              repository_.ask({"for-each-ref", "--sort=-committerdate", "--format=%(objectname)", "--count=1", pattern}));
    if (!commit.empty()) return commit;
  }
  return std::string();
}

/// What the worktree has that no other branch has, whatever its agent did to it.
Result<std::string> Worktrees::rescue(const Worktree& worktree) const {
  std::string commit = clean_head(worktree);
  if (commit.empty()) {
    TRY_VALUE(const Commit saved, commit_all(worktree, "Work that was not finished"));
    commit = saved.id;
  }
  if (worktree.branch.empty()) return rescue_commit(commit, branch_word(worktree.name));
  TRY_VALUE(std::string ref, rescue_commit(commit, worktree.branch));
  if (is_on(worktree.git, worktree.branch)) return ref;
  // Its agent has gone elsewhere: what it committed before that is in the branch alone.
  const auto left = repository_.ask({"rev-parse", "--verify", "--quiet", branch_ref(worktree.branch) + "^{commit}"});
  if (!left || *left == commit) return ref;
  TRY_VALUE(std::string other, rescue_commit(*left, worktree.branch));
  return ref.empty() ? other : ref;
}

Result<> Worktrees::drop(const std::string& path) const {
  TRY(repository_.ask({"worktree", "remove", "--force", "--force", path}));
  return {};
}

Result<Removed> Worktrees::remove(const std::string& name) const {
  TRY_VALUE(const Worktree worktree, find(name));
  Removed removed{name, ""};
  TRY_VALUE(removed.rescue, rescue(worktree));
  TRY_VALUE(const platform::Lock lock, this->lock());
  TRY(restore_pointer(worktree));
  TRY(drop(path_of(name)));
  if (worktree.branch.empty()) return removed;
  const auto deleted = repository_.ask({"branch", "-D", "--quiet", worktree.branch});
  // An agent may have deleted it.
  if (!deleted && repository_.ask({"rev-parse", "--verify", "--quiet", branch_ref(worktree.branch)}))
    return tl::make_unexpected(deleted.error());
  return removed;
}

}  // namespace baton::runner
