#include "service/workshop.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "platform/files_at.h"
#include "platform/loop.h"
#include "protocol/paths.h"
#include "service/arriving.h"

namespace baton::test {

namespace fs = std::filesystem;
namespace paths = protocol::paths;

namespace {

std::unique_ptr<platform::Files> open_folder(const std::string& root) {
  auto files = platform::open_files(root, 0600, 0700);
  REQUIRE_MESSAGE(files.has_value(), files.error().message);
  return std::move(*files);
}

store::Store open_journal(const Workshop& workshop) {
  auto store = store::Store::open(workshop.folder / "orchestrator/state/journal.db");
  REQUIRE_MESSAGE(store.has_value(), store.error().message);
  return std::move(*store);
}

core::Catalogue masters() {
  core::Catalogue catalogue;
  for (const char* name : {"development", "security"}) catalogue.masters[name].name = name;
  return catalogue;
}

}  // namespace

Workshop::Workshop() : real(open_folder(folder.path())), files(*real) {
  for (const std::string& name : paths::fixed_folders()) folder.folder(name);
  for (const char* master : {"development", "security"})
    for (const std::string& name : {paths::claimed(master), paths::done(master), paths::stale(master)}) folder.folder(name);
  files.count_only_changes();
}

void Workshop::drop(const std::string& path, const std::string& bytes) const {
  put(path + ".part", bytes);
  move(path + ".part", path);
}
void Workshop::move(const std::string& from, const std::string& to) const { fs::rename(folder / from, folder / to); }
void Workshop::remove(const std::string& path) const { fs::remove_all(folder / path); }

std::vector<std::string> Workshop::list(const std::string& path, bool hidden) const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder / path))
    if (entry.symlink_status().type() != fs::file_type::directory && (hidden || entry.path().filename().string()[0] != '.'))
      names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

platform::Identity Workshop::identity(const std::string& path) {
  const auto stat = real->stat(path);
  REQUIRE_MESSAGE(stat.has_value(), stat.error().message);
  return stat->identity;
}

Run::Run(Workshop& where, const std::string& boot_id)
    : workshop(where),
      store(open_journal(where)),
      loaded([this] {
        auto all = store.load();
        REQUIRE_MESSAGE(all.has_value(), all.error().message);
        return std::move(*all);
      }()),
      world{where.files, store, core, where.config, where.folder.path(), where.folder.path(), boot_id, platform::now()},
      watch([&] {
        auto opened = platform::Watch::open(where.folder.path());
        REQUIRE(opened.has_value());
        return std::move(*opened);
      }()),
      inputs(world),
      handoffs(world),
      feed(world),
      queue(world, inputs),
      views(world),
      jobs(world),
      archive(world, views),
      backups(world),
      loop([] {
        auto opened = platform::Loop::open();
        REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
        return std::move(*opened);
      }()),
      workers(world, loop),
      children(world),
      intake(world, watch, watch, inputs, handoffs, queue, views, jobs, archive, backups, workers),
      publisher(world, inputs, handoffs, feed, queue, views, jobs, workers, children, intake) {
  const bool paused = loaded.meta.contains("paused") && loaded.meta.at("paused") == "1";
  core.restore({.live = loaded.live,
                .totals = loaded.totals,
                .paused = paused,
                .masters = loaded.masters,
                .workers = loaded.workers,
                .attention = loaded.attention});
  inputs.restore(loaded.inputs, loaded.last_input_id);
  REQUIRE(feed.restore(loaded.feed, loaded.last_seq).has_value());
  queue.restore(loaded.queue, loaded.meta);
  archive.restore(loaded.meta);
  backups.restore(loaded.meta);
  views.restore(loaded.views_due);
  service::Turn first(world);
  core::Catalogue catalogue = masters();
  catalogue.settings.has_planner_command = !where.config.planner_command.empty();
  first.tell(core::CatalogueChanged{std::move(catalogue), true});
  for (const core::Effect& effect : first.changes.effects)
    if (const auto* child = std::get_if<core::ProposeChild>(&effect)) children.ask(*child);
}

