// What a job of an earlier run left behind: recognised by its environment, whatever became of its group and session, and ended
// through a pidfd.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <memory>
#include <optional>
#include <string>

#include "platform/pidfd.h"
#include "platform/process.h"
#include "platform/spawn.h"

namespace baton::platform {
namespace {

constexpr std::size_t k_max_bytes = 4 << 20;  // of an environment

std::optional<pid_t> pid_of(std::string_view name) {
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  return error == std::errc() && end == name.data() + name.size() && pid > 1 ? std::optional(pid) : std::nullopt;
}

std::string read_whole(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string bytes;
  std::array<char, 4096> chunk;
  while (fd && bytes.size() < k_max_bytes) {
    const ssize_t got = ::read(fd.get(), chunk.data(), chunk.size());
    if (got <= 0) break;
    bytes.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return bytes;
}

bool is_ours(const std::string& folder) {
  struct ::stat raw {};
  return ::stat(folder.c_str(), &raw) == 0 && raw.st_uid == ::geteuid();
}

/// `entries`: "NAME=value", each between zero bytes, as the kernel shows an environment.
bool carries_one(pid_t pid, const std::vector<std::string>& entries) {
  const std::string folder = "/proc/" + std::to_string(pid);
  if (!is_ours(folder)) return false;
  const std::string all = std::string(1, '\0') + read_whole(folder + "/environ");
  return std::ranges::any_of(entries, [&all](const std::string& entry) { return all.find(entry) != std::string::npos; });
}

/// The pidfd is opened before the look, so that what is signalled is what was looked at.
bool end_if_marked(pid_t pid, const std::vector<std::string>& entries) {
  const Fd pidfd = open_pidfd(pid);
  return pidfd && carries_one(pid, entries) && signal_pidfd(pidfd.get(), SIGKILL) == 0;
}

}  // namespace

int end_marked(const std::vector<std::string>& marks) {
  std::vector<std::string> entries;
  for (const std::string& mark : marks)
    if (!mark.empty()) entries.push_back(std::string(1, '\0') + k_job_mark + "=" + mark + std::string(1, '\0'));
  if (entries.empty()) return 0;
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(::opendir("/proc"), ::closedir);
  int ended = 0;
  while (const dirent* each = proc ? ::readdir(proc.get()) : nullptr)
    if (const auto pid = pid_of(each->d_name); pid && *pid != ::getpid() && end_if_marked(*pid, entries)) ++ended;
  return ended;
}

}  // namespace baton::platform
