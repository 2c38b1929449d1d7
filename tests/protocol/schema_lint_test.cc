// The validator ignores keywords that it does not know, so a schema that uses one would promise what nobody enforces.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/validate.h"

using namespace baton::protocol;
using nlohmann::json;

namespace {

using Breaches = std::vector<std::string>;

constexpr std::array<std::string_view, 4> k_for_people{"$schema", "$id", "title", "description"};
constexpr std::array<std::string_view, 22> k_enforced{"$ref",
                                                      "definitions",
                                                      "type",
                                                      "enum",
                                                      "required",
                                                      "properties",
                                                      "patternProperties",
                                                      "additionalProperties",
                                                      "items",
                                                      "minItems",
                                                      "maxItems",
                                                      "minLength",
                                                      "maxLength",
                                                      "pattern",
                                                      "minimum",
                                                      "maximum",
                                                      "anyOf",
                                                      "const",
                                                      "minProperties",
                                                      "maxProperties",
                                                      "uniqueItems",
                                                      "exclusiveMinimum"};

template <class List>
bool holds(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

void lint(const json& root, const json& schema, const std::string& where, Breaches& breaches);

void lint_each(const json& root, const json& schemas, const std::string& where, Breaches& breaches) {
  for (const auto& item : schemas.items()) lint(root, item.value(), where + "/" + item.key(), breaches);
}

bool is_described(const json& root, const json& schema) {
  if (schema.contains("description") && !schema["description"].get<std::string>().empty()) return true;
  if (!schema.contains("$ref")) return false;
  return is_described(root, root.at(json::json_pointer(schema["$ref"].get<std::string>().substr(1))));
}

void lint_keyword(const json& root, const std::string& key, const json& value, const std::string& where, Breaches& breaches) {
  if (!holds(k_for_people, key) && !holds(k_enforced, key)) breaches.push_back(where + ": keyword " + key + " is not enforced");
  if (key == "properties")
    for (const auto& item : value.items())
      if (!is_described(root, item.value())) breaches.push_back(where + ": property " + item.key() + " has no description");
  if (key == "properties" || key == "patternProperties" || key == "definitions")
    lint_each(root, value, where + "/" + key, breaches);
  if (key == "anyOf" || (key == "items" && value.is_array())) lint_each(root, value, where + "/" + key, breaches);
  if ((key == "items" || key == "additionalProperties") && value.is_object()) lint(root, value, where + "/" + key, breaches);
  if (key == "items" && value.is_array()) breaches.push_back(where + ": a list of items says nothing of further ones");
  if (key == "anyOf")
    for (const json& each : value)
      if (each.size() != 1 || !each.contains("required"))
        breaches.push_back(where + ": anyOf is only explained for required members");
}

void lint(const json& root, const json& schema, const std::string& where, Breaches& breaches) {
  if (!schema.is_object()) {
    breaches.push_back(where + ": not a schema");
    return;
  }
  // draft-07 ignores everything beside $ref, so only a description may stand there.
  if (schema.contains("$ref") && schema.size() > (schema.contains("description") ? 2u : 1u))
    breaches.push_back(where + ": beside $ref");
  if (schema.contains("$ref") && !schema["$ref"].get<std::string>().starts_with("#/"))
    breaches.push_back(where + ": $ref leads out of the file");
  for (const auto& item : schema.items()) lint_keyword(root, item.key(), item.value(), where, breaches);
}

Breaches breaches_of(const json& schema) {
  Breaches breaches;
  lint(schema, schema, "#", breaches);
  return breaches;
}

}  // namespace

TEST_CASE("the lint sees what it is for") {
  CHECK(breaches_of(json::parse(R"({"type": "object", "format": "date"})")).size() == 1);
  CHECK(breaches_of(json::parse(R"({"$comment": "x"})")).size() == 1);
  CHECK(breaches_of(json::parse(R"({"properties": {"a": {"type": "string"}}})")).size() == 1);
  CHECK(breaches_of(json::parse(R"({"properties": {"a": {"description": "A.", "default": 1}}})")).size() == 1);
  CHECK(breaches_of(json::parse(R"({"items": {"anyOf": [{"type": "string"}]}})")).size() == 1);
  CHECK(breaches_of(json::parse(R"({"items": {"$ref": "other.json"}})")).size() == 1);
  CHECK(breaches_of(json::parse(R"({"items": {"$ref": "#/definitions/a", "minimum": 1}, "definitions": {"a": {}}})")).size() ==
        1);
  CHECK(breaches_of(json::parse(R"({"properties": {"a": {"description": "A.", "type": "string"}}})")).empty());
}

TEST_CASE("every kind has a schema that is enforced as written") {
  for (const Kind kind : all_kinds()) {
    CAPTURE(name(kind));
    const json schema = json::parse(schema_text(kind));
    CHECK(schema["$schema"] == "http://json-schema.org/draft-07/schema#");
    std::string file(name(kind));
    std::replace(file.begin(), file.end(), '_', '-');
    CHECK(schema["$id"] == file + ".schema.json");
    CHECK(schema.contains("title"));
    CHECK(schema.contains("description"));
    CHECK(schema["type"] == "object");
    const Breaches breaches = breaches_of(schema);
    for (const std::string& breach : breaches) FAIL_CHECK(name(kind) << " " << breach);
  }
}

TEST_CASE("required members are described, so that their absence can be explained") {
  for (const Kind kind : all_kinds()) {
    const json schema = json::parse(schema_text(kind));
    if (!schema.contains("required")) continue;
    for (const json& key : schema["required"])
      CHECK_MESSAGE(schema["properties"].contains(key.get<std::string>()), name(kind), " ", key.dump());
  }
}

TEST_CASE("what two schemas share is the same in both") {
  const json task = json::parse(schema_text(Kind::task));
  const json answer = json::parse(schema_text(Kind::planner_answer));
  CHECK(task["definitions"]["step"] == answer["definitions"]["step"]);
  const json plan = json::parse(schema_text(Kind::plan));
  json subtask = json::parse(schema_text(Kind::subtask))["properties"];
  subtask.erase("schema_version");
  CHECK(plan["definitions"]["subtask"]["properties"] == subtask);
}
