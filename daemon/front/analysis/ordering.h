// From conflicts and dependencies to stages. Knows prompts by their place only.
#pragma once

#include <cstddef>
#include <vector>

namespace baton::front {

/// How certain it is, the weakest first: where dependencies go round in a circle, the weakest is given up.
enum class Certainty { imports, mentions, says };

struct Need {
  std::size_t later = 0, earlier = 0;
  Certainty certainty = Certainty::imports;
};

struct Order {
  std::vector<std::vector<std::size_t>> stages;
  std::vector<std::size_t> given_up;  // places in `needs`, in the order in which they stood in the way
};

/// Each goes to the first stage after all that it needs, and after those that it conflicts with and that come before it: in the
/// given order, as far as the needs allow. `conflicts`: by prompt, with whom.
Order stages_of(std::size_t prompts, const std::vector<Need>& needs, const std::vector<std::vector<std::size_t>>& conflicts);

}  // namespace baton::front
