#include "runner/base_branch.h"

#include "runner/integration.h"
#include "runner/repository.h"

using namespace baton;
using namespace baton::runner;
using test::must;

namespace {

/// A task whose branch began at main and has a commit of its own.
struct Done : test::Repository {
  Worktrees trees = worktrees();
  Git here = must(Git::find(root()));
  std::string base = head();
  std::string work;

  explicit Done(const std::string& path = "a.txt", const std::string& text = "a\n") {
    Integration branch = must(Integration::open(shared(), "auth", base));
    must(remember_base(shared(), "auth", "main"));
    const Worktree worktree = must(trees.add({"auth", "a", 1}, base));
    put(path, text, worktree.path());
    work = must(trees.commit_all(worktree, "Work")).id;
    must(branch.apply(must(branch.prepare(work, "Merge"))));
    must(trees.remove("a-a1"));
  }
  Result<Merged> land(MergeWish wish = MergeWish::as_needed) const {
    return merge_to_base(here, "auth", "Merge task auth\n", wish);
  }
};

}  // namespace

TEST_CASE("a base that has not moved goes forward, and its files with it") {
  Done site;
  const Merged merged = must(site.land(MergeWish::forward_only));
  CHECK(merged.branch == "main");
  CHECK(merged.forward);
  CHECK(site.head() == site.work);
  CHECK(test::Repository::read(site.root() + "/a.txt") == "a\n");
  CHECK(site.git({"status", "--porcelain", "--untracked-files=no"}).empty());
  CHECK(must(site.land()).commit == site.work);  // once more: nothing is left to do
}

TEST_CASE("a base that has moved is merged, or left alone where only forward is wanted") {
  Done site;
  site.put("b.txt", "b\n");
  const std::string moved = site.commit("Mine");
  const auto refused = site.land(MergeWish::forward_only);
  REQUIRE(!refused);
  CHECK(refused.error().message == "main has moved on since auth began");
  CHECK(refused.error().hint == "by hand: git merge baton/auth/integration");
  CHECK(site.head() == moved);
  const Merged merged = must(site.land());
  CHECK_FALSE(merged.forward);
  CHECK(site.head() == merged.commit);
  CHECK(site.git({"log", "-1", "--format=%s %p"}) ==
        "Merge task auth " + site.git({"rev-parse", "--short", moved}) + " " + site.git({"rev-parse", "--short", site.work}));
  CHECK(test::Repository::read(site.root() + "/a.txt") == "a\n");
  CHECK(test::Repository::read(site.root() + "/b.txt") == "b\n");
}

TEST_CASE("what both have changed is left to a person") {
  Done site("README.md", "one\nof the task\nthree\n");
  site.put("README.md", "one\nmine\nthree\n");
  const std::string mine = site.commit("Mine");
  const auto refused = site.land();
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::refused);
  CHECK(refused.error().message == "main and the work of auth have both changed README.md");
  CHECK(site.head() == mine);
  CHECK(test::Repository::read(site.root() + "/README.md") == "one\nmine\nthree\n");
}

TEST_CASE("changes that were not committed are never overwritten; those in other files are no hindrance") {
  Done site;
  site.put("README.md", "one\nnot committed\nthree\n");
  site.put("a.txt", "mine\n");
  const auto refused = site.land();
  REQUIRE(!refused);
  CHECK(refused.error().message.find("are in the way") != std::string::npos);
  CHECK(refused.error().message.find("a.txt") != std::string::npos);
  CHECK(site.head() == site.base);
  CHECK(test::Repository::read(site.root() + "/a.txt") == "mine\n");
  std::filesystem::remove(site.root() + "/a.txt");
  must(site.land());
  CHECK(site.head() == site.work);
  CHECK(test::Repository::read(site.root() + "/README.md") == "one\nnot committed\nthree\n");
}

TEST_CASE("a base that is checked out nowhere is moved all the same") {
  Done site;
  site.git({"checkout", "--quiet", "-b", "other"});
  must(site.land());
  CHECK(site.git({"rev-parse", "main"}) == site.work);
  CHECK(site.head() == site.base);
  CHECK(!std::filesystem::exists(site.root() + "/a.txt"));
}

TEST_CASE("without a branch to go to, or with one that is gone, a person is told") {
  Done site;
  site.git({"checkout", "--quiet", "--detach"});
  site.git({"branch", "--quiet", "--delete", "--force", "main"});
  const auto gone = site.land();
  REQUIRE(!gone);
  CHECK(gone.error().message == "the branch main, at which auth began, is gone");
  site.git({"config", "--unset", "branch.baton/auth/integration.batonBase"});
  const auto unknown = site.land();
  REQUIRE(!unknown);
  CHECK(unknown.error().message == "auth began at a commit and not at a branch, so there is none to merge into");
}

TEST_CASE("a base that somebody is rebasing is left alone") {
  Done site;
  site.put("README.md", "one\nmine\nthree\n");
  const std::string mine = site.commit("Mine");
  site.git({"-c", "sequence.editor=sed -i s/pick/edit/", "rebase", "--quiet", "--interactive", "HEAD~1"});
  const auto refused = site.land();
  REQUIRE(!refused);
  CHECK(refused.error().message == "a rebase or bisection of main is under way");
  CHECK(site.git({"rev-parse", "main"}) == mine);
  site.git({"rebase", "--abort"});
  must(site.land());
}

TEST_CASE("what was integrated is remembered, until the branch moves on") {
  const Done site;
  CHECK_FALSE(is_integrated(site.shared(), "auth"));
  must(remember_integrated(site.shared(), "auth"));
  CHECK(is_integrated(site.shared(), "auth"));
  site.git({"branch", "--force", "baton/auth/integration", site.base});
  CHECK_FALSE(is_integrated(site.shared(), "auth"));
}
