#include "protocol/read_checkpoint.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/time.h"
#include "core/graph.h"
#include "protocol/command_words.h"
#include "protocol/explain.h"

namespace baton::protocol {
namespace {

using nlohmann::json;

constexpr std::int64_t k_least_timeout = 1'000;
constexpr std::int64_t k_most_timeout = 24 * 3'600'000;
constexpr const char* k_in_words = "give the criterion in words: \"checkpoint\": \"all tests pass\"";
constexpr std::array<std::string_view, 4> k_command_types{"bash", "command", "script", "shell"};

bool is_text(const json& value) { return value.is_string(); }
bool is_word(const json& text) { return text.get_ref<const std::string&>().find_first_of(" \t\n") == std::string::npos; }

/// A list of single words may be one command or as many commands.
bool is_ambiguous(const json& commands) {
  return commands.size() > 1 && std::ranges::all_of(commands, is_text) && std::ranges::all_of(commands, is_word);
}

/// Lines become words.
Result<> normalise_commands(Fields& check) {
  Document& document = check.document();
  const std::string where = check.pointer("commands");
  check.list("commands");
  json& commands = *check.find("commands");
  if (is_ambiguous(commands))
    return document.error(where, "a list of words may be one command or several", "write [" + commands.dump() + "] for one");
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (!commands[i].is_string()) continue;
    auto words = split_command(commands[i].get_ref<const std::string&>());
    if (!words) return document.error(where + "/" + std::to_string(i), words.error());
    commands[i] = std::move(*words);
  }
  return {};
}

/// "command": ["npm", "test"] is one.
void understand_one_command(Fields& check) {
  if (check.has("commands") || !check.has("command")) return;
  check.alias("commands", {"command"});
  json& one = *check.find("commands");
  if (!one.is_array() || one.empty() || !std::ranges::all_of(one, is_text) || !is_word(one.front())) return;
  json words = std::move(one);
  one = json::array({std::move(words)});
  check.document().moved(check.pointer("commands") + "/0", check.pointer("commands"));
}

/// {type: "command", validation: "npm test"} of other tools.
void understand_validation(Fields& check) {
  const std::string type = normal_word(text_of(check.object(), "type"));
  const bool is_command = std::ranges::find(k_command_types, type) != k_command_types.end();
  check.alias(is_command ? "commands" : "description", {"validation"});
}

/// An empty argument has its uses, an empty program has none, and what follows a zero byte would be lost.
Result<> check_words(const Document& document, const std::vector<std::string>& words, const std::string& where) {
  if (words.front().empty())
    return document.error(where + "/0", "the command names no program", R"(begin with the program: ["make", "test"])");
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i].find('\0') != std::string::npos)
      return document.error(where + "/" + std::to_string(i), "a zero byte in a command", "take it out");
  return {};
}

Result<std::int64_t> timeout_of(const Document& document, const json& check, const std::string& pointer) {
  const std::string written = text_of(check, "timeout");
  if (written.empty()) return k_check_timeout_ms;
  auto timeout = parse_duration(written);
  if (!timeout) return document.error(pointer + "/timeout", timeout.error());
  if (*timeout >= k_least_timeout && *timeout <= k_most_timeout) return timeout;
  return document.error(
      pointer + "/timeout",
      "timeout must be between " + format_duration(k_least_timeout) + " and " + format_duration(k_most_timeout) + ", found " +
          format_duration(*timeout),
      "the nearest that is allowed is " + format_duration(*timeout < k_least_timeout ? k_least_timeout : k_most_timeout));
}

/// After the schema.
Result<Check> convert_check(const Document& document, const json& object, const std::string& pointer) {
  Check check;
  check.description = text_of(object, "description");
  for (const json& words : object.at("commands")) {
    const std::string where = pointer + "/commands/" + std::to_string(check.commands.size());
    check.commands.push_back(words.get<std::vector<std::string>>());
    TRY(check_words(document, check.commands.back(), where));
  }
  auto cwd = core::normalise_path(text_of(object, "cwd"));
  if (!cwd) return document.error(pointer + "/cwd", cwd.error());
  check.cwd = std::move(*cwd);
  TRY_VALUE(check.timeout_ms, timeout_of(document, object, pointer));
  return check;
}

json value_of(const Check& check) {
  json value{{"commands", check.commands}, {"timeout", format_duration(check.timeout_ms)}};
  if (!check.description.empty()) value["description"] = check.description;
  if (check.cwd != ".") value["cwd"] = check.cwd;
  return value;
}

}  // namespace

Result<> normalise_checkpoint(Fields& fields, Commands commands) {
  json* checkpoint = fields.find("checkpoint");
  if (checkpoint == nullptr || !checkpoint->is_object()) return {};
  Document& document = fields.document();
  Fields check(document, *checkpoint, fields.pointer("checkpoint"));
  understand_one_command(check);
  understand_validation(check);
  if (check.has("commands")) {
    if (commands == Commands::taken) return normalise_commands(check);
    return document.error(check.pointer("commands"), "commands of a planner's answer are never run",
                          "name one of the checkpoints in orchestrator/config.json, or give the criterion in words");
  }
  const std::string words = text_of(*checkpoint, "description");
  if (words.empty())
    return document.error(fields.pointer("checkpoint"), "a checkpoint needs a description or commands", k_in_words);
  *checkpoint = words;
  return {};
}

Result<std::string> checkpoint_of(const Document& document, const json& object, const std::string& pointer) {
  const auto found = object.find("checkpoint");
  if (found == object.end()) return "";
  if (found->is_string()) return checkpoint_text(found->get_ref<const std::string&>());
  TRY_VALUE(const Check check, convert_check(document, *found, pointer + "/checkpoint"));
  return value_of(check).dump();
}

Result<> normalise_checks(Fields& fields) {
  json* checks = fields.find("checkpoints");
  if (checks == nullptr || !checks->is_object()) return {};
  for (auto& [name, value] : checks->items()) {
    const std::string pointer = fields.pointer("checkpoints") + pointer_step(name);
    if (value.is_array() || value.is_string()) {
      json commands = std::move(value);
      value = json{{"commands", std::move(commands)}};
      fields.document().moved(pointer + "/commands", pointer);
    }
    if (!value.is_object()) continue;
    Fields check(fields.document(), value, pointer);
    if (check.has("commands")) TRY(normalise_commands(check));
  }
  return {};
}

Result<Checks> checks_of(const Document& document, const json& object) {
  Checks checks;
  const auto found = object.find("checkpoints");
  if (found == object.end()) return checks;
  for (const auto& [name, value] : found->items()) {
    TRY_VALUE(Check check, convert_check(document, value, "/checkpoints" + pointer_step(name)));
    check.description = text::trim(name);
    checks.insert_or_assign(check.description, std::move(check));
  }
  return checks;
}

json checks_value(const Checks& checks) {
  json value = json::object();
  for (const auto& [name, check] : checks) {
    value[name] = value_of(check);
    value[name].erase("description");
  }
  return value;
}

}  // namespace baton::protocol
