#include "protocol/tolerance.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "base/time.h"
#include "core/graph.h"
#include "protocol/explain.h"
#include "protocol/json_tokens.h"

namespace baton::protocol {
namespace {

using nlohmann::json;

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  text = text::trim(text);
  Number value{};
  const auto end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

bool is_not_applicable(std::string_view text) {
  const std::string word = text::lower(text::trim(text));
  return word == "n/a" || word == "na" || word == "none";
}

/// A double that an integer type can hold.
bool is_whole(double value) { return std::floor(value) == value && std::abs(value) < 9e15; }

}  // namespace

bool has_no_value(const json& value) {
  if (value.is_null()) return true;
  if (!value.is_string()) return false;
  const auto text = text::trim(value.get_ref<const std::string&>());
  return text.empty() || text == "null";
}

std::string normal_word(std::string_view text) {
  std::string word = text::lower(text::trim(text));
  for (char& letter : word)
    if (letter == '-' || letter == ' ') letter = '_';
  return word;
}

Fields::Fields(Document& document, json& object, std::string pointer)
    : document_(document), object_(object), pointer_(std::move(pointer)) {
  for (auto member = object_.begin(); member != object_.end();)
    member = has_no_value(*member) ? object_.erase(member) : std::next(member);
}

json* Fields::find(const char* key) {
  const auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

std::string Fields::pointer(std::string_view key) const { return pointer_ + pointer_step(key); }

void Fields::alias(const char* key, std::initializer_list<const char*> older) {
  for (const char* name : older) {
    const auto found = object_.find(name);
    if (found == object_.end()) continue;
    if (!object_.contains(key)) {
      json value = std::move(*found);
      object_[key] = std::move(value);
      document_.moved(pointer(key), pointer(name));
    }
    object_.erase(name);
  }
}

void Fields::alias_inside(const char* key, const char* inner, const char* inner_key) {
  json* object = find(inner);
  if (has(key) || object == nullptr || !object->is_object()) return;
  const auto found = object->find(inner_key);
  if (found == object->end() || has_no_value(*found)) return;
  json value = *found;
  object_[key] = std::move(value);
  document_.moved(pointer(key), pointer(inner) + pointer_step(inner_key));
}

void Fields::integer(const char* key) {
  number(key);
  if (json* value = find(key); value != nullptr && value->is_number_float() && is_whole(value->get<double>()))
    *value = static_cast<std::int64_t>(value->get<double>());
}

void Fields::number(const char* key) {
  json* value = find(key);
  if (value == nullptr || !value->is_string()) return;
  const std::string text = value->get<std::string>();
  if (is_not_applicable(text))
    object_.erase(key);
  else if (const auto whole = number_in<std::int64_t>(text))
    *value = *whole;
  else if (const auto fraction = number_in<double>(text); fraction && std::isfinite(*fraction))
    *value = *fraction;
}

void Fields::boolean(const char* key) {
  json* value = find(key);
  if (value == nullptr || !value->is_string()) return;
  const std::string word = text::lower(text::trim(value->get_ref<const std::string&>()));
  if (word == "true" || word == "false") *value = word == "true";
}

void Fields::word(const char* key) {
  if (json* value = find(key); value != nullptr && value->is_string()) *value = normal_word(value->get_ref<const std::string&>());
}

void Fields::master(const char* key) {
  json* value = find(key);
  if (value == nullptr || !value->is_string()) return;
  const auto& written = value->get_ref<const std::string&>();
  const std::string trimmed(text::trim(written));
  if (trimmed != written)
    document_.warn(std::string(key) + " had white space around it: \"" + text::printable(trimmed) + "\" was taken");
  *value = text::lower(trimmed);
}

void Fields::worker_type(const char* key) {
  json* value = find(key);
  if (value == nullptr || !value->is_string()) return;
  std::string word(text::trim(value->get_ref<const std::string&>()));
  constexpr std::string_view k_suffix = "-worker";
  if (word.ends_with(k_suffix) && word.size() > k_suffix.size()) word.resize(word.size() - k_suffix.size());
  *value = std::move(word);
}

void Fields::list(const char* key) {
  json* value = find(key);
  if (value == nullptr || value->is_array()) return;
  json only = std::move(*value);
  *value = json::array({std::move(only)});
  document_.moved(pointer(key) + "/0", pointer(key));
}

void Fields::items(const char* key) {
  list(key);
  json* value = find(key);
  if (value == nullptr || std::none_of(value->begin(), value->end(), has_no_value)) return;
  const std::string where = pointer(key) + "/";
  json kept = json::array();
  for (std::size_t i = 0; i < value->size(); ++i) {
    if (has_no_value((*value)[i])) continue;
    document_.moved(where + std::to_string(kept.size()), where + std::to_string(i));
    kept.push_back(std::move((*value)[i]));
  }
  *value = std::move(kept);
}

void Fields::joined(const char* key) {
  json* value = find(key);
  if (value == nullptr || !value->is_array()) return;
  std::vector<std::string> parts;
  for (const json& part : *value) {
    if (has_no_value(part)) continue;
    if (!part.is_string()) return;
    parts.push_back(part.get<std::string>());
  }
  if (parts.empty())
    object_.erase(key);
  else
    *value = text::join(parts, "; ");
}

void Fields::text(const char* key) {
  if (json* value = find(key); value != nullptr && value->is_number()) *value = value->dump();
}

Result<> Fields::fit_id(json& value, const std::string& where, std::string_view key, Grammar grammar) {
  if (value.is_number_integer()) value = value.dump();
  if (!value.is_string()) return {};  // the schema says what it must be
  std::string id(text::trim(value.get_ref<const std::string&>()));
  if (!grammar(id))
    return document_.error(
        where, std::string(key) + " \"" + text::ellipsis(text::printable(id), 60) + "\" is not allowed",
        "an id has 1 to 96 of A-Z a-z 0-9 . _ -, begins with a letter or digit, has no \"..\"; a task's does not begin with orch-");
  value = std::move(id);
  return {};
}

Result<> Fields::id(const char* key, Grammar grammar) {
  json* value = find(key);
  return value == nullptr ? Result<>() : fit_id(*value, pointer(key), key, grammar);
}

Result<> Fields::ids(const char* key, Grammar grammar) {
  items(key);
  json* value = find(key);
  if (value == nullptr) return {};
  for (std::size_t i = 0; i < value->size(); ++i)
    TRY(fit_id((*value)[i], pointer(key) + "/" + std::to_string(i), std::string("id in ") + key, grammar));
  return {};
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t integer_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<std::int64_t>() : 0;
}

bool boolean_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::vector<std::string> texts_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? std::vector<std::string>() : found->get<std::vector<std::string>>();
}

std::string json_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? "" : found->dump();
}

