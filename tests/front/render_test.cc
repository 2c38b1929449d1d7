// Tables, bars and numbers as people see them.
#include "front/render.h"
#include "base/time.h"
#include "front_fixture.h"

using namespace baton;
using namespace baton::front;

namespace {

std::string printed(const Table& table, std::size_t width = 0, bool colour = false) {
  const MemoryStream memory;
  Output out(Streams{.out = memory.file(), .err = memory.file(), .colour = colour}, false);
  table.print(out, width);
  return memory.text();
}

}  // namespace

TEST_CASE("columns line up by code points") {
  Table table({"A", "NAME", "LAST"});
  table.row({"1", "grün", "x"});
  table.row({"22", "a", "y"});
  CHECK(printed(table) == "A   NAME  LAST\n1   grün  x\n22  a     y\n");
}

TEST_CASE("the widest column gives way") {
  Table table({"ID", "TITLE"});
  table.row({"auth", "a very long title indeed"});
  CHECK(printed(table, 20) == "ID    TITLE\nauth  a very long t…\n");
  CHECK(printed(table, 30) == "ID    TITLE\nauth  a very long title indeed\n");
}

TEST_CASE("documents do not steer the terminal") {
  Table table({"T"});
  table.row({"red\x1b[31m\nalert"});
  const std::string text = printed(table);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}

TEST_CASE("colours only where they are wanted") {
  Table table({"T"});
  table.row({"x"}, Colour::red);
  CHECK(printed(table, 0, true) == "\x1b[1mT\x1b[0m\n\x1b[31mx\x1b[0m\n");
  CHECK(printed(table, 0, false) == "T\nx\n");
}

TEST_CASE("cut_to, at the bound and one past it") {
  CHECK(cut_to("grün", 4) == "grün");
  CHECK(cut_to("grün", 3) == "gr…");
  CHECK(cut_to("grün", 1) == "…");
  CHECK(cut_to("grün", 0).empty());
}

TEST_CASE("bars") {
  CHECK(bar(0, 4) == "░░░░");
  CHECK(bar(50, 4) == "██░░");
  CHECK(bar(100, 4) == "████");
  CHECK(bar(250, 4) == "████");
  CHECK(bar(-3, 4) == "░░░░");
}

TEST_CASE("numbers and ages") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(-1234567) == "-1,234,567");
  CHECK(counted(1, "task") == "1 task");
  CHECK(counted(2, "task") == "2 tasks");
  const std::int64_t noon = parse_timestamp("2025-11-05T12:00:00Z")->wall_ms;
  CHECK(age_of("2025-11-05T11:59:30Z", noon) == "30s");
  CHECK(age_of("2025-11-05T10:29:59Z", noon) == "1h30m");
  CHECK(age_of("2025-11-03T10:29:59Z", noon) == "2d1h");
  CHECK(age_of("2025-11-06T00:00:00Z", noon) == "0s");
  CHECK(age_of("yesterday", noon).empty());
  CHECK(left_until("2025-11-05T12:00:40Z", noon) == "40s");
  CHECK(left_until("2025-11-05T12:00:00.5Z", noon) == "1s");
  CHECK(left_until("2025-11-05T13:30:01Z", noon) == "1h30m");
  CHECK(left_until("2025-11-05T12:00:00Z", noon).empty());
  CHECK(left_until("tomorrow", noon).empty());
}
