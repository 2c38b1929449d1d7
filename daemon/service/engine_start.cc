// Starting: what an earlier run remembered meets what lies in the folders now. docs/architecture.md, "Remembered before acted
// upon".
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>

#include "base/text.h"
#include "platform/files_at.h"
#include "protocol/paths.h"
#include "service/engine.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {

constexpr std::size_t k_max_config_bytes = 1 << 20;

struct Modes {
  unsigned file = 0600;
  unsigned folder = 0700;
};

/// The coordination folder's group-write bit tells the set-up: own or shared.
Modes modes_of(const std::string& root) {
  struct ::stat status {};
  if (::stat(root.c_str(), &status) == 0 && (status.st_mode & S_IWGRP) != 0) return {0660, 02770};
  return {};
}

std::string absolute(const std::string& root, const std::string& path) {
  if (path.starts_with('/')) return path;
  return root + "/" + path;
}

std::string parent(const std::string& path) { return path.substr(0, std::max<std::size_t>(path.rfind('/'), 1)); }

}  // namespace

Result<Engine::Parts> Engine::open_parts(const std::string& root) {
  const Modes modes = modes_of(root);
  TRY_VALUE(auto files, platform::open_files(root, modes.file, modes.folder));
  protocol::Config config;
  if (const auto content = files->read(std::string(paths::k_config), k_max_config_bytes)) {
    auto read = protocol::read_config(content->bytes);
    if (read)
      config = std::move(*read);
    else
      log::warn("{}: {}; the defaults are used until it is mended", paths::k_config, read.error().message);
  }
  std::string state_dir =
      config.state_dir.empty() ? absolute(root, std::string(paths::k_state_folder)) : absolute(root, config.state_dir);
  if (config.state_dir.empty()) TRY(files->make_folder(std::string(paths::k_state_folder)));
  TRY_VALUE(auto lock, platform::Lock::take(state_dir + "/" + std::string(paths::k_lock_name), modes.file));
  TRY_VALUE(auto store, store::Store::open(state_dir + "/" + std::string(paths::k_journal_name)));
  TRY_VALUE(auto watch, platform::Watch::open(root));
  TRY_VALUE(auto journal_watch, platform::Watch::open(state_dir));
  TRY(journal_watch.add(""));
  TRY_VALUE(auto loop, platform::Loop::open());
  TRY_VALUE(auto boot_id, platform::boot_id());
  return Parts{root,
               std::move(state_dir),
               std::move(config),
               std::move(files),
               std::move(lock),
               std::move(store),
               std::move(watch),
               std::move(journal_watch),
               std::move(loop),
               std::move(boot_id)};
}

Engine::Engine(Parts parts)
    : parts_(std::move(parts)),
      world_{*parts_.files, parts_.store, core_, parts_.config, parts_.root, {}, parts_.boot_id, platform::now()},
      inputs_(world_),
      handoffs_(world_),
      feed_(world_),
      queue_(world_, inputs_),
      views_(world_),
      jobs_(world_),
      archive_(world_, views_),
      intake_(world_, parts_.watch, inputs_, handoffs_, queue_, views_, jobs_, archive_),
      publisher_(world_, inputs_, handoffs_, feed_, queue_, views_, jobs_, intake_) {
  started_at_ = world_.now.wall_ms;
  world_.workspace = parts_.config.workspace.empty() ? parent(parts_.root) : absolute(parts_.root, parts_.config.workspace);
}

Result<std::unique_ptr<Engine>> Engine::open(const std::string& root) {
  TRY_VALUE(Parts parts, open_parts(root));
  std::unique_ptr<Engine> engine(new Engine(std::move(parts)));
  TRY(engine->parts_.loop.watch(engine->parts_.watch.fd()));
  TRY(engine->parts_.loop.watch(engine->parts_.journal_watch.fd()));
  TRY(engine->restore());
  return engine;
}

Result<> Engine::restore() {
  TRY_VALUE(store::Loaded loaded, parts_.store.load());
  paused_ = loaded.meta.contains("paused") && loaded.meta.at("paused") == "1";
  same_boot_ = !loaded.meta.contains("boot_id") || loaded.meta.at("boot_id") == parts_.boot_id;
  core_.restore(std::move(loaded.live), loaded.totals, paused_);
  inputs_.restore(std::move(loaded.inputs), loaded.last_input_id);
  TRY(feed_.restore(std::move(loaded.feed), loaded.last_seq));
  queue_.restore(std::move(loaded.queue), loaded.meta);
  views_.restore(std::move(loaded.views_due));
  return {};
}

// The first turn: what an earlier run owed is done, the folders are watched and listed, the start is remembered.
Result<> Engine::begin(Turn& turn) {
  for (const std::string& path : inputs_.file()) intake_.look_again(path);
  inputs_.forget_missing();
  intake_.start(turn);
  restore_handoffs(turn);
  turn.commit.meta["boot_id"] = parts_.boot_id;
  turn.say({"daemon_started", "", "", "", {{"pid", std::int64_t{::getpid()}}, {"version", BATON_VERSION}}});
  return {};
}

