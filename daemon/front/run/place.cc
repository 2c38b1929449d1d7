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
    "// Made by `baton run`. Settings: docs/operations.md; `baton config` prints all of them.\n{\n  \"workspace\": \"../..\"\n}\n";

bool is_named(const Globals& globals) {
  const char* variable = std::getenv("BATON_COORDINATION");
  return !globals.coordination.empty() || (variable != nullptr && *variable != '\0');
}

Result<Folder> make_place() {
  TRY_VALUE(const std::string top, top_of_repository());
  const fs::path target = fs::path(top) / k_made_by_run;
  TRY(lay_down(target.string(), SetUp::own, {{std::string(paths::k_config), std::string(k_config)}}));
  const fs::path ignored = target.parent_path() / ".gitignore";
  if (!fs::exists(ignored)) std::ofstream(ignored) << "*\n";
  return Folder::open(target.string());
}

bool knows_master(const Folder& folder) {
  const auto state = load_state(folder);
  return state && state->daemon_state == "running" && state->daemon_pid == folder.daemon().value_or(0) &&
         std::ranges::any_of(state->masters, [](const MasterRow& master) { return master.name == k_run_master; });
}

}  // namespace

Result<std::string> top_of_repository() {
  const auto git = runner::Git::find(fs::current_path().string());
  if (git) return git->work_tree();
  return fail(
      ErrorCode::refused,
      fs::current_path().string() + " has no coordination folder, and is in no git repository: agents work in worktrees of one",
      "git init, and make a first commit; or, for work without worktrees: baton init");
}

Result<Folder> place_of_run(const Globals& globals) {
  auto folder = Folder::find(globals);
  if (!folder && folder.error().code == ErrorCode::not_found && !is_named(globals)) folder = make_place();
  if (folder) TRY(lay_down_master(*folder, std::string(k_run_master), k_master_config));
  return folder;
}

Result<OwnDaemon> OwnDaemon::ensure(const Folder& folder) {
  OwnDaemon daemon;
  if (!folder.daemon()) {
    platform::SpawnRequest request;
    request.argv = {k_self, "--coordination", folder.root(), "daemon"};
    request.cwd = folder.root();
    request.joined = true;
    request.output_limit = 0;
    request.output_tail = k_last_words;
    request.unset_environment = runner::k_kept_back;
    request.exec_job_program = k_self;
    TRY_VALUE(platform::Process process, platform::Process::spawn(request));
    daemon.process_ = std::make_unique<platform::Process>(std::move(process));
  }
  const std::int64_t end = platform::now().mono_ms + k_start_ms;
  const std::vector<std::string> watched = {std::string(paths::k_state_folder)};
  while (!knows_master(folder)) {
    if (const std::string words = daemon.pump(); !words.empty())
      return fail(ErrorCode::no_daemon, "the daemon could not start: " + words, "try it by hand: baton daemon");
    TRY_VALUE(const Woke woke, await(folder, watched, k_look_ms, [&] { return knows_master(folder); }));
    if (woke == Woke::interrupted) return fail(ErrorCode::waiting, "interrupted");
    if (platform::now().mono_ms > end)
      return fail(ErrorCode::timed_out, "the daemon does not say that it is at work", "see: baton doctor");
  }
  return daemon;
}

std::string OwnDaemon::pump() {
  if (!process_) return {};
  const auto exit = process_->pump();
  if (!exit) return {};
  process_.reset();
  const std::vector<std::string> lines = text::split(text::trim(exit->output_tail), '\n');
  return lines.empty() ? "it ended with exit code " + std::to_string(exit->code) : text::printable(lines.back());
}

OwnDaemon::~OwnDaemon() {
  if (!process_) return;
  process_->signal_group(SIGTERM);
  const std::int64_t end = platform::now().mono_ms + k_end_ms;
  while (platform::now().mono_ms < end && !process_->pump()) ::poll(nullptr, 0, k_look_ms / 10);
}

}  // namespace baton::front
