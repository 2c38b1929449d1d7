#include "front/work/prompt.h"

#include <utility>

#include "base/ids.h"

namespace baton::front {
namespace {

using Values = std::vector<std::pair<std::string_view, std::string_view>>;

/// In one pass, so that what is filled in is not looked at again.
std::string fill(std::string_view text, const Values& values) {
  std::string filled;
  while (!text.empty()) {
    const auto* found = static_cast<const Values::value_type*>(nullptr);
    for (const auto& value : values)
      if (text.starts_with(value.first)) found = &value;
    if (found != nullptr) {
      filled += found->second;
      text.remove_prefix(found->first.size());
    } else {
      filled += text.front();
      text.remove_prefix(1);
    }
  }
  return filled;
}

Values values_of(const PromptPlaces& places) {
  return {{"{prompt_file}", places.prompt_file},
          {"{handoff}", places.handoff},
          {"{worktree}", places.worktree},
          {"{result_file}", places.result_file}};
}

}  // namespace

std::vector<std::string> agent_command(const std::vector<std::string>& argv, const PromptPlaces& places) {
  std::vector<std::string> words;
  words.reserve(argv.size());
  for (const std::string& word : argv) words.push_back(fill(word, values_of(places)));
  return words;
}

std::string agent_prompt(std::string_view prompt_template, std::string_view work, const PromptPlaces& places,
                         const std::vector<std::string>& conflicts) {
  std::string whole(work);
  if (!conflicts.empty()) {
    whole +=
        "\n## Merge conflict\n\nThe work of the attempt before and what others did meanwhile do not go together in these files. In "
        "text both stand between conflict markers: make one that does what both wanted, and remove the markers. A file without "
        "markers was deleted by one side, or is no text: make it what it has to be.\n\n";
    for (const std::string& path : conflicts) whole += "- " + path + "\n";
    whole += "\nIf one of those without markers is right as it is, write {\"status\": \"completed\"} into " + places.result_file +
             ".\n";
  }
  Values values = values_of(places);
  values.emplace_back("{work}", whole);
  return fill(prompt_template, values);
}

std::string agent_mark(std::string_view root, std::string_view name) {
  return "agent-" + content_hash(std::string(root) + "\n" + std::string(name)).substr(0, 24);
}

}  // namespace baton::front
