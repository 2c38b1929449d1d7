// Handoffs at a start: what the journal says of them meets what lies in the masters' folders. docs/architecture.md, "Starting".
#include <map>
#include <set>

#include "protocol/paths.h"
#include "protocol/readers.h"
#include "service/engine.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {

bool is_claimed(const core::Subtask& subtask) {
  return core::is_handed_out(subtask) && subtask.status != core::SubtaskStatus::handed_off;
}

/// Its status was set by whoever took it: intake will see to that.
bool is_answered(const std::string& bytes) {
  const auto handoff = protocol::read_handoff(bytes);
  return handoff && handoff->says != protocol::HandoffIn::Says::pending;
}

}  // namespace

void Engine::restore_handoffs(Turn& turn) {
  std::map<std::string, HandoffFiles::Lying> lying;
  for (const auto& [master, settings] : core_.catalogue().masters) {
    auto found = handoffs_.restore(master);
    if (found)
      lying[master] = std::move(*found);
    else
      log::warn({paths::handoffs(master), ": ", found.error().message});
  }
  for (const auto& [master, found] : lying)
    for (const core::HandoffDelivery& failure : found.failed) turn.tell(failure);
  std::vector<std::string> handed_off;
  core_.for_each_task([&](const core::Task& task) {
    for (const core::Subtask& subtask : task.subtasks) {
      if (subtask.status == core::SubtaskStatus::handed_off && !subtask.undelivered) handed_off.push_back(subtask.spec.id);
      const auto at = lying.find(subtask.spec.assigned_to);
      if (world_.rebooted && is_claimed(subtask) && at != lying.end()) restore_claim(subtask, at->second);
    }
  });
  for (const std::string& subtask_id : handed_off) {
    const core::Subtask* subtask = core_.subtask(subtask_id);
    const auto at = lying.find(subtask->spec.assigned_to);
    if (at != lying.end()) restore_handoff(*subtask, at->second, turn);
  }
  for (const auto& [master, found] : lying) {
    for (const std::string& name : found.waiting) retire_leftover(master, name);
    for (const std::string& name : found.claimed) retire_leftover(master, name);
  }
}

// Journalled and no longer staged = it was published, whatever became of it since. Another boot may have lost the file: then it
// is published again unless somebody has it.
void Engine::restore_handoff(const core::Subtask& subtask, const HandoffFiles::Lying& lying, Turn& turn) {
  const std::string name = paths::handoff_name(subtask.spec.assigned_to, subtask.spec.id);
  const auto has = [&name](const std::set<std::string>& names) { return names.contains(name); };
  if (has(lying.claimed) && has(lying.waiting)) {
    // Same boot: the claimed one is of an epoch that the journal ended. Another boot: the rename of the claim was half lost.
    const std::string& master = subtask.spec.assigned_to;
    const std::string from = paths::join(world_.rebooted ? paths::handoffs(master) : paths::claimed(master), name);
    const auto moved = handoffs_.move_aside(from, paths::stale(master), name, subtask.epoch);
    if (!moved) log::warn({"cannot file ", from, ": ", moved.error().message});
    return;
  }
  if (has(lying.claimed) || lying.processed.contains(name + ".processed")) return;  // intake will find the claim
  if (!has(lying.waiting)) {
    if (lying.results.contains(paths::result_name(subtask.spec.assigned_to, subtask.spec.id))) return;
    if (world_.rebooted) return handoffs_.owe(subtask.spec.id);
    return turn.tell(core::HandoffClaimed{subtask.spec.id, subtask.epoch, "removed"});
  }
  if (!world_.rebooted) return;
  const auto stands = world_.files.read(paths::join(paths::handoffs(subtask.spec.assigned_to), name), 64 << 20);
  if (stands && (stands->bytes == handoffs_.bytes_of(subtask) || is_answered(stands->bytes))) return;
  const auto published = handoffs_.publish_again(subtask.spec.id);
  if (!published) turn.tell(core::HandoffDelivery{subtask.spec.id, subtask.epoch, false, published.error().message});
}

// A claim that the journal knows and the disk has lost: nobody has given the handoff back.
void Engine::restore_claim(const core::Subtask& subtask, const HandoffFiles::Lying& lying) {
  const std::string& master = subtask.spec.assigned_to;
  const std::string name = paths::handoff_name(master, subtask.spec.id);
  if (!lying.waiting.contains(name) || subtask.claimed_how == "status") return;
  const std::string from = paths::join(paths::handoffs(master), name);
  const std::string to = lying.claimed.contains(name) ? paths::stale(master) : paths::claimed(master);
  const auto moved = handoffs_.move_aside(from, to, name, subtask.epoch);
  if (!moved) log::warn({"cannot file ", from, ": ", moved.error().message});
}

// A handoff whose subtask is not in flight any more was to be filed when the earlier run ended.
void Engine::retire_leftover(const std::string& master, const std::string& file) {
  const auto name = paths::classify_handoff(file, master);
  const core::Subtask* subtask = core_.subtask(name.subtask_id);
  const auto ended = subtask == nullptr ? world_.history.ended_subtask(name.subtask_id) : std::nullopt;
  if (ended) subtask = &*ended;
  if (subtask == nullptr || core::is_handed_out(*subtask)) return;  // none of ours, or out
  const bool answered = subtask->completed_at != 0 && subtask->status != core::SubtaskStatus::skipped &&
                        subtask->status != core::SubtaskStatus::cancelled;
  const auto retired = handoffs_.retire({name.subtask_id, master, subtask->epoch, answered});
  if (!retired) log::warn({"cannot file ", file, ": ", retired.error().message});
}

}  // namespace baton::service
