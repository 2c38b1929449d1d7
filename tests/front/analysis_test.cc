// What prompts have to do with each other: conflicts, dependencies, stages.
#include "front/analysis/analysis.h"

#include "front/analysis_fixture.h"
#include "rounds.h"

using namespace baton;
using namespace baton::front;
using namespace baton::front::test;

namespace {

using Lines = std::vector<std::string>;

FakeRepository shop() {
  return {{
      {"docs/api.md", ""},
      {"src/api.py", "from src.auth import login\nfrom src import db\n"},
      {"src/auth.py", "import hashlib\n"},
      {"src/db.py", ""},
      {"src/pages/cart.py", "from src.api import get\n"},
      {"src/pages/home.py", ""},
      {"tests/test_auth.py", "from src.auth import login\n"},
  }};
}

PromptAnalysis analysed(const std::vector<Prompt>& prompts, FakeRepository repository = shop()) {
  return analyse(prompts, repository.use());
}

Prompt prompt(const std::string& file, const std::string& text) { return {file, file, text}; }

}  // namespace

TEST_CASE("prompts that have nothing to do with each other go at once") {
  const auto analysis = analysed({prompt("a.md", "Fix src/auth.py"), prompt("b.md", "Fix src/db.py"), prompt("c.md", "Think.")});
  CHECK(stages_in(analysis) == "0 1 2");
  CHECK(analysis.conflicts.empty());
  CHECK(analysis.dependencies.empty());
  CHECK(analysis.notes.empty());
  CHECK(analysed({}).stages.empty());
}

TEST_CASE("who changes the same goes one after the other, as given") {
  const auto analysis =
      analysed({prompt("a.md", "Fix src/auth.py and src/db.py"), prompt("b.md", "Fix src/db.py, src/auth.py"),
                prompt("c.md", "Fix src/pages/home.py"), prompt("d.md", "Create src/new.py"), prompt("e.md", "Add src/new.py")});
  CHECK(conflicts_in(analysis) == Lines{"0 1: src/auth.py src/db.py", "3 4: src/new.py"});
  CHECK(stages_in(analysis) == "0 2 3 | 1 4");
  CHECK(analysis.dependencies.empty());
}

TEST_CASE("a folder conflicts with what lies in it; the deeper path is named") {
  const auto analysis =
      analysed({prompt("a.md", "Refactor `src/pages/`"), prompt("b.md", "Fix src/pages/home.py"),
                prompt("c.md", "Create src/pages/new/x.py"), prompt("d.md", "See `src/pages/`; fix docs/api.md")});
  CHECK(conflicts_in(analysis) == Lines{"0 1: src/pages/home.py", "0 2: src/pages/new/x.py"});
  CHECK(stages_in(analysis) == "0 3 | 1 2");
}

TEST_CASE("who imports what another one changes comes after it") {
  const auto analysis = analysed({prompt("api.md", "Extend src/api.py"), prompt("auth.md", "Fix src/auth.py"),
                                  prompt("cart.md", "Fix src/pages/cart.py"), prompt("docs.md", "Update docs/api.md")});
  CHECK(dependencies_in(analysis) == Lines{"0 after 1: its src/api.py imports src/auth.py, which auth.md changes",
                                           "2 after 0: its src/pages/cart.py imports src/api.py, which api.md changes"});
  CHECK(stages_in(analysis) == "1 3 | 0 | 2");
}

TEST_CASE("who mentions or will import what another one makes comes after it") {
  const auto analysis = analysed({
      prompt("use.md", "In src/api.py, call `refresh` from `src/tokens.py`."),
      prompt("code.md", "Fix src/pages/home.py so:\n```python\nfrom src.tokens import refresh\n```\n"),
      prompt("off.md", "Update docs/api.md. Do not touch src/tokens.py."),
      prompt("make.md", "Create src/tokens.py"),
  });
  CHECK(dependencies_in(analysis) == Lines{"0 after 3: its text mentions src/tokens.py, which make.md creates",
                                           "1 after 3: its text imports src/tokens.py, which make.md creates"});
}

