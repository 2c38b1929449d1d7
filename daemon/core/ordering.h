// Puts pieces that are named later than they are to be done where they belong: "deploy it, but first run the tests".
#pragma once

#include <cstddef>
#include <vector>

#include "core/request.h"

namespace baton::core {

/// Of pieces[from, …), all of one passage. Afterwards no link is Link::earlier.
void put_in_order(std::vector<Piece>& pieces, std::size_t from);

}  // namespace baton::core
