#include "runner/commit.h"

#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
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

/// Repositories that an agent made or cloned among the files, or committed in: git would remember a number only.
Result<> check_embedded(const Git& git, const Head& head, const std::string& tree) {
  std::error_code error;
  if (std::filesystem::is_directory(std::filesystem::symlink_status(git.work_tree() + "/.git", error)))
    return embedded(git.work_tree());
  if (tree == head.tree) return {};
  TRY_VALUE(const std::string changes, git.ask({"diff-tree", "-r", "--no-renames", head.commit, tree}));
  for (const std::string& line : text::split(changes, '\n')) {
    const std::vector<std::string> words = text::split(line.substr(0, line.find('\t')), ' ');
    if (words.size() < 5 || words[1] != k_link_mode) continue;
    return embedded(git.work_tree() + "/" + line.substr(line.find('\t') + 1));
  }
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

/// HEAD names the branch that the worktree was made with. Read from its file: an agent may have written anything there.
bool is_on(const Git& worktree, const std::string& branch) {
  std::ifstream file(worktree.git_dir() + "/HEAD");
  std::string line;
  return std::getline(file, line) && !branch.empty() && line == "ref: refs/heads/" + branch;
}

}  // namespace

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

Result<std::string> commit_all(const Git& worktree, const Begun& begun, const std::string& message, const std::string& also) {
  // Of a git that was killed. One that a killed runner has left may still be at it: it fails then, and has nothing to say.
  ::unlink((worktree.git_dir() + "/index.lock").c_str());
  TRY_VALUE(const Head head, head_of(worktree, begun.start));
  TRY(worktree.ask({"add", "--all"}));
  TRY_VALUE(const std::string tree, worktree.ask({"write-tree"}));
  TRY(check_embedded(worktree, head, tree));
  TRY_VALUE(const std::vector<std::string> before_it, parents(worktree, head.commit, begun.start, also));
  if (tree == head.tree && before_it.size() == 1) return head.commit;
  TRY_VALUE(const std::string commit, commit_tree(worktree, tree, before_it, message));
  TRY(worktree.ask(is_on(worktree, begun.branch) ? std::vector<std::string>{"update-ref", "HEAD", commit}
                                                 : std::vector<std::string>{"update-ref", "--no-deref", "HEAD", commit}));
  return commit;
}

Result<std::vector<std::string>> changed_paths(const Git& git, const std::string& from, const std::string& to) {
  if (from == to) return std::vector<std::string>{};
  TRY_VALUE(std::string names, git.ask({"diff-tree", "-r", "-z", "--no-renames", "--name-only", from, to}));
  std::vector<std::string> paths = text::split(names, '\0');
  std::erase(paths, "");
  return paths;
}

}  // namespace baton::runner
