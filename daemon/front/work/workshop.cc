#include "front/work/workshop.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/ids.h"
#include "base/text.h"
#include "embedded/coordination_template.h"
#include "front/catalogue.h"
#include "platform/spawn.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace fs = std::filesystem;
namespace paths = protocol::paths;

constexpr std::size_t k_shown_files = 5;

Result<std::string> canonical(const std::string& path) {
  std::error_code error;
  std::string found = fs::canonical(path, error);
  if (error) return fail_errno("cannot open " + path, error.value());
  return found;
}

Result<protocol::AgentSettings> settings_of(const Folder& folder, const std::string& master) {
  const std::string path = paths::master_config(master);
  auto bytes = folder.read(path);
  if (!bytes && bytes.error().code == ErrorCode::not_found) return protocol::AgentSettings{};
  if (!bytes) return tl::make_unexpected(std::move(bytes).error());
  auto settings = protocol::read_agent(*bytes);
  if (!settings) settings.error().message = path + ": " + settings.error().message;
  return settings;
}

/// As the folder has it, else as it came.
std::string template_of(const Folder& folder) {
  if (auto own = folder.read(std::string(paths::k_prompt))) return std::move(*own);
  for (const auto& file : embedded::coordination_template::files())
    if (file.path == paths::k_prompt) return std::string(file.content);
  return "{work}";
}

Result<> find_worktrees(Workshop& workshop, const std::optional<runner::Git>& known) {
  workshop.here = known;
  if (!workshop.here) {
    TRY_VALUE(workshop.here, runner::Git::find(workshop.workspace));
  }
  TRY_VALUE(const std::string top, canonical(workshop.here->work_tree()));
  if (top != workshop.workspace)
    return fail(ErrorCode::refused, workshop.workspace + " is only a part of the git repository " + top,
                "keep the coordination folder in " + top + ", or set \"worktree\": false in master.json");
  TRY_VALUE(runner::Git shared, workshop.here->shared());
  workshop.worktrees.emplace(std::move(shared), workshop.root + "/" + std::string(paths::k_worktrees));
  return {};
}

}  // namespace

std::string Workshop::agent_file(const std::string& name, std::string_view ending) const {
  return root + "/" + paths::join(paths::k_agents, name) + std::string(ending);
}

Result<std::string> workspace_of(const Folder& folder) {
  const std::string& wished = load_catalogue(folder).config.workspace;
  return canonical((fs::path(folder.root()) / (wished.empty() ? ".." : wished)).string());
}

std::string worker_of(const std::string& subtask_id, int epoch) { return shorten_id(subtask_id + "-e" + std::to_string(epoch)); }

Result<Workshop> open_workshop(const Folder& folder, const std::string& master, const std::vector<std::string>& given,
                               const std::optional<runner::Git>& known) {
  TRY_VALUE(std::string root, canonical(folder.root()));
  TRY_VALUE(std::string workspace, workspace_of(folder));
  TRY_VALUE(protocol::AgentSettings agent, settings_of(folder, master));
  if (!given.empty()) agent.argv = given;
  if (agent.argv.empty())
    return fail(ErrorCode::usage, "no agent is set for " + master,
                "\"agent\": \"claude\" or [\"program\", \"argument\"] in " + paths::master_config(master) +
                    ", or: baton work --master " + master + " -- PROGRAM ARGUMENT...");
  // A path within the worktree can be looked for only there.
  const std::string& program = agent.argv.front();
  if ((program.starts_with('/') || program.find('/') == std::string::npos) && !platform::is_startable(program, workspace))
    return fail(ErrorCode::not_found, "there is no program \"" + text::printable(program) + "\" that may be run here",
                "install it, or name another one in " + paths::master_config(master));
  Workshop workshop{folder, std::move(root), master, "", std::move(workspace), std::move(agent), {}, {}, template_of(folder)};
  if (workshop.agent.worktree) {
    TRY(find_worktrees(workshop, known));
    if (!known) TRY(base_commit(*workshop.here));
    TRY(folder.files().make_folder(std::string(paths::k_worktrees)));
  }
  TRY(folder.files().make_folder(std::string(paths::k_agents)));
  return workshop;
}