TEST_CASE("a file that is there may import what another one makes; a new package is meant by its folder") {
  FakeRepository repository = shop();
  repository.files["src/late.py"] = "from src.cache import get\n";
  const auto analysis = analysed({prompt("a.md", "Fix src/late.py"), prompt("b.md", "Create src/cache/__init__.py"),
                                  prompt("c.md", "Fix src/db.py. It uses `src/cache/`.")},
                                 repository);
  CHECK(dependencies_in(analysis) == Lines{"0 after 1: its src/late.py imports src/cache/__init__.py, which b.md creates",
                                           "2 after 1: its text mentions src/cache/, which b.md creates"});
}

TEST_CASE("a text may name the prompts that it needs") {
  struct Case {
    std::string text;
    std::string why;  // "" when nothing certain is said
  };
  for (const Case& one : std::initializer_list<Case>{
           {"This depends on 01-auth.md.", "1 after 0: it names prompts/01-auth.md (\"depends on\")"},
           {"Start after prompts/01-auth.md is merged.", "1 after 0: it names prompts/01-auth.md (\"after\")"},
           {"Depends on:\n- `01-auth.md`\n", "1 after 0: it names prompts/01-auth.md (\"depends on\")"},
           {"## Prerequisites\n\n* The prompt 01-auth\n", "1 after 0: it names prompts/01-auth.md (\"prerequisites\")"},
           {"---\ndepends_on: [01-auth.md]\n---\n", "1 after 0: it names prompts/01-auth.md (\"depends_on\")"},
           {"It requires \"Add the login form\" to be there.", "1 after 0: it names prompts/01-auth.md (\"requires\")"},
           {"This must come before 01-auth.md.", "0 after 1: 02.md names it (\"before\")"},
           {"This does not depend on 01-auth.md. After that, rest.", ""},
           {"It is independent of 01-auth.md and comes after nothing.", ""},
           {"It requires a login form after all.", ""},
           {"Like 01-auth.md, but smaller.", ""},
           {"```\ndepends on 01-auth.md\n```", ""},
           {"Depends on 02.md.", ""},
       }) {
    CAPTURE(one.text);
    const auto analysis = analysed({{"prompts/01-auth.md", "Add the login form", "Fix src/auth.py"}, prompt("02.md", one.text)});
    CHECK(text::join(dependencies_in(analysis), "\n") == one.why);
  }
}

TEST_CASE("prompts that lie in the repository are not its files") {
  FakeRepository repository = shop();
  repository.files["prompts/01.md"] = repository.files["prompts/02.md"] = "";
  const auto analysis =
      analysed({prompt("prompts/01.md", "Fix src/db.py"), prompt("./prompts/02.md", "After prompts/01.md is done, add 03.md."),
                prompt("prompts/03.md", "Update the list in prompts/02.md")},
               repository);
  CHECK(analysis.conflicts.empty());
  CHECK(targets_in(analysis.targets[1]).empty());
  CHECK(stages_in(analysis) == "0 2 | 1");
}

TEST_CASE("names that two prompts have are no names") {
  const auto analysis = analysed({prompt("a/x-1.md", ""), prompt("b/x-1.md", ""), prompt("c.md", "Depends on x-1.md.")});
  CHECK(analysis.dependencies.empty());
  CHECK(dependencies_in(analysed({prompt("login.md", ""), prompt("c.md", "It requires the login prompt.")})) ==
        Lines{"1 after 0: it names login.md (\"requires\")"});
}

TEST_CASE("circles are left in the given order, and said") {
  FakeRepository repository{{{"a.py", "import b\n"}, {"b.py", "import a\n"}, {"c.py", ""}}};
  const auto analysis = analysed({prompt("one.md", "Fix `b.py`"), prompt("two.md", "Fix `a.py`")}, repository);
  CHECK(stages_in(analysis) == "0 | 1");
  CHECK(dependencies_in(analysis) == Lines{"1 after 0: its a.py imports b.py, which one.md changes"});
  CHECK(analysis.notes ==
        Lines{"one.md does not wait for two.md, which waits for it: a circle (its b.py imports a.py, which two.md changes)"});
}

