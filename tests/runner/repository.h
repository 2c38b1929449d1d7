// A real git repository for one test, and git as its user would run it.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "platform/git.h"
#include "platform/temp_folder.h"
#include "runner/worktrees.h"

namespace baton::test {

class Repository {
 public:
  Repository() {
    begin_repository(folder_ / "");
    put("README.md", "one\ntwo\nthree\n");
    commit("First");
  }

  std::string root() const { return std::filesystem::canonical(folder_ / "").string(); }
  void put(const std::string& path, const std::string& text, const std::string& below = "") const {
    const std::string file = (below.empty() ? root() : below) + "/" + path;
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    std::ofstream(file, std::ios::trunc) << text;
  }
  static std::string read(const std::string& file) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }
  std::string git(std::vector<std::string> words, const std::string& cwd = "") const {
    return run_git(cwd.empty() ? folder_ / "" : cwd, std::move(words));
  }
  std::string commit(const std::string& message, const std::string& cwd = "") const {
    git({"add", "--all"}, cwd);
    git({"commit", "--quiet", "--allow-empty", "-m", message}, cwd);
    return git({"rev-parse", "HEAD"}, cwd);
  }
  std::string head() const { return git({"rev-parse", "HEAD"}); }
  /// A file as a commit or branch has it.
  std::string show(const std::string& commit, const std::string& path) const { return git({"show", commit + ":" + path}); }
  std::vector<std::string> rescues() const {
    const std::string refs = git({"for-each-ref", "--format=%(refname)", "refs/baton/rescue"});
    std::vector<std::string> lines;
    std::stringstream text(refs);
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

  runner::Git shared() const {
    auto here = runner::Git::find(root());
    REQUIRE(here);
    auto shared = here->shared();
    REQUIRE(shared);
    return *shared;
  }
  runner::Worktrees worktrees() const { return {shared(), root() + "/coordination/worktrees"}; }

 private:
  TempFolder folder_;
};

/// A value that has to be there, with its error when it is not.
template <class T>
T must(Result<T> result) {
  REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().message));
  return std::move(*result);
}
inline void must(Result<> result) { REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().message)); }

}  // namespace baton::test
