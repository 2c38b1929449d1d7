#include <fcntl.h>
#include <poll.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "front/doctor.h"
#include "front/render.h"
#include "platform/fd.h"
#include "platform/lock.h"
#include "platform/random.h"
#include "platform/watch.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::int64_t k_mib = 1 << 20;
constexpr std::int64_t k_comfortable = 512 * k_mib;
constexpr std::int64_t k_least = 16 * k_mib;  // below this the journal may not find room for its next pages
constexpr int k_notice_ms = 2'000;

/// Two hidden files to try things with; nobody reads hidden names. They go when this goes.
class Probe {
 public:
  explicit Probe(const Folder& folder)
      : folder_(folder), base_(std::string(paths::k_orchestrator) + "/.doctor-" + platform::random_word(8)) {}
  ~Probe() {
    for (const char* suffix : {"-a", "-b", "-link"}) static_cast<void>(folder_.files().remove(base_ + suffix));
  }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  Result<> make() {
    TRY(folder_.files().write(name("-a"), "a"));
    TRY(folder_.files().write(name("-b"), "b"));
    return {};
  }
  std::string name(const char* suffix) const { return base_ + suffix; }
  std::string whole(const char* suffix) const { return folder_.root() + "/" + base_ + suffix; }

 private:
  const Folder& folder_;
  std::string base_;
};

void check_exchange(const Folder& folder, const Probe& probe, Checks& checks) {
  if (folder.files().exchange(probe.name("-a"), probe.name("-b")))
    checks.push_back({Verdict::ok, "exchange", "names can be exchanged"});
  else
    checks.push_back({Verdict::warn, "exchange", "this filesystem cannot exchange two names",
                      "a writer of task-queue.json may be overwritten in a short window; use the drop folder"});
}

void check_no_replace(const Probe& probe, Checks& checks) {
  const int renamed = renameat2(AT_FDCWD, probe.whole("-a").c_str(), AT_FDCWD, probe.whole("-b").c_str(), RENAME_NOREPLACE);
  if (renamed != 0 && errno == EEXIST)
    checks.push_back({Verdict::ok, "no-replace", "renaming never replaces unasked"});
  else
    checks.push_back({Verdict::warn, "no-replace", "this filesystem cannot rename without replacing",
                      "names are checked before, which leaves a short window"});
}

void check_symlink(const Folder& folder, const Probe& probe, Checks& checks) {
  if (folder.files().symlink("target", probe.name("-link")))
    checks.push_back({Verdict::ok, "symlinks", "can be made"});
  else
    checks.push_back(
        {Verdict::warn, "symlinks", "this filesystem cannot make symlinks", "plans get a second copy under their task's id"});
}

bool sees_notice(const Folder& folder, const Probe& probe, platform::Watch& watch) {
  if (!watch.add(std::string(paths::k_orchestrator)) || !folder.files().write(probe.name("-a"), "seen")) return false;
  pollfd descriptor{.fd = watch.fd(), .events = POLLIN, .revents = 0};
  return poll(&descriptor, 1, k_notice_ms) > 0;
}

void check_notices(const Folder& folder, const Probe& probe, Checks& checks) {
  auto watch = platform::Watch::open(folder.root());
  if (!watch)
    checks.push_back(
        {Verdict::fail, "inotify", watch.error().message, "raise fs.inotify.max_user_instances and max_user_watches"});
  else if (!sees_notice(folder, probe, *watch))
    checks.push_back(
        {Verdict::fail, "inotify", "a new file is not noticed", "raise fs.inotify.max_user_watches, or use a local filesystem"});
  else if (!watch->notifies())
    checks.push_back({Verdict::warn, "inotify", "changes made on other hosts are not noticed here",
                      "they are found by listing every `rescan`"});
  else
    checks.push_back({Verdict::ok, "inotify", "changes are noticed"});
}

void check_leases(const Probe& probe, Checks& checks) {
  const std::filesystem::path file = probe.whole("-a");
  const platform::Fd folder(::open(file.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const auto known = platform::no_writer(folder.get(), file.filename().string());
  if (known)
    checks.push_back({Verdict::ok, "leases", "it can be told whether somebody still writes a file"});
  else
    checks.push_back({Verdict::warn, "leases", "it cannot be told whether somebody still writes a file",
                      "files written in place are read after `settle`; renaming them in is faster"});
}

}  // namespace

void check_filesystem(const Folder& folder, Checks& checks) {
  Probe probe(folder);
  if (const auto made = probe.make(); !made) {
    checks.push_back({Verdict::fail, "filesystem", made.error().message, "nothing can be written here"});
    return;
  }
  check_exchange(folder, probe, checks);
  check_no_replace(probe, checks);
  check_symlink(folder, probe, checks);
  check_notices(folder, probe, checks);
  check_leases(probe, checks);
}

void check_disk(const Folder& folder, Checks& checks) {
  const auto state_dir = folder.state_dir();
  for (const std::string& path : {folder.root(), state_dir ? *state_dir : folder.root()}) {
    struct statvfs status {};
    if (statvfs(path.c_str(), &status) != 0) {
      checks.push_back(
          {Verdict::fail, "disk", "cannot look at " + path + ": " + std::strerror(errno), "make the folder, or set state_dir"});
      continue;
    }
    const auto free = static_cast<std::int64_t>(status.f_bavail) * static_cast<std::int64_t>(status.f_frsize);
    const std::string finding = grouped(free / k_mib) + " MiB free in " + path;
    const bool no_inodes = status.f_files > 0 && status.f_favail == 0;
    if (no_inodes)
      checks.push_back({Verdict::fail, "disk", "no inode is free in " + path, "remove small files there"});
    else if (free < k_least)
      checks.push_back({Verdict::fail, "disk", finding, "make room: nothing is taken in when the journal cannot grow"});
    else if (free < k_comfortable)
      checks.push_back({Verdict::warn, "disk", finding, "make room"});
    else
      checks.push_back({Verdict::ok, "disk", finding});
    if (state_dir && state_dir->starts_with(folder.root())) break;  // on the same filesystem
  }
}

}  // namespace baton::front
