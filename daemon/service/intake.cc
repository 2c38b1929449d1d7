#include "service/intake.h"

#include <algorithm>

#include "base/ids.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;
using platform::Notice;

namespace {

constexpr int k_items_per_turn = 256;  // so that no turn grows long: handoffs of the first go out before the last is read

bool below(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

/// "masters/<m>/handoffs[/claimed]" → m; empty when it is no such folder.
std::string master_of(std::string_view folder) {
  if (!below(folder, paths::k_masters)) return {};
  const std::string_view rest = folder.substr(paths::k_masters.size() + 1);
  return std::string(rest.substr(0, rest.find('/')));
}

}  // namespace

Intake::Intake(World& world, platform::Watch& watch, Inputs& inputs, HandoffFiles& handoffs, QueueKeeper& queue, Views& views,
               Jobs& jobs, Archive& archive)
    : world_(world),
      watch_(watch),
      inputs_(inputs),
      handoffs_(handoffs),
      queue_(queue),
      views_(views),
      jobs_(jobs),
      archive_(archive),
      reader_(world.files),
      settling_(world.root) {}

void Intake::add(std::string folder, std::string name, How how) {
  if (how != How::gone && !listed_.insert({folder, name}).second) {
    if (how == How::listed) return;
    for (Item& item : todo_)  // the newest notice knows best
      if (item.folder == folder && item.name == name && item.how != How::gone) item.how = how;
    return;
  }
  todo_.push_back({std::move(folder), std::move(name), how});
}

std::vector<std::string> Intake::watched_folders() const {
  std::vector<std::string> folders = paths::fixed_folders();
  folders.insert(folders.begin(), "");
  for (const auto& [name, master] : world_.core.catalogue().masters) {
    folders.push_back(paths::master_folder(name));
    for (const std::string& folder : {paths::handoffs(name), paths::claimed(name), paths::done(name), paths::stale(name)})
      folders.push_back(folder);
  }
  return folders;
}

void Intake::watch_folder(const std::string& folder) {
  if (!folder.empty()) {
    const auto made = world_.files.make_folder(folder);
    if (!made) log::warn("cannot make {}: {}", folder, made.error().message);
  }
  const auto watched = watch_.add(folder);
  if (!watched) log::warn("cannot watch {}: {}", folder.empty() ? "the coordination folder" : folder, watched.error().message);
}

void Intake::list_folder(const std::string& folder) {
  auto entries = world_.files.list(folder.empty() ? "." : folder);
  if (!entries) return;
  std::ranges::sort(*entries, {}, &platform::Entry::name);
  for (platform::Entry& entry : *entries) add(folder, std::move(entry.name), How::listed);
}

// done/, stale/, accepted/ and the like are made and watched from their parents only: nothing in them is input.
void Intake::watch_all() {
  for (const std::string& folder : watched_folders()) {
    const std::string master = master_of(folder);
    if (!master.empty() && !world_.files.stat(paths::master_folder(master))) {  // it was removed: it must not come back
      catalogue_due_ = true;
      continue;
    }
    const bool filed_into = folder.ends_with("/done") || folder.ends_with("/stale") || folder.ends_with("/accepted") ||
                            folder.ends_with("/rejected") || folder.ends_with("/zombie") || folder == paths::k_archive ||
                            folder == paths::k_reports || folder == paths::k_escalations || folder == paths::k_state_folder;
    if (filed_into) {
      const auto made = world_.files.make_folder(folder);
      if (!made) log::warn("cannot make {}: {}", folder, made.error().message);
    } else {
      watch_folder(folder);
    }
  }
}

void Intake::list_master(const std::string& master) {
  list_folder(paths::handoffs(master));
  list_folder(paths::claimed(master));
}

void Intake::list_all() {
  relist_ = false;
  catalogue_due_ = true;
  queue_.look();
  list_folder(std::string(paths::k_drop));
  list_folder(std::string(paths::k_commands));
  list_folder(std::string(paths::k_workers_active));
  list_folder(std::string(paths::k_workers_completed));
  list_folder(std::string(paths::k_workers_failed));
  for (const auto& [name, master] : world_.core.catalogue().masters) list_master(name);
}

void Intake::start(Turn& turn) {
  read_catalogue(turn, true);
  watch_all();
  list_all();
  catalogue_due_ = false;
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
    log::warn("{}: {}", problem.path, problem.error.message);
    turn.say({"document_rejected",
              "",
              "",
              "",
              {{"path", problem.path}, {"reason", problem.error.message}, {"hint", problem.error.hint}}});
  }
  if (!at_start && problems.empty() && reader_.changed()) turn.say({"config_reloaded", "", "", "", {}});
  if (!at_start && !added.empty()) {
    watch_all();
    for (const std::string& name : added) list_master(name);
  }
  return problems.empty();
}

