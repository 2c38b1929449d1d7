// masters/<master>/handoffs: claims in all their forms, releases, results. docs/protocol.md, "Claim, work, result".
#include "service/intake.h"

namespace baton::service {

namespace paths = protocol::paths;
using paths::NameKind;

void Intake::look_at_handoffs(const std::string& master, const Item& item, bool in_claimed, Turn& turn) {
  const auto name = paths::classify_handoff(item.name, master);
  switch (name.kind) {
    case NameKind::handoff: return look_at_handoff(master, item, name, in_claimed, turn);
    case NameKind::processed_handoff:
      if (item.how != How::gone) turn.tell(core::HandoffClaimed{name.subtask_id, 0, "processed"});
      return;
    case NameKind::result:
      if (item.how != How::gone) take_result(master, paths::join(item.folder, item.name), name, item.how, turn);
      return;
    case NameKind::staged_handoff:
    case NameKind::other: return;
  }
}

void Intake::look_at_handoff(const std::string& master, const Item& item, const paths::HandoffName& name, bool in_claimed,
                             Turn& turn) {
  const core::Subtask* subtask = world_.core.subtask(name.subtask_id);
  if (subtask == nullptr) return;
  const std::string path = paths::join(item.folder, item.name);
  const auto stat = world_.files.stat(path);
  if (!stat) return handoff_went(master, item.name, name, in_claimed, turn);
  if (item.how == How::gone) return;
  if (in_claimed) {
    if (subtask->status == core::SubtaskStatus::handed_off) turn.tell(core::HandoffClaimed{name.subtask_id, 0, "renamed"});
    // What is merely listed is not opened: thousands may lie here at a start.
    const std::string published = paths::join(paths::handoffs(master), item.name);
    if (item.how != How::listed && !handoffs_.is_ours(published, stat->identity))
      read_edited_handoff(path, name, "renamed", turn);
    return;
  }
  const bool was_moved =
      subtask->status == core::SubtaskStatus::in_progress && subtask->claimed_how != "status" && subtask->claimed_how != "worker";
  if (was_moved && !world_.files.stat(paths::join(paths::claimed(master), item.name))) {
    turn.tell(core::HandoffReleased{name.subtask_id, 0});
    return;
  }
  if (!handoffs_.is_ours(path, stat->identity)) read_edited_handoff(path, name, "status", turn);
}

// It is no longer where it lay: renamed into claimed/, to .processed, back to handoffs/, or simply taken away.
void Intake::handoff_went(const std::string& master, const std::string& file, const paths::HandoffName& name, bool from_claimed,
                          Turn& turn) {
  const core::Subtask* subtask = world_.core.subtask(name.subtask_id);
  if (subtask == nullptr) return;
  if (from_claimed) {
    const bool waiting = world_.files.stat(paths::join(paths::handoffs(master), file)).has_value();
    if (waiting && subtask->status == core::SubtaskStatus::in_progress) turn.tell(core::HandoffReleased{name.subtask_id, 0});
    return;
  }
  if (subtask->status != core::SubtaskStatus::handed_off || subtask->undelivered) return;
  if (world_.files.stat(paths::join(paths::claimed(master), file)))
    turn.tell(core::HandoffClaimed{name.subtask_id, 0, "renamed"});
  else if (world_.files.stat(paths::join(paths::handoffs(master), file + ".processed")))
    turn.tell(core::HandoffClaimed{name.subtask_id, 0, "processed"});
  else
    turn.tell(core::HandoffClaimed{name.subtask_id, 0, "removed"});
}

void Intake::read_edited_handoff(const std::string& path, const paths::HandoffName& name, const std::string& how, Turn& turn) {
  const auto content =
      read_input(InputKind::handoff, path, How::written, static_cast<std::size_t>(world_.config.max_document_bytes), turn);
  if (!content) return;
  auto handoff = protocol::read_handoff(content->bytes);
  if (!handoff) return refuse(inputs_.take(InputKind::handoff, path, content->stat.identity), std::move(handoff).error(), turn);
  using Says = protocol::HandoffIn::Says;
  if (handoff->says == Says::pending) return;
  turn.tell(core::HandoffClaimed{name.subtask_id, handoff->epoch, how});
  if (handoff->says == Says::claimed) return;
  core::ResultArrived result;
  result.subtask_id = name.subtask_id;
  result.master = name.master;
  result.epoch = handoff->epoch;
  result.completed = handoff->says == Says::completed;
  result.outcome = std::move(handoff->result.outcome);
  result.error = std::move(handoff->result.error);
  result.failure_class = handoff->result.failure_class;
  turn.tell(std::move(result));
}

/// The subtask of a task that has ended, as it ended.
std::optional<core::Subtask> Intake::ended_subtask(const std::string& subtask_id) {
  const auto owner = world_.store.task_of_subtask(subtask_id);
  if (!owner || !*owner) return std::nullopt;
  auto task = world_.store.load_task((*owner)->id);
  if (!task || !*task) return std::nullopt;
  for (core::Subtask& subtask : (*task)->subtasks)
    if (subtask.spec.id == subtask_id) return std::move(subtask);
  return std::nullopt;
}

void Intake::take_result(const std::string& master, const std::string& path, const paths::HandoffName& name, How how,
                         Turn& turn) {
  const auto content = read_input(InputKind::result, path, how, static_cast<std::size_t>(world_.config.max_document_bytes), turn);
  if (!content) return;
  const core::InputRef input = inputs_.take(InputKind::result, path, content->stat.identity);
  auto read = protocol::read_result(content->bytes);
  if (!read) return refuse(input, std::move(read).error(), turn);
  core::ResultArrived result;
  result.input = input;
  result.master = master;
  result.worker_id = std::move(read->worker_id);
  result.epoch = read->epoch;
  result.completed = read->completed;
  result.outcome = std::move(read->outcome);
  result.error = std::move(read->error);
  result.failure_class = read->failure_class;
  const core::Subtask* subtask = world_.core.find_subtask(name.subtask_id);
  if (subtask == nullptr && !read->subtask_id.empty()) subtask = world_.core.find_subtask(read->subtask_id);
  result.subtask_id = subtask != nullptr ? subtask->spec.id : name.subtask_id;
  if (subtask == nullptr) result.ended = ended_subtask(result.subtask_id);
  turn.tell(std::move(result));
}

}  // namespace baton::service
