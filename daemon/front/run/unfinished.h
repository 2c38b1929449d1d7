// Runs that have not ended: whose `baton run` is at work, and whose is gone.
#pragma once

#include <string>
#include <vector>

#include "front/work/workshop.h"
#include "platform/lock.h"

namespace baton::front {

/// For the life of a run: nobody else goes on with it. refused: somebody does.
Result<platform::Lock> hold_run(const Workshop& workshop, const std::string& task_id);

/// Live tasks of runs that nobody holds, the newest last.
std::vector<std::string> abandoned_runs(const Workshop& workshop);

/// Ends them; what their agents did is kept. REQUIRES: a daemon is at work.
Result<> cancel_runs(const Folder& folder, const std::vector<std::string>& task_ids);

}  // namespace baton::front
