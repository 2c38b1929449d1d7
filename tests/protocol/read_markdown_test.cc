// Markdown as a task: heading, first line, and the block of `key: value` lines at its top.
#include <doctest/doctest.h>

#include <string>

#include "protocol/readers.h"

using namespace baton;
using namespace baton::protocol;

namespace {

TaskIn markdown(std::string_view text) {
  auto task = read_dropped_markdown(text);
  REQUIRE_MESSAGE(task.has_value(), task.error().message);
  return *task;
}

}  // namespace

TEST_CASE("Markdown: the first heading is the title, the rest the description") {
  const auto read = [](std::string_view text) {
    const auto task = read_dropped_markdown(text);
    REQUIRE(task.has_value());
    return std::pair(task->spec.title, task->spec.description);
  };
  using Pair = std::pair<std::string, std::string>;
  CHECK(read("# Add login\n\nWith sessions.\n\n## Details\n- a\n") == Pair{"Add login", "With sessions.\n\n## Details\n- a"});
  CHECK(read("Please:\n\n## Add login ##\r\nNow.\r\n") == Pair{"Add login", "Please:\n\nNow."});
  CHECK(read("\n\nFix the typo\non page one\n") == Pair{"Fix the typo", "on page one"});
  CHECK(read("```\n# comment\n```\n# Real\n") == Pair{"Real", "```\n# comment\n```"});
  CHECK(read("#hashtag\nmore") == Pair{"#hashtag", "more"});
  CHECK(read("# Learn C#\n") == Pair{"Learn C#", ""});
  CHECK(read("####### seven\n#\n") == Pair{"####### seven", "#"});
  CHECK(read("#\n\n---\n\nFix it\n") == Pair{"Fix it", "#\n\n---"});
  CHECK(read("# ---\n\n## Übung\n") == Pair{"Übung", "# ---"});
  CHECK(read("```sh\nmake\n```\n") == Pair{"make", "```sh\n\n```"});
  CHECK(read("---\nFix: it\n") == Pair{"Fix: it", "---"});
  CHECK(read("\xEF\xBB\xBF# BOM") == Pair{"BOM", ""});
  const std::string long_line(1'500, 'x');
  CHECK(read(long_line).first.size() <= 1'003);
  CHECK(read(long_line).second == long_line);
  CHECK(read_dropped_markdown("a\n")->document == "a\n");
  CHECK(read_dropped_markdown("a\n")->spec.content_hash != read_dropped_markdown("a")->spec.content_hash);
  CHECK(read_dropped_markdown("  \n").error().message == "the file holds nothing but white space");
}

TEST_CASE("a file that says nothing has no title") {
  const auto task = read_dropped_markdown("---\n\n#\n***\n");
  REQUIRE(!task.has_value());
  CHECK(task.error().message == "no line of the file holds a letter or a digit");
  CHECK(task.error().hint == "begin with a line that says what is to be done");
  CHECK(task.error().place == Place{"", 1, 1});
}

TEST_CASE("a block at the top says what a JSON document would") {
  const std::string text =
      "---\n# written by hand\ntitle: \"Add login\"\nid: login-1\npriority: High\nmaster: Security  # who\nexecution_mode: eager\n"
      "depends_on:\n  - base\n  - 'other'\ntags: [a, b]\nauthor:\n  name: Mia\n---\n\n# Background\n\nWith sessions.\n";
  const TaskIn task = markdown(text);
  CHECK(task.spec.title == "Add login");
  CHECK(task.spec.description == "# Background\n\nWith sessions.");
  CHECK(task.spec.id == "login-1");
  CHECK(task.spec.priority == core::Priority::high);
  CHECK(task.spec.assigned_to == "security");
  CHECK(task.spec.mode == core::ExecutionMode::eager);
  CHECK(task.spec.depends_on == std::vector<std::string>{"base", "other"});
  CHECK(task.document == text);
  CHECK(markdown("---\r\ndepends_on: [a, \"b\"]\r\n---\r\n# T\r\n").spec.depends_on == std::vector<std::string>{"a", "b"});
  CHECK(markdown("---\ndepends_on: a\ntitle:\n...\n# T\nD\n").spec.title == "T");
  CHECK(markdown("---\ndepends_on: a\nassigned_to: docs\nmaster: x\n---\nT\n").spec.assigned_to == "docs");
  CHECK(markdown("---\ntitle: T\n---\n# T\nD\n").spec.description == "D");
  CHECK(markdown("---\ntitle: T\n---\n").spec.title == "T");
  CHECK(markdown("---\nstatus: completed\nsubtasks: [a]\n---\nT\n").spec.subtasks.empty());
}

TEST_CASE("a rule across the page is no block") {
  CHECK(markdown("---\nHello there\n---\n# T\n").spec.title == "T");
  CHECK(markdown("---\ntitle: x\n").spec.title == "title: x");
  CHECK(markdown("---\nsee http://x\n---\n").spec.title == "see http://x");
  CHECK(markdown("text\n---\ntitle: x\n---\n").spec.title == "text");
}

TEST_CASE("a name in the block that is one slip away is told") {
  const TaskIn task = markdown("---\npriorty: high\nDepends-On: a\ntags: [x]\nfile: a.js\n---\nT\n");
  CHECK(task.spec.priority == core::Priority::medium);
  CHECK(task.warnings == std::vector<std::string>{"/depends-on: nobody reads \"depends-on\" (did you mean \"depends_on\"?)",
                                                  "/priorty: nobody reads \"priorty\" (did you mean \"priority\"?)"});
  CHECK(markdown("---\npriority: high\nmaster: qa\n---\nT\n").warnings.empty());
}

TEST_CASE("what is wrong in the block is shown by its line") {
  const auto error = read_dropped_markdown("---\ntitle: x\npriority: urgentest\n---\nT\n").error();
  CHECK(error.message == "unknown priority \"urgentest\"");
  CHECK(error.place == Place{"/priority", 3, 1});
  const std::string text = "---\nmaster: a\n---\nT\n";
  CHECK(located_in_markdown(Error{ErrorCode::invalid, "m", "", {"/assigned_to", 0, 0}}, text).place == Place{"/master", 2, 1});
  CHECK(located_in_markdown(Error{ErrorCode::invalid, "m", "", {"/depends_on/0", 0, 0}}, text).place == Place{"", 1, 1});
  CHECK(located_in_markdown(Error{ErrorCode::invalid, "m", "", {"", 0, 0}}, "# T").place == Place{"", 1, 1});
}
