#include "protocol/near_miss.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/text.h"

namespace baton::protocol {
namespace {

using nlohmann::json;

constexpr std::size_t k_least_length = 4;  // shorter names are near to too many others
constexpr std::size_t k_most_problems = 20;

/// Older names that are understood, and no slips of others.
constexpr std::array<std::string_view, 12> k_older_names{"task_id",    "dependencies", "master",     "files",
                                                         "subtask_id", "assigned_to",  "depends_on", "estimated_minutes",
                                                         "match",      "tasks",        "report",     "comment"};

/// "dependsOn", "Depends-On" and "depends_on" are the same to a person.
std::string letters_of(std::string_view name) {
  std::string letters;
  for (const char c : text::lower(name))
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) letters += c;
  return letters;
}

/// One letter more, less, another, or two neighbours exchanged.
bool one_slip(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin());
  const auto at = static_cast<std::size_t>(in_a - a.begin());
  if (a.size() < b.size()) return a.substr(at) == b.substr(at + 1);
  if (at == a.size() || a.substr(at + 1) == b.substr(at + 1)) return true;
  return at + 1 < a.size() && a[at] == b[at + 1] && a[at + 1] == b[at] && a.substr(at + 2) == b.substr(at + 2);
}

bool is_near(std::string_view key, std::string_view known) {
  const std::string letters = letters_of(key);
  const std::string own = letters_of(known);
  return letters.size() >= k_least_length && own.size() >= k_least_length && one_slip(letters, own);
}

using Names = std::span<const std::string_view>;

std::optional<std::string> meant(std::string_view key, Names known) {
  const auto near = std::find_if(known.begin(), known.end(), [&](std::string_view name) { return is_near(key, name); });
  return near == known.end() ? std::nullopt : std::optional<std::string>(*near);
}

std::optional<std::string> meant(std::string_view key, const json& properties) {
  for (const auto& item : properties.items())
    if (is_near(key, item.key())) return item.key();
  return meant(key, Names(k_older_names));
}

Problem problem(std::string_view key, std::string place, const std::string& name) {
  return {std::move(place), "nobody reads \"" + text::printable(key) + "\"", "did you mean \"" + name + "\"?"};
}

class Walk {
 public:
  Walk(const json& root, std::vector<Problem>& problems) : root_(root), problems_(problems) {}

  void look(const json& schema, const json& value, const std::string& pointer) {
    const json& own = resolved(schema);
    if (value.is_array() && own.contains("items")) {
      for (std::size_t i = 0; i < value.size(); ++i) look(own["items"], value[i], pointer + "/" + std::to_string(i));
      return;
    }
    const auto properties = own.find("properties");
    if (!value.is_object() || properties == own.end()) return;
    for (const auto& item : value.items()) {
      const std::string place = pointer + "/" + item.key();
      if (const auto known = properties->find(item.key()); known != properties->end())
        look(*known, item.value(), place);
      else
        judge(item.key(), *properties, place);
    }
  }

 private:
  const json& resolved(const json& schema) const {
    const auto reference = schema.is_object() ? schema.find("$ref") : schema.end();
    if (reference == schema.end()) return schema;
    return root_.at(json::json_pointer(reference->get<std::string>().substr(1)));  // our own schemas: "#/definitions/step"
  }

  void judge(const std::string& key, const json& properties, const std::string& place) {
    if (problems_.size() == k_most_problems) return;
    if (std::find(k_older_names.begin(), k_older_names.end(), key) != k_older_names.end()) return;
    if (const auto name = meant(key, properties)) problems_.push_back(problem(key, place, *name));
  }

  const json& root_;
  std::vector<Problem>& problems_;
};

}  // namespace

std::optional<Problem> near_miss(std::string_view key, Names known) {
  if (std::find(known.begin(), known.end(), key) != known.end()) return std::nullopt;
  const auto name = meant(key, known);
  return name ? std::optional(problem(key, "/" + std::string(key), *name)) : std::nullopt;
}

std::string in_words(const Problem& problem) {
  return problem.pointer + ": " + problem.message + " (" + problem.suggestion + ")";
}

std::vector<Problem> near_misses(Kind kind, const json& document) {
  std::vector<Problem> problems;
  static std::map<Kind, json> schemas;  // parsed once: this is asked for every task
  const auto [at, is_new] = schemas.try_emplace(kind);
  if (is_new) at->second = json::parse(schema_text(kind));
  const json& schema = at->second;
  Walk walk(schema, problems);
  const bool wrapped = kind == Kind::task && document.is_object() && document.contains("tasks");
  const json& list = wrapped ? document["tasks"] : document;
  const std::string begin = wrapped ? "/tasks" : "";
  if (kind != Kind::task || !list.is_array()) {
    walk.look(schema, list, begin);
    return problems;
  }
  for (std::size_t i = 0; i < list.size(); ++i) walk.look(schema, list[i], begin + "/" + std::to_string(i));
  return problems;
}

}  // namespace baton::protocol
