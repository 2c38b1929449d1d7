// Random queues, changed at random and compared with what nlohmann/json reads before and after. A failing seed is printed; set
// BATON_SEED to see it again.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "protocol/content.h"
#include "protocol/queue_file.h"
#include "protocol/splice.h"

using Json = nlohmann::ordered_json;
using baton::protocol::QueueEdit;
using baton::protocol::QueueEntry;
using baton::protocol::QueueFile;

namespace {

constexpr int k_rounds = 400;

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {}

  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }

  std::string space() {
    static const char* const kinds[] = {"", "", " ", "\n", "\r\n  ", "\t"};
    return kinds[below(6)];
  }

  // A string token, escaped in one of the ways that mean the same.
  std::string string() {
    static const char* const parts[] = {"a",   "b",   "\\\"", "\\\\",           "]", "}", ",", ":", "é", "\\u00e9",
                                        "\\n", "\\/", "😀",    "\\ud83d\\ude00", "[", "{"};
    std::string text = "\"";
    for (int i = below(5); i > 0; --i) text += parts[below(16)];
    return text + "\"";
  }

  std::string key() {
    static const char* const keys[] = {"\"id\"",          "\"status\"", "\"\\u0073tatus\"", "\"title\"",
                                       "\"assigned_to\"", "\"x\"",      "\"context\""};
    return below(8) == 0 ? string() : keys[below(7)];
  }

  std::string value(int depth) {
    static const char* const scalars[] = {"0", "-1", "1.50", "2e3", "true", "false", "null", "18446744073709551615"};
    if (depth > 0 && below(4) == 0) return object(depth - 1);
    if (depth > 0 && below(5) == 0) return array(depth - 1);
    return below(2) == 0 ? string() : scalars[below(8)];
  }

  std::string object(int depth) {
    std::string text = "{" + space();
    for (int i = 0, count = below(5); i < count; ++i)
      text += (i > 0 ? "," + space() : "") + key() + space() + ":" + space() + value(depth) + space();
    return text + "}";
  }

  std::string array(int depth) {
    std::string text = "[" + space();
    for (int i = 0, count = below(6); i < count; ++i) text += (i > 0 ? "," + space() : "") + value(depth) + space();
    return text + "]";
  }

  std::string many() {
    std::string text = "[" + value(2);
    for (int i = 10 + below(30); i > 0; --i) text += space() + "," + space() + value(2);
    return text + space() + "]";
  }

  std::string queue() { return queue_of(array(3)); }

  std::string queue_of(const std::string& tasks) {
    if (below(3) == 0) return space() + tasks + space();
    std::string text = "{" + space();
    if (below(2) == 0) text += "\"updated_at\":" + space() + "\"then\"," + space();
    text += "\"tasks\"" + space() + ":" + space() + tasks;
    if (below(2) == 0) text += "," + space() + "\"stats\":" + object(2);
    return text + space() + "}" + space();
  }

  // Somebody's change: bytes that go, come, or stand twice.
  std::string changed(std::string text) {
    const auto place = [&] { return static_cast<std::size_t>(below(static_cast<int>(text.size()))); };
    const std::size_t at = place();
    switch (below(6)) {
      case 0: text[at] = static_cast<char>(below(256)); break;
      case 1: text.resize(at); break;
      case 2: text.erase(at, static_cast<std::size_t>(below(40))); break;
      case 3: text.insert(at, text.substr(place(), static_cast<std::size_t>(below(40)))); break;
      case 4: text.insert(at, value(1) + "," + space()); break;
      default: break;
    }
    return text;
  }

 private:
  std::mt19937 random_;
};

bool same_entry(const QueueEntry& a, const QueueEntry& b) {
  return a.offset == b.offset && a.length == b.length && a.hash == b.hash;
}

void check_same(const QueueFile& one, const QueueFile& other) {
  CHECK(one.bytes == other.bytes);
  CHECK(std::equal(one.entries.begin(), one.entries.end(), other.entries.begin(), other.entries.end(), same_entry));
  CHECK(one.array_end == other.array_end);
  CHECK(one.updated_at_length == other.updated_at_length);
  if (one.updated_at_length > 0) CHECK(one.updated_at == other.updated_at);
}

unsigned first_seed() {
  if (const char* text = std::getenv("BATON_SEED")) return static_cast<unsigned>(std::strtoul(text, nullptr, 10));
  return 1;
}

const Json& tasks_of(const Json& document) { return document.is_array() ? document : document.at("tasks"); }

}  // namespace

TEST_CASE("a patched entry reads as the entry with these members set") {
  for (unsigned seed = first_seed(); seed < first_seed() + k_rounds; ++seed) {
    CAPTURE(seed);
    World world(seed);
    const std::string entry = world.object(3);
    const std::vector<std::pair<std::string, std::string>> members = {
        {"status", world.below(3) == 0 ? "" : "\"done\""}, {"n", world.value(1)}, {"x", world.below(2) == 0 ? "" : "[1]"}};
    CAPTURE(entry);
    const std::string after = baton::protocol::patch_entry(entry, members);
    Json expected = Json::parse(entry);
    for (const auto& [key, value] : members) {
      if (value.empty())
        expected.erase(key);
      else
        expected[key] = Json::parse(value);
    }
    CHECK(nlohmann::json(Json::parse(after)) == nlohmann::json(expected));
    CHECK(baton::protocol::patch_entry(after, members) == after);
  }
}

