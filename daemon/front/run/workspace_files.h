// The files that prompts are about: as a commit has them, or as they lie in a folder without git.
#pragma once

#include <string>

#include "base/result.h"
#include "front/analysis/analysis.h"
#include "front/run/place.h"

namespace baton::front {

inline constexpr std::size_t k_most_found = 100'000;

/// Those of the commit that `base` names, or that is checked out: work begins with it. Their contents are read from the
/// workspace: what is not committed there makes no difference to who imports whom, but for the moment.
/// In no repository, where agents can still be at work without worktrees: those that lie there, without what is hidden and
/// without the coordination folder, at most k_most_found. Errors: as base_commit(); refused: a base, and no repository.
Result<RepositoryFiles> files_of(const Place& place, const std::string& base);

}  // namespace baton::front
