#include "runner/commit.h"

#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace baton::runner {
namespace {

constexpr std::string_view k_link_mode = "160000";  // of a repository within the repository

struct Head {
  std::string commit, tree;
};

tl::unexpected<Error> embedded(const std::string& path) {
  return fail(ErrorCode::refused, text::printable(path) + " is a git repository of its own, which no commit can hold",
              "move it away, or delete its .git; the worktree is left as it is");
}

struct Change {
  std::string mode;  // that it has now
  std::string path;
};

/// Of git's raw format: ":<mode> <mode> <id> <id> <letter>" and the path, each with a zero byte behind it. What stands before
/// these is the id of the commit whose changes follow; without one: "".
using ChangesOf = std::map<std::string, std::vector<Change>>;
Result<ChangesOf> read_changes(const std::string& raw) {
  ChangesOf found;
  std::string commit;
  const std::vector<std::string> parts = text::split(raw, '\0');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].starts_with(':')) {
      commit = parts[i];
      continue;
    }
    const std::vector<std::string> words = text::split(parts[i], ' ');
    if (words.size() < 5 || i + 1 == parts.size())
      return fail(ErrorCode::io, "git diff-tree: " + text::printable(parts[i]) + " is no change");
    found[commit].push_back({words[1], parts[++i]});
  }
  return found;
}

Result<std::vector<Change>> changes(const Git& git, const std::string& from, const std::string& to) {
  if (from == to) return std::vector<Change>{};
  TRY_VALUE(const std::string raw, git.ask({"diff-tree", "-r", "-z", "--no-renames", from, to}));
  TRY_VALUE(ChangesOf found, read_changes(raw));
  return std::move(found[""]);
}

std::vector<std::string> paths_of(std::vector<Change> changes) {
  std::vector<std::string> paths;
  paths.reserve(changes.size());
  for (Change& each : changes) paths.push_back(std::move(each.path));
  return paths;
}

/// Repositories that an agent made or cloned among the files, or committed in: git would remember a number only.
Result<> check_embedded(const Git& git, const std::vector<Change>& since_head) {
  std::error_code error;
  if (std::filesystem::is_directory(std::filesystem::symlink_status(git.work_tree() + "/.git", error)))
    return embedded(git.work_tree());
  const auto link = std::ranges::find(since_head, k_link_mode, &Change::mode);
  return link == since_head.end() ? Result<>{} : embedded(git.work_tree() + "/" + link->path);
}

tl::unexpected<Error> in_submodule(const std::string& path) {
  return fail(ErrorCode::refused, text::printable(path) + " is a submodule: no commit here can hold what was written into it",
              "take it from there by hand; the worktree is left as it is");
}

/// The branch of the worktree, or only its HEAD when an agent has gone elsewhere.
Result<> move_head(const Git& worktree, const std::string& branch, const std::string& commit) {
  std::vector<std::string> words = {"update-ref", "HEAD", commit};
  if (!is_on(worktree, branch)) words.insert(words.begin() + 1, "--no-deref");
  TRY(worktree.ask(words));
  return {};
}

Result<std::vector<std::string>> parents(const Git& git, const std::string& head, const std::string& start,
                                         const std::string& also) {
  std::vector<std::string> found = {head};
  if (!start.empty() && start != head) {
    TRY_VALUE(const bool grew, git.test({"merge-base", "--is-ancestor", start, head}));
    if (!grew) found.insert(found.begin(), start);  // it went to another branch: both count
  }
  if (!also.empty()) {
    TRY_VALUE(const bool in, git.test({"merge-base", "--is-ancestor", also, head}));
    if (!in) found.push_back(also);
  }
  return found;
}

/// Where the work is: HEAD, or the start when an agent made HEAD point nowhere.
Result<Head> head_of(const Git& git, const std::string& start) {
  Result<std::string> both = fail(ErrorCode::not_found, "no commit to begin with");
  for (const std::string& name : {std::string("HEAD"), start})
    if (!both && !name.empty()) both = git.ask({"rev-parse", "--quiet", name + "^{commit}", name + "^{tree}"});
  if (!both) return tl::make_unexpected(std::move(both).error());
  const std::size_t line = both->find('\n');
  return Head{both->substr(0, line), both->substr(line + 1)};
}

}  // namespace