TEST_CASE("what a text says counts more than what a file imports") {
  FakeRepository repository{{{"a.py", "import b\n"}, {"b.py", ""}}};
  const auto analysis = analysed({prompt("one.md", "Fix `a.py`."), prompt("two.md", "Fix `b.py` after one.md")}, repository);
  CHECK(dependencies_in(analysis) == Lines{"1 after 0: it names one.md (\"after\")"});
  CHECK(analysis.notes.size() == 1);
}

TEST_CASE("a longer circle gives up one need only") {
  const auto analysis = analysed({prompt("p1.md", "Depends on p2.md."), prompt("p2.md", "Depends on p3.md."),
                                  prompt("p3.md", "Depends on p1.md."), prompt("p4.md", "Depends on p1.md.")});
  CHECK(stages_in(analysis) == "0 | 2 3 | 1");
  CHECK(analysis.notes.size() == 1);
}

TEST_CASE("what both change is a conflict, and no dependency besides") {
  const auto analysis = analysed({prompt("a.md", "Fix src/api.py and src/auth.py"), prompt("b.md", "Fix src/auth.py")});
  CHECK(analysis.dependencies.empty());
  CHECK(stages_in(analysis) == "0 | 1");
}

TEST_CASE("needs go before the given order of those that conflict") {
  const auto analysis = analysed({prompt("a.md", "Fix src/api.py and docs/api.md"),
                                  prompt("b.md", "Fix src/auth.py and docs/api.md"), prompt("c.md", "Fix docs/api.md")});
  CHECK(stages_in(analysis) == "1 | 0 | 2");
}

TEST_CASE("the same prompt twice conflicts with itself") {
  const Prompt twice = prompt("a.md", "Fix src/auth.py. Depends on a.md.");
  const auto analysis = analysed({twice, twice});
  CHECK(stages_in(analysis) == "0 | 1");
  CHECK(analysis.dependencies.empty());
}

TEST_CASE("prompts of nothing but marks and slashes") {
  const auto size = static_cast<std::size_t>(baton::test::rounds(1 << 16, 1 << 20));
  for (const char* piece : {"a/", "`", "*", "after ", "- depends on\n"}) {
    CAPTURE(piece);
    std::string text;
    while (text.size() < size) text += piece;
    CHECK(stages_in(analysed({prompt("a.md", text), prompt("b.md", "Fix src/api.py")})) == "0 1");
  }
}

TEST_CASE("five hundred prompts with twenty targets each: every source is read once") {
  FakeRepository repository;
  std::vector<Prompt> prompts;
  for (int i = 0; i < 500; ++i) {
    std::string text = "## Files to modify\n";
    for (int k = 0; k < 20; ++k) {
      const std::string module = "m" + std::to_string(i) + "_" + std::to_string(k);
      repository.files["src/" + module + ".py"] = i == 0 ? "" : "import m" + std::to_string(i - 1) + "_0\n";
      text += "- src/" + module + ".py\n";
    }
    prompts.push_back(prompt("p" + std::to_string(i) + ".md", text + "- src/shared" + std::to_string(i % 250) + ".py\n"));
  }
  const auto analysis = analyse(prompts, repository.use());
  CHECK(repository.reads.size() == k_max_sources);
  for (const auto& [path, times] : repository.reads) CHECK(times == 1);
  CHECK(analysis.conflicts.size() == 250);
  CHECK(analysis.dependencies.size() >= 249);
  CHECK(analysis.notes == Lines{"the imports of 5000 files were not looked at: more than 5000 change"});
}

TEST_CASE("many prompts that all change hundreds of files") {
  FakeRepository repository;
  const auto count = static_cast<std::size_t>(baton::test::rounds(40, 100));
  for (int i = 0; i < 500; ++i) repository.files["src/m" + std::to_string(i) + ".py"] = "import m0, m1\n";
  std::vector<Prompt> prompts;
  for (std::size_t i = 0; i < count; ++i) prompts.push_back(prompt("p" + std::to_string(i) + ".md", "Reformat src/*.py"));
  const auto analysis = analyse(prompts, repository.use());
  CHECK(analysis.stages.size() == count);
  CHECK(analysis.conflicts.size() == count * (count - 1) / 2);
  CHECK(analysis.conflicts[0].files.size() == k_max_conflict_files);
  CHECK(analysis.dependencies.empty());
}
