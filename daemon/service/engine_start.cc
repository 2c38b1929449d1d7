// Starting: what an earlier run remembered meets what lies in the folders now. docs/architecture.md, "Remembered before acted
// upon".
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <set>

#include "base/text.h"
#include "platform/files_at.h"
#include "protocol/paths.h"
#include "service/aside.h"
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

bool is_folder(platform::Files& files, std::string_view path) {
  const auto stat = files.stat(std::string(path));
  return stat && stat->type == platform::FileType::directory;
}

// Only in a folder that was made for it does the daemon lay out its own.
Result<> check_marker(platform::Files& files, const std::string& root) {
  if (is_folder(files, paths::k_drop) && is_folder(files, paths::k_masters)) return {};
  const std::string below = "coordination";
  const bool meant =
      is_folder(files, paths::join(below, paths::k_drop)) && is_folder(files, paths::join(below, paths::k_masters));
  return fail(ErrorCode::not_found, root + " is no coordination folder: task-queue.d/ and masters/ are missing",
              meant ? "did you mean " + root + "/coordination?" : "make one, or lay down what is missing, with: baton init");
}

// Settings that cannot be read might name another journal: to start without them would be to forget everything.
Result<protocol::Config> read_settings(platform::Files& files) {
  const auto content = files.read(std::string(paths::k_config), k_max_config_bytes);
  if (!content && content.error().code == ErrorCode::not_found) return protocol::Config{};
  auto config = content ? protocol::read_config(content->bytes) : Result<protocol::Config>(tl::make_unexpected(content.error()));
  if (config) return config;
  Error error = std::move(config).error();
  error.code = ErrorCode::invalid;
  if (content) error.message = std::string(paths::k_config) + ": " + error.message;
  return tl::make_unexpected(std::move(error));
}

}  // namespace

Result<std::unique_ptr<platform::Files>> Engine::open_files(const std::string& root) {
  const Modes modes = modes_of(root);
  TRY_VALUE(auto files, platform::open_files(root, modes.file, modes.folder));
  files->keep_folders();
  return files;
}