// Read from its file: an agent may have written anything there.
bool is_on(const Git& worktree, const std::string& branch) {
  std::ifstream file(worktree.git_dir() + "/HEAD");
  std::string line;
  return std::getline(file, line) && !branch.empty() && line == "ref: refs/heads/" + branch;
}

Result<> check_submodules(const Git& git) {
  // Not by .gitmodules: an agent may have deleted that.
  bool has_any = false;
  TRY_VALUE(const std::string index, git.ask({"ls-files", "--stage", "-z"}));
  for (const std::string& entry : text::split(index, '\0')) {
    if (!entry.starts_with(k_link_mode)) continue;
    has_any = true;
    std::error_code error;
    const std::string folder = git.work_tree() + "/" + entry.substr(entry.find('\t') + 1);
    if (std::filesystem::exists(folder + "/.git", error)) continue;
    if (!std::filesystem::is_empty(folder, error) && !error) return in_submodule(folder);
  }
  if (!has_any) return {};
  TRY_VALUE(const std::string left, git.ask({"diff-files", "--name-only", "-z", "--ignore-submodules=none"}));
  return left.empty() ? Result<>{} : in_submodule(git.work_tree() + "/" + left.substr(0, left.find('\0')));
}

Result<std::string> commit_tree(const Git& git, const std::string& tree, const std::vector<std::string>& parents,
                                const std::string& message) {
  std::vector<std::string> words = {"commit-tree", tree};
  for (const std::string& parent : parents) words.insert(words.end(), {"-p", parent});
  auto commit = git.ask(words, message);
  if (commit) return commit;
  TRY_VALUE(const bool has_author, git.test({"config", "--get", "user.email"}));
  if (has_author) return commit;
  words.insert(words.begin(), {"-c", "user.name=baton", "-c", "user.email=baton@localhost"});
  return git.ask(words, message);
}

Result<Commit> commit_all(const Git& worktree, const Begun& begun, const std::string& message, const std::string& also) {
  // Of a git that was killed. One that a killed runner has left may still be at it: it fails then, and has nothing to say.
  ::unlink((worktree.git_dir() + "/index.lock").c_str());
  TRY_VALUE(const Head head, head_of(worktree, begun.start));
  TRY(worktree.ask({"add", "--all"}));
  TRY_VALUE(const std::string tree, worktree.ask({"write-tree"}));
  TRY_VALUE(std::vector<Change> since_head, changes(worktree, head.tree, tree));
  TRY(check_embedded(worktree, since_head));
  TRY(check_submodules(worktree));
  TRY_VALUE(const std::vector<std::string> before_it, parents(worktree, head.commit, begun.start, also));
  Commit commit{head.commit, {}};
  if (tree != head.tree || before_it.size() > 1) {
    TRY_VALUE(commit.id, commit_tree(worktree, tree, before_it, message));
    TRY(move_head(worktree, begun.branch, commit.id));
  }
  if (begun.start.empty() || begun.start == head.commit) {
    commit.changed = paths_of(std::move(since_head));
  } else {
    TRY_VALUE(commit.changed, changed_paths(worktree, begun.start, commit.id));
  }
  return commit;
}

Result<std::vector<std::string>> changed_paths(const Git& git, const std::string& from, const std::string& to) {
  TRY_VALUE(std::vector<Change> found, changes(git, from, to));
  return paths_of(std::move(found));
}

// What follows a commit there counts as its parents.
Result<std::vector<std::vector<std::string>>> changed_paths(const Git& git, const std::vector<Step>& steps) {
  std::string lines;
  for (const Step& step : steps) lines += step.to + " " + step.from + "\n";
  TRY_VALUE(const std::string raw, git.ask({"diff-tree", "--stdin", "-r", "-z", "--no-renames"}, std::move(lines)));
  TRY_VALUE(ChangesOf found, read_changes(raw));
  std::vector<std::vector<std::string>> paths;
  paths.reserve(steps.size());
  for (const Step& step : steps) paths.push_back(paths_of(found[step.to]));
  return paths;
}

}  // namespace baton::runner
