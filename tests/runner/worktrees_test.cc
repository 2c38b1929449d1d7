#include "runner/worktrees.h"

#include <algorithm>
#include <thread>

#include "runner/commit.h"
#include "runner/repository.h"

using namespace baton;
using namespace baton::runner;
using test::must;
namespace fs = std::filesystem;

TEST_CASE("names are legal for git and different for different ids") {
  CHECK(attempt_branch({"auth", "auth-001-design", 2}) == "baton/auth/auth-001-design-a2");
  CHECK(integration_branch("auth") == "baton/auth/integration");
  CHECK(branch_word("a.lock") == "a%2elock");
  CHECK(branch_word("a.") == "a%2e");
  CHECK(branch_word("v1.2") == "v1.2");
  for (const std::string id : {"auth", "a.lock", "a.", "x.lock.", "v1.2"}) {
    CHECK(task_of_branch(integration_branch(id)) == id);
    CHECK(task_of_branch(attempt_branch({id, "s", 1})) == id);
  }
  CHECK(task_of_branch("main").empty());
  CHECK(task_of_branch("baton/auth").empty());
  const test::Repository repository;
  for (const std::string id : {"a.lock", "a.", "A", "x.lock.", "1", "a-b_c.d", "HEAD"})
    CHECK_MESSAGE(must(repository.shared().test({"check-ref-format", "--branch", integration_branch(id)})), id);
}

TEST_CASE("an attempt works in files of its own; what it did becomes a commit on its own branch") {
  const test::Repository repository;
  const Worktrees worktrees = repository.worktrees();
  const Worktree worktree = must(worktrees.add({"auth", "auth-001", 1}, repository.head()));
  CHECK(repository.read(worktree.path() + "/README.md") == "one\ntwo\nthree\n");
  CHECK(repository.git({"rev-parse", "--abbrev-ref", "HEAD"}, worktree.path()) == "baton/auth/auth-001-a1");
  CHECK(must(worktrees.commit_all(worktree, "Nothing")).id == repository.head());

  repository.put("README.md", "changed\n", worktree.path());
  repository.put("src/new.cc", "int x;\n", worktree.path());
  const auto [commit, changed] = must(worktrees.commit_all(worktree, "Do it"));
  CHECK(changed == std::vector<std::string>{"README.md", "src/new.cc"});
  CHECK(repository.show("baton/auth/auth-001-a1", "src/new.cc") == "int x;");
  CHECK(repository.git({"log", "-1", "--format=%an %s", commit}) == "Ada Do it");
  CHECK(repository.git({"status", "--porcelain", "--untracked-files=no"}).empty());
  CHECK(repository.read(repository.root() + "/README.md") == "one\ntwo\nthree\n");
}

TEST_CASE("what is removed was saved: a dirty worktree, an unmerged branch") {
  const test::Repository repository;
  const Worktrees worktrees = repository.worktrees();
  const Worktree worktree = must(worktrees.add({"auth", "auth-001", 1}, repository.head()));
  repository.put("work.txt", "hours of it\n", worktree.path());
  const Removed removed = must(worktrees.remove(worktree.name));
  CHECK(!fs::exists(worktree.path()));
  REQUIRE(removed.rescue.starts_with("refs/baton/rescue/auth/auth-001-a1-"));
  CHECK(repository.show(removed.rescue, "work.txt") == "hours of it");
  CHECK(repository.git({"branch", "--list", "baton/*"}).empty());
  CHECK(repository.git({"worktree", "list"}).find("auth-001") == std::string::npos);
  CHECK(must(worktrees.rescued({"auth", "auth-001", 1})) == repository.git({"rev-parse", removed.rescue}));
  CHECK(must(worktrees.rescued({"auth", "auth-001", 3})) == repository.git({"rev-parse", removed.rescue}));
  CHECK(must(worktrees.rescued({"auth", "auth-002", 1})).empty());
}

TEST_CASE("a commit that an agent left behind on its branch is saved like what it has checked out") {
  const test::Repository repository;
  const Worktrees worktrees = repository.worktrees();
  const Worktree worktree = must(worktrees.add({"auth", "auth-001", 1}, repository.head()));
  repository.put("work.txt", "hours of it\n", worktree.path());
  repository.commit("Half", worktree.path());
  repository.git({"checkout", "--quiet", "--detach", "HEAD~1"}, worktree.path());
  const Removed removed = must(worktrees.remove(worktree.name));
  CHECK(repository.show(removed.rescue, "work.txt") == "hours of it");
  CHECK(repository.git({"branch", "--list", "baton/*"}).empty());
}

TEST_CASE("a worktree with nothing of its own leaves nothing behind") {
  const test::Repository repository;
  const Worktrees worktrees = repository.worktrees();
  must(worktrees.add({"auth", "auth-001", 1}, repository.head()));
  CHECK(must(worktrees.remove("auth-001-a1")).rescue.empty());
  CHECK(repository.rescues().empty());
}

