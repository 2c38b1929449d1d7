// The files that prompts are about, as a commit has them.
#pragma once

#include <string>

#include "front/analysis/analysis.h"
#include "front/work/workshop.h"

namespace baton::front {

/// Their contents are read from the workspace: what is not committed there makes no difference to who imports whom, but for the
/// moment. None without worktrees, or when git does not answer.
RepositoryFiles files_at(const Workshop& workshop, const std::string& commit);

}  // namespace baton::front
