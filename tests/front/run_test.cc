// What `baton run` reads: prompt files, and the words on standard input.
#include <doctest/doctest.h>

#include "front/front_fixture.h"
#include "front/run/prompts.h"
#include "front/run/task.h"
#include "front/run/wish.h"

using namespace baton;
using namespace baton::front;

namespace {

struct Files : TemporaryFolder {
  std::string put(const std::string& name, const std::string& text) const {
    const std::string file = path() + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }
};

std::string refusal_of(const std::vector<std::string>& names, const std::string& top) {
  const auto read = read_prompts(names, top);
  REQUIRE(!read);
  return read.error().message;
}

}  // namespace

TEST_CASE("prompts are found from here, at the top and in prompts/, and have the title of their first heading") {
  const Files files;
  const std::string here = files.put("here.md", "\n## Fix the *login* #\n\nDo it.\n");
  files.put("prompts/search.md", "No heading\n");
  const Prompts found = read_prompts({here, "search.md", "prompts/search.md"}, files.path()).value();
  REQUIRE(found.prompts.size() == 2);
  CHECK(found.prompts[0].title == "Fix the *login");
  CHECK(found.prompts[1].title == "search");
  CHECK(found.prompts[1].text == "No heading\n");
  CHECK(found.notes == std::vector<std::string>{"prompts/search.md is named twice: it is done once"});
}

TEST_CASE("what is no prompt stops all of it before anything is started, with every reason") {
  const Files files;
  const std::string empty = files.put("empty.md", " \n\n");
  const std::string binary = files.put("binary.md", std::string("a\0b", 3));
  const std::string latin = files.put("latin.md", "caf\xe9\n");
  const std::string large = files.put("large.md", std::string(k_largest_prompt + 1, 'a'));
  const std::string whole = files.put("whole.md", std::string(k_largest_prompt, 'a'));
  CHECK(refusal_of({empty}, "/") == empty + ": it is empty");
  CHECK(refusal_of({binary, latin}, "/") == binary + ": it is no text in UTF-8; " + latin + ": it is no text in UTF-8");
  CHECK(refusal_of({large}, "/") == large + ": it is larger than 1 MiB");
  CHECK(refusal_of({files.path()}, "/") == files.path() + ": it is no file");
  CHECK(refusal_of({whole, "no/such.md"}, "/") == "no/such.md: there is no such file");
  CHECK(read_prompts({whole}, "/")->prompts.size() == 1);
}

TEST_CASE("a prompt that says that it is done is left out") {
  for (const char* text :
       {"# IMPLEMENTED: Fix the login\n", "# Fix it\n\nStatus: implemented\n", "# Fix it\n\n**Status**: COMPLETED (May)\n",
        "---\nstatus: completed\n---\n# Fix it\n", "# Fix it [IMPLEMENTED]\n", "<!-- COMPLETED -->\n# Fix it\n",
        "# Fix it\n> **COMPLETED**\n", "# Fix it - IMPLEMENTED\n"})
    CHECK_MESSAGE(!done_mark(text).empty(), text);
  for (const char* text : {"# Fix it\n\nWhen it is COMPLETED, tell Ada.\n", "# Implemented features need docs\n",
                           "# Show COMPLETED tasks\n", "# Fix it\n\nStatus: open\n", "# States\n- COMPLETED\n* IMPLEMENTED\n",
                           "# S\n| DONE | COMPLETED |\n", "# R\nReturn one of: PENDING | COMPLETED\n", "# C\n`COMPLETED`\n",
                           "# Fix it\n```\nCOMPLETED\n```\n", "# Feature IMPLEMENTED badly\n"})
    CHECK_MESSAGE(done_mark(text).empty(), text);
  const Files files;
  const std::string done = files.put("done.md", "# COMPLETED: Old\n");
  const Prompts found = read_prompts({done}, "/").value();
  CHECK(found.prompts.empty());
  CHECK(found.notes == std::vector<std::string>{done + " is marked COMPLETED: left out"});
}

TEST_CASE("the words of the seed on standard input") {
  const RunWish plain =
      read_wish(
          "/agent:orchestrator-agent\n\nExecute these specific prompts in parallel:\n- a.md\n- `b c.md`\n* d.md\n2. /tmp/e.md\n")
          .value();
  CHECK(plain.prompts == std::vector<std::string>{"a.md", "b c.md", "d.md", "/tmp/e.md"});
  CHECK(plain.notes.empty());
  const RunWish custom =
      read_wish(
          "/agent:OrchestratorAgent\n\nExecute with custom configuration:\n- prompt-files: [bug-1.md, \"bug-2.md\"]\n"
          "- max-parallel: 4\n- monitoring: enhanced\n- timeout: 1h30m\n- base: main\n- sequential: yes\n")
          .value();
  CHECK(custom.prompts == std::vector<std::string>{"bug-1.md", "bug-2.md"});
  CHECK(custom.max_parallel == 4);
  CHECK(custom.timeout_ms == 5'400'000);
  CHECK(custom.base == "main");
  CHECK(custom.sequential);
  CHECK_FALSE(custom.quiet);
  const RunWish listed = read_wish("prompt_files:\n- a.md\nmax_parallel: 2\nmonitoring: none\nPlease hurry\n").value();
  CHECK(listed.prompts == std::vector<std::string>{"a.md"});
  CHECK(listed.max_parallel == 2);
  CHECK(listed.quiet);
  CHECK(listed.notes == std::vector<std::string>{"line 5 says nothing to baton: Please hurry"});
}

TEST_CASE("a setting that is none, or has no such value, is refused with its line") {
  const auto message = [](const char* text) { return read_wish(text).error().message; };
  CHECK(message("- a.md\n- max-paralel: 4\n") == "line 2: unknown setting \"max-paralel\" (did you mean \"max-parallel\"?)");
  CHECK(message("- max-parallel: 0\n") == "line 1: a number from 1 to 256 is needed");
  CHECK(message("- max-parallel: many\n") == "line 1: a number from 1 to 256 is needed");
  CHECK(message("- sequential: perhaps\n") == "line 1: true or false is needed");
  CHECK(message("\n- timeout: soon\n").starts_with("line 2: "));
}

TEST_CASE("names are the files', made fit and different; what one needs and changes stands in its subtask") {
  const std::vector<Prompt> prompts = {
      {"p/Fix Login!.md", "Fix", "text"}, {"q/fix-login.md", "Again", "more"}, {"r/ü.md", "U", "u"}};
  CHECK(names_of(prompts) == std::vector<std::string>{"fix-login", "fix-login-2", "prompt"});
  PromptAnalysis analysis;
  analysis.targets = {{{"new.cc"}, {"old.cc"}, {"read.md"}, {}}, {}, {}};
  analysis.dependencies = {{1, 0, "why"}, {1, 0, "why else"}};
  const std::string document = run_task("run-1", prompts, analysis).text();
  CHECK(contains(document, R"("files_affected":["new.cc","old.cc"])"));
  CHECK(contains(document, R"("subtask_id":"fix-login-2","title":"Again","description":"more")"));
  CHECK(contains(document, R"("dependencies":["fix-login"])"));
  for (int i = 0; i < 501; ++i) analysis.targets[2].modified.push_back("src/" + std::to_string(i) + ".cc");
  CHECK(contains(run_task("run-1", prompts, analysis).text(), R"("files_affected":["src/"])"));
}
