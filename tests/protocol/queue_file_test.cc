#include "protocol/queue_file.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "protocol/door.h"
#include "protocol/splice.h"

using baton::protocol::empty_queue;
using baton::protocol::entry_hash;
using baton::protocol::entry_id;
using baton::protocol::outline_of;
using baton::protocol::parse_queue;
using baton::protocol::patch_entry;
using baton::protocol::QueueFile;
using baton::protocol::QueueOutline;
using baton::protocol::render_queue;

namespace {

QueueFile parsed(const std::string& text) {
  auto file = parse_queue(text);
  REQUIRE_MESSAGE(file.has_value(), file.error().message);
  CHECK(file->bytes == text);
  return *file;
}

std::vector<std::string> spans(const std::string& text) {
  const QueueFile file = parsed(text);
  std::vector<std::string> list;
  for (const auto& entry : file.entries) list.emplace_back(file.span(entry));
  return list;
}

baton::Error refused(const std::string& text) {
  auto file = parse_queue(text);
  REQUIRE_MESSAGE(!file.has_value(), text);
  CHECK(file.error().code == baton::ErrorCode::invalid);
  return file.error();
}

std::string rendered(const QueueFile& file, const std::vector<baton::protocol::QueueEdit>& edits,
                     const std::vector<std::string>& entries, const std::string& updated_at) {
  return baton::protocol::joined(render_queue(file, edits, entries, updated_at).pieces);
}

std::string appended(const std::string& text, const std::vector<std::string>& entries) {
  return rendered(parsed(text), {}, entries, "2025-11-05T18:00:00Z");
}

using List = std::vector<std::string>;

}  // namespace

TEST_CASE("the entries of every understood top level") {
  CHECK(spans(R"({"tasks": [{"id": "a"}, {"id":"b"} ]})") == List{R"({"id": "a"})", R"({"id":"b"})"});
  CHECK(spans(R"([{"id": "a"}])") == List{R"({"id": "a"})"});
  CHECK(spans("\n [ ] ").empty());
  CHECK(spans(R"({"version": 1, "tasks": [], "stats": {"tasks": [1]}})").empty());
  CHECK(spans(R"({"a": {"tasks": [{"id": "x"}]}, "t\u0061sks": [{"id": "a"}]})") == List{R"({"id": "a"})"});
  CHECK(spans("\xEF\xBB\xBF[{\"id\": 1}]") == List{"{\"id\": 1}"});
}

TEST_CASE("entries that are no objects keep their place") {
  CHECK(spans(R"([1, "a,]", null , [ {"id": 1} ], {"x": "}"}, true])") ==
        List{"1", R"("a,]")", "null", R"([ {"id": 1} ])", R"({"x": "}"})", "true"});
}

TEST_CASE("the offset of the closing bracket and the stamp of the top level") {
  const std::string text = R"({"updated_at": "old", "tasks": [{"updated_at": "inner"}  ], "x": "]"})";
  const QueueFile file = parsed(text);
  CHECK(text.substr(file.array_end, 6) == R"(], "x")");
  CHECK(text.substr(file.updated_at, file.updated_at_length) == R"("old")");
  CHECK(parsed(R"({"tasks": [], "updated_at": 7})").updated_at_length == 0);
}

TEST_CASE("equal bytes have equal hashes") {
  const QueueFile file = parsed(R"([{"id":1},{"id":2},{"id":1}])");
  CHECK(file.entries[0].hash == file.entries[2].hash);
  CHECK(file.entries[0].hash != file.entries[1].hash);
}

TEST_CASE("what is no queue is refused with a reason") {
  CHECK(refused(R"({"id": "t", "title": "x"})").message == "a single task stands where the queue should be");
  CHECK(refused(R"({"id": "t"})").hint.find("task-queue.d/") != std::string::npos);
  CHECK(refused(R"({"version": 1})").message == "this is not a queue");
  CHECK(refused("7").message == "this is not a queue");
  CHECK(refused(R"("tasks")").hint == R"(a queue is {"tasks": [ ... ]} or an array of tasks)");
  const baton::Error twice = refused("{\"tasks\": [],\n \"tasks\": []}");
  CHECK(twice.message == R"("tasks" stands twice at the top level)");
  CHECK(twice.place.line == 2);
  CHECK(twice.place.column == 11);
  const baton::Error object = refused(R"({"tasks": {"id": 1}})");
  CHECK(object.message == R"("tasks" is not an array)");
  CHECK(object.place == baton::Place{"/tasks", 1, 11});
}

