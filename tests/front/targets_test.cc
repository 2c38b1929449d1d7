// Which files a prompt changes, creates, only mentions, or may never touch.
#include "front/analysis/targets.h"

#include "front/analysis_fixture.h"
#include "rounds.h"

using namespace baton;
using namespace baton::front;
using namespace baton::front::test;

namespace {

const FakeRepository k_repository{{
    {"Makefile", ""},
    {"README.md", ""},
    {"docs/api.md", ""},
    {"docs/guide.md", ""},
    {"src/a.py", ""},
    {"src/auth/__init__.py", ""},
    {"src/auth/login.py", ""},
    {"src/auth/tokens.py", ""},
    {"src/b.py", ""},
    {"src/c.py", ""},
    {"src/legacy/old.c", ""},
    {"src/legacy/x.c", ""},
    {"tests/test_a.py", ""},
    {"tests/unit/test_b.py", ""},
    {"web/app/[id]/page.tsx", ""},
    {"web/index.ts", ""},
    {"server/index.ts", ""},
}};

struct Case {
  std::string text;
  std::string targets;
};

FoundTargets found_in(const std::string& text, FakeRepository repository = k_repository) {
  const RepositoryIndex index(repository.use().paths);
  return find_targets(read_prompt(text, index), index, {"01-auth.md", "prompts/02.md", "x.c", "index.ts"});
}

void check(std::initializer_list<Case> cases) {
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(targets_in(found_in(one.text).targets) == one.targets);
  }
}

}  // namespace

TEST_CASE("files are found wherever a prompt may name them") {
  check({
      {"Fix src/a.py.", "*src/a.py"},
      {"Fix `src/a.py`, `src/b.py` and \"src/c.py\".", "*src/a.py *src/b.py *src/c.py"},
      {"Fix `src/a.py, src/b.py`", "*src/a.py *src/b.py"},
      {"- src/a.py\n* [ ] src/b.py\n2. **src/c.py**: the rest", "*src/a.py *src/b.py *src/c.py"},
      {"Fix [the login](src/auth/login.py#L10 \"here\") and [src/a.py](./src/a.py).", "*src/a.py *src/auth/login.py"},
      {"| `src/a.py` | modify |\n|---|---|\n| src/b.py | modify |", "*src/a.py *src/b.py"},
      {"Fix ./src//a.py, src/x/../b.py:12, src/c.py:10-20 and @docs/api.md.", "*docs/api.md *src/a.py *src/b.py *src/c.py"},
      {"Is it src/a.py? It’s src/b.py’s fault — or src/c.py…", "*src/a.py *src/b.py *src/c.py"},
      {"_src/a.py_ and *src/b.py* and ***src/c.py***!", "*src/a.py *src/b.py *src/c.py"},
      {"Fix my\\_new\\_module.py", "+my_new_module.py"},
      {"Fix web/app/[id]/page.tsx and add `web/app/[slug]/page.tsx`", "+web/app/[slug]/page.tsx *web/app/[id]/page.tsx"},
      {"Update the Makefile and `Makefile`.", "*Makefile"},
      {"Fix /src/a.py", "*src/a.py"},
      {"src\\a.py", ""},
  });
}

TEST_CASE("a name alone stands for the only file that has it") {
  check({
      {"Fix login.py and auth/tokens.py.", "*src/auth/login.py *src/auth/tokens.py"},
      {"Fix index.ts", ""},
      {"Fix server/index.ts", "*server/index.ts"},
      {"Add src/login.py", "+src/login.py"},
      {"Write orchestrator.py. Its place is `src/run/orchestrator.py`.", "+src/run/orchestrator.py"},
  });
  CHECK(found_in("Fix index.ts").notes == std::vector<std::string>{"which index.ts is meant? There are several"});
}

TEST_CASE("what is not there yet is created, when it looks like a path that somebody means") {
  check({
      {"Create src/new/cache.py and CHANGES.md.", "+CHANGES.md +src/new/cache.py"},
      {"Create `bin/deploy` and `src/deploy` and `.dockerignore`", "+.dockerignore +src/deploy"},
      {"Create the package `src/new/`", "+src/new/"},
      {"See https://example.com/src/x.py, www.example.com/a.html and example.com/b.py", ""},
      {"Version 1.2.3 or v2.0, e.g. with Node.js and/or Vue.js; client/server, TCP/IP, 24/7, I/O, etc.", ""},
      {"Call `foo.bar()`, `response.json()`, utils.load(), `process.env` and `console.log`.", ""},
      {"With `lodash/fp`, `@angular/core`, `django.contrib.auth` and application/json on origin/main.", ""},
      {"In `feature/login`, write docs/tests.", ""},
      {"`src/{name}.py`, `src/.../x.py`, `$HOME/x.py` and `.py`", ""},
      {"The log is events.jsonl, the settings are `config/app.json`.", "+config/app.json ?events.jsonl"},
  });
}

