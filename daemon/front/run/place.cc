#include "front/run/place.h"

#include <poll.h>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/text.h"
#include "front/await.h"
#include "front/lay_down.h"
#include "front/lookup.h"
#include "front/views.h"
#include "platform/loop.h"
#include "protocol/paths.h"
#include "runner/git.h"

namespace baton::front {
namespace {

namespace fs = std::filesystem;
namespace paths = protocol::paths;

constexpr const char* k_self = "/proc/self/exe";
constexpr std::int64_t k_start_ms = 30'000;
constexpr std::int64_t k_end_ms = 30'000;
constexpr std::int64_t k_look_ms = 100;
constexpr std::size_t k_last_words = 4'096;  // bytes
constexpr std::string_view k_master_config =
    "{\n  // Whose work `baton run` does. \"agent\" here comes before that of the default master.\n"
    "  \"description\": \"Prompts that baton run was given\"\n}\n";
constexpr std::string_view k_config =
    "// Made by `baton run`. Settings: docs/operations.md; `baton config` prints all of them.\n{\n  \"workspace\": \"../..\",\n"
    "  \"max_subtasks\": 2000,     // prompts of one run\n  \"breaker_reset\": \"1m\"     // how long nothing is begun when agents fail again and again\n}\n";

bool is_named(const Globals& globals) {
  const char* variable = std::getenv("BATON_COORDINATION");
  return !globals.coordination.empty() || (variable != nullptr && *variable != '\0');
}

Result<Folder> make_place(const std::string& top) {
  const fs::path target = fs::path(top) / k_made_by_run;
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  std::ofstream ignored(target.parent_path() / ".gitignore");  // first of all: nothing in there is for git
  ignored << "*\n";
  if (error || !ignored.flush()) return fail(ErrorCode::io, "cannot write to " + target.parent_path().string());
  TRY(lay_down(target.string(), SetUp::own, {{std::string(paths::k_config), std::string(k_config)}}));
  return Folder::open(target.string());
}

bool knows_master(const Folder& folder) {
  const auto state = load_state(folder);
  return state && state->daemon_state == "running" && state->daemon_pid == folder.daemon().value_or(0) &&
         std::ranges::any_of(state->masters, [](const MasterRow& master) { return master.name == k_run_master; });
}

/// Around the working directory.
Result<runner::Git> repository_here() {
  std::error_code error;
  const std::string here = fs::current_path(error).string();
  if (error) return fail_errno("cannot tell the working directory", error.value());
  return runner::Git::find(here);
}

/// What a folder is about, with the repository that it is in.
Result<Place> place_of(Folder folder, const Result<runner::Git>& here) {
  TRY_VALUE(std::string workspace, workspace_of(folder));
  Place place{std::move(folder), std::move(workspace), std::nullopt};
  auto git = here && here->work_tree() == place.workspace ? here : runner::Git::find(place.workspace);
  if (!git && git.error().code != ErrorCode::not_found) return tl::make_unexpected(std::move(git).error());
  if (git) place.git = std::move(*git);
  return place;
}

}  // namespace

Result<Place> place_at_hand(const Globals& globals) {
  const auto here = repository_here();
  auto folder = Folder::find(globals);
  if (!folder && (folder.error().code != ErrorCode::not_found || is_named(globals)))
    return tl::make_unexpected(std::move(folder).error());
  std::error_code error;
  const std::string top = here ? fs::canonical(here->work_tree(), error).string() : std::string();
  if (folder) {
    TRY_VALUE(Place place, place_of(std::move(*folder), here));
    if (is_named(globals) || !here || place.workspace == top) return place;
  }
  if (here) return Place{std::nullopt, top, *here};
  if (here.error().code != ErrorCode::not_found) return tl::make_unexpected(here.error());  // git says why it cannot work here
  return fail(ErrorCode::refused,
              text::printable(fs::current_path(error).string()) +
                  " has no coordination folder, and is in no git repository: agents work in worktrees of one",
              "git init, and make a first commit; or, for work without worktrees: baton init");
}

Result<Folder> folder_of_run(Place place) {
  if (!place.folder) {
    TRY_VALUE(place.folder, make_place(place.workspace));
  }
  TRY(lay_down_master(*place.folder, std::string(k_run_master), k_master_config));
  return std::move(*place.folder);
}

Result<> OwnDaemon::start(const Folder& folder) {
  platform::SpawnRequest request;
  request.argv = {k_self, "--coordination", folder.root(), "daemon"};
  request.cwd = folder.root();
  request.joined = true;
  request.output_limit = 0;
  request.output_tail = k_last_words;
  request.unset_environment = runner::k_kept_back;
  request.exec_job_program = k_self;
  TRY_VALUE(platform::Process process, platform::Process::spawn(request));
  process_ = std::make_unique<platform::Process>(std::move(process));
  return {};
}

Result<> OwnDaemon::begin(const Folder& folder) { return process_ || folder.daemon() ? Result<>{} : start(folder); }

Result<> OwnDaemon::keep(const Folder& folder) {
  const std::string ended = pump();
  if (folder.daemon() && knows_master(folder)) return {};
  if (!ended.empty() && !folder.daemon())
    return fail(ErrorCode::no_daemon, "the daemon of this run " + ended, "see: baton doctor");
  TRY(begin(folder));
  const std::int64_t end = platform::now().mono_ms + k_start_ms;
  const std::vector<std::string> watched = {std::string(paths::k_state_folder)};
  while (!knows_master(folder)) {
    const std::string words = pump();
    if (!words.empty() && !folder.daemon())  // another run's may have been faster
      return fail(ErrorCode::no_daemon, "the daemon cannot start: it " + words, "try it by hand: baton daemon");
    TRY_VALUE(const Woke woke, await(folder, watched, k_look_ms, [&] { return knows_master(folder); }));
    if (woke == Woke::interrupted) return fail(ErrorCode::waiting, "interrupted");
    if (platform::now().mono_ms > end)
      return fail(ErrorCode::timed_out, "the daemon does not say that it is at work", "see: baton doctor");
  }
  return {};
}

/// How it ended, and the last line that it printed; empty: it is at work, or not ours.
std::string OwnDaemon::pump() {
  if (!process_) return {};
  const auto exit = process_->pump();
  if (!exit) return {};
  process_.reset();
  const std::vector<std::string> lines = text::split(text::trim(exit->output_tail), '\n');
  return (exit->signalled ? "was ended by signal " + std::to_string(exit->code - 128)
                          : "ended with exit code " + std::to_string(exit->code)) +
         (lines.empty() ? "" : "; its last words: " + text::printable(lines.back()));
}

void OwnDaemon::ask_to_end() {
  if (process_) process_->signal_group(SIGTERM);
}

OwnDaemon::~OwnDaemon() {
  if (!process_) return;
  ask_to_end();
  const std::int64_t end = platform::now().mono_ms + k_end_ms;
  while (platform::now().mono_ms < end && !process_->pump()) {
    pollfd something = {process_->fds().front(), POLLIN, 0};
    ::poll(&something, 1, k_look_ms);
  }
}

}  // namespace baton::front
