// The prompt files that `baton run` is given: found, read, and those left out that say that they are done.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "front/analysis/analysis.h"

namespace baton::front {

inline constexpr std::size_t k_largest_prompt = 1 << 20;  // bytes

struct Prompts {
  std::vector<Prompt> prompts;
  std::vector<std::string> paths;  // of these; absolute, without symlinks
  std::vector<std::string> notes;  // what was left out, and why
};

/// `names`: as they were written. Each is looked for from the working directory on, then in `top` and in `top`/prompts. All that
/// is wrong with any of them is one error: not_found, or invalid (empty, larger than k_largest_prompt, not UTF-8 text, no file).
Result<Prompts> read_prompts(const std::vector<std::string>& names, const std::string& top);

/// spec: "Skip any prompts marked as IMPLEMENTED or COMPLETED". The mark that stands in its first lines: as a status, or in
/// capitals at the beginning or end of a line of its own. Empty: none does.
std::string done_mark(const std::string& text);

}  // namespace baton::front
