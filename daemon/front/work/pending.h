// Merges whose work nobody has judged yet. Each is remembered in agents/NAME.merge from before the branch moves until its
// verdict, so that whoever comes after a runner that was killed knows what to keep and what to take back. The lock of a task's
// branch is held all that time: whoever holds it and finds such a file knows that nobody else is at it.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "front/assignment.h"
#include "front/work/workshop.h"
#include "platform/lock.h"
#include "runner/integration.h"

namespace baton::front {

/// Whether the answer to this handoff counts; nothing while that is being found out.
std::optional<bool> verdict_of(const Folder& folder, const std::string& subtask_id, int epoch);
/// The same, but waits; nothing when `stop` became true before, or no daemon runs that could say so.
std::optional<bool> await_verdict(const Folder& folder, const std::string& subtask_id, int epoch, const std::atomic<bool>& stop);

/// The lock of the task's branch. waiting: `stop` became true before it was free.
Result<platform::Lock> lock_branch(const Workshop& workshop, const std::string& task_id, const std::atomic<bool>& stop);

// REQUIRES, of all below but verified_tip(): the lock of the task's branch is held.

/// Before the branch moves.
Result<> remember_merge(const Workshop& workshop, const std::string& name, const Assignment& assignment,
                        const runner::Merge& merge);
Result<> forget_merge(const Workshop& workshop, const std::string& name);
/// The branch goes back to where it was; what was merged is kept under the attempt's rescue ref.
Result<> take_back(const Workshop& workshop, const Assignment& assignment, const runner::Merge& merge);
/// Merges that a killed runner left: waits for their verdicts, and takes back what does not count. waiting: `stop` became true,
/// or nobody says the verdict.
Result<> settle_pending(const Workshop& workshop, const std::string& task_id, const std::atomic<bool>& stop);

/// The same for all tasks whose branch nobody is at, as far as verdicts are known. No lock is held.
void settle_known(const Workshop& workshop);

/// The newest commit of the branch that counts, or is_open: there is one whose verdict nobody knows yet, on top of `commit`.
struct Tip {
  std::string commit;
  bool is_open = false;
};
/// `counted`: subtasks that are known to be completed, whatever the views say by now. REQUIRES: metadata is locked.
Result<Tip> verified_tip(const Workshop& workshop, const std::string& task_id, const runner::Integration& branch,
                         const std::vector<std::string>& counted);

}  // namespace baton::front