TEST_CASE("globs stand for the files that they fit") {
  check({
      {"Reformat `src/*.py`.", "*src/a.py *src/b.py *src/c.py"},
      {"Reformat src/**/*.py", "*src/a.py *src/auth/__init__.py *src/auth/login.py *src/auth/tokens.py *src/b.py *src/c.py"},
      {"Reformat `test_?.py`", "*tests/test_a.py *tests/unit/test_b.py"},
      {"Reformat `src/[ab]*.py` and src/{b,c}.py", "*src/a.py *src/b.py *src/c.py"},
      {"Reformat `src/legacy/**`", "*src/legacy/old.c *src/legacy/x.c"},
      {"Add `tests/auth/test_*.py`", "+tests/auth/"},
      {"**Bold**, 2 * 3 * 4, `*`, `**` and a**b", ""},
  });
  CHECK(found_in("Reformat src/*.zig").notes == std::vector<std::string>{"src/*.zig fits no file"});
}

TEST_CASE("a folder is a target when the text says that it changes") {
  check({
      {"Refactor `src/auth/`.", "*src/auth/"},
      {"Move everything to `src/auth`", "*src/auth/"},
      {"All of `tests/` must pass.", "?tests/"},
      {"## Target files\n- src/auth/\n", "*src/auth/"},
  });
}

TEST_CASE("what is only to be read, or left alone, is mentioned") {
  check({
      {"Fix src/a.py, see docs/api.md.", "*src/a.py ?docs/api.md"},
      {"Fix src/a.py (see docs/api.md), then src/b.py", "*src/a.py *src/b.py ?docs/api.md"},
      {"As described in docs/api.md, extend src/a.py", "*src/a.py ?docs/api.md"},
      {"Refer to docs/api.md and docs/guide.md. Fix src/a.py.", "*src/a.py ?docs/api.md ?docs/guide.md"},
      {"Add src/d.py following the style of src/a.py", "+src/d.py ?src/a.py"},
      {"Modify the following files: src/a.py, src/b.py", "*src/a.py *src/b.py"},
      {"Do not touch src/legacy/x.c. Fix src/a.py.", "*src/a.py ?src/legacy/x.c"},
      {"Fix src/a.py without changing src/b.py", "*src/a.py ?src/b.py"},
      {"Never create, modify or delete docs/api.md; fix src/a.py", "*src/a.py ?docs/api.md"},
      {"src/b.py must not be changed, src/a.py should be updated", "*src/a.py ?src/b.py"},
      {"Fix src/a.py but leave src/b.py alone", "*src/a.py ?src/b.py"},
      {"Do not change anything except src/a.py", "*src/a.py"},
      {"Don’t forget to update src/a.py", "*src/a.py"},
      {"If it does not exist, create src/d.py", "+src/d.py"},
      {"Update src/a.py to use the helpers in src/b.py", "*src/a.py ?src/b.py"},
      {"Register it in src/a.py before `auth` (defined in src/b.py)", "*src/a.py ?src/b.py"},
      {"Split src/a.py, keeping src/b.py as it is; src/c.py imports it and must keep working", "*src/a.py ?src/b.py ?src/c.py"},
      {"Depends on the cache (it adds `src/cache.py`, which we import). Fix src/a.py", "*src/a.py ?src/cache.py"},
      {"Use src/b.py in src/a.py", "*src/a.py ?src/b.py"},
      {"Add a cache using Redis in src/a.py", "*src/a.py"},
      {"Import `login` from `src/auth/login.py` into src/a.py", "*src/a.py ?src/auth/login.py"},
      {"Fix the imports in src/a.py; add a check to src/b.py", "*src/a.py *src/b.py"},
      {"Fix src/a.py. Run `pytest tests/test_a.py -q`", "*src/a.py ?tests/test_a.py"},
      {"Update `src/legacy/*.c`, but do not touch src/legacy/x.c", "*src/legacy/old.c ?src/legacy/x.c"},
      {"src/a.py is broken. Change only its parser, as src/a.py is large. See src/a.py.", "*src/a.py"},
      {"See docs/api.md: docs/api.md must say so, too", "*docs/api.md"},
  });
}

