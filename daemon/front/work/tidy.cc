#include "front/work/tidy.h"

#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "front/lookup.h"
#include "front/standing.h"
#include "front/work/blocked_signals.h"
#include "front/work/pending.h"
#include "front/work/prompt.h"
#include "platform/lock.h"
#include "platform/process.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::string_view k_lock_ending = ".lock";
constexpr std::size_t k_side_by_side = 4;

std::optional<platform::Lock> unattended(const Workshop& workshop, const std::string& name) {
  auto lock = platform::Lock::take(workshop.agent_file(name, k_lock_ending), k_agent_lock_mode);
  if (!lock) return std::nullopt;
  return std::move(*lock);
}

bool is_answered(const Workshop& workshop, const SubtaskView& subtask) {
  const std::string spec = paths::worker_spec(paths::k_workers_active, worker_of(subtask.id, subtask.epoch));
  return is_in_flight(subtask) && !workshop.folder.exists(spec);
}

/// A checkpoint runs there, or will: of a subtask that is being looked at, and of the whole task where its last work lies.
bool is_needed(const Workshop& workshop, const std::string& task_id, const std::string& name) {
  if (workshop.folder.exists(paths::join(paths::k_agents, name + ".merge"))) return true;
  if (workshop.folder.exists(paths::report_json(task_id))) return false;
  const auto loaded = load_plan(workshop.folder, task_id);
  if (!loaded) return true;  // nobody knows
  const SubtaskView* last = nullptr;
  for (const SubtaskView& each : loaded->plan.subtasks) {
    if (each.worktree == name && each.status != "completed") return true;
    // Answered, as its worker's files have gone, and the view does not know it yet.
    if (is_answered(workshop, each) && name == runner::worktree_name({task_id, each.id, each.attempt})) return true;
    if (each.worktree.empty() || each.status != "completed") continue;
    if (last == nullptr || last->completed_at <= each.completed_at) last = &each;
  }
  return last != nullptr && last->worktree == name;
}

WorktreeRow row_of(const Workshop& workshop, const std::string& name, bool is_at_work) {
  WorktreeRow row{name, "", "", WorktreeUse::foreign};
  const auto worktree = workshop.worktrees->find(name);
  if (!worktree) return row;
  row.branch = worktree->branch;
  row.task_id = runner::task_of_branch(worktree->branch);
  if (row.task_id.empty()) return row;
  if (is_at_work)
    row.use = WorktreeUse::at_work;
  else
    row.use = is_needed(workshop, row.task_id, name) ? WorktreeUse::needed : WorktreeUse::left;
  return row;
}

Tidied remove(const Workshop& workshop, const std::string& name) {
  const runner::Worktrees& worktrees = *workshop.worktrees;
  const auto removed = worktrees.remove(name);
  if (!removed) return {name + " stays: " + removed.error().message};
  if (removed->rescue.empty()) return {name + " is removed", true};
  return {name + " is removed; what nobody merged is kept as " + removed->rescue};
}

std::optional<Tidied> tidy_one(const Workshop& workshop, const std::string& name) {
  const std::optional<platform::Lock> lock = unattended(workshop, name);
  if (!lock || row_of(workshop, name, false).use != WorktreeUse::left) return std::nullopt;
  Tidied tidied = remove(workshop, name);
  // Under the lock: whoever waits for it looks whether it still has that name.
  ::unlink(workshop.agent_file(name, k_lock_ending).c_str());
  return tidied;
}

}  // namespace

int end_orphans(const Workshop& workshop) {
  int ended = 0;
  for (const std::string& file : workshop.folder.names(std::string(paths::k_agents))) {
    if (!file.ends_with(k_lock_ending)) continue;
    const std::string name = file.substr(0, file.size() - k_lock_ending.size());
    if (const auto lock = unattended(workshop, name)) ended += platform::end_marked({agent_mark(workshop.root, name)});
  }
  return ended;
}

Result<std::vector<WorktreeRow>> worktree_rows(const Workshop& workshop) {
  std::vector<WorktreeRow> rows;
  if (!workshop.worktrees) return rows;
  TRY_VALUE(const std::vector<std::string> names, workshop.worktrees->list());
  for (const std::string& name : names) {
    const bool is_at_work = platform::lock_holder(workshop.agent_file(name, k_lock_ending)).has_value();
    rows.push_back(row_of(workshop, name, is_at_work));
  }
  return rows;
}

// Several side by side: most of it is looking whether something would be lost.
std::vector<Tidied> tidy(const Workshop& workshop) {
  std::vector<Tidied> told;
  if (!workshop.worktrees) return told;
  settle_known(workshop);
  const auto names = workshop.worktrees->list();
  if (!names) return {Tidied{names.error().message}};
  std::mutex telling;
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t at = next++; at < names->size(); at = next++)
      if (auto one = tidy_one(workshop, (*names)[at])) {
        const std::scoped_lock alone(telling);
        told.push_back(std::move(*one));
      }
  };
  {
    std::vector<std::jthread> others;
    {
      const BlockedSignals blocked;
      for (std::size_t n = 1; n < std::min(names->size(), k_side_by_side); ++n) others.emplace_back(work);
    }
    work();
  }
  std::ranges::sort(told, {}, &Tidied::line);
  return told;
}

std::vector<std::string> tidy_quietly(const Workshop& workshop) {
  std::vector<std::string> lines;
  for (Tidied& each : tidy(workshop))
    if (!each.routine) lines.push_back(std::move(each.line));
  return lines;
}

}  // namespace baton::front