void Intake::notice(const Notice& notice) {
  if (notice.what == Notice::What::list_all) {
    relist_ = true;
    return;
  }
  if (notice.what == Notice::What::folder_lost) {
    relist_ = true;
    return;
  }
  if (notice.is_folder && notice.what == Notice::What::appeared) {
    const std::string folder = notice.folder.empty() ? notice.name : paths::join(notice.folder, notice.name);
    const auto watched = watched_folders();
    const bool ours = std::ranges::any_of(watched, [&](const std::string& each) { return each == folder; });
    if (ours) relist_ = true;  // replaced: watched anew, then listed
    if (notice.folder == paths::k_masters) catalogue_due_ = true;
    if (ours || notice.folder != paths::k_drop) return;
  }
  if (paths::is_private(notice.name)) return;
  const std::string& folder = notice.folder;
  if (folder.empty()) {
    if (notice.name == paths::k_queue && notice.what != Notice::What::touched) queue_.look();
    return;
  }
  if (folder == paths::k_orchestrator || folder == paths::k_playbooks) {
    if (notice.name.ends_with(".json") && notice.what != Notice::What::touched) catalogue_due_ = true;
    return;
  }
  if (folder == paths::k_masters) {
    if (notice.is_folder) catalogue_due_ = true;
    return;
  }
  if (folder == paths::k_plans || folder == paths::k_subtasks) {
    views_.noticed(paths::join(folder, notice.name));
    return;
  }
  if (below(folder, paths::k_masters) && notice.name == "master.json") {
    catalogue_due_ = true;
    return;
  }
  switch (notice.what) {
    case Notice::What::appeared: return add(folder, notice.name, How::renamed);
    case Notice::What::written: return add(folder, notice.name, How::written);
    case Notice::What::opened_new: return add(folder, notice.name, How::listed);  // nothing more may come: `ln x drop/y`
    case Notice::What::gone: return add(folder, notice.name, How::gone);
    case Notice::What::touched:
      if (folder == paths::k_workers_active) add(folder, notice.name, How::written);
      return;
    default: return;
  }
}

void Intake::look_again(const std::string& path) {
  const auto slash = path.rfind('/');
  add(path.substr(0, slash), path.substr(slash + 1), How::listed);
}

void Intake::take(Turn& turn) {
  if (catalogue_due_) read_catalogue(turn, false);
  if (relist_) {
    watch_all();
    list_all();
  }
  for (const std::string& path : settling_.due(world_.now)) look_again(path);
  queue_.take(turn);
  for (int n = 0; n < k_items_per_turn && !todo_.empty(); ++n) {
    const Item item = std::move(todo_.front());
    todo_.pop_front();
    if (item.how != How::gone) listed_.erase({item.folder, item.name});
    look(item, turn);
  }
}

void Intake::look(const Item& item, Turn& turn) {
  if (item.folder == paths::k_drop) return look_at_drop(item, turn);
  if (item.folder == paths::k_commands) return look_at_command(item, turn);
  if (below(item.folder, paths::k_workers)) return look_at_worker(item.folder, item, turn);
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
  if (!error.hint.empty()) entry.fields.emplace_back("hint", error.hint);
  if (!error.place.pointer.empty()) entry.fields.emplace_back("pointer", error.place.pointer);
  if (error.place.line > 0) entry.fields.emplace_back("line", std::int64_t{error.place.line});
  if (error.place.column > 0) entry.fields.emplace_back("column", std::int64_t{error.place.column});
  log::warn("refused {}: {}", input.path, error.message);
  turn.say(std::move(entry));
  turn.changes.effects.emplace_back(core::RefuseInput{input, std::move(error)});
}

std::optional<platform::Content> Intake::read_input(InputKind kind, const std::string& path, How how, std::size_t limit,
                                                    Turn& turn) {
  const auto stat = world_.files.stat(path);
  if (!stat) {
    settling_.forget(path);
    return std::nullopt;
  }
  if (inputs_.known(path, stat->identity)) return std::nullopt;
  const auto refuse_unread = [&](std::string message, std::string hint) {
    refuse(inputs_.take(kind, path, stat->identity), Error{ErrorCode::invalid, path + ": " + message, std::move(hint), {}}, turn);
    return std::nullopt;
  };
  switch (stat->type) {
    case platform::FileType::regular: break;
    case platform::FileType::directory: return refuse_unread("it is a folder", "put one document per file");
    case platform::FileType::symlink:
      return refuse_unread("it is a symbolic link", "copy the file itself; links are never followed");
    case platform::FileType::other: return refuse_unread("it is no regular file", "pipes, sockets and devices are never read");
  }
  if (stat->identity.size > static_cast<std::int64_t>(limit))
    return refuse_unread(
        "it has " + std::to_string(stat->identity.size) + " bytes, at most " + std::to_string(limit) + " are read",
        "split it, or raise max_document_bytes in orchestrator/config.json");
  const bool complete = how == How::renamed ||
                        settling_.settled(path, stat->identity, world_.now, world_.config.settle_ms, world_.config.max_open_ms);
  if (!complete) return std::nullopt;
  auto content = world_.files.read(path, limit);
  if (content) return std::move(*content);
  if (content.error().code == ErrorCode::not_found) return std::nullopt;
  refuse(inputs_.take(kind, path, stat->identity), content.error(), turn);
  return std::nullopt;
}

}  // namespace baton::service
