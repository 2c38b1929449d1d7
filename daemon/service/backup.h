// `backup`: a copy of the journal that appears under its name only when it is whole.
#pragma once

#include <string>

#include "store/store.h"

namespace baton::service {

/// Copies by `file`.partial (replaced when an earlier attempt left one) and a rename that never replaces. refused: `file` exists.
Result<> backup(store::Store& store, const std::string& file);

}  // namespace baton::service
