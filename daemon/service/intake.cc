#include "service/intake.h"

#include <algorithm>
#include <utility>

#include "base/ids.h"
#include "service/arriving.h"
#include "service/filing.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {
// So that no turn grows long: handoffs of the first go out before the last is read, and an answer does not wait for thousands of
// new tasks.
constexpr int k_items_per_turn = 256;
constexpr int k_wishes_per_turn = 64;
constexpr int k_unread_per_turn = 16;  // of what nobody waits for

Error too_large(InputKind kind, std::int64_t size, std::size_t limit) {
  // That of worker specs is fixed: there are many of them, and they are read again and again.
  const char* const hint =
      kind == InputKind::worker
          ? "this limit is fixed: what a worker has to say at length belongs into its output_file or its result"
          : "split it, or raise max_document_bytes in orchestrator/config.json";
  return {
      ErrorCode::invalid, "it has " + std::to_string(size) + " bytes, at most " + std::to_string(limit) + " are read", hint, {}};
}

/// What never is read, whatever stands in it. The message does not name it: whoever tells of it does.
std::optional<Error> why_unread(InputKind kind, const platform::Stat& file, std::size_t limit) {
  const auto invalid = [](const char* message, const char* hint) { return Error{ErrorCode::invalid, message, hint, {}}; };
  switch (file.type) {
    case platform::FileType::regular: break;
    case platform::FileType::directory: return invalid("it is a folder", "put one document per file");
    case platform::FileType::symlink: return invalid("it is a symbolic link", "copy the file itself; links are never followed");
    case platform::FileType::other: return invalid("it is no regular file", "pipes, sockets and devices are never read");
  }
  if (file.identity.size > static_cast<std::int64_t>(limit)) return too_large(kind, file.identity.size, limit);
  return std::nullopt;
}
}  // namespace

Intake::Intake(World& world, platform::Watch& watch, platform::Watch& signs, Inputs& inputs, HandoffFiles& handoffs,
               QueueKeeper& queue, Views& views, Jobs& jobs, Archive& archive, Backups& backups, Workers& workers)
    : world_(world),
      watch_(watch),
      signs_(signs),
      inputs_(inputs),
      handoffs_(handoffs),
      queue_(queue),
      views_(views),
      jobs_(jobs),
      archive_(archive),
      backups_(backups),
      workers_(workers),
      reader_(world.files),
      reasons_(world.files),
      settling_(world.root) {}

std::deque<Intake::Item>& Intake::queue_of(const std::string& folder) {
  return folder == paths::k_drop || folder == paths::k_commands ? wishes_ : todo_;
}

void Intake::add(std::string folder, std::string name, How how) {
  std::deque<Item>& queue = queue_of(folder);
  if (how != How::gone && !listed_.insert({folder, name}).second) {
    if (how == How::listed) return;
    for (Item& item : queue) {  // the newest notice knows best
      const bool says_more = how != How::due || item.how == How::listed;
      if (item.folder == folder && item.name == name && item.how != How::gone && says_more) item.how = how;
    }
    return;
  }
  queue.push_back({std::move(folder), std::move(name), how});
}

bool Intake::read_catalogue(Turn& turn, bool at_start) {
  catalogue_due_ = false;
  std::vector<CatalogueProblem> problems;
  core::Catalogue fresh = reader_.read(world_.config, problems);
  fresh.settings.has_planner_command = !world_.config.planner_command.empty();
  std::vector<std::string> added;
  for (const auto& [name, master] : fresh.masters)
    if (!world_.core.catalogue().masters.contains(name)) added.push_back(name);
  turn.tell(core::CatalogueChanged{std::move(fresh), at_start});
  for (const CatalogueProblem& problem : problems) {
    log::warn({problem.path, ": ", in_words(problem.error)});
    core::FeedEntry entry{"document_rejected", "", "", "", {{"path", problem.path}, {"reason", problem.error.message}}};
    add_place(entry, problem.error);
    turn.say(std::move(entry));
    reasons_.refused(problem.path, problem.error, world_.now.wall_ms);
  }
  for (const std::string& path : reader_.sound()) reasons_.sound(path);
  if (!at_start && problems.empty() && reader_.changed()) turn.say({"config_reloaded", "", "", "", {}});
  if (reader_.unreadable()) settling_.look_later(std::string(paths::k_config), world_.now);
  if (!at_start && !added.empty()) {
    watch_all();
    for (const std::string& name : added) list_master(name);
  }
  return problems.empty();
}

void Intake::look_again(const std::string& path) {
  const auto slash = path.rfind('/');
  add(path.substr(0, slash), path.substr(slash + 1), How::listed);
}

std::optional<std::int64_t> Intake::next_deadline() const {
  const auto settled = settling_.next_deadline();
  if (unwatched_.at_ms == 0) return settled;
  return std::min(settled.value_or(unwatched_.at_ms), unwatched_.at_ms);
}

void Intake::take(Turn& turn) {
  if (catalogue_due_) read_catalogue(turn, false);
  if (relist_ || (unwatched_.at_ms != 0 && unwatched_.due(world_.now.boot_ms))) {
    watch_all();
    list_all();
    look_for_missing();
  }
  for (const std::string& path : settling_.due(world_.now)) add(folder_of(path), name_of(path), How::due);
  queue_.take(turn);
  look_at_some(todo_, k_items_per_turn, turn);
  look_at_some(wishes_, k_wishes_per_turn, turn);
  for (Item& item : std::exchange(early_, {})) add(std::move(item.folder), std::move(item.name), item.how);
  for (int n = 0; n < k_unread_per_turn && todo_.empty() && wishes_.empty() && !unread_.empty(); ++n) {
    const std::string path = std::move(unread_.extract(unread_.begin()).value());
    look({folder_of(path), name_of(path), How::due}, turn);
  }
  if (!more()) workers_.tell_absent([this](const std::string& subtask_id) { return is_being_answered(subtask_id); }, turn);
}