Result<> Run::turn(const std::function<void(service::Turn&)>& fill) {
  world.now = platform::now();
  service::Turn turn(world);
  fill(turn);
  turn.tell(core::Tick{});
  publisher.stage(turn);
  inputs.remember_into(turn.commit);
  views.remember_into(turn.commit);
  queue.remember_into(turn.commit);
  turn.commit.feed_synced = feed.synced_seq();
  const auto committed = store.commit(turn.commit);
  REQUIRE_MESSAGE(committed.has_value(), committed.error().message);
  return publisher.perform(turn);
}

void Run::task(const std::string& id, const std::vector<std::string>& subtasks) {
  core::TaskSpec spec;
  spec.id = spec.title = id;
  spec.content_hash = "hash of " + id;
  if (subtasks.empty()) spec.assigned_to = "development";
  for (const std::string& text : subtasks) {
    core::SubtaskSpec& subtask = spec.subtasks.emplace_back();
    const auto less = text.find('<');
    subtask.orchestrate = text.ends_with('!');
    subtask.id = subtask.title = text.substr(0, std::min(less, text.find('!')));
    subtask.assigned_to = "development";
    if (less != std::string::npos) subtask.dependencies = {text.substr(less + 1)};
  }
  static_cast<void>(turn([&](service::Turn& turn) {
    turn.commit.documents[id] = "{\"id\": \"" + id + "\", \"title\": \"" + id + "\"}";
    core::TasksArrived arrived{{}, core::Source::drop, {}};
    arrived.tasks.push_back(service::arriving_task(world, std::move(spec)));
    turn.tell(std::move(arrived));
  }));
}

void Run::take() {
  do {
    static_cast<void>(turn([&](service::Turn& turn) {
      backups.work(turn);
      intake.take(turn);
      children.take(turn);
    }));
  } while (intake.more() || backups.more() || children.more());
}

void Run::claim(const std::string& subtask_id) {
  const std::string master = core.subtask(subtask_id)->spec.assigned_to;
  const std::string name = paths::handoff_name(master, subtask_id);
  workshop.move(paths::join(paths::handoffs(master), name), paths::join(paths::claimed(master), name));
  static_cast<void>(tell(core::HandoffClaimed{subtask_id, 0, "renamed"}));
}

void Run::complete(const std::string& subtask_id) {
  core::ResultArrived result;
  result.subtask_id = subtask_id;
  result.completed = true;
  result.outcome.summary = "did " + subtask_id;
  static_cast<void>(tell(std::move(result)));
}

void Run::write_views() {
  views.pause_until(0);
  service::Turn turn(world);
  auto written = views.write_rest(platform::now().boot_ms + 60'000);
  REQUIRE_MESSAGE(written.has_value(), written.error().message);
  write_due({}, turn);
}

void Run::write_due(const protocol::StateView& state, service::Turn& turn) {
  std::optional<std::int64_t> next;
  do {
    const auto written = views.write(state, true, turn);
    REQUIRE_MESSAGE(written.has_value(), written.error().message);
    next = views.next_deadline();
  } while (next && *next <= platform::now().boot_ms);
}

int crash_everywhere(const std::function<void(Workshop&)>& prepare, const std::function<void(Run&)>& act,
                     const std::function<void(Run&)>& check) {
  int stops = 0;
  for (const bool after : {false, true}) {
    for (std::uint64_t n = 1;; ++n) {
      CAPTURE(n);
      CAPTURE(after);
      Workshop workshop;
      prepare(workshop);
      bool stopped = false;
      {
        Run run(workshop);
        workshop.files.restart_count();
        const auto stop = [] { throw Crash{}; };
        after ? workshop.files.after(n, stop) : workshop.files.before(n, stop);
        try {
          act(run);
        } catch (const Crash&) {
          stopped = true;
        }
        workshop.files.clear();
      }
      Run next(workshop);
      check(next);
      if (!stopped) break;
      ++stops;
    }
  }
  return stops;
}

}  // namespace baton::test
