#include "core/graph.h"

#include <doctest/doctest.h>

using namespace baton;
using namespace baton::core;

TEST_CASE("levels follow the longest path") {
  const Dependencies diamond_with_detour = {{}, {0}, {0}, {1, 2}, {0, 3}};
  CHECK(*levels(diamond_with_detour) == std::vector<int>{1, 2, 2, 3, 4});
  CHECK(levels({})->empty());
  CHECK(*levels({{}, {}, {}}) == std::vector<int>{1, 1, 1});
}

TEST_CASE("a node may be named before what it depends on") { CHECK(*levels({{2}, {}, {1}}) == std::vector<int>{3, 1, 2}); }

TEST_CASE("a cycle is given with first = last, and only its own nodes") {
  const auto cycle = levels({{}, {0, 3}, {1}, {2}, {3}});
  REQUIRE_FALSE(cycle);
  const std::vector<int>& nodes = cycle.error();
  CHECK(nodes.size() == 4);
  CHECK(nodes.front() == nodes.back());
  for (int node : nodes) CHECK((node >= 1 && node <= 3));
}

TEST_CASE("a node that depends on itself is a cycle") {
  const auto cycle = levels({{}, {1}});
  REQUIRE_FALSE(cycle);
  CHECK(cycle.error() == std::vector<int>{1, 1});
}

TEST_CASE("the critical path is the heaviest, not the longest") {
  CHECK(critical_path({{}, {0}, {1}, {0}}, {5, 1, 1, 50}) == 55);
  CHECK(critical_path({{}, {}}, {7, 9}) == 9);
  CHECK(critical_path({}, {}) == 0);
}

TEST_CASE("paths overlap when they are equal or one is a folder above the other") {
  CHECK(paths_overlap("src/a.js", "src/a.js"));
  CHECK(paths_overlap("src", "src/a.js"));
  CHECK(paths_overlap("src/deep/er/a.js", "src/deep"));
  CHECK_FALSE(paths_overlap("src/a", "src/ab"));
  CHECK_FALSE(paths_overlap("src", "srcs/a.js"));
  CHECK_FALSE(paths_overlap("src/a.js", "src/b.js"));
  CHECK(paths_overlap(".", "any/thing"));
  CHECK(paths_overlap("any", ""));
}

TEST_CASE("paths are normalised") {
  CHECK(*normalise_path("./src//a.js") == "src/a.js");
  CHECK(*normalise_path("src/lib/") == "src/lib");
  CHECK(*normalise_path("src/../docs/./a.md") == "docs/a.md");
  CHECK(*normalise_path("") == ".");
  CHECK(*normalise_path("./") == ".");
  CHECK(*normalise_path("a/..") == ".");
}

TEST_CASE("a path that leads out of the workspace is refused with a message") {
  const auto absolute = normalise_path("/etc/passwd");
  REQUIRE_FALSE(absolute);
  CHECK(absolute.error().code == ErrorCode::invalid);
  CHECK(absolute.error().message == "\"/etc/passwd\" is an absolute path");
  CHECK(absolute.error().hint == "name it relative to the workspace");
  const auto outside = normalise_path("src/../../x");
  REQUIRE_FALSE(outside);
  CHECK(outside.error().message == "\"src/../../x\" leads out of the workspace");
  const auto nul = normalise_path(std::string_view("a\0b", 3));
  REQUIRE_FALSE(nul);
  CHECK(nul.error().message == "a path contains a NUL character");
}

TEST_CASE("a long chain needs no recursion") {
  Dependencies chain(100'000);
  for (int node = 1; node < 100'000; ++node) chain[static_cast<std::size_t>(node)] = {node - 1};
  CHECK(levels(chain)->back() == 100'000);
  chain[0] = {99'999};
  CHECK(levels(chain).error().size() == 100'001);
}