std::string carried_of(const Document& document, const json& object, const std::string& pointer, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end()) return "";
  const std::string_view raw = document.raw(pointer + pointer_step(key));
  return raw.empty() ? found->dump() : compact(raw);
}

Result<std::vector<std::string>> files_of(const Document& document, const json& object, const std::string& pointer) {
  std::vector<std::string> files;
  for (const std::string& written : texts_of(object, "files_affected")) {
    const std::string where = pointer + "/files_affected/" + std::to_string(files.size());
    for (const char letter : written)
      if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f)
        return document.error(where, "a path with a control character in it: \"" + text::printable(written) + "\"",
                              "write the path without it");
    auto normal = core::normalise_path(written);
    if (!normal) return document.error(where, normal.error());
    files.push_back(std::move(*normal));
  }
  return files;
}

Result<std::int64_t> time_limit_of(const Document& document, const json& object, const std::string& pointer) {
  const std::string written = text_of(object, "time_limit");
  if (written.empty()) return 0;
  auto limit = parse_duration(written);
  if (!limit) return document.error(pointer + "/time_limit", limit.error());
  if (*limit <= 0)
    return document.error(pointer + "/time_limit", "a time limit must be longer than nothing", "leave it out for no limit");
  return *limit;
}

}  // namespace baton::protocol