TEST_CASE("headings and labels say what is listed beneath them") {
  check({
      {"## Files to modify\n- src/a.py\n\n## References\n- docs/api.md\n\n## Steps\n- src/b.py",
       "*src/a.py *src/b.py ?docs/api.md"},
      {"Do not touch:\n- src/b.py\n- src/c.py\n\nThe rest is in src/a.py", "*src/a.py ?src/b.py ?src/c.py"},
      {"Create:\n\n- src/d.py\n  - src/e.py\n", "+src/d.py +src/e.py"},
      {"1. Read first:\n   - docs/api.md\n2. src/a.py", "*src/a.py ?docs/api.md"},
      {"**Target files**: src/a.py\n\n**For reference**:\n* src/b.py", "*src/a.py ?src/b.py"},
      {"## Context\nThe login is in src/auth/login.py.\n### More\nAnd src/b.py.\n## Task\nFix src/a.py",
       "*src/a.py ?src/auth/login.py ?src/b.py"},
      {"## Context\nThe login in src/auth/login.py is slow. Make it fast.", "*src/auth/login.py"},
      {"**Target files**\n* src/a.py\n\n**Read-only context**\n* docs/api.md\n", "*src/a.py ?docs/api.md"},
      {"## Out of scope\n- src/b.py\n## Goal\nFix src/a.py", "*src/a.py ?src/b.py"},
  });
}

TEST_CASE("of code only what names its file is read") {
  check({
      {"```python\n# File: src/new.py\nopen('data/x.json')\nimport src.b\n```", "+src/new.py"},
      {"```cc\n// src/new/file.cc\n#include \"src/legacy/x.h\"\n```", "+src/new/file.cc"},
      {"```js\nconst a = require('./src/b.js'); // like src/c.py does\n// see src/b.py\n```", ""},
      {"~~~ts title=\"web/new.ts\"\nimport x from './y.ts'\n~~~", "+web/new.ts"},
      {"```ts:web/new.ts\n```", "+web/new.ts"},
      {"```diff\n--- a/src/a.py\n+++ b/src/a.py\n-x = 'src/b.py'\n```", "*src/a.py"},
      {"Change these:\n```\nsrc/a.py\n- src/b.py\n$ cat src/c.py\n```", "*src/a.py *src/b.py"},
      {"1. **Create it**:\n   ```bash\n   # File: src/run.sh\n   python3 src/a.py\n   ```", "+src/run.sh"},
      {"Like this:\n\n    x = open('src/b.py')\n\nFix src/a.py", "*src/a.py"},
      {"```python\nopen('src/a.py')", ""},
  });
}

TEST_CASE("nothing beyond the top is ever a target") {
  check({
      {"Write /etc/passwd, ../../etc/passwd and ~/.ssh/id.", "!../../etc/passwd !/etc/passwd !~/.ssh/id"},
      {"Create `src/../../x.py`", "!src/../../x.py"},
      {"GET /api/users, run /agent:worker", ""},
      {"Delete `/`, `..`, `.`, `~` and `//x.py`", ""},
  });
}

TEST_CASE("texts without sense are read in one go") {
  const auto shorter = static_cast<std::size_t>(baton::test::rounds(16, 1));
  const auto read = [shorter](const std::string& piece, std::size_t size) {
    CAPTURE(piece);
    std::string text;
    while (text.size() < size / shorter) text += piece;
    CHECK(found_in(text).targets.created.size() <= 1);
  };
  for (const char* piece : {"a/", "a/ ", "`", "*"}) read(piece, 1 << 20);
  for (const char* piece : {"` ",  "* ",   "](", "](a", "(",    "- ",  "#",    "not ", "see ",  "{a,",    "[",
                            "a/[", "a/(b", ":",  "\\",  "\xe2", "../", "\n- ", "\n#",  "```\n", "~~~x\n", "\n    a/b.py"})
    read(piece, 1 << 17);
}

TEST_CASE("lists that go deeper with every line") {
  std::string text;
  for (std::size_t depth = 0; text.size() < 1 << 20; ++depth) text += std::string(depth, ' ') + "- Create:\n";
  CHECK(targets_in(found_in(text + "\n- src/a.py").targets) == "*src/a.py");
}

TEST_CASE("a glob that fits thousands of files, and more globs than are looked at") {
  FakeRepository repository;
  const int count = baton::test::rounds(1'000, 10'000);
  for (int i = 0; i < count; ++i) repository.files["src/f" + std::to_string(i) + ".py"] = "";
  CHECK(found_in("Reformat src/**/*.py", repository).targets.modified.size() == static_cast<std::size_t>(count));
  std::string text = "Reformat";
  for (std::size_t i = 0; i <= k_max_globs; ++i) text += " src/*" + std::to_string(i) + "*{a,b}*.zig";
  const auto notes = found_in(text, repository).notes;
  CHECK(notes.size() == k_max_prompt_notes);
  CHECK(notes[0] == "only 100 of its globs were looked at");
}

TEST_CASE("prompts are no targets, unless the repository has another file of that name") {
  check({
      {"After 01-auth.md and prompts/02.md, fix src/a.py", "*src/a.py"},
      {"Fix x.c", ""},
      {"Fix src/legacy/x.c", "*src/legacy/x.c"},
  });
}
