// git as its user would run it, for tests with a real repository.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "platform/run.h"

namespace baton::test {

/// In the folder `cwd`. What it printed, without the last line break; the test fails when it did not exit with 0.
inline std::string run_git(const std::string& cwd, std::vector<std::string> words) {
  platform::SpawnRequest request;
  words.insert(words.begin(), "git");
  request.argv = std::move(words);
  request.cwd = cwd;
  request.unset_environment = {"GIT_*"};
  const auto exit = platform::run_to_end(request, 60'000);
  REQUIRE(exit);
  REQUIRE_MESSAGE(exit->code == 0, exit->error_output);
  return exit->output.ends_with('\n') ? exit->output.substr(0, exit->output.size() - 1) : exit->output;
}

/// A repository of Ada's, on the branch main, without a commit.
inline void begin_repository(const std::string& folder) {
  run_git(folder, {"init", "--quiet", "--initial-branch=main"});
  run_git(folder, {"config", "user.name", "Ada"});
  run_git(folder, {"config", "user.email", "ada@example.org"});
}

}  // namespace baton::test