TEST_CASE("the content of an entry is that of its document without our members") {
  for (unsigned seed = first_seed(); seed < first_seed() + k_rounds; ++seed) {
    CAPTURE(seed);
    World world(seed);
    const std::string entry = world.object(3);
    CAPTURE(entry);
    nlohmann::json expected = nlohmann::json::parse(entry);
    for (const char* key : {"status", "assigned_to", "orchestration_id", "updated_at", "completed_at", "report"})
      expected.erase(key);
    const std::string content = baton::protocol::canonical_content(entry);
    CHECK(nlohmann::json::parse(content) == expected);
    CHECK(baton::protocol::canonical_content(content) == content);
    CHECK(baton::protocol::canonical_content(
              baton::protocol::patch_entry(entry, {{"status", "\"completed\""}, {"assigned_to", "\"x\""}})) == content);
  }
}

TEST_CASE("a rendered queue differs in the entries that were edited or appended, and in nothing else") {
  for (unsigned seed = first_seed(); seed < first_seed() + k_rounds; ++seed) {
    CAPTURE(seed);
    World world(seed);
    const std::string text = world.queue();
    CAPTURE(text);
    const auto file = baton::protocol::parse_queue(text);
    REQUIRE_MESSAGE(file.has_value(), file.error().message);
    Json expected = Json::parse(text);
    REQUIRE(file->entries.size() == tasks_of(expected).size());

    std::vector<QueueEdit> edits;
    Json& tasks = expected.is_array() ? expected : expected["tasks"];
    for (std::size_t i = 0; i < file->entries.size(); ++i) {
      CHECK(nlohmann::json::parse(file->span(file->entries[i])) == nlohmann::json(tasks[i]));
      if (world.below(3) != 0) continue;
      edits.push_back({i, world.value(2)});
      tasks[i] = Json::parse(edits.back().bytes);
    }
    std::vector<std::string> appended;
    for (int i = world.below(3); i > 0; --i) {
      appended.push_back(world.object(2));
      tasks.push_back(Json::parse(appended.back()));
    }
    if (expected.is_object() && expected.contains("updated_at")) expected["updated_at"] = "now";

    const auto rendered = baton::protocol::render_queue(*file, edits, appended, "now");
    const std::string after = baton::protocol::joined(rendered.pieces);
    CAPTURE(after);
    CHECK(nlohmann::json::parse(after) == nlohmann::json(expected));
    const auto again = baton::protocol::parse_queue(after);
    REQUIRE(again.has_value());
    const auto outline = baton::protocol::outline_of(*again);
    CHECK(std::ranges::equal(rendered.outline.entries, outline.entries, same_entry));
    CHECK(rendered.outline.size == outline.size);
    CHECK(rendered.outline.is_array == outline.is_array);
    std::size_t edit = 0;
    for (std::size_t i = 0; i < file->entries.size(); ++i) {
      if (edit < edits.size() && edits[edit].index == i)
        CHECK(again->span(again->entries[i]) == edits[edit++].bytes);
      else
        CHECK(again->span(again->entries[i]) == file->span(file->entries[i]));
    }
  }
}

TEST_CASE("a version is read the same, whatever is known of the version before") {
  for (unsigned seed = first_seed(); seed < first_seed() + 5 * k_rounds; ++seed) {
    CAPTURE(seed);
    World world(seed);
    const std::string text = world.queue_of(world.many());
    const auto before = baton::protocol::parse_queue(text);
    REQUIRE_MESSAGE(before.has_value(), before.error().message);
    std::string after = text;
    for (int i = 1 + world.below(2); i > 0; --i)
      if (!after.empty()) after = world.changed(after);
    CAPTURE(text);
    CAPTURE(after);
    const auto plain = baton::protocol::parse_queue(after);
    const auto known = baton::protocol::parse_queue(after, baton::protocol::outline_of(*before));
    REQUIRE(known.has_value() == plain.has_value());
    if (plain)
      check_same(*known, *plain);
    else
      CHECK(known.error().message == plain.error().message);
  }
}

TEST_CASE("a text cut anywhere or with one byte changed is read as JSON or refused, never more") {
  for (unsigned seed = first_seed(); seed < first_seed() + k_rounds; ++seed) {
    CAPTURE(seed);
    World world(seed);
    std::string text = world.queue();
    if (world.below(2) == 0)
      text.resize(static_cast<std::size_t>(world.below(static_cast<int>(text.size()))));
    else
      text[static_cast<std::size_t>(world.below(static_cast<int>(text.size())))] = static_cast<char>(world.below(256));
    CAPTURE(text);
    const bool valid = nlohmann::json::accept(text);
    const auto file = baton::protocol::parse_queue(text);
    if (file.has_value())
      CHECK(valid);
    else
      CHECK(!file.error().message.empty());
  }
}
