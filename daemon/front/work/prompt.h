// What an agent is told, and how its command is written with the places of this attempt.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton::front {

/// Absolute paths.
struct PromptPlaces {
  std::string worktree;  // where it works
  std::string prompt_file;
  std::string result_file;
  std::string handoff;
};

/// `{prompt_file}`, `{handoff}`, `{worktree}` and `{result_file}` filled in, also within words.
std::vector<std::string> agent_command(const std::vector<std::string>& argv, const PromptPlaces& places);

/// The template with `{work}` and the places filled in. The work stands in it as it is: braces in it mean nothing. `conflicts`:
/// files with markers of a merge in them.
std::string agent_prompt(std::string_view prompt_template, std::string_view work, const PromptPlaces& places,
                         const std::vector<std::string>& conflicts);

/// Stands in the environment of an agent and of all that it starts: tells them from all other processes.
std::string agent_mark(std::string_view root, std::string_view name);

}  // namespace baton::front
