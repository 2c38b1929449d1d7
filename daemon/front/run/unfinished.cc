#include "front/run/unfinished.h"

#include <unistd.h>
#include <algorithm>

#include "base/text.h"
#include "front/lookup.h"
#include "front/request.h"
#include "front/run/task.h"

namespace baton::front {
namespace {

constexpr std::string_view k_ending = ".running";

}  // namespace

Result<RunLock> RunLock::take(const Workshop& workshop, const std::string& task_id) {
  std::string path = workshop.agent_file(task_id, k_ending);
  auto lock = platform::Lock::take(path, k_agent_lock_mode);
  if (lock) return RunLock(std::move(path), std::move(*lock));
  if (lock.error().code != ErrorCode::refused) return tl::make_unexpected(std::move(lock).error());
  return fail(ErrorCode::refused, "another `baton run` is at work on " + task_id, "watch it: baton watch " + task_id);
}

/// Before it is let go: whoever waits for it looks whether it still has that name.
RunLock::~RunLock() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

std::vector<std::string> abandoned_runs(const Workshop& workshop) {
  std::vector<std::string> found;
  const auto state = load_state(workshop.folder);
  if (!state) return found;
  for (const TaskRow& task : state->tasks)
    if (task.id.starts_with(k_run_prefix) && !platform::lock_holder(workshop.agent_file(task.id, k_ending)))
      found.push_back(task.id);
  std::ranges::sort(found);
  return found;
}

Result<std::string> run_to_resume(const Workshop& workshop, const std::string& wanted) {
  const std::vector<std::string> runs = abandoned_runs(workshop);
  if (runs.empty()) return fail(ErrorCode::not_found, "no run is unfinished here", "see: baton list");
  if (wanted.empty()) return runs.back();
  if (std::ranges::find(runs, wanted) != runs.end()) return wanted;
  return fail(ErrorCode::not_found,
              "no unfinished run has the id \"" + text::printable(wanted) + "\"" + text::did_you_mean(wanted, runs),
              "unfinished are: " + text::join(runs, ", "));
}

Result<> cancel_runs(const Folder& folder, const std::vector<std::string>& task_ids) {
  for (const std::string& id : task_ids) {
    Data document;
    document.set("command", "cancel").set("task_id", id).set("reason", "left for a new run");
    TRY(request(folder, "cancel", std::move(document)));
  }
  return {};
}

}  // namespace baton::front
