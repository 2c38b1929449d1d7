#include "protocol/checkpoint.h"

#include <nlohmann/json.hpp>
#include <span>

#include "base/text.h"
#include "base/time.h"
#include "protocol/json_tokens.h"
#include "protocol/tolerance.h"

namespace baton::protocol {
namespace {

using nlohmann::json;

/// As checkpoint_of() wrote it.
Check own_check(const json& object) {
  Check check;
  check.description = text_of(object, "description");
  check.commands = object.at("commands").get<std::vector<std::vector<std::string>>>();
  if (object.contains("cwd")) check.cwd = text_of(object, "cwd");
  check.timeout_ms = parse_duration(text_of(object, "timeout")).value_or(k_check_timeout_ms);
  check.from = Check::From::document;
  return check;
}

bool brings_commands(std::string_view checkpoint) { return checkpoint.starts_with('{'); }

/// What was meant, where this is no name but nearly one; else empty.
std::string meant_by(const std::string& checkpoint, const Checks& named, std::span<const std::string> names) {
  if (checkpoint.empty() || check_of(checkpoint, named)) return "";
  return text::did_you_mean(checkpoint_in_words(checkpoint), names);
}

}  // namespace

std::optional<Check> check_of(std::string_view checkpoint, const Checks& named) {
  const json value = json::parse(checkpoint, nullptr, /*allow_exceptions=*/false);
  if (value.is_object()) return own_check(value);
  if (!value.is_string()) return std::nullopt;
  const auto found = named.find(text::trim(value.get_ref<const std::string&>()));
  return found == named.end() ? std::nullopt : std::optional(found->second);
}

std::string checkpoint_text(std::string_view words) { return json(std::string(text::trim(words))).dump(); }

std::string checkpoint_in_words(std::string_view checkpoint) {
  const auto check = brings_commands(checkpoint) ? check_of(checkpoint, {}) : std::nullopt;
  if (!check) return checkpoint.empty() ? "" : unescape_string(checkpoint);
  if (!check->description.empty()) return check->description;
  std::vector<std::string> lines;
  for (const auto& words : check->commands) lines.push_back(text::join(words, " "));
  return text::join(lines, "\n");
}

std::vector<std::string> misspelled_checkpoints(const core::TaskSpec& task, const Checks& named) {
  std::vector<std::string> names, slips;
  for (const auto& [name, check] : named) names.push_back(name);
  const auto look = [&](const std::string& checkpoint, const std::string& pointer) {
    if (const std::string meant = meant_by(checkpoint, named, names); !meant.empty())
      slips.push_back(pointer + ": \"" + text::printable(checkpoint_in_words(checkpoint)) +
                      "\" is taken for words, no program looks at it" + meant);
  };
  if (names.empty()) return slips;
  look(task.checkpoint, "/checkpoint");
  for (std::size_t i = 0; i < task.subtasks.size(); ++i)
    look(task.subtasks[i].checkpoint, "/subtasks/" + std::to_string(i) + "/checkpoint");
  return slips;
}

std::string commands_of(const core::TaskSpec& task) {
  if (brings_commands(task.checkpoint)) return "/checkpoint/commands";
  for (std::size_t i = 0; i < task.subtasks.size(); ++i)
    if (brings_commands(task.subtasks[i].checkpoint)) return "/subtasks/" + std::to_string(i) + "/checkpoint/commands";
  return "";
}

}  // namespace baton::protocol
