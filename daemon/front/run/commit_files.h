// The files that prompts are about, as a commit has them.
#pragma once

#include <string>

#include "front/analysis/analysis.h"

namespace baton::front {

/// Their contents are read from the workspace: what is not committed there makes no difference to who imports whom, but for the
/// moment. None when git does not answer.
RepositoryFiles files_at(const std::string& workspace, const std::string& commit);

}  // namespace baton::front