TEST_CASE("the whole text is checked before anything in it is trusted") {
  for (const char* text : {"",
                           " ",
                           "[",
                           "[1,]",
                           "[1 2]",
                           "[1]]",
                           "[] []",
                           "{\"tasks\": []",
                           "{\"tasks\": [{]}",
                           "[{\"a\" 1}]",
                           "[{\"a\":}]",
                           "[01]",
                           "[1.]",
                           "[1e]",
                           "[-]",
                           "[+1]",
                           "[.5]",
                           "[truex]",
                           "[nul]",
                           "[\"\\x\"]",
                           "[\"\\ud800\"]",
                           "[\"a\nb\"]",
                           "[{\"id\":1,}]",
                           "{\"tasks\": [], }",
                           "[12\"abc\"]",
                           "[\"\xff\"]",
                           "[1],",
                           "{\"tasks\": []} x",
                           "[{\"a\":1 \"b\":2}]",
                           "[{1:2}]",
                           "[NaN]"}) {
    CHECK_MESSAGE(!parse_queue(text).has_value(), text);
  }
}

TEST_CASE("numbers beyond the range of any type are kept") {
  CHECK(spans("[1e400, 123456789012345678901234567890, -0, 1.50]") ==
        List{"1e400", "123456789012345678901234567890", "-0", "1.50"});
}

