// Which files a prompt will change, from what its text says and from what is there.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "front/analysis/analysis.h"
#include "front/analysis/reading.h"
#include "front/analysis/repository.h"

namespace baton::front {

/// Distinct globs in one prompt; each is held against all files of the repository.
constexpr std::size_t k_max_globs = 100;
/// Notes on one prompt.
constexpr std::size_t k_max_prompt_notes = 5;

struct FoundTargets {
  Targets targets;
  std::vector<std::string> left_alone;  // of `mentioned`: that the prompt is told to keep its hands off
  std::vector<std::string> notes;       // without the prompt's name
};

/// `prompt_files`: the prompts' own, with their folders and without. A bare name is a prompt's unless the repository has several.
FoundTargets find_targets(const Reading& reading, const RepositoryIndex& repository, const std::set<std::string>& prompt_files);

}  // namespace baton::front
