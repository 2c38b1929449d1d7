#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/text.h"
#include "front/catalogue.h"
#include "front/doctor.h"
#include "front/lookup.h"
#include "front/read_input.h"

namespace baton::front {
namespace {

std::string proc(pid_t pid, std::string_view what) { return "/proc/" + std::to_string(pid) + "/" + std::string(what); }

/// A variable in the environment of another process; "" when it has none or it may not be read.
std::string variable_of(pid_t pid, std::string_view name) {
  const auto bytes = read_input(proc(pid, "environ"));
  if (!bytes) return {};
  for (const std::string& entry : text::split(*bytes, '\0'))
    if (entry.starts_with(std::string(name) + "=")) return entry.substr(name.size() + 1);
  return {};
}

/// "2" of "Seccomp:	2" in /proc/PID/status.
std::string status_of(pid_t pid, std::string_view key) {
  const auto bytes = read_input(proc(pid, "status"));
  if (!bytes) return {};
  for (const std::string& line : text::split(*bytes, '\n'))
    if (line.starts_with(std::string(key) + ":")) return std::string(text::trim(std::string_view(line).substr(key.size() + 1)));
  return {};
}

struct Program {
  std::string path;       // as the daemon would find it; "" = nowhere
  bool runnable = false;  // false: a noexec mount or the permissions forbid it
  bool noexec = false;
};

/// `root`: the daemon's view of the filesystem, "" = ours.
Program find_program(const std::string& root, const std::string& program, const std::string& path) {
  Program found;
  const auto try_one = [&](const std::string& candidate) {
    std::error_code ignored;
    const std::string whole = root + candidate;
    if (found.runnable || !std::filesystem::is_regular_file(whole, ignored)) return;
    struct statvfs mount {};
    found.path = candidate;
    found.noexec = ::statvfs(whole.c_str(), &mount) == 0 && (mount.f_flag & ST_NOEXEC) != 0;
    found.runnable = !found.noexec && ::access(whole.c_str(), X_OK) == 0;
  };
  if (program.find('/') != std::string::npos) {
    try_one(program);
    return found;
  }
  for (const std::string& folder : text::split(path, ':')) try_one(folder + "/" + program);
  return found;
}

bool is_read_only(const std::string& path) {
  struct statvfs mount {};
  return ::statvfs(path.c_str(), &mount) == 0 && (mount.f_flag & ST_RDONLY) != 0;
}

/// What the service manager took from the daemon, and so from its jobs: each a thing that a planner may miss.
std::vector<std::string> denied(pid_t pid, const std::string& root, const std::string& workspace) {
  std::vector<std::string> all;
  std::error_code error;
  const auto theirs = std::filesystem::read_symlink(proc(pid, "ns/net"), error);
  const auto ours = std::filesystem::read_symlink("/proc/self/ns/net", error);
  if (!error && theirs != ours) all.emplace_back("no network");
  if (!std::filesystem::is_directory(root + workspace, error))
    all.emplace_back("the workspace " + workspace + " is hidden");
  else if (is_read_only(root + workspace))
    all.emplace_back("the workspace " + workspace + " is read-only");
  return all;
}

/// What stays forbidden even with commands.conf; nothing that a planner usually needs.
std::string remarks(pid_t pid) {
  std::string text;
  if (status_of(pid, "NoNewPrivs") == "1") text += "; no sudo and no setuid programs";
  if (status_of(pid, "Seccomp") == "2") text += "; unusual system calls are filtered";
  return text;
}

constexpr std::string_view k_relax = "systemd's commands.conf gives jobs back what they need (see docs/service.md)";

void check_program(const std::string& program, pid_t pid, const std::string& workspace, Checks& checks) {
  std::error_code error;
  const std::string root = pid > 0 ? proc(pid, "root") : "";
  const bool visible = pid > 0 && std::filesystem::exists(root + "/", error) && !error;
  const std::string daemons_path = pid > 0 ? variable_of(pid, "PATH") : "";
  const char* own_path = std::getenv("PATH");
  const std::string path = !daemons_path.empty() ? daemons_path : own_path == nullptr ? "/usr/bin:/bin" : own_path;
  const Program found = find_program(visible ? root : "", program, path);
  const std::string where = visible ? " where the daemon runs" : "";
  if (found.path.empty()) {
    checks.push_back({Verdict::fail, "planner", "the planner command " + program + " is not found" + where,
                      "install it, write its whole path into the configuration, or take planner out"});
  } else if (found.noexec) {
    checks.push_back({Verdict::fail, "planner", "the sandbox of the daemon runs no programs, so not " + found.path + " either",
                      std::string(k_relax)});
  } else if (!found.runnable) {
    checks.push_back(
        {Verdict::fail, "planner", found.path + " may not be run" + where, "give it execute permission for the daemon's user"});
  } else if (pid > 0 && !visible) {
    checks.push_back({Verdict::warn, "planner", found.path + " is found, but the daemon's own view cannot be looked at",
                      "run baton doctor as the daemon's user"});
  } else {
    const std::vector<std::string> missing = pid > 0 ? denied(pid, root, workspace) : std::vector<std::string>{};
    if (missing.empty())
      checks.push_back({Verdict::ok, "planner", found.path + " can run" + where + (pid > 0 ? remarks(pid) : "")});
    else
      checks.push_back({Verdict::warn, "planner", found.path + " can run, but its sandbox has: " + text::join(missing, ", "),
                        std::string(k_relax)});
  }
}

}  // namespace

void check_daemon(const Folder& folder, Checks& checks) {
  const auto pid = folder.daemon();
  if (!pid) {
    checks.push_back({Verdict::warn, "daemon", "none is running", "start it: baton daemon"});
    return;
  }
  const std::string running = "running, pid " + std::to_string(*pid);
  const auto state = load_state(folder);
  if (!state) {
    checks.push_back(
        {Verdict::fail, "daemon", running + ", but its state cannot be read: " + state.error().message, "see the daemon's log"});
    return;
  }
  if (state->daemon_version != BATON_VERSION)
    checks.push_back({Verdict::warn, "daemon",
                      running + ", version " + state->daemon_version + "; this program is " BATON_VERSION, "restart the daemon"});
  else if (!state->daemon_state.empty() && state->daemon_state != "running")
    checks.push_back({Verdict::fail, "daemon",
                      running + ": " + state->daemon_state + (state->message.empty() ? "" : ": " + state->message),
                      "see the daemon's log"});
  else
    checks.push_back({Verdict::ok, "daemon", running + ", version " BATON_VERSION});
}

void check_planner(const Folder& folder, Checks& checks) {
  const LoadedCatalogue loaded = load_catalogue(folder);
  if (loaded.config.planner_command.empty()) return;
  const std::string& wished = loaded.config.workspace;
  const std::filesystem::path root = folder.root();
  const std::filesystem::path workspace = wished.empty() ? root.parent_path() : root / wished;
  check_program(loaded.config.planner_command.front(), folder.daemon().value_or(0), workspace.lexically_normal().string(),
                checks);
}

}  // namespace baton::front