Result<Workshop> open_worktrees(const Folder& folder) {
  TRY_VALUE(std::string root, canonical(folder.root()));
  TRY_VALUE(std::string workspace, workspace_of(folder));
  Workshop workshop{folder, std::move(root), "", "", std::move(workspace), {}, {}, {}, ""};
  TRY(find_worktrees(workshop, {}));
  return workshop;
}

Result<std::string> base_commit(const runner::Git& here, const std::string& ref) {
  const std::string wanted = ref.empty() ? "HEAD" : ref;
  if (auto commit = here.ask({"rev-parse", "--verify", "--quiet", "--end-of-options", wanted + "^{commit}"})) return commit;
  if (!ref.empty())
    return fail(ErrorCode::not_found, "there is no commit, branch or tag \"" + text::printable(ref) + "\" in " + here.work_tree(),
                "see: git branch --all");
  return fail(ErrorCode::refused, here.work_tree() + " has no commit yet, so there is nothing to begin with",
              "make a first one: git commit --allow-empty -m \"Begin\"");
}

namespace {

/// A few of them, and that there are more.
std::string some_of(std::vector<std::string> names) {
  const bool more = names.size() > k_shown_files;
  if (more) names.resize(k_shown_files);
  return text::join(names, ", ") + (more ? ", ..." : "");
}

/// `path` is `place`, or lies in it.
bool is_in(std::string_view path, std::string_view place) {
  return path.starts_with(place) && (path.size() == place.size() || path[place.size()] == '/');
}

struct StatusLine {
  bool is_unknown = false;
  std::string path;  // beneath the workspace; a folder ends with '/'
};
std::vector<StatusLine> status_of(const runner::Git& here, const char* unknown, const std::string& place) {
  constexpr std::size_t k_state = 3;  // characters before the path: "?? ", " M "
  const auto status = here.ask({"status", "--porcelain", "-z", "--no-renames", std::string("--untracked-files=") + unknown,
                                "--ignore-submodules=dirty", "--", ":(literal)" + place});
  std::vector<StatusLine> lines;
  if (!status) return lines;
  for (const std::string& line : text::split(*status, '\0'))
    if (line.size() > k_state) lines.push_back({line.starts_with("??"), line.substr(k_state)});
  return lines;
}

/// What differs from the last commit in the workspace: known to git, and not known.
struct Uncommitted {
  std::vector<std::string> changed, unknown;
};
Uncommitted uncommitted(const Workshop& workshop, const std::vector<std::string>& but) {
  Uncommitted found;
  const auto whole = [&](const std::string& path) { return workshop.workspace + "/" + path; };
  const auto goes_without_saying = [&](const std::string& path) {
    return std::ranges::any_of(but, [&](const std::string& each) { return is_in(whole(path), each); });
  };
  const auto holds_such = [&](const std::string& path) {
    return path.ends_with('/') &&
           std::ranges::any_of(but, [&](const std::string& each) { return each.starts_with(whole(path)); });
  };
  for (const StatusLine& line : status_of(*workshop.here, "normal", ".")) {
    if (goes_without_saying(line.path)) continue;
    if (!line.is_unknown)
      found.changed.push_back(line.path);
    else if (!holds_such(line.path))
      found.unknown.push_back(line.path);
    else
      for (const StatusLine& each : status_of(*workshop.here, "all", line.path))
        if (each.is_unknown && !goes_without_saying(each.path)) found.unknown.push_back(each.path);
  }
  return found;
}

}  // namespace

std::vector<std::string> notes_about(const Workshop& workshop, std::vector<std::string> but) {
  std::vector<std::string> notes;
  if (!workshop.worktrees) return notes;
  but.push_back(workshop.root);  // the coordination folder is nobody's work
  const Uncommitted found = uncommitted(workshop, but);
  if (!found.changed.empty())
    notes.push_back(text::printable("agents begin with a commit; they do not see what is changed here and not committed: " +
                                    some_of(found.changed)));
  if (!found.unknown.empty())
    notes.push_back(text::printable("agents do not see what git does not know: " + some_of(found.unknown)));
  if (fs::exists(fs::path(workshop.workspace) / ".gitmodules") && workshop.agent.setup.empty())
    notes.emplace_back(
        "submodules are empty where agents work; to fill them: \"setup\": [[\"git\", \"submodule\", \"update\", "
        "\"--init\"]] in master.json");
  return notes;
}

}  // namespace baton::front
