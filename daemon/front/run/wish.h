// What a run is to be, in the words that people and agents hand to it on standard input. The shapes are those of the seed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace baton::front {

struct RunWish {
  std::vector<std::string> prompts;  // files, as written
  std::optional<std::int64_t> max_parallel;
  std::optional<std::int64_t> timeout_ms;
  std::string base;  // a commit, branch or tag; empty: what is checked out
  bool sequential = false;
  bool quiet = false;              // no progress
  std::vector<std::string> notes;  // lines that mean nothing here
};

inline constexpr std::int64_t k_most_parallel = 256;

/// "Execute these specific prompts in parallel:" and a list of files, or a list of settings (`prompt-files: [a.md, b.md]`,
/// `max-parallel: 4`, `timeout: 2h`, `sequential: true`, `base: main`, `monitoring: enhanced`). usage, with the line: an unknown
/// setting, or a value that is none.
Result<RunWish> read_wish(std::string_view text);

}  // namespace baton::front
