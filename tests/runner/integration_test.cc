#include "runner/integration.h"

#include "runner/repository.h"

using namespace baton;
using namespace baton::runner;
using test::must;

namespace {

struct Merging : test::Repository {
  Worktrees trees = worktrees();
  std::string base = head();
  Integration branch = must(Integration::open(shared(), "auth", base));

  /// A commit of one attempt that starts at the base.
  std::string work(const std::string& subtask, const std::string& path, const std::string& text) {
    const Worktree worktree = must(trees.add({"auth", subtask, 1}, base));
    put(path, text, worktree.path());
    return must(trees.commit_all(worktree, "Work of " + subtask)).id;
  }
  std::string tip() const {  // as git has it, and known as that
    CHECK(git({"rev-parse", branch.branch()}) == branch.tip());
    return branch.tip();
  }
  /// Moved there when nothing conflicts.
  Merge merge(const std::string& commit, const std::string& message) {
    const Merge merge = must(branch.prepare(commit, message));
    if (!merge.after.empty()) must(branch.apply(merge));
    return merge;
  }
};

}  // namespace

TEST_CASE("the branch begins at the base; the first work moves it there, the next is merged") {
  Merging site;
  CHECK(site.tip() == site.base);
  const std::string first = site.work("a", "a.txt", "a\n");
  const std::string second = site.work("b", "b.txt", "b\n");
  CHECK(site.merge(first, "Merge a").after == first);
  const Merge merge = site.merge(second, "Merge b");
  CHECK(merge.before == first);
  CHECK(merge.after == site.tip());
  CHECK(site.show(site.tip(), "a.txt") == "a");
  CHECK(site.show(site.tip(), "b.txt") == "b");
  CHECK(site.git({"log", "-1", "--format=%an %s", site.tip()}) == "Ada Merge b");
  CHECK(site.head() == site.base);
  CHECK(site.merge(second, "Again").after == merge.after);
}

TEST_CASE("what does not go together moves nothing, and both sides stand in the tree") {
  Merging site;
  site.merge(site.work("a", "README.md", "one\nof a\nthree\n"), "Merge a");
  const std::string before = site.tip();
  const Merge merge = site.merge(site.work("b", "README.md", "one\nof b\nthree\n"), "Merge b");
  CHECK(merge.after.empty());
  CHECK(merge.conflicts == std::vector<std::string>{"README.md"});
  CHECK(site.tip() == before);
  const std::string text = site.show(merge.tree, "README.md");
  CHECK(text.find("<<<<<<< ") != std::string::npos);
  CHECK(text.find("of a") != std::string::npos);
  CHECK(text.find("of b") != std::string::npos);
}

TEST_CASE("one file, different places: both changes are in the result") {
  Merging site;
  site.merge(site.work("a", "README.md", "ONE\ntwo\nthree\n"), "Merge a");
  const Merge merge = site.merge(site.work("b", "README.md", "one\ntwo\nTHREE\n"), "Merge b");
  CHECK(site.show(merge.after, "README.md") == "ONE\ntwo\nTHREE");
}

TEST_CASE("a merge that does not count is taken back, unless somebody built on it") {
  Merging site;
  const Merge merge = site.merge(site.work("a", "a.txt", "a\n"), "Merge a");
  must(site.branch.take_back(merge, "refs/baton/rescue/auth/a-a1-x"));
  CHECK(site.tip() == site.base);
  CHECK(site.show("refs/baton/rescue/auth/a-a1-x", "a.txt") == "a");
  const Merge again = site.merge(merge.after, "Merge a");
  site.merge(site.work("b", "b.txt", "b\n"), "Merge b");
  const std::string tip = site.tip();
  CHECK(!site.branch.take_back(again, "refs/baton/rescue/auth/x"));
  CHECK(site.tip() == tip);
}

TEST_CASE("whoever has no name for git still gets merges") {
  Merging site;
  site.git({"config", "--unset", "user.name"});
  site.git({"config", "--unset", "user.email"});
  const std::string first = site.work("a", "a.txt", "a\n");
  const std::string second = site.work("b", "b.txt", "b\n");
  site.merge(first, "Merge a");
  site.merge(second, "Merge b");
  CHECK(!site.git({"log", "-1", "--format=%an", site.tip()}).empty());
}

TEST_CASE("hooks of the repository do not run") {
  Merging site;
  const std::string hooks = site.root() + "/.git/hooks";
  for (const char* hook :
       {"post-checkout", "pre-commit", "post-commit", "pre-merge-commit", "post-merge", "reference-transaction"}) {
    site.put(hook, "#!/bin/sh\necho ran >> " + site.root() + "/ran.txt\nexit 1\n", hooks);
    std::filesystem::permissions(hooks + "/" + hook, std::filesystem::perms::owner_all);
  }
  site.merge(site.work("a", "a.txt", "a\n"), "Merge a");
  site.merge(site.work("b", "b.txt", "b\n"), "Merge b");
  must(site.trees.remove("a-a1"));
  CHECK(!std::filesystem::exists(site.root() + "/ran.txt"));
}
