#include "store/lines.h"

#include <doctest/doctest.h>

using baton::core::Conflict;
using baton::store::conflicts_from_lines;
using baton::store::from_lines;
using baton::store::to_lines;
using List = std::vector<std::string>;

TEST_CASE("ids and files are plain lines") { CHECK(to_lines(List{"auth-001", "src/a b.cc"}) == "auth-001\nsrc/a b.cc\n"); }

TEST_CASE("any list comes back as it was") {
  const List lists[] = {{}, {""}, {"", ""}, {"a"}, {"a\nb", "\n", "\\", "\\n", "\\\n\\"}, {std::string("zero\0byte", 9), "ü"}};
  for (const List& list : lists) {
    CAPTURE(to_lines(list));
    REQUIRE(from_lines(to_lines(list)).has_value());
    CHECK(*from_lines(to_lines(list)) == list);
  }
}

TEST_CASE("what is no list is told") {
  CHECK_FALSE(from_lines("no end").has_value());
  CHECK_FALSE(from_lines("a\nb").has_value());
  CHECK_FALSE(from_lines("unknown \\x\n").has_value());
  CHECK_FALSE(from_lines("open \\\n").has_value());
}

TEST_CASE("conflicts are lists of lists") {
  const std::vector<Conflict> conflicts = {{"src/a\nb", {"one", "two\\"}}, {"", {}}};
  const auto back = conflicts_from_lines(to_lines(conflicts));
  REQUIRE(back.has_value());
  REQUIRE(back->size() == 2);
  CHECK((*back)[0].file == "src/a\nb");
  CHECK((*back)[0].subtasks == List{"one", "two\\"});
  CHECK((*back)[1].file.empty());
  CHECK((*back)[1].subtasks.empty());
  CHECK(to_lines(std::vector<Conflict>{}).empty());
  CHECK_FALSE(conflicts_from_lines("\n").has_value());      // a conflict without its file
  CHECK_FALSE(conflicts_from_lines("half\n").has_value());  // its only line does not end
}
