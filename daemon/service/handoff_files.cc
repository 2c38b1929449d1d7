#include "service/handoff_files.h"

#include <utility>

#include "protocol/paths.h"
#include "protocol/writers.h"
#include "service/filing.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;

std::string HandoffFiles::bytes_of(const core::Subtask& subtask) const {
  const core::Task* task = world_.core.task(subtask.task_id);
  BATON_ASSERT(task != nullptr);
  return protocol::write_handoff(*task, subtask, subtask.handed_off_at);
}

Result<> HandoffFiles::stage_one(const std::string& subtask_id) {
  const core::Subtask* subtask = world_.core.subtask(subtask_id);
  if (subtask == nullptr) return {};  // cancelled in the same turn
  const std::string& master = subtask->spec.assigned_to;
  const std::string path = paths::join(paths::handoffs(master), paths::staged_name(master, subtask_id, subtask->epoch));
  const std::string bytes = bytes_of(*subtask);
  TRY_VALUE(const platform::Stat written, write_to(world_.files, path, bytes));
  published_[paths::join(paths::handoffs(master), paths::handoff_name(master, subtask_id))] = {written.identity, false};
  return {};
}

void HandoffFiles::stage(Turn& turn) {
  std::vector<core::PublishHandoff> wanted;
  for (const core::Effect& effect : turn.changes.effects)
    if (const auto* handoff = std::get_if<core::PublishHandoff>(&effect)) wanted.push_back(*handoff);
  for (const core::PublishHandoff& handoff : wanted) {
    const auto staged = stage_one(handoff.subtask_id);
    const core::Subtask* subtask = world_.core.subtask(handoff.subtask_id);
    if (subtask == nullptr) continue;
    if (!staged) {
      log::warn({"cannot write the handoff of ", handoff.subtask_id, ": ", staged.error().message});
      turn.tell(core::HandoffDelivery{handoff.subtask_id, handoff.epoch, false, staged.error().message});
    } else if (subtask->undelivered) {
      turn.tell(core::HandoffDelivery{handoff.subtask_id, handoff.epoch, true, {}});
    }
  }
}

// A name that is taken gets the epoch, then a number: nothing that came in is ever overwritten.
Result<> HandoffFiles::move_aside(const std::string& from, const std::string& to_folder, const std::string& name, int epoch) {
  std::string target = paths::join(to_folder, name);
  for (int n = 0;; ++n) {
    auto moved = move_to(world_.files, from, target);
    if (moved || moved.error().code != ErrorCode::refused) return moved;
    target = paths::join(to_folder, name + ".e" + std::to_string(epoch) + (n == 0 ? "" : "." + std::to_string(n)));
  }
}

// A claim of an epoch before this one would be taken for a claim of this one.
Result<> HandoffFiles::clear_the_way(const core::PublishHandoff& handoff, const std::string& master) {
  if (handoff.epoch <= 1) return {};
  const std::string name = paths::handoff_name(master, handoff.subtask_id);
  const std::string processed = name + ".processed";
  for (const std::string& old : {paths::join(paths::claimed(master), name), paths::join(paths::handoffs(master), processed),
                                 paths::join(paths::claimed(master), processed)}) {
    if (presence(world_.files, old) == Presence::gone) continue;
    const auto moved = move_aside(old, paths::stale(master), name, handoff.epoch - 1);
    if (!moved && moved.error().code != ErrorCode::not_found) return moved;
  }
  return {};
}

Result<> HandoffFiles::publish(const core::PublishHandoff& handoff) {
  const core::Subtask* subtask = world_.core.subtask(handoff.subtask_id);
  if (subtask == nullptr || subtask->epoch != handoff.epoch || subtask->status != core::SubtaskStatus::handed_off) return {};
  const std::string& master = subtask->spec.assigned_to;
  const std::string folder = paths::handoffs(master);
  const std::string staged = paths::join(folder, paths::staged_name(master, handoff.subtask_id, handoff.epoch));
  const std::string name = paths::handoff_name(master, handoff.subtask_id);
  TRY(clear_the_way(handoff, master));
  const std::string path = paths::join(folder, name);
  auto published = world_.files.rename(staged, path, platform::Replace::no);
  if (!published && published.error().code == ErrorCode::refused) {  // an older one still lies there
    TRY(move_aside(path, paths::stale(master), name, handoff.epoch - 1));
    published = world_.files.rename(staged, path, platform::Replace::no);
  }
  if (const auto ours = published_.find(path); published && ours != published_.end()) ours->second.unnoticed = true;
  return published;
}

