#include "protocol/explain.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/text.h"

namespace baton::protocol {
namespace {

using nlohmann::json;

/// A place in the document with the part of the schema that speaks about it.
struct Spot {
  const json* schema = nullptr;  // nullptr: the schema says nothing about it
  const json* value = nullptr;
  std::string pointer;
  std::string name;  // of the member, or "item 3 of files_affected"
};

const json* member(const json* object, const std::string& key) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(key);
  return found == object->end() ? nullptr : &*found;
}

const json* follow_reference(const json& root, const json* schema) {
  const json* reference = member(schema, "$ref");
  if (reference == nullptr) return schema;
  return &root.at(json::json_pointer(reference->get<std::string>().substr(1)));
}

const json* schema_of_member(const json* schema, const std::string& key) {
  if (const json* property = member(member(schema, "properties"), key)) return property;
  if (const json* patterns = member(schema, "patternProperties"); patterns != nullptr && !patterns->empty())
    return &patterns->front();
  return member(schema, "additionalProperties");
}

Spot spot_of(const json& root, const json& document, const std::vector<std::string>& path) {
  Spot spot{&root, &document, "", ""};
  for (const std::string& step : path) {
    if (spot.value->is_array()) {
      const auto index = static_cast<std::size_t>(std::stoul(step));
      spot.schema = member(spot.schema, "items");
      spot.value = &spot.value->at(index);
      spot.name = "item " + std::to_string(index + 1) + (spot.name.empty() ? "" : " of " + spot.name);
    } else {
      spot.schema = schema_of_member(spot.schema, step);
      spot.value = &spot.value->at(step);
      spot.name = step;
    }
    spot.schema = follow_reference(root, spot.schema);
    spot.pointer += pointer_step(step);
  }
  return spot;
}

std::string in_quotes(std::string_view text) { return '"' + text::ellipsis(text::printable(text), 60) + '"'; }

std::string subject(const Spot& spot) {
  if (spot.name.empty()) return "the document";
  return spot.name.starts_with("item ") ? spot.name : in_quotes(spot.name);
}

std::string found(const json& value) {
  switch (value.type()) {
    case json::value_t::null: return "nothing";
    case json::value_t::object: return "an object";
    case json::value_t::array: return "a list";
    case json::value_t::string: return "the text " + in_quotes(value.get_ref<const std::string&>());
    case json::value_t::boolean: return value.get<bool>() ? "true" : "false";
    default: return "the number " + value.dump();
  }
}

std::string expected(const json& type) {
  static const std::pair<const char*, const char*> words[] = {{"object", "an object"},       {"array", "a list"},
                                                              {"string", "a text"},          {"boolean", "true or false"},
                                                              {"integer", "a whole number"}, {"number", "a number"}};
  if (type.is_array()) {
    std::vector<std::string> all;
    for (const json& each : type) all.push_back(expected(each));
    return text::join(all, " or ");
  }
  for (const auto& [name, phrase] : words)
    if (type == name) return phrase;
  return type.dump();
}

/// The name that the validator's words end with, in quotes: "Missing required property 'title'." A name may hold quotes itself.
std::string quoted_name(const std::string& words, std::string_view before) {
  const auto from = words.find(before);
  const auto to = words.rfind('\'');
  if (from == std::string::npos || to < from + before.size()) return "";
  return words.substr(from + before.size(), to - from - before.size());
}

std::string missing_name(const std::string& words) { return quoted_name(words, "property '"); }

/// What its schema says about it; what `otherwise` advises where that says nothing.
std::string described(const Spot& spot, std::string otherwise) {
  const json* description = member(spot.schema, "description");
  return description == nullptr || spot.name.empty() ? std::move(otherwise) : spot.name + ": " + description->get<std::string>();
}

/// How a value of this type is written.
std::string form_of(const json& type) {
  constexpr std::pair<std::string_view, std::string_view> forms[] = {
      {"object", R"(write it as {"name": value, ...})"},
      {"array", "write it as [item, ...]"},
      {"string", "write it as a text in double quotes"},
      {"boolean", "write true or false, without quotes"},
  };
  const std::string name = type.is_array() && !type.empty() ? type.front() : type;
  for (const auto& [word, form] : forms)
    if (name == word) return std::string(form);
  return "write it in digits, without quotes";
}

std::string number_of(const Spot& spot, const char* keyword) {
  const json* bound = member(spot.schema, keyword);
  return bound == nullptr ? "?" : bound->dump();
}

Problem wrong_type(const Spot& spot, const std::string&) {
  const json* type = member(spot.schema, "type");
  return {spot.pointer,
          subject(spot) + " must be " + (type == nullptr ? "something else" : expected(*type)) + ", found " + found(*spot.value),
          described(spot, type == nullptr ? "take it out" : form_of(*type))};
}

Problem wrong_word(const Spot& spot, const std::string&) {
  std::vector<std::string> words;
  const json* allowed = member(spot.schema, "enum");
  if (allowed != nullptr)
    for (const json& word : *allowed) words.push_back(word.is_string() ? word.get<std::string>() : word.dump());
  if (!spot.value->is_string()) return wrong_type(spot, "");
  const auto& word = spot.value->get_ref<const std::string&>();
  const auto near = text::nearest(word, words);
  std::string suggestion = "use " + text::join(words, ", ");
  if (near) suggestion = "did you mean \"" + *near + "\"?";
  return {spot.pointer, "unknown " + (spot.name.empty() ? "document" : spot.name) + " " + in_quotes(word), std::move(suggestion)};
}

Problem missing(const Spot& spot, const std::string& words) {
  const std::string key = missing_name(words);
  const std::string where = spot.name.empty() ? "" : " in " + subject(spot);
  Spot absent = spot;
  absent.schema = schema_of_member(spot.schema, key);
  absent.name = key;
  return {spot.pointer, '"' + key + "\" is missing" + where, described(absent, "add \"" + key + '"')};
}

Problem unknown_key(const Spot& spot, const std::string& words) {
  const std::string key = quoted_name(words, "constraints: '");
  std::vector<std::string> known;
  if (const json* properties = member(spot.schema, "properties"))
    for (const auto& item : properties->items()) known.push_back(item.key());
  const auto near = text::nearest(key, known);
  std::string suggestion = known.empty() ? "take it out" : "known are " + text::join(known, ", ");
  if (const json* patterns = member(spot.schema, "patternProperties"); known.empty() && patterns != nullptr && !patterns->empty())
    suggestion = "it must match " + patterns->items().begin().key();
  if (near) suggestion = "did you mean \"" + *near + "\"?";
  return {spot.pointer + pointer_step(key), "unknown key " + in_quotes(key), std::move(suggestion)};
}

Problem out_of_range(const Spot& spot, const std::string&) {
  const bool both = member(spot.schema, "minimum") != nullptr && member(spot.schema, "maximum") != nullptr;
  const bool only_minimum = !both && member(spot.schema, "minimum") != nullptr;
  std::string range = "at most " + number_of(spot, "maximum");
  if (both) range = "between " + number_of(spot, "minimum") + " and " + number_of(spot, "maximum");
  if (only_minimum) range = "at least " + number_of(spot, "minimum");
  return {spot.pointer, subject(spot) + " must be " + range + ", found " + spot.value->dump(),
          described(spot, "write a number of this range")};
}

Problem too_long(const Spot& spot, const std::string&) {
  return {spot.pointer, subject(spot) + " is longer than " + number_of(spot, "maxLength") + " characters", "shorten it"};
}

Problem too_short(const Spot& spot, const std::string&) {
  const bool blank = number_of(spot, "minLength") == "1";
  return {spot.pointer, subject(spot) + (blank ? " is empty" : " has fewer than " + number_of(spot, "minLength") + " characters"),
          described(spot, blank ? "write something there, or take it out" : "write more there")};
}

Problem too_many(const Spot& spot, const std::string&) {
  return {spot.pointer,
          subject(spot) + " has " + std::to_string(spot.value->size()) + " items, at most " + number_of(spot, "maxItems") +
              " are allowed",
          "leave some out, or spread them over several documents"};
}

Problem too_few(const Spot& spot, const std::string&) {
  return {spot.pointer,
          subject(spot) + " has " + std::to_string(spot.value->size()) + " items, at least " + number_of(spot, "minItems") +
              " are needed",
          described(spot, "add what is missing")};
}

Problem wrong_pattern(const Spot& spot, const std::string&) {
  const json* pattern = member(spot.schema, "pattern");
  return {spot.pointer, subject(spot) + " is not allowed to be " + found(*spot.value),
          pattern == nullptr ? described(spot, "write another one") : "it must match " + pattern->get<std::string>()};
}

/// The only use of anyOf in our schemas: one of several members is required.
Problem no_alternative(const Spot& spot, const std::string&) {
  std::vector<std::string> keys;
  Spot first = spot;  // the one that is wanted most
  if (const json* alternatives = member(spot.schema, "anyOf"))
    for (const json& each : *alternatives)
      if (const json* required = member(&each, "required"))
        for (const json& key : *required) {
          if (keys.empty()) first.name = key.get<std::string>();
          keys.push_back('"' + key.get<std::string>() + '"');
        }
  first.schema = schema_of_member(spot.schema, first.name);
  return {spot.pointer, text::join(keys, " or ") + " is needed" + (spot.name.empty() ? "" : " in " + subject(spot)),
          described(first, "add one of them")};
}

struct Row {
  std::string_view words;  // how the validator begins
  Problem (*explain)(const Spot&, const std::string&);
};
constexpr Row k_rows[] = {
    {"Value type not permitted", wrong_type},
    {"Failed to match against any enum", wrong_word},
    {"Missing required property", missing},
    {"Object contains a property", unknown_key},
    {"Expected number", out_of_range},
    {"String should be no more", too_long},
    {"String should be no fewer", too_short},
    {"Array should contain no more", too_many},
    {"Array should contain no fewer", too_few},
    {"Failed to match regex", wrong_pattern},
    {"Failed to validate against any schemas allowed by anyOf", no_alternative},
};
/// Left on every level above a problem.
constexpr std::string_view k_echoes[] = {"Failed to validate against schema associated with", "Failed to validate item #",
                                         "Failed to validate against additional properties schema",
                                         "Failed to validate against child schema #"};

bool is_echo(const std::string& words) {
  return std::any_of(std::begin(k_echoes), std::end(k_echoes), [&](std::string_view echo) { return words.starts_with(echo); });
}

/// A "missing" that comes from an alternative of anyOf; the anyOf speaks for it.
bool is_from_alternative(const Spot& spot, const std::string& words) {
  if (!words.starts_with("Missing required") || member(spot.schema, "anyOf") == nullptr) return false;
  const json* required = member(spot.schema, "required");
  const json key = missing_name(words);
  return required == nullptr || std::find(required->begin(), required->end(), key) == required->end();
}

Problem problem_of(const Spot& spot, const std::string& words) {
  for (const Row& row : k_rows)
    if (words.starts_with(row.words)) return row.explain(spot, words);
  return {spot.pointer, subject(spot) + ": " + words, described(spot, "compare it with docs/protocol.md")};
}

}  // namespace

std::string pointer_step(std::string_view step) {
  std::string pointer = "/";
  for (const char letter : step) {
    if (letter == '~')
      pointer += "~0";
    else if (letter == '/')
      pointer += "~1";
    else
      pointer += letter;
  }
  return pointer;
}

std::vector<Problem> explain(const json& schema, const json& document, const std::vector<Complaint>& complaints,
                             std::size_t limit) {
  std::vector<Problem> problems;
  for (const Complaint& complaint : complaints) {
    if (problems.size() == limit) break;
    if (is_echo(complaint.words)) continue;
    const Spot spot = spot_of(schema, document, complaint.path);
    if (!is_from_alternative(spot, complaint.words)) problems.push_back(problem_of(spot, complaint.words));
  }
  return problems;
}

}  // namespace baton::protocol
