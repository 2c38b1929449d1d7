// Arranges the pieces of a request in layers, one after the other, and joins pieces of one kind until there are no more subtasks
// and stages than a plan should have. Whatever was asked for, the result fits.
#pragma once

#include <string>
#include <vector>

#include "core/request.h"
#include "core/settings.h"

namespace baton::core {

/// What one subtask takes on: a piece, or several of one kind.
struct Bundle {
  std::string master;
  Work work = Work::implement;
  std::vector<const Piece*> pieces;
};
/// The bundles of a layer run side by side and wait for all of the layer before.
using Layers = std::vector<std::vector<Bundle>>;

/// At most `most` bundles in at most k_max_stages layers. `pieces` must not be empty, and outlive the answer.
Layers arrange(const std::vector<Piece>& pieces, const Catalogue& catalogue, std::size_t most);

}  // namespace baton::core