Result<> HandoffFiles::retire(const core::RetireHandoff& handoff) {
  const std::string name = paths::handoff_name(handoff.master, handoff.subtask_id);
  const std::string folder = paths::handoffs(handoff.master);
  const std::string target = handoff.answered ? paths::done(handoff.master) : paths::stale(handoff.master);
  published_.erase(paths::join(folder, name));
  bool found = false;
  const auto take = [&](const std::string& place) -> Result<> {
    if (presence(world_.files, place) == Presence::gone) return {};
    const auto moved = move_aside(place, target, name, handoff.epoch);
    if (!moved && moved.error().code != ErrorCode::not_found) return moved;
    found = found || moved;
    return {};
  };
  for (const std::string& place : {paths::join(paths::claimed(handoff.master), name), paths::join(folder, name)})
    TRY(take(place));
  if (found) return {};
  // The less usual ways of a claim, and one that was never published.
  const std::string processed = name + ".processed";
  for (const std::string& place : {paths::join(folder, processed), paths::join(paths::claimed(handoff.master), processed)})
    TRY(take(place));
  world_.files.remove(paths::join(folder, paths::staged_name(handoff.master, handoff.subtask_id, handoff.epoch)));
  return {};
}

bool HandoffFiles::is_known(const std::string& path, const platform::Identity& identity) const {
  const auto at = published_.find(path);
  return at != published_.end() && at->second.identity == identity;
}

bool HandoffFiles::noticed(const std::string& path) {
  const auto at = published_.find(path);
  return at != published_.end() && std::exchange(at->second.unnoticed, false);
}

void HandoffFiles::expect_no_notices() {
  for (auto& [path, published] : published_) published.unnoticed = false;
}

void HandoffFiles::publish_owed(Turn& turn) {
  for (const std::string& subtask_id : std::exchange(owed_, {})) {
    const core::Subtask* subtask = world_.core.subtask(subtask_id);
    if (subtask == nullptr) continue;
    const auto published = publish_again(subtask_id);
    if (!published) turn.tell(core::HandoffDelivery{subtask_id, subtask->epoch, false, published.error().message});
  }
}

Result<> HandoffFiles::publish_again(const std::string& subtask_id) {
  const core::Subtask* subtask = world_.core.subtask(subtask_id);
  if (subtask == nullptr || subtask->status != core::SubtaskStatus::handed_off) return {};
  TRY(stage_one(subtask_id));
  return publish({subtask_id, subtask->epoch});
}

Result<HandoffFiles::Lying> HandoffFiles::restore(const std::string& master) {
  const std::string folder = paths::handoffs(master);
  Lying lying;
  TRY_VALUE(const auto entries, world_.files.list(folder));
  std::vector<std::string> fresh;  // published now: what else has their name is older
  for (const platform::Entry& entry : entries) {
    const auto name = paths::classify_handoff(entry.name, master);
    if (name.kind == paths::NameKind::handoff) lying.waiting.insert(entry.name);
    if (name.kind == paths::NameKind::processed_handoff) lying.processed.insert(entry.name);
    if (name.kind == paths::NameKind::result) lying.results.insert(entry.name);
    if (name.kind != paths::NameKind::staged_handoff) continue;
    const core::Subtask* subtask = world_.core.subtask(name.subtask_id);
    const bool journalled = subtask != nullptr && subtask->status == core::SubtaskStatus::handed_off &&
                            subtask->epoch == name.epoch && subtask->spec.assigned_to == master && !subtask->undelivered;
    if (!journalled) {
      const auto swept = world_.files.remove(paths::join(folder, entry.name));
      if (!swept) log::warn({swept.error().message});
      continue;
    }
    const auto published = publish({name.subtask_id, name.epoch});
    if (published)
      fresh.push_back(paths::handoff_name(master, name.subtask_id));
    else
      lying.failed.push_back({name.subtask_id, name.epoch, false, published.error().message});
  }
  for (const std::string& name : fresh) {
    lying.waiting.insert(name);
    lying.processed.erase(name + ".processed");
  }
  const auto claimed = world_.files.list(paths::claimed(master));
  if (!claimed) return claimed.error().code == ErrorCode::not_found ? Result<Lying>(lying) : tl::make_unexpected(claimed.error());
  for (const platform::Entry& entry : *claimed) {
    const auto kind = paths::classify_handoff(entry.name, master).kind;
    if (kind == paths::NameKind::handoff || kind == paths::NameKind::processed_handoff) lying.claimed.insert(entry.name);
  }
  return lying;
}

}  // namespace baton::service