void Engine::restore_handoffs(Turn& turn) {
  std::map<std::string, HandoffFiles::Lying> lying;
  for (const auto& [master, settings] : core_.catalogue().masters) {
    auto found = handoffs_.restore(master);
    if (found)
      lying[master] = std::move(*found);
    else
      log::warn("{}: {}", paths::handoffs(master), found.error().message);
  }
  for (const auto& [master, found] : lying)
    for (const core::HandoffDelivery& failure : found.failed) turn.tell(failure);
  std::vector<std::string> handed_off;
  core_.for_each_task([&](const core::Task& task) {
    for (const core::Subtask& subtask : task.subtasks)
      if (subtask.status == core::SubtaskStatus::handed_off && !subtask.undelivered) handed_off.push_back(subtask.spec.id);
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
    const std::string from = paths::join(same_boot_ ? paths::claimed(master) : paths::handoffs(master), name);
    const auto moved = handoffs_.move_aside(from, paths::stale(master), name, subtask.epoch);
    if (!moved) log::warn("cannot file {}: {}", from, moved.error().message);
    return;
  }
  if (has(lying.claimed) || lying.processed.contains(name + ".processed")) return;  // intake will find the claim
  const bool answered = lying.results.contains(paths::result_name(subtask.spec.assigned_to, subtask.spec.id));
  if (has(lying.waiting)) {
    if (same_boot_) return;
    const auto stands = world_.files.read(paths::join(paths::handoffs(subtask.spec.assigned_to), name), 64 << 20);
    if (stands && stands->bytes == handoffs_.bytes_of(subtask)) return;
  } else if (same_boot_ || answered) {
    if (!answered) turn.tell(core::HandoffClaimed{subtask.spec.id, subtask.epoch, "removed"});
    return;
  }
  const auto published = handoffs_.publish_again(subtask.spec.id);
  if (!published) turn.tell(core::HandoffDelivery{subtask.spec.id, subtask.epoch, false, published.error().message});
}

// A handoff whose subtask is not in flight any more was to be filed when the earlier run ended.
void Engine::retire_leftover(const std::string& master, const std::string& file) {
  const auto name = paths::classify_handoff(file, master);
  const core::Subtask* live = core_.subtask(name.subtask_id);
  if (live != nullptr && core::is_in_flight(live->status)) return;
  bool completed =
      live != nullptr && (live->status == core::SubtaskStatus::completed || live->status == core::SubtaskStatus::failed);
  if (live == nullptr) {
    const auto owner = parts_.store.task_of_subtask(name.subtask_id);
    if (!owner || !*owner) return;  // none of ours
    completed = (*owner)->status == core::PlanStatus::completed;
  }
  const auto retired = handoffs_.retire({name.subtask_id, master, live != nullptr ? live->epoch : 0, completed});
  if (!retired) log::warn("cannot file {}: {}", file, retired.error().message);
}

// A lock whose file was deleted still holds, but nobody finds it: the command line would say that no daemon runs.
Result<> Engine::keep_lock() {
  const std::string path = parts_.state_dir + "/" + std::string(paths::k_lock_name);
  if (platform::lock_holder(path)) return {};
  if (parts_.config.state_dir.empty()) TRY(parts_.files->make_folder(std::string(paths::k_state_folder)));
  auto lock = platform::Lock::take(path, modes_of(parts_.root).file);
  if (lock)
    parts_.lock = std::move(*lock);
  else  // a second daemon that is about to find the journal taken: its end is noticed here
    log::warn("{}", lock.error().message);
  return {};
}

// Somebody deleted or replaced the journal under us (git clean, a restore by hand): what is remembered is written anew.
Result<> Engine::keep_journal() {
  bool look = false;
  bool look_at_lock = false;
  for (const platform::Notice& notice : parts_.journal_watch.read()) {
    const bool all = notice.what == platform::Notice::What::list_all || notice.what == platform::Notice::What::folder_lost;
    look = look || all || notice.name == paths::k_journal_name;
    look_at_lock = look_at_lock || all || notice.name == paths::k_lock_name;
  }
  if (look_at_lock) TRY(keep_lock());
  if (!look) return {};
  const std::string path = parts_.state_dir + "/" + std::string(paths::k_journal_name);
  TRY_VALUE(const bool moved, parts_.store.moved());
  if (!moved) return {};
  log::warn("the journal {} was deleted or replaced: it is written anew", path);
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());
  TRY(parts_.files->make_folder(std::string(paths::k_state_folder)));
  TRY(parts_.store.copy_to(fresh));
  TRY(parts_.store.close());
  for (const char* ending : {"-wal", "-shm"}) ::unlink((path + ending).c_str());
  if (::rename(fresh.c_str(), path.c_str()) != 0) return fail_errno("cannot put the journal back at " + path, errno);
  TRY_VALUE(parts_.store, store::Store::open(path));
  static_cast<void>(parts_.journal_watch.read());
  TRY(parts_.journal_watch.add(""));
  rewritten_ = true;
  return {};
}

}  // namespace baton::service
