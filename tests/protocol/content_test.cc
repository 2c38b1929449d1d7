// What a task says does not depend on who wrote it down. The journal holds hashes of it for ever.
#include "protocol/content.h"

#include <doctest/doctest.h>

#include <string>

#include "base/ids.h"
#include "protocol/queue_file.h"
#include "protocol/readers.h"

using namespace baton;
using namespace baton::protocol;

namespace {

TaskIn entry(std::string_view bytes) {
  auto task = read_queue_entry(bytes);
  REQUIRE_MESSAGE(task.has_value(), task.error().message);
  return *task;
}

}  // namespace

TEST_CASE("the content of an entry does not depend on what the daemon writes, nor on layout") {
  const std::string content = canonical_content(R"({"id":"a","title":"x"})");
  CHECK(content == R"({"id":"a","title":"x"})");
  CHECK(canonical_content("{ \"status\" : \"assigned\",\n \"id\": \"a\", \"assigned_to\": \"security\", \"title\":\"\\u0078\",\n"
                          "\"orchestration_id\": \"o\", \"updated_at\": \"u\", \"completed_at\": \"c\", \"report\": \"r\"}") ==
        content);
  CHECK(canonical_content(R"({"a": {"status": [1, 2.50]}})") == R"({"a":{"status":[1,2.5]}})");
  CHECK(canonical_content(R"({"id": "b"})") != content);
  CHECK(canonical_content(R"({"s": "\/ \u00e9 \n"})") == "{\"s\":\"/ é \\n\"}");
  CHECK(canonical_content("{\"status\": 1}") == "{}");
  CHECK(canonical_content(" [1, 2 ]") == "[1,2]");
  CHECK(canonical_content("{\"n\": 123456789012345678901234567890, \"f\": 1e400}") ==
        R"({"f":1e400,"n":123456789012345678901234567890})");
}

TEST_CASE("writing back what the daemon says leaves the content as it was") {
  const std::string entry = "{\n  \"id\": \"a\",\n  \"status\": \"pending\",\n  \"title\": \"x\"\n}";
  const std::string after =
      patch_entry(entry, {{"status", "\"assigned\""}, {"assigned_to", "\"security\""}, {"updated_at", "\"u\""}});
  CHECK(after != entry);
  CHECK(canonical_content(after) == canonical_content(entry));
}

TEST_CASE("the order of members says nothing, at any depth") {
  CHECK(canonical_content(R"({"b": {"z": 1, "a": [{"y": 2, "x": 3}]}, "a": 0})") == R"({"a":0,"b":{"a":[{"x":3,"y":2}],"z":1}})");
  CHECK(canonical_content(R"({"a": 1, "\u0061": 2})") == R"({"a":2})");
  CHECK(canonical_content(R"({"a": [2, 1]})") == R"({"a":[2,1]})");
  CHECK(canonical_content(R"({"a": {}, "b": [], "c": [[]]})") == R"({"a":{},"b":[],"c":[[]]})");
  CHECK(canonical_content(R"({"a": {"status": 1, "report": 2}})") == R"({"a":{"report":2,"status":1}})");
  const char* written = R"({"id": "a", "title": "x", "context": {"b": 1, "a": "é"}, "status": "pending"})";
  const char* sorted = R"({"context": {"a": "\u00e9", "b": 1}, "id": "a", "status": "pending", "title": "x"})";
  CHECK(entry(written).spec.content_hash == entry(sorted).spec.content_hash);
}

TEST_CASE("a whole number is the same with and without its point") {
  CHECK(canonical_content("[1, 1.0, 1e3, -2.0, 1.50, 0.1]") == "[1,1,1000,-2,1.5,0.1]");
  CHECK(canonical_content("[9007199254740993, 1e300, 12345678901234567890.0]") ==
        "[9007199254740993,1e+300,1.2345678901234567e+19]");
}

TEST_CASE("deep nesting is sorted as well as flat objects") {
  std::string deep, expected;
  for (int i = 0; i < 250; ++i) deep += R"({"b":1,"a":)";
  deep += "0";
  for (int i = 0; i < 250; ++i) deep += "}";
  for (int i = 0; i < 250; ++i) expected += R"({"a":)";
  expected += "0";
  for (int i = 0; i < 250; ++i) expected += R"(,"b":1})";
  CHECK(canonical_content(deep) == expected);
}

TEST_CASE("what an older journal remembers is the same task still") {
  const std::string bytes = R"({"title": "x", "id": "a", "n": 1.0, "status": "pending"})";
  CHECK(content_in_order(bytes) == R"({"title":"x","id":"a","n":1.0})");
  const std::string older = content_hash(R"({"title":"x","id":"a","n":1.0})");
  const TaskIn task = entry(bytes);
  CHECK(task.spec.content_hash != older);
  CHECK(same_content(older, task));
  CHECK(same_content(task.spec.content_hash, task));
  CHECK(!same_content(content_hash("{}"), task));
  CHECK(!same_content("", *read_dropped_markdown("# x")));
}
