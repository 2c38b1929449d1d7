#include "front/work/pending.h"

#include <poll.h>
#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "core/model.h"
#include "front/await.h"
#include "front/data.h"
#include "front/dom.h"
#include "front/lookup.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::string_view k_ending = ".merge";
constexpr int k_look_ms = 250;
// Many who end at once merge one after the other, each in some milliseconds; a checkpoint may keep the others away for hours.
constexpr int k_lock_look_ms = 2;
constexpr int k_lock_looks = 250;  // then more seldom
constexpr int k_lock_seldom_ms = 20;

struct Pending {
  std::string name;
  Assignment assignment;
  runner::Merge merge;
};

std::string path_of(const std::string& name) { return paths::join(paths::k_agents, name + std::string(k_ending)); }

Result<Pending> read_pending(const Workshop& workshop, const std::string& name) {
  TRY_VALUE(const std::string bytes, workshop.folder.read(path_of(name)));
  simdjson::dom::parser parser;
  dom::Object object;
  if (parser.parse(bytes).get(object) != simdjson::SUCCESS)
    return fail(ErrorCode::invalid, path_of(name) + " is no JSON object", "look at the branch of its task, then remove it");
  Pending pending;
  pending.name = name;
  pending.assignment.task_id = dom::text(object, "task_id");
  pending.assignment.subtask_id = dom::text(object, "subtask_id");
  pending.assignment.epoch = dom::integer(object, "epoch");
  pending.assignment.attempt = dom::integer(object, "attempt");
  pending.merge.before = dom::text(object, "before");
  pending.merge.after = dom::text(object, "after");
  return pending;
}

Result<std::vector<Pending>> pending_of(const Workshop& workshop, const std::string& task_id) {
  std::vector<Pending> found;
  for (const std::string& file : workshop.folder.names(std::string(paths::k_agents))) {
    if (!file.ends_with(k_ending)) continue;
    auto pending = read_pending(workshop, file.substr(0, file.size() - k_ending.size()));
    if (!pending && pending.error().code == ErrorCode::not_found) continue;  // settled meanwhile
    if (!pending) return tl::make_unexpected(std::move(pending).error());
    if (pending->assignment.task_id == task_id) found.push_back(std::move(*pending));
  }
  return found;
}

Result<runner::Integration> branch_of(const Workshop& workshop, const std::string& task_id, const std::string& base) {
  return runner::Integration::open(workshop.worktrees->repository(), task_id, base);
}

Result<> settle(const Workshop& workshop, const Pending& pending, const std::atomic<bool>& stop) {
  TRY_VALUE(const runner::Integration branch, branch_of(workshop, pending.assignment.task_id, pending.merge.before));
  if (branch.tip() == pending.merge.after && branch.tip() != pending.merge.before) {  // else it never moved there
    const std::optional<bool> good =
        await_verdict(workshop.folder, pending.assignment.subtask_id, pending.assignment.epoch, stop);
    if (!good) return fail(ErrorCode::waiting, "the verdict on " + pending.assignment.subtask_id + " is still open");
    if (!*good) TRY(take_back(workshop, pending.assignment, pending.merge));
  }
  return forget_merge(workshop, pending.name);
}

}  // namespace

std::optional<bool> verdict_of(const Folder& folder, const std::string& subtask_id, int epoch) {
  const auto loaded = load_subtask(folder, subtask_id);
  if (!loaded) return std::nullopt;
  const SubtaskView& subtask = loaded->subtask;
  if (subtask.epoch > epoch) return false;
  if (subtask.status == "completed") return true;
  const auto status = core::parse<core::SubtaskStatus>(subtask.status);
  if (!status || core::is_in_flight(*status)) return std::nullopt;
  return false;
}

