// Which other prompts a prompt says it needs: "depends on 01-auth.md", "after 'Add the login form'". Only by names that cannot
// mean anything else.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "front/analysis/analysis.h"

namespace baton::front {

class PromptNames {
 public:
  explicit PromptNames(const std::vector<Prompt>& prompts);

  struct Mention {
    std::size_t prompt = 0;
    bool first = true;  // it comes before the one that mentions it; false: after
    std::string words;  // "depends on"
  };
  std::vector<Mention> needed_by(std::string_view text) const;

 private:
  friend class PrerequisiteReader;
  using Names = std::map<std::string, std::optional<std::size_t>, std::less<>>;  // nothing: several have it
  static void add(Names& names, std::string name, std::size_t prompt);

  Names files_;   // lower case: with its folder, its base name, and that without extension where it can be nothing else
  Names stems_;   // "login", only as "the login prompt"
  Names titles_;  // their words, lower case, one blank between
};

}  // namespace baton::front