Result<Engine::Parts> Engine::open_parts(const std::string& root) {
  TRY_VALUE(auto files, open_files(root));
  TRY(check_marker(*files, root));
  TRY_VALUE(auto config, read_settings(*files));
  const std::string state_dir = absolute(root, config.state_dir.empty() ? std::string(paths::k_state_folder) : config.state_dir);
  TRY_VALUE(auto tenancy, Tenancy::take(*files, root, state_dir, modes_of(root).file));
  TRY_VALUE(auto store, store::Store::open(tenancy.journal()));
  tenancy.remember_place();
  TRY_VALUE(auto watch, platform::Watch::open(root));
  TRY_VALUE(auto signs, platform::Watch::open(root));
  TRY_VALUE(auto journal_watch, JournalWatch::open(tenancy.state_dir()));
  TRY_VALUE(auto loop, platform::Loop::open());
  TRY_VALUE(auto boot_id, platform::boot_id());
  return Parts{root,
               std::move(config),
               std::move(files),
               std::move(tenancy),
               std::move(store),
               std::move(watch),
               std::move(signs),
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
      admission_(world_),
      archive_(world_, views_),
      backups_(world_),
      workers_(world_, parts_.loop),
      children_(world_),
      intake_(world_, parts_.watch, parts_.signs, inputs_, handoffs_, queue_, views_, jobs_, archive_, backups_, workers_),
      publisher_(world_, inputs_, handoffs_, feed_, queue_, views_, jobs_, workers_, children_, intake_),
      layout_(world_) {
  started_at_ = world_.now.wall_ms;
  world_.state_dir = parts_.tenancy.state_dir();
  world_.workspace = parts_.config.workspace.empty() ? parent(parts_.root) : absolute(parts_.root, parts_.config.workspace);
}

Result<std::unique_ptr<Engine>> Engine::open(const std::string& root) {
  TRY_VALUE(Parts parts, open_parts(root));
  std::unique_ptr<Engine> engine(new Engine(std::move(parts)));
  TRY(engine->parts_.loop.watch(engine->parts_.watch.fd()));
  TRY(engine->parts_.loop.watch(engine->parts_.journal_watch.fd()));
  TRY_VALUE(auto files, open_files(root));
  engine->views_.write_beside(std::move(files));
  TRY(engine->restore());
  return engine;
}

namespace {

/// What live tasks still wait for although it has ended: journals of an older version may hold such.
Result<std::vector<core::EndedTask>> ended_dependencies(const std::vector<core::Task>& live, History& history) {
  std::vector<core::EndedTask> dependencies;
  std::set<std::string> asked;
  for (const core::Task& task : live) asked.insert(task.spec.id);
  for (const core::Task& task : live)
    for (const std::string& id : task.awaits) {
      if (!asked.insert(id).second) continue;
      TRY_VALUE(auto ended, history.ended(id));
      if (ended) dependencies.push_back(std::move(*ended));
    }
  return dependencies;
}

}  // namespace

Result<> Engine::restore() {
  TRY_VALUE(store::Loaded loaded, parts_.store.load());
  paused_ = loaded.meta.contains("paused") && loaded.meta.at("paused") == "1";
  world_.rebooted = loaded.meta.contains("boot_id") && loaded.meta.at("boot_id") != parts_.boot_id;
  if (const auto skipped = loaded.meta.find(SteadyClock::k_name); skipped != loaded.meta.end())
    skipped_ms_ = std::strtoll(skipped->second.c_str(), nullptr, 10);
  if (!world_.rebooted) clock_ = SteadyClock(skipped_ms_);
  TRY_VALUE(auto dependencies, ended_dependencies(loaded.live, world_.history));
  core_.restore({.live = std::move(loaded.live),
                 .totals = loaded.totals,
                 .paused = paused_,
                 .ended_dependencies = std::move(dependencies),
                 .masters = std::move(loaded.masters),
                 .workers = std::move(loaded.workers),
                 .durations = std::move(loaded.durations),
                 .attention = std::move(loaded.attention),
                 .machine = admission_.look()});
  inputs_.restore(std::move(loaded.inputs), loaded.last_input_id);
  for (const std::string_view path : {paths::k_feed, paths::k_state})
    if (const auto free = set_aside_unless_file(world_, std::string(path)); !free) log::warn({free.error().message});
  TRY(feed_.restore(std::move(loaded.feed), loaded.last_seq));
  journal_synced_seq_ = feed_.synced_seq();
  queue_.restore(std::move(loaded.queue), loaded.meta);
  archive_.restore(loaded.meta);
  backups_.restore(loaded.meta);
  views_.restore(std::move(loaded.views_due));
  jobs_.restore(loaded.jobs, loaded.meta);
  return {};
}

// The first turn: what an earlier run owed is done, the folders are watched and listed, the start is remembered.
Result<> Engine::begin(Turn& turn) {
  for (const std::string& path : inputs_.file()) intake_.look_again(path);
  intake_.start(turn);
  layout_.look();
  restore_handoffs(turn);
  workers_.restore();
  jobs_.notifications.resume(turn);
  if (!world_.rebooted) turn.commit.meta["boot_id"] = parts_.boot_id;
  turn.say({"daemon_started", "", "", "", {{"pid", std::int64_t{::getpid()}}, {"version", BATON_VERSION}}});
  return {};
}

// All that lay there was looked at: now it is known who has answered before he ended, and who has what the disk has lost. The
// boot id comes with that: were it known before, a run after a kill would take what the machine has lost for claimed since.
void Engine::end_start(Turn& turn) {
  if (started_ || intake_.more()) return;
  started_ = true;
  handoffs_.publish_owed(turn);
  if (world_.rebooted) turn.commit.meta["boot_id"] = parts_.boot_id;
}

}  // namespace baton::service