TEST_CASE("whatever an agent did to its worktree, its files are saved and the repository around it is untouched") {
  const test::Repository repository;
  const std::string before = repository.head();
  const Worktrees worktrees = repository.worktrees();
  const Worktree worktree = must(worktrees.add({"auth", "auth-001", 1}, before));
  repository.put("work.txt", "kept\n", worktree.path());
  SUBCASE("it deleted .git") { fs::remove(worktree.path() + "/.git"); }
  SUBCASE("it left the index locked") { repository.put("index.lock", "", worktree.git.git_dir()); }
  SUBCASE("it detached HEAD") { repository.git({"checkout", "--quiet", "--detach"}, worktree.path()); }
  SUBCASE("it committed by itself") { repository.commit("By the agent", worktree.path()); }
  SUBCASE("it began an orphan branch") { repository.git({"checkout", "--quiet", "--orphan", "fresh"}, worktree.path()); }
  SUBCASE("it went to the branch where all comes together") {
    repository.git({"branch", "baton/auth/integration"});
    repository.git({"checkout", "--quiet", "baton/auth/integration"}, worktree.path());
  }
  SUBCASE("it went to a branch of the user") {
    repository.git({"branch", "develop"});
    repository.git({"checkout", "--quiet", "develop"}, worktree.path());
  }
  const std::string commit = must(worktrees.commit_all(worktree, "Saved")).id;
  CHECK(repository.show(commit, "work.txt") == "kept");
  must(worktrees.remove(worktree.name));
  CHECK(!fs::exists(worktree.path()));
  CHECK(repository.head() == before);
  CHECK(repository.git({"rev-parse", "main"}) == before);
  const std::string develop = repository.git({"for-each-ref", "--format=%(objectname)", "refs/heads/develop"});
  CHECK((develop.empty() || develop == before));
  const std::string common = repository.git({"for-each-ref", "--format=%(objectname)", "refs/heads/baton/auth/integration"});
  CHECK((common.empty() || common == before));
  const auto rescues = repository.rescues();
  REQUIRE(rescues.size() == 1);
  CHECK(repository.show(rescues[0], "work.txt") == "kept");
}

TEST_CASE("a repository within the worktree is in no commit, so nothing is removed") {
  const test::Repository repository;
  const Worktrees worktrees = repository.worktrees();
  const Worktree worktree = must(worktrees.add({"auth", "auth-001", 1}, repository.head()));
  fs::create_directories(worktree.path() + "/inner");
  repository.git({"init", "--quiet"}, worktree.path() + "/inner");
  repository.git({"config", "user.email", "a@example.org"}, worktree.path() + "/inner");
  repository.git({"config", "user.name", "A"}, worktree.path() + "/inner");
  repository.put("inner/file", "deep\n", worktree.path());
  repository.commit("Inner", worktree.path() + "/inner");
  const auto removed = worktrees.remove(worktree.name);
  REQUIRE(!removed);
  CHECK(removed.error().message.find("/inner is a git repository of its own") != std::string::npos);
  CHECK(repository.read(worktree.path() + "/inner/file") == "deep\n");
}

TEST_CASE("a worktree that an agent made a repository of its own stays") {
  const test::Repository repository;
  const Worktrees worktrees = repository.worktrees();
  const Worktree worktree = must(worktrees.add({"auth", "auth-001", 1}, repository.head()));
  fs::remove(worktree.path() + "/.git");
  repository.git({"init", "--quiet"}, worktree.path());
  const auto removed = worktrees.remove(worktree.name);
  REQUIRE(!removed);
  CHECK(removed.error().message.find("is a git repository of its own") != std::string::npos);
  CHECK(fs::exists(worktree.path() + "/README.md"));
}

TEST_CASE("what an earlier process left under the same name is saved before it is used anew") {
  const test::Repository repository;
  const Worktrees worktrees = repository.worktrees();
  const Worktree first = must(worktrees.add({"auth", "auth-001", 1}, repository.head()));
  repository.put("work.txt", "of the first\n", first.path());
  SUBCASE("with its folder") {}
  SUBCASE("the folder is gone, a commit is there") {
    repository.commit("By the agent", first.path());
    fs::remove_all(first.path());
  }
  const Worktree second = must(worktrees.add({"auth", "auth-001", 1}, repository.head()));
  CHECK(!fs::exists(second.path() + "/work.txt"));
  const auto rescues = repository.rescues();
  REQUIRE(rescues.size() == 1);
  CHECK(repository.show(rescues[0], "work.txt") == "of the first");
}

TEST_CASE("many at once: git's own locks get in nobody's way") {
  const test::Repository repository;
  constexpr int k_agents = 13;
  std::vector<std::string> failures(k_agents);
  std::vector<std::thread> agents;
  for (int n = 0; n < k_agents; ++n)
    agents.emplace_back([&, n] {
      const Worktrees worktrees(Git(repository.root() + "/.git", ""), repository.root() + "/coordination/worktrees");
      const auto made = worktrees.add({"auth", "auth-" + std::to_string(n), 1}, "main");
      if (!made) return void(failures[n] = made.error().message);
      std::ofstream(made->path() + "/work.txt") << n;
      const auto removed = worktrees.remove(made->name);
      failures[n] = removed ? "" : removed.error().message;
    });
  for (std::thread& agent : agents) agent.join();
  for (const std::string& failure : failures) CHECK(failure == "");
  CHECK(repository.rescues().size() == k_agents);
}

TEST_CASE("no repository, and one without a commit") {
  const test::TempFolder plain;
  const auto none = Git::find(plain / "");
  REQUIRE(!none);
  CHECK(none.error().code == ErrorCode::not_found);
  CHECK(none.error().hint.find("git init") != std::string::npos);
}
