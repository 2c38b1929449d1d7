// Which folders are watched, what is listed when, and what a notice means: names to be looked at.
#include <algorithm>

#include "service/filing.h"
#include "service/intake.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;
using platform::Notice;

namespace {

const std::string k_unwatched = "unwatched";          // attention
constexpr std::int64_t k_unwatched_first_ms = 1'000;  // back-off while a folder cannot be watched
constexpr std::int64_t k_unwatched_last_ms = 60'000;

bool is_below(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

/// A folder that lies in one of these is refused or reported like any other document that is none.
bool takes_documents(std::string_view folder) {
  return folder == paths::k_drop || folder == paths::k_commands ||
         (is_below(folder, paths::k_masters) && folder.ends_with("/handoffs"));
}

}  // namespace

std::string Intake::master_of(std::string_view folder) {
  if (!is_below(folder, paths::k_masters)) return {};
  const std::string_view rest = folder.substr(paths::k_masters.size() + 1);
  return std::string(rest.substr(0, rest.find('/')));
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

Result<> Intake::watch_folder(const std::string& folder) {
  if (!folder.empty()) TRY(make_folder(world_.files, folder));
  return (folder == paths::k_workers_active ? signs_ : watch_).add(folder);
}

// What cannot be watched is listed now and then, and watched as soon as it can be.
void Intake::note_watched(const Result<>& watched) {
  if (watched) {
    unwatched_.worked();
    return world_.remarks.clear(k_unwatched);
  }
  unwatched_.failed(world_.now.boot_ms, k_unwatched_first_ms, k_unwatched_last_ms);
  if (watched.error().code == ErrorCode::not_found) return;  // it is being replaced
  const std::string message = in_words(watched.error());
  if (world_.remarks.raise(k_unwatched, message)) log::warn({message, "; tried again by itself"});
}

void Intake::list_folder(const std::string& folder) {
  auto entries = world_.files.list(folder.empty() ? "." : folder);
  if (!entries && entries.error().code != ErrorCode::not_found) {
    log::warn({entries.error().message});
    settling_.look_later(folder + "/", world_.now);
  }
  if (!entries) return;
  std::ranges::sort(*entries, {}, &platform::Entry::name);
  inputs_.keep_only(folder, *entries);
  if (folder == paths::k_workers_active) forget_workers_but(*entries);
  for (platform::Entry& entry : *entries) add(folder, std::move(entry.name), How::listed);
}

// done/, stale/, accepted/ and the like are made and watched from their parents only: nothing in them is input.
void Intake::watch_all() {
  Result<> all;
  for (const std::string& folder : watched_folders()) {
    const std::string master = master_of(folder);
    if (!master.empty() && presence(world_.files, paths::master_folder(master)) == Presence::gone) {  // it must not come back
      catalogue_due_ = true;
      continue;
    }
    const bool filed_into = folder.ends_with("/done") || folder.ends_with("/stale") || folder.ends_with("/accepted") ||
                            folder.ends_with("/rejected") || folder.ends_with("/zombie") || folder == paths::k_archive ||
                            folder == paths::k_escalations;
    if (filed_into) {
      const auto made = make_folder(world_.files, folder);
      if (!made && made.error().code != ErrorCode::not_found) log::warn({"cannot make ", folder, ": ", made.error().message});
    } else if (const auto watched = watch_folder(folder); all && !watched) {
      all = watched;
    }
  }
  note_watched(all);
}

void Intake::list_master(const std::string& master) {
  list_folder(paths::handoffs(master));
  list_folder(paths::claimed(master));
}

void Intake::list_all() {
  relist_ = false;
  catalogue_due_ = true;
  handoffs_.expect_no_notices();
  queue_.look();
  list_folder(std::string(paths::k_drop));
  list_folder(std::string(paths::k_commands));
  list_folder(std::string(paths::k_workers_active));
  list_folder(std::string(paths::k_workers_completed));
  list_folder(std::string(paths::k_workers_failed));
  for (const auto& [name, master] : world_.core.catalogue().masters) list_master(name);
}

// What went away while nobody told: after an overflow, and where nothing notifies.
void Intake::look_for_missing() {
  world_.core.for_each_task([this](const core::Task& task) {
    for (const core::Subtask& subtask : task.subtasks) {
      if (subtask.status != core::SubtaskStatus::handed_off || subtask.undelivered) continue;
      const std::string folder = paths::handoffs(subtask.spec.assigned_to);
      const std::string name = paths::handoff_name(subtask.spec.assigned_to, subtask.spec.id);
      if (!listed_.contains({folder, name})) add(folder, name, How::gone);
    }
  });
}

void Intake::start(Turn& turn) {
  read_catalogue(turn, true);
  watch_all();
  list_all();
  catalogue_due_ = false;
}

void Intake::notice(const Notice& notice) {
  if (notice.what == Notice::What::list_all || notice.what == Notice::What::folder_lost) {
    relist_ = true;
    views_.look_at_all();
    return;
  }
  if (notice.is_folder && notice.what == Notice::What::appeared) {
    const std::string folder = notice.folder.empty() ? notice.name : paths::join(notice.folder, notice.name);
    const auto watched = watched_folders();
    const bool ours = std::ranges::any_of(watched, [&](const std::string& each) { return each == folder; });
    if (ours) relist_ = true;  // replaced: watched anew, then listed
    if (notice.folder == paths::k_masters) catalogue_due_ = true;
    if (ours || !takes_documents(notice.folder)) return;
  }
  if (paths::is_private(notice.name)) return;
  const std::string& folder = notice.folder;
  if (folder.empty()) {
    if (notice.name == paths::k_queue && notice.what != Notice::What::touched) queue_.look();
    return;
  }
  if (folder == paths::k_orchestrator || folder == paths::k_playbooks) {
    const bool is_document = notice.name.ends_with(".json") && !paths::is_error_name(notice.name);
    if (is_document && notice.what != Notice::What::touched) catalogue_due_ = true;
    return;
  }
  if (folder == paths::k_masters) {
    if (notice.is_folder) catalogue_due_ = true;
    return;
  }
  if (folder == paths::k_plans || folder == paths::k_subtasks || folder == paths::k_reports || folder == paths::k_state_folder) {
    views_.noticed(paths::join(folder, notice.name));
    return;
  }
  if (is_below(folder, paths::k_masters) && notice.name == "master.json") {
    catalogue_due_ = true;
    return;
  }
  switch (notice.what) {
    case Notice::What::appeared:
      if (!handoffs_.noticed(paths::join(folder, notice.name))) add(folder, notice.name, How::renamed);
      return;
    case Notice::What::written: return add(folder, notice.name, How::written);
    case Notice::What::opened_new: return add(folder, notice.name, How::listed);  // nothing more may come: `ln x drop/y`
    case Notice::What::gone: return add(folder, notice.name, How::gone);
    case Notice::What::touched:
      if (folder == paths::k_workers_active) add(folder, notice.name, How::written);
      return;
    default: return;
  }
}

}  // namespace baton::service
