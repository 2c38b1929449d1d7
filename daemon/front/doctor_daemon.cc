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

/// The program as `root` (the daemon's view of the filesystem, "" = ours) would find it; "" when it would not.
std::string find_program(const std::string& root, const std::string& program, const std::string& path) {
  const auto runs = [&](const std::string& candidate) {
    std::error_code ignored;
    const std::string whole = root + candidate;
    return std::filesystem::is_regular_file(whole, ignored) && access(whole.c_str(), X_OK) == 0;
  };
  if (program.find('/') != std::string::npos) return runs(program) ? program : "";
  for (const std::string& folder : text::split(path, ':'))
    if (runs(folder + "/" + program)) return folder + "/" + program;
  return {};
}

/// What the service manager took from the daemon, and so from its jobs.
std::vector<std::string> limits_of(pid_t pid) {
  std::vector<std::string> limits;
  if (status_of(pid, "Seccomp") == "2") limits.push_back("system calls are filtered");
  if (status_of(pid, "NoNewPrivs") == "1") limits.push_back("no new privileges (sudo and setuid programs fail)");
  std::error_code error;
  const auto theirs = std::filesystem::read_symlink(proc(pid, "ns/net"), error);
  const auto ours = std::filesystem::read_symlink("/proc/self/ns/net", error);
  if (!error && theirs != ours) limits.push_back("a network of its own");
  return limits;
}

void check_program(const std::string& program, pid_t pid, Checks& checks) {
  std::error_code error;
  const std::string root = pid > 0 ? proc(pid, "root") : "";
  const bool visible = pid > 0 && std::filesystem::exists(root + "/", error) && !error;
  const std::string daemons_path = pid > 0 ? variable_of(pid, "PATH") : "";
  const char* own_path = std::getenv("PATH");
  const std::string path = !daemons_path.empty() ? daemons_path : own_path == nullptr ? "/usr/bin:/bin" : own_path;
  const std::string found = find_program(visible ? root : "", program, path);
  if (found.empty()) {
    checks.push_back(
        {Verdict::fail, "planner",
         "the planner command " + program + " is not found, or may not be run" + (visible ? ", where the daemon runs" : ""),
         "install it, write its whole path into the configuration, or take planner out"});
    return;
  }
  const std::vector<std::string> limits = pid > 0 ? limits_of(pid) : std::vector<std::string>{};
  if (!limits.empty())
    checks.push_back({Verdict::warn, "planner", found + " is found; its sandbox: " + text::join(limits, ", "),
                      "systemd's commands.conf gives jobs back what they need"});
  else if (pid > 0 && !visible)
    checks.push_back({Verdict::warn, "planner", found + " is found, but the daemon's own view cannot be looked at",
                      "run baton doctor as the daemon's user"});
  else
    checks.push_back({Verdict::ok, "planner", found + " is found"});
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
  check_program(loaded.config.planner_command.front(), folder.daemon().value_or(0), checks);
}

}  // namespace baton::front
