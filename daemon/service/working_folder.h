// Where a checkpoint's commands run.
#pragma once

#include <string>

#include "base/result.h"

namespace baton::service {

/// `cwd` beneath the workspace, absolute. Whatever links there are on the way, it lies in the workspace: refused otherwise.
/// not_found: it is not there.
Result<std::string> working_folder(const std::string& workspace, const std::string& cwd);

}  // namespace baton::service
