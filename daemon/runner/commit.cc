#include "runner/commit.h"

#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace baton::runner {
namespace {

constexpr std::string_view k_link_mode = "160000";  // of a repository within the repository

tl::unexpected<Error> embedded(const std::string& path) {
  return fail(ErrorCode::refused, text::printable(path) + " is a git repository of its own, which no commit can hold",
              "move it away, or delete its .git; the worktree is left as it is");
}

/// Repositories that an agent made or cloned among the files, or committed in: git would remember a number only.
Result<> check_embedded(const Git& git, const std::string& head, const std::string& tree) {
  std::error_code error;
  if (std::filesystem::is_directory(std::filesystem::symlink_status(git.work_tree() + "/.git", error)))
    return embedded(git.work_tree());
  TRY_VALUE(const std::string changes, git.ask({"diff-tree", "-r", "--no-renames", head, tree}));
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
  if (!start.empty()) {
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
Result<std::string> head_of(const Git& git, const std::string& start) {
  auto head = git.ask({"rev-parse", "--verify", "--quiet", "HEAD^{commit}"});
  if (head || start.empty()) return head;
  return start;
}

}  // namespace

Result<std::vector<std::string>> author_words(const Git& git) {
  TRY_VALUE(const bool known, git.test({"config", "--get", "user.email"}));
  if (known) return std::vector<std::string>{};
  return std::vector<std::string>{"-c", "user.name=baton", "-c", "user.email=baton@localhost"};
}

Result<std::string> commit_all(const Git& worktree, const Begun& begun, const std::string& message, const std::string& also) {
  // Of a git that was killed. One that a killed runner has left may still be at it: it fails then, and has nothing to say.
  ::unlink((worktree.git_dir() + "/index.lock").c_str());
  TRY_VALUE(const std::string head, head_of(worktree, begun.start));
  TRY(worktree.ask({"add", "--all"}));
  TRY_VALUE(const std::string tree, worktree.ask({"write-tree"}));
  TRY(check_embedded(worktree, head, tree));
  TRY_VALUE(const std::string before, worktree.ask({"rev-parse", head + "^{tree}"}));
  TRY_VALUE(const std::vector<std::string> before_it, parents(worktree, head, begun.start, also));
  if (tree == before && before_it.size() == 1) return head;
  TRY_VALUE(std::vector<std::string> words, author_words(worktree));
  words.insert(words.end(), {"commit-tree", tree});
  for (const std::string& parent : before_it) words.insert(words.end(), {"-p", parent});
  TRY_VALUE(const std::string commit, worktree.ask(words, message));
  const auto branch = worktree.ask({"symbolic-ref", "--quiet", "HEAD"});
  const bool own = branch && !begun.branch.empty() && *branch == "refs/heads/" + begun.branch;
  TRY(worktree.ask(own ? std::vector<std::string>{"update-ref", "HEAD", commit}
                       : std::vector<std::string>{"update-ref", "--no-deref", "HEAD", commit}));
  return commit;
}

Result<std::vector<std::string>> changed_paths(const Git& git, const std::string& from, const std::string& to) {
  TRY_VALUE(std::string names, git.ask({"diff-tree", "-r", "-z", "--no-renames", "--name-only", from, to}));
  std::vector<std::string> paths = text::split(names, '\0');
  std::erase(paths, "");
  return paths;
}

}  // namespace baton::runner