std::optional<bool> await_verdict(const Folder& folder, const std::string& subtask_id, int epoch, const std::atomic<bool>& stop) {
  std::optional<bool> good;
  const auto look = [&] { return (good = verdict_of(folder, subtask_id, epoch)).has_value(); };
  if (look() || stop) return good;
  auto waiter = Waiter::open(folder, {std::string(paths::k_subtasks)});  // a checkpoint may take hours
  while (!good && !stop) {
    const Result<Woke> woke =
        waiter ? Result<Woke>(await(*waiter, k_look_ms, look)) : await(folder, {std::string(paths::k_subtasks)}, k_look_ms, look);
    if (!woke || *woke == Woke::interrupted || (!good && !folder.daemon())) return good;
  }
  return good;
}

Result<platform::Lock> lock_branch(const Workshop& workshop, const std::string& task_id, const std::atomic<bool>& stop) {
  const std::string path = workshop.worktrees->repository().git_dir() + "/baton-" + runner::branch_word(task_id) + ".lock";
  for (int looks = 1;; ++looks) {
    auto lock = platform::Lock::take(path, k_agent_lock_mode);
    if (lock || lock.error().code != ErrorCode::refused) return lock;
    if (stop) return fail(ErrorCode::waiting, "others merge into the branch of " + task_id);
    ::poll(nullptr, 0, looks < k_lock_looks ? k_lock_look_ms : k_lock_seldom_ms);
  }
}

Result<> remember_merge(const Workshop& workshop, const std::string& name, const Assignment& assignment,
                        const runner::Merge& merge) {
  Data document;
  document.set("task_id", assignment.task_id).set("subtask_id", assignment.subtask_id);
  document.set("epoch", assignment.epoch).set("attempt", assignment.attempt);
  document.set("before", merge.before).set("after", merge.after);
  TRY(workshop.folder.put(std::string(paths::k_agents), name + std::string(k_ending), document.document(),
                          platform::Replace::yes));
  return {};
}

Result<> forget_merge(const Workshop& workshop, const std::string& name) { return workshop.folder.files().remove(path_of(name)); }

Result<> take_back(const Workshop& workshop, const Assignment& assignment, const runner::Merge& merge) {
  TRY_VALUE(const platform::Lock lock, workshop.worktrees->lock());
  TRY_VALUE(runner::Integration branch, branch_of(workshop, assignment.task_id, merge.before));
  const runner::AttemptName name{assignment.task_id, assignment.subtask_id, assignment.attempt};
  return branch.take_back(merge, runner::rescue_ref(name, merge.after));
}

Result<> settle_pending(const Workshop& workshop, const std::string& task_id, const std::atomic<bool>& stop) {
  TRY_VALUE(const std::vector<Pending> all, pending_of(workshop, task_id));
  for (const Pending& pending : all) TRY(settle(workshop, pending, stop));
  return {};
}

void settle_known(const Workshop& workshop) {
  std::set<std::string> tasks;
  for (const std::string& file : workshop.folder.names(std::string(paths::k_agents))) {
    if (!file.ends_with(k_ending)) continue;
    if (const auto pending = read_pending(workshop, file.substr(0, file.size() - k_ending.size())))
      tasks.insert(pending->assignment.task_id);
  }
  const std::atomic<bool> at_once = true;
  for (const std::string& task : tasks)
    if (const auto lock = lock_branch(workshop, task, at_once)) static_cast<void>(settle_pending(workshop, task, at_once));
}

// The file comes before the move and goes after the verdict: looked for while the branch stands there, it cannot be missed.
Result<Tip> verified_tip(const Workshop& workshop, const std::string& task_id, const runner::Integration& branch,
                         const std::vector<std::string>& counted) {
  const std::string& tip = branch.tip();
  TRY_VALUE(const std::vector<Pending> all, pending_of(workshop, task_id));
  for (const Pending& pending : all) {
    const std::string& subtask = pending.assignment.subtask_id;
    if (pending.merge.after != tip || std::ranges::find(counted, subtask) != counted.end()) continue;
    const std::optional<bool> good = verdict_of(workshop.folder, subtask, pending.assignment.epoch);
    if (!good || !*good) return Tip{pending.merge.before, !good.has_value()};
  }
  return Tip{tip, false};
}

}  // namespace baton::front
