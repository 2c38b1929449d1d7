// The two parts of a subtask: halves by its files, and what somebody else may answer.
#include "core/parts.h"

#include <doctest/doctest.h>

using namespace baton;
using namespace baton::core;

namespace {

SubtaskSpec whole() {
  SubtaskSpec spec;
  spec.id = "big-1";
  spec.title = "Build it";
  spec.description = "All of it.";
  spec.assigned_to = "development";
  spec.worker_type = "implementation";
  spec.dependencies = {"big-0"};
  spec.files_affected = {"src/b.js", "src/a.js", "docs/x.md"};
  spec.success_criteria = "It works";
  spec.checkpoint = R"("all tests pass")";
  spec.estimated_minutes = 15;
  spec.estimated_tokens = 9'001;
  return spec;
}

SubtaskSpec part(const std::string& title, std::vector<std::string> files) {
  SubtaskSpec spec;
  spec.title = title;
  spec.files_affected = std::move(files);
  return spec;
}

std::string refusal(std::vector<SubtaskSpec> answer) {
  const auto parts = parts_of(whole(), std::move(answer));
  return parts ? "" : parts.error().message;
}

}  // namespace

TEST_CASE("halves keep neighbours together and hold to the rules") {
  const auto halves = halves_of(whole());
  CHECK(halves.first.files_affected == std::vector<std::string>{"docs/x.md", "src/a.js"});
  CHECK(halves.second.files_affected == std::vector<std::string>{"src/b.js"});
  CHECK(halves.first.title == "Build it (1 of 2)");
  CHECK(halves.second.description == "All of it.\n\nThis part: only src/b.js. The other files of it are another subtask's.");
  CHECK(halves.first.estimated_minutes == 8);
  CHECK(check_parts(whole(), halves).has_value());
}

TEST_CASE("what an answer says counts; what it leaves out is as in the whole") {
  SubtaskSpec told = part("Code", {"src/a.js", "src/b.js", "src/a.js"});
  told.description = "The code only.";
  told.success_criteria = "It compiles";
  told.estimated_minutes = 12;
  told.estimated_tokens = 5;
  const auto parts = parts_of(whole(), {told, part("Words", {"docs/x.md"})});
  REQUIRE_MESSAGE(parts.has_value(), parts.error().message);
  CHECK(parts->first.title == "Code");
  CHECK(parts->first.description == "The code only.");
  CHECK(parts->first.success_criteria == "It compiles");
  CHECK(parts->first.files_affected == std::vector<std::string>{"src/a.js", "src/b.js"});
  CHECK(parts->first.estimated_minutes == 12);
  CHECK(parts->first.estimated_tokens == 5);
  CHECK(parts->second.description == "All of it.\n\nThis part: only docs/x.md. The other files of it are another subtask's.");
  CHECK(parts->second.success_criteria == "It works");
  CHECK(parts->second.estimated_minutes == 8);
  CHECK(parts->second.estimated_tokens == 4'501);
}

TEST_CASE("master, dependencies and checkpoint of an answer do not count") {
  SubtaskSpec told = part("Code", {"src/a.js", "src/b.js"});
  told.assigned_to = "security";
  told.worker_type = "audit";
  told.dependencies = {"elsewhere"};
  told.checkpoint = R"("nothing")";
  told.time_limit_ms = 1;
  const auto parts = parts_of(whole(), {told, part("Words", {"docs/x.md"})});
  REQUIRE(parts.has_value());
  CHECK(parts->first.assigned_to == "development");
  CHECK(parts->first.worker_type == "implementation");
  CHECK(parts->first.dependencies == std::vector<std::string>{"big-0"});
  CHECK(parts->first.checkpoint == R"("all tests pass")");
  CHECK(parts->first.time_limit_ms == 0);
}

TEST_CASE("an answer that is not two parts of the files is refused with the rule") {
  const SubtaskSpec code = part("Code", {"src/a.js", "src/b.js"});
  const SubtaskSpec words = part("Words", {"docs/x.md"});
  CHECK(refusal({code, words}).empty());
  CHECK(refusal({code}) == "there must be exactly 2 parts, and there are 1");
  CHECK(refusal({code, words, words}) == "there must be exactly 2 parts, and there are 3");
  CHECK(refusal({code, part("", {"docs/x.md"})}) == "a part has no title");
  CHECK(refusal({code, part("Words", {})}) == "\"Words\" has no files_affected");
  CHECK(refusal({code, part("Words", {"docs/x.md", "etc/passwd"})}) == "etc/passwd is none of the files of big-1");
  CHECK(refusal({code, part("Words", {"docs/x.md", "src/a.js"})}) == "both parts write src/a.js");
  CHECK(refusal({part("Code", {"src/a.js"}), words}) == "no part writes src/b.js");
}