TEST_CASE("nesting up to the bound, and one past it") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(parse_queue(nested(baton::protocol::k_max_depth)).has_value());
  CHECK(!parse_queue(nested(baton::protocol::k_max_depth + 1)).has_value());
  CHECK(!parse_queue(nested(100'000)).has_value());
  CHECK(!parse_queue(std::string(100'000, '[')).has_value());
}

TEST_CASE("only the edited entries change") {
  const std::string text = "{ \"v\" :1.0,\r\n\"tasks\":[ {\"id\" : \"a\"} ,\t{\"id\":\"b\"}],\"updated_at\":\"old\" }\r\n";
  const std::string after = rendered(parsed(text), {{1, R"({"id":"b","n":1})"}}, {}, "new");
  CHECK(after == "{ \"v\" :1.0,\r\n\"tasks\":[ {\"id\" : \"a\"} ,\t{\"id\":\"b\",\"n\":1}],\"updated_at\":\"new\" }\r\n");
  CHECK(rendered(parsed("[1, 2]"), {{0, "3"}, {1, "4"}}, {"5"}, "new") == "[3, 4, 5]");
}

TEST_CASE("appended entries look like their neighbours") {
  CHECK(appended(R"([{"id":1},{"id":2}])", {"{\"id\":3}"}) == R"([{"id":1},{"id":2},{"id":3}])");
  CHECK(appended("[]", {"1", "2"}) == "[1, 2]");
  CHECK(appended("{\"tasks\": [ ]}\n", {"{\"id\":1}"}) == "{\"tasks\": [{\"id\":1}]}\n");
  CHECK(appended("{\n    \"tasks\": [\n        {\"id\": 1}\n    ]\n}", {"{\"id\": 2}", "{\"id\": 3}"}) ==
        "{\n    \"tasks\": [\n        {\"id\": 1},\n        {\"id\": 2},\n        {\"id\": 3}\n    ]\n}");
  CHECK(appended("[{\"id\":1}]", {"2"}) == "[{\"id\":1},2]");
}

TEST_CASE("an entry of one line among entries of several is laid out like them") {
  CHECK(
      appended("{\r\n\t\"tasks\": [\r\n\t\t{\r\n\t\t\t\"id\": 1\r\n\t\t}\r\n\t]\r\n}", {R"({"id":2,"files":["a"]})"}) ==
      "{\r\n\t\"tasks\": [\r\n\t\t{\r\n\t\t\t\"id\": 1\r\n\t\t},\r\n\t\t{\r\n\t\t\t\"id\": 2,\r\n\t\t\t\"files\": [\r\n\t\t\t\t\"a\"\r\n\t\t\t]"
      "\r\n\t\t}\r\n\t]\r\n}");
}

TEST_CASE("the first entry of an empty queue") {
  const std::string text = rendered(empty_queue(), {}, {"{\n      \"id\": 1\n    }"}, "");
  CHECK(text == "{\n  \"tasks\": [\n    {\n      \"id\": 1\n    }\n  ]\n}\n");
  CHECK(spans(text).size() == 1);
  CHECK(appended("{\r\n  \"tasks\": []\r\n}\r\n", {"1"}) == "{\r\n  \"tasks\": [\r\n    1\r\n  ]\r\n}\r\n");
}

TEST_CASE("what stands where it stood in the version before is not parsed again") {
  std::string known = "[0", text = "[0";
  for (int i = 1; i < 40; ++i) {
    known += ", {\"id\": \"t-" + std::to_string(i) + "\"}";
    text += ", {\"id\": ;t-" + std::to_string(i) + ";}";
  }
  QueueOutline before = outline_of(parsed(known + "]"));
  for (auto& entry : before.entries) entry.hash = entry_hash(std::string_view(text).substr(entry.offset, entry.length));
  CHECK(!parse_queue(text + "]", before).has_value());  // the last of a run is parsed
  const std::string last = text + ", 40, {\"id\": \"new\"}]";
  CHECK(!parse_queue(last, before).has_value());
  text.replace(text.rfind(";t-39;"), 6, "\"t-39\"");
  before.entries.back().hash = entry_hash("{\"id\": \"t-39\"}");
  const auto file = parse_queue(text + ", {\"id\": \"new\"}]", before);
  REQUIRE(file.has_value());
  CHECK(file->entries.size() == 41);
  CHECK(file->span(file->entries[20]) == "{\"id\": ;t-20;}");
  CHECK(file->span(file->entries[40]) == "{\"id\": \"new\"}");
  CHECK(!parse_queue(text + ", {\"id\": new}]", before).has_value());
}

TEST_CASE("known entries in another place than the array of tasks are parsed like anything else") {
  std::string items = "0";
  for (int i = 1; i < 40; ++i) items += ", " + std::to_string(i);
  const QueueOutline before = outline_of(parsed("{\"tasks\": [" + items + "], \"other\": [9, 9, 9]}"));
  const std::string moved = "{\"other\": [" + items + "], \"tasks\": [9, 9, 9]}";
  const auto file = parse_queue(moved, before);
  REQUIRE(file.has_value());
  CHECK(file->entries.size() == 3);
  const std::string inner = "{\"tasks\": [[" + items + "]], \"othe\": [9, 9, 9]}";
  const auto nested = parse_queue(inner, before);
  REQUIRE(nested.has_value());
  CHECK(nested->entries.size() == 1);
}

TEST_CASE("the id of an entry") {
  CHECK(entry_id(R"({"id": "a", "task_id": "b"})") == "a");
  CHECK(entry_id(R"({"task_id": "b"})") == "b");
  CHECK(entry_id(R"({"id": "", "task_id": "b"})") == "b");
  CHECK(entry_id(R"({"i\u0064": "\u0061"})") == "a");
  CHECK(entry_id(R"({"x": {"id": "inner"}})") == "");
  CHECK(entry_id(R"({"id": 7})") == "");
  CHECK(entry_id("[\"id\"]") == "");
  CHECK(entry_id("null") == "");
}

TEST_CASE("members are set in place, added at the end, or removed") {
  CHECK(patch_entry(R"({"id": "a", "status": "pending"})", {{"status", "\"assigned\""}}) ==
        R"({"id": "a", "status": "assigned"})");
  CHECK(patch_entry(R"({"id": "a"})", {{"n", "1"}, {"m", "2"}}) == R"({"id": "a","n": 1,"m": 2})");
  CHECK(patch_entry(R"({"id":"a","b":2})", {{"n", "1"}}) == R"({"id":"a","b":2,"n":1})");
  CHECK(patch_entry("{}", {{"n", "1"}, {"m", "2"}}) == R"({"n": 1, "m": 2})");
  CHECK(patch_entry("{ }", {{"n", "1"}}) == R"({"n": 1 })");
  CHECK(patch_entry("{\n    \"id\": 1.0e2,\n    \"x\": [ ]\n  }", {{"n", "1"}}) ==
        "{\n    \"id\": 1.0e2,\n    \"x\": [ ],\n    \"n\": 1\n  }");
  CHECK(patch_entry("{\n  \"id\": 1\n}", {{"n", "1"}}) == "{\n  \"id\": 1,\n  \"n\": 1\n}");
  const std::string three = R"({"a": 1, "b": 2, "c": 3})";
  CHECK(patch_entry(three, {{"a", ""}}) == R"({"b": 2, "c": 3})");
  CHECK(patch_entry(three, {{"b", ""}}) == R"({"a": 1, "c": 3})");
  CHECK(patch_entry(three, {{"c", ""}}) == R"({"a": 1, "b": 2})");
  CHECK(patch_entry(three, {{"a", ""}, {"b", ""}}) == R"({"c": 3})");
  CHECK(patch_entry(three, {{"b", ""}, {"c", ""}, {"d", "4"}}) == R"({"a": 1, "d": 4})");
  CHECK(patch_entry(three, {{"a", ""}, {"b", ""}, {"c", ""}}) == "{}");
  CHECK(patch_entry(three, {{"a", ""}, {"b", ""}, {"c", ""}, {"d", "4"}}) == R"({"d": 4})");
  CHECK(patch_entry(three, {{"x", ""}}) == three);
}

TEST_CASE("only members of the entry itself are meant, whatever way their names are written") {
  CHECK(patch_entry(R"({"x": {"status": 1}, "\u0073tatus": "p", "y": "\"status\":"})", {{"status", "2"}}) ==
        R"({"x": {"status": 1}, "\u0073tatus": 2, "y": "\"status\":"})");
  CHECK(patch_entry(R"({"status": 1, "a": "\\", "status": 2})", {{"status", "3"}}) == R"({"status": 1, "a": "\\", "status": 3})");
  CHECK(patch_entry(R"({"status": 1, "a": 0, "status": 2})", {{"status", ""}}) == R"({"a": 0})");
  CHECK(patch_entry("[1]", {{"a", "1"}}) == "[1]");
}

TEST_CASE("a place in an entry is a place in the file") {
  const auto file = baton::protocol::parse_queue("{\"tasks\": [{},\n  {\"a\":\n 1}]}");
  REQUIRE(file.has_value());
  using baton::Place;
  using baton::protocol::place_in_queue;
  CHECK(place_in_queue(*file, 1, {"/a", 2, 2}) == Place{"/tasks/1/a", 3, 2});
  CHECK(place_in_queue(*file, 1, {"/a", 1, 2}) == Place{"/tasks/1/a", 2, 4});
  CHECK(place_in_queue(*file, 1, {"", 0, 0}) == Place{"/tasks/1", 2, 3});
  const auto bare = baton::protocol::parse_queue("\xEF\xBB\xBF [{}]");
  REQUIRE(bare.has_value());
  CHECK(place_in_queue(*bare, 0, {"/x", 1, 1}).pointer == "/0/x");
}

TEST_CASE("queues of a real system") {
  const std::filesystem::path folder = std::filesystem::path(BATON_SOURCE_DIR) / "../shared/corpus/real/queues";
  if (!std::filesystem::exists(folder)) {
    MESSAGE("skipped: no corpus at " << folder.string());
    return;
  }
  std::size_t queues = 0;
  for (const auto& item : std::filesystem::directory_iterator(folder)) {
    CAPTURE(item.path().filename().string());
    std::ifstream in(item.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto document = nlohmann::json::parse(text);
    auto file = parse_queue(text);
    CHECK(file.has_value() == document.contains("tasks"));
    if (!file) continue;
    ++queues;
    const auto& tasks = document.at("tasks");
    REQUIRE(file->entries.size() == tasks.size());
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      CHECK(nlohmann::json::parse(file->span(file->entries[i])) == tasks[i]);
      CHECK(entry_id(file->span(file->entries[i])) == tasks[i].value("id", ""));
    }
    CHECK(file->updated_at_length > 0);
  }
  CHECK(queues >= 2);
}
