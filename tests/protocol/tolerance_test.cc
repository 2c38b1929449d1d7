// What lessons learned from others' documents mean for single members. docs/protocol.md, "What readers accept".
#include "protocol/tolerance.h"

#include <doctest/doctest.h>

#include <string>

#include "base/ids.h"

using namespace baton;
using namespace baton::protocol;
using nlohmann::json;

namespace {

/// Applies one rule to member "m" of an object and returns what became of the object.
template <class Rule>
json after(const std::string& bytes, Rule rule) {
  auto document = Document::parse(bytes);
  REQUIRE(document.has_value());
  Fields fields(*document, document->root(), "");
  rule(fields);
  return document->root();
}

json number(const char* text) {
  return after(text, [](Fields& f) { f.number("m"); })["m"];
}
json integer(const char* text) {
  return after(text, [](Fields& f) { f.integer("m"); })["m"];
}

}  // namespace

TEST_CASE("null, empty, blank and \"null\" mean no value") {
  CHECK(after(R"({"a": null, "b": "", "c": "null", "d": " \n", "e": " null ", "f": 0, "g": false, "h": [], "i": "nullable"})",
              [](Fields&) {}) == json::parse(R"({"f": 0, "g": false, "h": [], "i": "nullable"})"));
}

TEST_CASE("numbers may be written as texts") {
  CHECK(number(R"({"m": "12.5"})") == 12.5);
  CHECK(number(R"({"m": " 12 "})") == 12);
  CHECK(integer(R"({"m": 12.0})").is_number_integer());
  CHECK(integer(R"({"m": "-3"})") == -3);
  CHECK(integer(R"({"m": 12.5})") == 12.5);
  CHECK(number(R"({"m": "many"})") == "many");
  CHECK(number(R"({"m": "1e999"})") == "1e999");
  CHECK(number(R"({"m": "12 apples"})") == "12 apples");
  for (const char* none : {R"({"m": "N/A"})", R"({"m": "n/a"})", R"({"m": "none"})"})
    CHECK(!after(none, [](Fields& f) { f.number("m"); }).contains("m"));
}

TEST_CASE("true and false may be written as texts") {
  CHECK(after(R"({"m": "True"})", [](Fields& f) { f.boolean("m"); })["m"] == true);
  CHECK(after(R"({"m": "false"})", [](Fields& f) { f.boolean("m"); })["m"] == false);
  CHECK(after(R"({"m": "yes"})", [](Fields& f) { f.boolean("m"); })["m"] == "yes");
}

TEST_CASE("words are lower case with underscores") {
  CHECK(after(R"({"m": " In-Progress "})", [](Fields& f) { f.word("m"); })["m"] == "in_progress");
  CHECK(after(R"({"m": "PICKED UP"})", [](Fields& f) { f.word("m"); })["m"] == "picked_up");
  CHECK(after(R"({"m": 7})", [](Fields& f) { f.word("m"); })["m"] == 7);
}

TEST_CASE("the first older name with a value counts, the newer one wins") {
  const auto rule = [](Fields& f) { f.alias("to", {"to_master", "to_agent"}); };
  CHECK(after(R"({"to_agent": "a"})", rule) == json{{"to", "a"}});
  CHECK(after(R"({"to_master": null, "to_agent": "a"})", rule) == json{{"to", "a"}});
  CHECK(after(R"({"to": "x", "to_master": "b"})", rule) == json{{"to", "x"}});
  CHECK(after(R"({"to": "", "to_master": "b"})", rule) == json{{"to", "b"}});
}

TEST_CASE("a member may stand inside another object") {
  const auto rule = [](Fields& f) { f.alias_inside("last", "heartbeat", "at"); };
  CHECK(after(R"({"heartbeat": {"at": "x"}})", rule)["last"] == "x");
  CHECK(!after(R"({"heartbeat": {"at": null}})", rule).contains("last"));
  CHECK(!after(R"({"heartbeat": "x"})", rule).contains("last"));
}

TEST_CASE("one value may stand where a list is expected, and a list where a text is") {
  CHECK(after(R"({"m": "a"})", [](Fields& f) { f.list("m"); })["m"] == json::array({"a"}));
  CHECK(after(R"({"m": ["a"]})", [](Fields& f) { f.list("m"); })["m"] == json::array({"a"}));
  CHECK(after(R"({"m": ["a", "b"]})", [](Fields& f) { f.joined("m"); })["m"] == "a; b");
  CHECK(!after(R"({"m": []})", [](Fields& f) { f.joined("m"); }).contains("m"));
  CHECK(after(R"({"m": ["a", 1]})", [](Fields& f) { f.joined("m"); })["m"].is_array());
  CHECK(after(R"({"m": 7})", [](Fields& f) { f.text("m"); })["m"] == "7");
}

TEST_CASE("masters and worker types lose what does not matter") {
  auto document = Document::parse(R"({"m": "\nDevelopment", "w": "scan-worker", "x": "-worker"})");
  REQUIRE(document.has_value());
  Fields fields(*document, document->root(), "");
  fields.master("m");
  fields.worker_type("w");
  fields.worker_type("x");
  CHECK(document->root() == json::parse(R"({"m": "development", "w": "scan", "x": "-worker"})"));
  const auto warnings = document->take_warnings();
  REQUIRE(warnings.size() == 1);
  CHECK(warnings.front() == "m had white space around it: \"Development\" was taken");
}

TEST_CASE("ids are trimmed and must fit") {
  CHECK(after(R"({"m": " a-1 "})", [](Fields& f) { CHECK(f.id("m", is_task_id).has_value()); })["m"] == "a-1");
  CHECK(after(R"({"m": 14})", [](Fields& f) { CHECK(f.id("m", is_task_id).has_value()); })["m"] == "14");
  CHECK(after(R"({"m": "a"})", [](Fields& f) { CHECK(f.ids("m", is_task_id).has_value()); })["m"] == json::array({"a"}));
  const std::string longest(96, 'x');
  CHECK(after("{\"m\": \"" + longest + "\"}", [](Fields& f) { CHECK(f.id("m", is_task_id).has_value()); })["m"] == longest);
  for (const std::string& bad : {longest + "x", std::string("../../etc/x"), std::string("a..b"), std::string(".a"),
                                 std::string("a b"), std::string("orch-a"), std::string("é")})
    after("{\"m\": [\"ok\", \"" + bad + "\"]}", [&](Fields& f) {
      const auto result = f.ids("m", is_task_id);
      REQUIRE(!result.has_value());
      CHECK(result.error().message.find("is not allowed") != std::string::npos);
      CHECK(result.error().hint.find("1 to 96") != std::string::npos);
      CHECK(result.error().place.pointer == "/m/1");
    });
}

TEST_CASE("complaints point at what the author wrote") {
  const std::string bytes = "{\"results\":\n {\"message\": 7},\n \"dependencies\": \"a\"}";
  auto document = Document::parse(bytes);
  REQUIRE(document.has_value());
  Fields fields(*document, document->root(), "");
  fields.alias("result", {"results"});
  fields.alias("depends_on", {"dependencies"});
  fields.list("depends_on");
  Fields inner(*document, *fields.find("result"), "/result");
  inner.alias("summary", {"message"});
  CHECK(document->error("/result/summary", "x").value().place == Place{"/results/message", 2, 14});
  CHECK(document->error("/depends_on/0", "x").value().place == Place{"/dependencies", 3, 18});
  CHECK(document->error("/depends_on", "x").value().place == Place{"/dependencies", 3, 18});
  CHECK(document->error("/other", "x").value().place == Place{"/other", 1, 1});
}
