#include "protocol/read_agent.h"

#include "base/text.h"
#include "base/time.h"
#include "protocol/comments.h"
#include "protocol/document.h"
#include "protocol/tolerance.h"

namespace baton::protocol {
namespace {

using nlohmann::json;

/// The common agent programs, as their documentation says to run them without a person: the prompt comes on standard input.
/// docs/agents.md has the same words.
struct Profile {
  const char* name;
  std::vector<std::string> argv;
};
const Profile k_profiles[] = {
    {"claude", {"claude", "-p", "--output-format", "stream-json", "--verbose", "--permission-mode", "acceptEdits"}},
    {"codex", {"codex", "exec", "--json", "--sandbox", "workspace-write", "-"}},
    {"gemini", {"gemini", "--approval-mode", "auto_edit", "--output-format", "stream-json"}},
};

std::vector<std::string> words_of(const json& list) {
  std::vector<std::string> words;
  for (const json& word : list) words.push_back(word.get<std::string>());
  return words;
}

Result<std::vector<std::string>> argv_of(const Document& document, const json& agent) {
  if (!agent.is_string()) return words_of(agent);
  const std::string& name = agent.get_ref<const std::string&>();
  std::vector<std::string> names;
  for (const Profile& profile : k_profiles) {
    if (name == profile.name) return profile.argv;
    names.emplace_back(profile.name);
  }
  return document.error("/agent",
                        "no agent program is known as \"" + text::printable(name) + "\"" + text::did_you_mean(name, names),
                        "known are " + text::join(names, ", ") + "; any other is written as a list: [\"program\", \"argument\"]");
}

Result<std::int64_t> size_of(const Document& document, const json& value, const char* pointer) {
  constexpr std::int64_t k_least = 1 << 20;  // a shell alone has more: as a rule somebody meant another unit
  const auto size =
      value.is_number() ? Result<std::int64_t>(value.get<std::int64_t>()) : parse_size(value.get_ref<const std::string&>());
  if (!size) return document.error(pointer, size.error().message, size.error().hint);
  if (*size != 0 && *size < k_least)
    return document.error(pointer, "less than 1MiB is too little for any program", "0 is no limit; 2GiB is one");
  return *size;
}

}  // namespace

Result<AgentSettings> read_agent(std::string_view bytes) {
  const std::string text = blank_comments(bytes);
  TRY_VALUE(Document document, Document::parse(text));
  TRY(document.validate(Kind::master));
  const json& root = document.root();
  AgentSettings settings;
  if (const auto agent = root.find("agent"); agent != root.end()) {
    TRY_VALUE(settings.argv, argv_of(document, *agent));
  }
  if (const auto env = root.find("env"); env != root.end())
    for (const auto& [name, value] : env->items()) settings.environment.push_back(name + "=" + value.get<std::string>());
  settings.worktree = root.value("worktree", true);
  if (const auto limit = root.find("memory_limit"); limit != root.end()) {
    TRY_VALUE(settings.memory_limit, size_of(document, *limit, "/memory_limit"));
  }
  if (const auto setup = root.find("setup"); setup != root.end())
    for (const json& command : *setup) settings.setup.push_back(words_of(command));
  return settings;
}

}  // namespace baton::protocol
