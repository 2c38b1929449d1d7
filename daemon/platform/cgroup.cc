#include "platform/cgroup.h"

#include <fcntl.h>
#include <unistd.h>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/text.h"
#include "platform/fd.h"

namespace baton::platform {
namespace {

namespace fs = std::filesystem;

constexpr int k_max_folders = 256;  // of one cgroup; one with more is not a worker's

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Adds who is in this one folder. False: it cannot be known.
bool add_processes(const std::string& folder, std::set<pid_t>& found) {
  std::ifstream in(folder + "/cgroup.procs");
  pid_t pid = 0;
  while (in >> pid) {
    if (pid <= 0) return false;  // 0: of another pid namespace
    found.insert(pid);
  }
  return in.eof();
}

std::optional<std::set<pid_t>> processes_of(const std::string& folder) {
  std::set<pid_t> found;
  if (!add_processes(folder, found)) return std::nullopt;
  std::error_code error;
  int folders = 0;
  for (fs::recursive_directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) {
    if (!each->is_directory(error) || error) continue;
    if (++folders > k_max_folders || !add_processes(each->path().string(), found)) return std::nullopt;
  }
  if (error) return std::nullopt;
  return found;
}

bool is_among(const std::set<pid_t>& processes, const std::set<pid_t>& members) {
  for (const pid_t pid : processes)
    if (!members.contains(pid)) return false;
  return true;
}

/// Empty: the root, none, or not visible here.
std::string folder_of(pid_t pid) {
  const std::string mount = cgroup_mount(read_text("/proc/self/mountinfo"));
  const std::string path = cgroup_path(read_text("/proc/" + std::to_string(pid) + "/cgroup"));
  return mount.empty() || path.empty() || path == "/" ? std::string() : mount + path;
}

}  // namespace

// A line: id parent device root mount-point options ... - type source options
std::string cgroup_mount(std::string_view mountinfo) {
  for (const std::string& line : text::split(mountinfo, '\n')) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string::npos || !line.substr(dash + 3).starts_with("cgroup2 ")) continue;
    const std::vector<std::string> fields = text::split(line.substr(0, dash), ' ');
    const bool whole = fields.size() > 4 && fields[3] == "/" && fields[4].find('\\') == std::string::npos;
    if (whole) return fields[4];
  }
  return {};
}

std::string cgroup_path(std::string_view text) {
  for (const std::string& line : text::split(text, '\n')) {
    if (!line.starts_with("0::/")) continue;
    std::string path = line.substr(3);
    const bool odd = path.starts_with("/..") || path.ends_with(" (deleted)");
    return odd ? std::string() : path;
  }
  return {};
}

std::optional<Cgroup> Cgroup::owned_by(pid_t pid, const std::set<pid_t>& members) {
  std::string folder = folder_of(pid);
  if (folder.empty() || ::access((folder + "/cgroup.kill").c_str(), W_OK) != 0) return std::nullopt;
  const auto processes = processes_of(folder);
  if (!processes || !processes->contains(pid) || !is_among(*processes, members)) return std::nullopt;
  return Cgroup(std::move(folder));
}

std::optional<Cgroup> Cgroup::around(pid_t pid) {
  std::string folder = folder_of(pid);
  if (folder.empty()) return std::nullopt;
  return Cgroup(std::move(folder));
}

std::set<pid_t> Cgroup::processes() const { return processes_of(folder_).value_or(std::set<pid_t>{}); }

bool Cgroup::is_empty() const {
  const std::string events = read_text(folder_ + "/cgroup.events");
  return events.empty() || events.find("populated 0") != std::string::npos;
}

bool Cgroup::kill() const {
  const Fd fd(::open((folder_ + "/cgroup.kill").c_str(), O_WRONLY | O_CLOEXEC));
  return fd && ::write(fd.get(), "1", 1) == 1;
}

}  // namespace baton::platform
