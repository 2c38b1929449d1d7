// masters/<master>/handoffs: claims in all their forms, releases, results. docs/protocol.md, "Claim, work, result".
#include <algorithm>

#include "service/arriving.h"
#include "service/filing.h"
#include "service/intake.h"

namespace baton::service {

namespace paths = protocol::paths;
using paths::NameKind;

void Intake::look_at_handoffs(const std::string& master, const Item& item, bool in_claimed, Turn& turn) {
  const auto name = paths::classify_handoff(item.name, master);
  switch (name.kind) {
    case NameKind::handoff: return look_at_handoff(master, item, name, in_claimed, turn);
    case NameKind::processed_handoff:
      if (item.how != How::gone && presence(world_.files, paths::join(item.folder, item.name)) == Presence::there)
        turn.tell(core::HandoffClaimed{name.subtask_id, 0, "processed"});
      return;
    case NameKind::result:
      if (item.how != How::gone) take_result(master, paths::join(item.folder, item.name), name, item.how, turn);
      return;
    case NameKind::staged_handoff: return;
    case NameKind::other:
      if (!in_claimed) look_at_other_name(master, item, turn);
      return;
  }
}

// Most likely an answer under a wrong name, for which the subtask would wait for ever. Letters to and from others are their
// business.
void Intake::look_at_other_name(const std::string& master, const Item& item, Turn& turn) {
  const std::string& name = item.name;
  const std::string path = paths::join(item.folder, name);
  const bool of_others = name.starts_with("to-") || (name.starts_with("from-") && !name.starts_with("from-" + master + "-"));
  const std::string folders[] = {paths::claimed(master), paths::done(master), paths::stale(master)};
  if (of_others || paths::is_private(name) || name.ends_with(".processed") ||
      std::ranges::find(folders, path) != std::end(folders))
    return;
  if (item.how != How::gone)
    return leave_alone(InputKind::result, path, "neither a handoff nor a result by its name",
                       "a result is called " + right_name(master, name), turn);
  if (inputs_.is_left(path) && is_gone(path)) inputs_.vanished(path);
}

/// How the result should be called that this name was meant for.
std::string Intake::right_name(const std::string& master, const std::string& name) const {
  std::string meant;
  world_.core.for_each_task([&](const core::Task& task) {
    for (const core::Subtask& subtask : task.subtasks)
      if (core::is_handed_out(subtask) && subtask.spec.assigned_to == master && subtask.spec.id.size() > meant.size() &&
          name.find(subtask.spec.id) != std::string::npos)
        meant = subtask.spec.id;
  });
  return meant.empty() ? "from-" + master + "-subtask-<subtask_id>.json" : paths::result_name(master, meant);
}

void Intake::look_at_handoff(const std::string& master, const Item& item, const paths::HandoffName& name, bool in_claimed,
                             Turn& turn) {
  const core::Subtask* subtask = world_.core.subtask(name.subtask_id);
  if (subtask == nullptr) return;
  const std::string path = paths::join(item.folder, item.name);
  const auto stat = world_.files.stat(path);
  if (!stat && !is_gone(path, stat.error())) return;
  if (!stat) return handoff_went(master, item.name, name, in_claimed, turn);
  if (item.how == How::gone) return;
  if (in_claimed && subtask->status == core::SubtaskStatus::handed_off)
    turn.tell(core::HandoffClaimed{name.subtask_id, 0, "renamed"});
  const bool was_moved =
      subtask->status == core::SubtaskStatus::in_progress && subtask->claimed_how != "status" && subtask->claimed_how != "worker";
  if (!in_claimed && was_moved && is_gone(paths::join(paths::claimed(master), item.name)))
    return turn.tell(core::HandoffReleased{name.subtask_id, 0});
  // Each version is read once. Where nothing notifies, all folders are listed every few seconds.
  const std::string published = paths::join(paths::handoffs(master), item.name);
  if (handoffs_.is_known(published, stat->identity)) return;
  if (in_claimed && item.how == How::listed)
    unread_.insert(path);  // thousands may lie here at a start
  else if (read_handoff(path, name, in_claimed ? "renamed" : "status", turn))
    handoffs_.know(published, stat->identity);
}

// It is no longer where it lay: renamed into claimed/, to .processed, back to handoffs/, or simply taken away.
void Intake::handoff_went(const std::string& master, const std::string& file, const paths::HandoffName& name, bool from_claimed,
                          Turn& turn) {
  const core::Subtask* subtask = world_.core.subtask(name.subtask_id);
  if (subtask == nullptr) return;
  const std::string published = paths::join(paths::handoffs(master), file);
  if (from_claimed) {
    const bool waiting = presence(world_.files, published) == Presence::there;
    if (waiting && subtask->status == core::SubtaskStatus::in_progress) turn.tell(core::HandoffReleased{name.subtask_id, 0});
    return;
  }
  if (subtask->status != core::SubtaskStatus::handed_off || subtask->undelivered || handoffs_.owes(subtask->spec.id)) return;
  const Presence claimed = presence(world_.files, paths::join(paths::claimed(master), file));
  if (claimed == Presence::there) return turn.tell(core::HandoffClaimed{name.subtask_id, 0, "renamed"});
  const Presence processed = presence(world_.files, published + ".processed");
  if (processed == Presence::there) return turn.tell(core::HandoffClaimed{name.subtask_id, 0, "processed"});
  if (claimed == Presence::unknown || processed == Presence::unknown) return settling_.look_later(published, world_.now);
  removed(*subtask, turn);
}

void Intake::removed(const core::Subtask& subtask, Turn& turn) {
  const bool fresh = std::ranges::any_of(turn.changes.effects, [&](const core::Effect& effect) {
    const auto* handoff = std::get_if<core::PublishHandoff>(&effect);
    return handoff != nullptr && handoff->subtask_id == subtask.spec.id;
  });
  if (fresh) return;  // it was handed off in this very turn: what went was the handoff before
  turn.tell(core::HandoffClaimed{subtask.spec.id, 0, "removed"});
}

/// False: it says nothing yet, or nothing that counts.
bool Intake::read_handoff(const std::string& path, const paths::HandoffName& name, const std::string& how, Turn& turn) {
  const auto content =
      read_input(InputKind::handoff, path, How::written, static_cast<std::size_t>(world_.config.max_document_bytes), turn);
  if (!content) return false;
  auto handoff = protocol::read_handoff(content->bytes);
  if (!handoff) {
    refuse(inputs_.take(InputKind::handoff, path, content->stat.identity), std::move(handoff).error(), turn);
    return false;
  }
  using Says = protocol::HandoffIn::Says;
  if (handoff->says == Says::pending) return true;
  turn.tell(core::HandoffClaimed{name.subtask_id, handoff->epoch, how});
  if (handoff->says == Says::claimed) return true;
  const int epoch = handoff->epoch;
  core::ResultArrived result =
      arriving_result(std::move(handoff->result), content->stat.identity.mtime_ns / 1'000'000, world_.now.wall_ms);
  result.subtask_id = name.subtask_id;
  result.master = name.master;
  result.epoch = epoch;
  result.completed = handoff->says == Says::completed;
  turn.tell(std::move(result));
  return true;
}

/// What may be its answer lies there, and is not read before its writer has closed it.
bool Intake::is_being_answered(const std::string& subtask_id) const {
  const core::Subtask* subtask = world_.core.subtask(subtask_id);
  if (subtask == nullptr) return false;
  const std::string& master = subtask->spec.assigned_to;
  const std::string handoff = paths::handoff_name(master, subtask_id);
  const std::string places[] = {paths::join(paths::handoffs(master), paths::result_name(master, subtask_id)),
                                paths::join(paths::handoffs(master), handoff), paths::join(paths::claimed(master), handoff)};
  return std::ranges::any_of(places, [this](const std::string& path) { return settling_.awaits(path); });
}

void Intake::take_result(const std::string& master, const std::string& path, const paths::HandoffName& name, How how,
                         Turn& turn) {
  if (is_early(name.subtask_id)) return put_off(path, how);
  const auto content = read_input(InputKind::result, path, how, static_cast<std::size_t>(world_.config.max_document_bytes), turn);
  if (!content) return;
  const core::InputRef input = inputs_.take(InputKind::result, path, content->stat.identity);
  auto read = protocol::read_result(content->bytes);
  if (!read) return refuse(input, std::move(read).error(), turn);
  const core::Subtask* subtask = world_.core.find_subtask(name.subtask_id);
  if (subtask == nullptr && !read->subtask_id.empty()) subtask = world_.core.find_subtask(read->subtask_id);
  core::ResultArrived result = arriving_result(std::move(*read), content->stat.identity.mtime_ns / 1'000'000, world_.now.wall_ms);
  result.input = input;
  result.master = master;
  result.subtask_id = subtask != nullptr ? subtask->spec.id : name.subtask_id;
  if (subtask == nullptr) result.ended = world_.history.ended_subtask(result.subtask_id);
  turn.tell(std::move(result));
}

}  // namespace baton::service