bool Intake::is_early(const std::string& subtask_id) const {
  return !wishes_.empty() && world_.core.find_subtask(subtask_id) == nullptr;
}

void Intake::put_off(const std::string& path, How how) { early_.push_back({folder_of(path), name_of(path), how}); }

void Intake::look_at_some(std::deque<Item>& items, int most, Turn& turn) {
  for (int n = 0; n < most && !items.empty(); ++n) {
    const Item item = std::move(items.front());
    items.pop_front();
    if (item.how != How::gone) listed_.erase({item.folder, item.name});
    look(item, turn);
  }
}

void Intake::look(const Item& item, Turn& turn) {
  if (item.name.empty()) return list_folder(item.folder);
  if (item.folder == paths::k_orchestrator) return reload();
  if (item.folder == paths::k_drop) return look_at_drop(item, turn);
  if (item.folder == paths::k_commands) return look_at_command(item, turn);
  if (item.folder.starts_with(paths::k_workers)) return look_at_worker(item.folder, item, turn);
  const std::string master = master_of(item.folder);
  if (master.empty()) return;
  if (item.folder == paths::handoffs(master)) return look_at_handoffs(master, item, false, turn);
  if (item.folder == paths::claimed(master)) return look_at_handoffs(master, item, true, turn);
}

void Intake::refuse(const core::InputRef& input, Error error, Turn& turn) {
  const bool task = inputs_.kind(input) == InputKind::drop || inputs_.kind(input) == InputKind::queue_entry;
  core::FeedEntry entry{task ? "task_rejected" : "document_rejected", "", "", "", {}};
  entry.fields.emplace_back("path", input.path);
  entry.fields.emplace_back("reason", error.message);
  add_place(entry, error);
  log::warn({"refused ", input.path, ": ", error.message});
  turn.say(std::move(entry));
  tell_refusal(input.path, error, turn);
  turn.changes.effects.emplace_back(core::RefuseInput{input, std::move(error)});
}

// What should have been an answer: somebody has to know that the subtask goes on waiting.
void Intake::tell_refusal(const std::string& path, const Error& error, Turn& turn) {
  const std::string master = master_of(folder_of(path));
  if (master.empty()) return;
  const core::Subtask* subtask = world_.core.find_subtask(paths::classify_handoff(name_of(path), master).subtask_id);
  if (subtask == nullptr) return;
  const std::string reason = error.hint.empty() ? error.message : error.message + "; " + error.hint;
  turn.tell(core::ResultRefused{subtask->spec.id, reason, paths::stale(master)});
}

void Intake::leave_alone(InputKind kind, const std::string& path, const std::string& reason, const std::string& hint,
                         Turn& turn) {
  if (inputs_.is_left(path)) return;
  const auto stat = world_.files.stat(path);
  if (!stat) return;
  core::FeedEntry entry{"document_rejected", "", "", "", {{"path", path}, {"reason", reason + ": left where it is"}}};
  if (!hint.empty()) entry.fields.emplace_back("hint", hint);
  turn.say(std::move(entry));
  inputs_.leave(inputs_.take(kind, path, stat->identity), turn);
}

bool Intake::is_gone(const std::string& path) {
  const auto stat = world_.files.stat(path);
  return !stat && is_gone(path, stat.error());
}

bool Intake::is_gone(const std::string& path, const Error& looked) {
  if (looked.code == ErrorCode::not_found) return true;
  settling_.look_later(path, world_.now);
  return false;
}

/// Out of descriptors or the like: then no document is to blame.
bool Intake::short_of_something() { return !world_.files.list(std::string(paths::k_orchestrator)); }

std::optional<platform::Content> Intake::read_input(InputKind kind, const std::string& path, How how, std::size_t limit,
                                                    Turn& turn) {
  if (how == How::renamed && !inputs_.holds(path)) {  // the usual way: nothing is wrong with it
    auto content = world_.files.read(path, limit);
    if (content) {
      settling_.forget(path);
      return std::move(*content);
    }
  }
  const auto stat = world_.files.stat(path);
  if (!stat) {
    if (is_gone(path, stat.error())) settling_.forget(path);
    return std::nullopt;
  }
  if (inputs_.known(path, stat->identity)) return std::nullopt;
  if (auto error = why_unread(kind, *stat, limit)) {
    refuse(inputs_.take(kind, path, stat->identity), std::move(*error), turn);
    return std::nullopt;
  }
  const bool complete = how == How::renamed ||
                        settling_.settled(path, stat->identity, world_.now, world_.config.settle_ms, world_.config.max_open_ms);
  if (!complete) return std::nullopt;
  auto content = world_.files.read(path, limit);
  if (content) return std::move(*content);
  if (content.error().code == ErrorCode::not_found) return std::nullopt;
  if (content.error().code == ErrorCode::refused || short_of_something()) {  // it keeps changing, or we are to blame
    settling_.look_later(path, world_.now);
    return std::nullopt;
  }
  Error error = std::move(content).error();
  error.hint = "let the daemon's user read it";
  refuse(inputs_.take(kind, path, stat->identity), std::move(error), turn);
  return std::nullopt;
}

}  // namespace baton::service
