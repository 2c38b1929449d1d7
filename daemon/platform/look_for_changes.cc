#include "platform/look_for_changes.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <deque>
#include <memory>
#include <string_view>

#include "base/time.h"
#include "platform/beneath.h"
#include "platform/fd.h"
#include "platform/loop.h"

namespace baton::platform {
namespace {

/// splitmix64: every bit of the sum depends on every bit of what is added.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31U);
}

// The time of the last status change, not of the content: nobody can set it, and every write sets it.
std::uint64_t mark_of(const struct ::stat& raw) {
  std::uint64_t mark = mixed(raw.st_ino);
  mark = mixed(mark ^ static_cast<std::uint64_t>(raw.st_ctim.tv_sec));
  mark = mixed(mark ^ static_cast<std::uint64_t>(raw.st_ctim.tv_nsec));
  return mixed(mark ^ static_cast<std::uint64_t>(raw.st_size));
}

class Walk {
 public:
  explicit Walk(LookLimits limits) : limits_(limits), until_ms_(now().mono_ms + limits.ms) {}

  ChangeLook over(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) look_at(AT_FDCWD, path.c_str(), path);
    while (!folders_.empty() && !is_spent()) {
      const std::string folder = std::move(folders_.front());
      folders_.pop_front();
      open_and_list(folder);
    }
    if (!folders_.empty()) cut();
    if (!cut_) look_.marks.push_back(mark_);  // what may not be read is no reason to pass over the rest
    return std::move(look_);
  }

 private:
  bool is_spent() const {
    return look_.entries >= limits_.entries || (look_.entries >= ChangeLook::k_part && now().mono_ms >= until_ms_);
  }

  void look_at(int at, const char* name, const std::string& path) {
    struct ::stat raw {};
    if (::fstatat(at, name, &raw, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno != ENOENT && errno != ENOTDIR) look_.whole = false;
      return;
    }
    mark_ = mixed(mark_ ^ mark_of(raw));
    if (++look_.entries % ChangeLook::k_part == 0) look_.marks.push_back(mark_);
    if (S_ISREG(raw.st_mode)) look_.bytes += raw.st_size;
    if (S_ISDIR(raw.st_mode)) folders_.push_back(path);
    const std::int64_t changed_ms = std::int64_t{raw.st_ctim.tv_sec} * 1000 + raw.st_ctim.tv_nsec / 1'000'000;
    if (changed_ms <= look_.newest_wall_ms) return;
    look_.newest_wall_ms = changed_ms;
    look_.newest_path = path;
  }

  void open_and_list(const std::string& folder) {
    Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(fd ? ::fdopendir(fd.get()) : nullptr, ::closedir);
    if (!entries) {
      if (errno != ENOENT && errno != ENOTDIR) look_.whole = false;  // it may be gone since it was listed
      return;
    }
    (void)fd.release();
    list(entries.get(), folder);
  }

  void list(DIR* entries, const std::string& folder) {
    while (const dirent* entry = ::readdir(entries)) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (is_spent()) return cut();
      look_at(::dirfd(entries), entry->d_name, folder + "/" + entry->d_name);
    }
  }

  void cut() {
    cut_ = true;
    look_.whole = false;
  }

  LookLimits limits_;
  bool cut_ = false;  // by a limit
  std::int64_t until_ms_;
  ChangeLook look_;
  std::uint64_t mark_ = 0;  // of all entries until now
  std::deque<std::string> folders_;
};

}  // namespace

ChangeLook look_for_changes(const std::vector<std::string>& paths, LookLimits limits) { return Walk(limits).over(paths); }

std::optional<std::int64_t> size_beneath(const std::string& folder, const std::string& path) {
  const Fd root(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return std::nullopt;
  const Fd file = open_beneath(root.get(), path, O_PATH);
  struct ::stat raw {};
  if (!file || ::fstat(file.get(), &raw) != 0 || !S_ISREG(raw.st_mode)) return std::nullopt;
  return raw.st_size;
}

}  // namespace baton::platform
