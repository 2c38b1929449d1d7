#include "platform/watch.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <map>
#include <unordered_map>

#include "platform/beneath.h"
#include "platform/fd.h"

namespace baton::platform {
namespace {

constexpr std::uint32_t k_mask = IN_CREATE | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                                 IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK;
constexpr std::size_t k_batch = 64 * 1024;  // bytes asked of the kernel at once
// One call takes at most 8 MiB of notices, more than a full queue of the usual size; what is left keeps the descriptor readable.
constexpr int k_batches = 128;

bool is_or_lies_in(const std::string& path, const std::string& folder) {
  return folder.empty() || path == folder ||
         (path.size() > folder.size() && path[folder.size()] == '/' && path.starts_with(folder));
}

std::string join(const std::string& folder, const std::string& name) { return folder.empty() ? name : folder + "/" + name; }

tl::unexpected<Error> fail_watch(const std::string& folder, int error) {
  // Not a full disk, as this number says elsewhere: the kernel's limit of watches is reached.
  if (error == ENOSPC)
    return fail(ErrorCode::io, "cannot watch " + folder + ": no watches are left for this user",
                "raise fs.inotify.max_user_watches");
  return fail_path("watch", folder, error);
}

}  // namespace

bool filesystem_notifies(std::int64_t type) {
  static constexpr std::array<std::uint32_t, 15> k_silent = {
      0x6969,      // NFS
      0x517B,      // SMB
      0xFF534D42,  // CIFS
      0xFE534D42,  // SMB2
      0x01021997,  // 9p
      0x65735546,  // FUSE, virtiofs
      0x00C36400,  // Ceph
      0x5346414F,  // AFS
      0x6B414653,  // kAFS
      0x73757245,  // Coda
      0x01161970,  // GFS2
      0x7461636F,  // OCFS2
      0x0BD00BD0,  // Lustre
      0x786F4256,  // VirtualBox shared folders
      0xBACBACBC,  // VMware shared folders
  };
  return std::ranges::find(k_silent, static_cast<std::uint32_t>(type)) == k_silent.end();
}

struct Watch::Impl {
  std::string root;
  bool notifies = true;
  Fd inotify;
  std::map<std::string, int> wds;                // folder → watch descriptor; sorted: a parent stands before what lies in it
  std::unordered_map<int, std::string> folders;  // and back
  std::vector<Notice> found;

  std::string absolute(const std::string& path) const { return path.empty() ? root : root + "/" + path; }
  void bind(const std::string& folder, int wd);
  void unwatch(const std::string& folder);
  void lose(const std::string& folder);
  void take(const inotify_event& event, std::string_view name);
  void take_entry(const inotify_event& event, const std::string& folder, std::string name);
  Notice::What created(const std::string& folder, const std::string& name) const;
};

Watch::Watch(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Watch::~Watch() = default;
Watch::Watch(Watch&&) noexcept = default;
Watch& Watch::operator=(Watch&&) noexcept = default;

Result<Watch> Watch::open(const std::string& root) {
  auto impl = std::make_unique<Impl>();
  impl->root = root;
  struct ::statfs raw {};
  impl->notifies = ::statfs(root.c_str(), &raw) != 0 || filesystem_notifies(static_cast<std::int64_t>(raw.f_type));
  impl->inotify = Fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!impl->inotify && errno == EMFILE)
    return fail(ErrorCode::io, "cannot watch " + root + ": too many watchers for this user",
                "raise fs.inotify.max_user_instances");
  if (!impl->inotify) return fail_path("watch", root, errno);
  return Watch(std::move(impl));
}

int Watch::fd() const { return impl_->inotify.get(); }

// The root is opened anew each time: it may have been replaced, too.
Result<> Watch::add(const std::string& folder) {
  const Fd root(::open(impl_->root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return fail_path("watch", impl_->root, errno);
  const Fd dir = open_beneath(root.get(), folder, O_PATH | O_DIRECTORY);
  if (!dir) return fail_path("watch", folder, errno);
  // inotify takes a path only; this one names exactly the folder that was opened.
  const std::string path = "/proc/self/fd/" + std::to_string(dir.get());
  const int wd = ::inotify_add_watch(impl_->inotify.get(), path.c_str(), k_mask);
  if (wd < 0) return fail_watch(folder, errno);
  impl_->bind(folder, wd);
  return {};
}

void Watch::Impl::bind(const std::string& folder, int wd) {
  if (const auto known = wds.find(folder); known != wds.end() && known->second != wd) unwatch(folder);
  if (const auto known = folders.find(wd); known != folders.end() && known->second != folder) {
    // The same folder under a new name: the kernel's notice of the move is still to be read.
    found.push_back({Notice::What::folder_lost, known->second, "", true});
    wds.erase(known->second);
  }
  wds[folder] = wd;
  folders[wd] = folder;
}

void Watch::Impl::unwatch(const std::string& folder) {
  const auto known = wds.find(folder);
  if (known == wds.end()) return;
  ::inotify_rm_watch(inotify.get(), known->second);  // fails when the folder is gone: then there is nothing to remove
  folders.erase(known->second);
  wds.erase(known);
}

// A folder that moves or goes takes all that lies in it along, and the kernel tells of the folder alone.
void Watch::Impl::lose(const std::string& folder) {
  std::vector<std::string> lost;
  for (const auto& [path, wd] : wds)
    if (is_or_lies_in(path, folder)) lost.push_back(path);
  for (const std::string& path : lost) {
    unwatch(path);
    found.push_back({Notice::What::folder_lost, path, "", true});
  }
}

std::vector<Notice> Watch::read() {
  alignas(inotify_event) std::array<char, k_batch> buffer;
  for (int batch = 0; batch < k_batches; ++batch) {
    const ssize_t got = ::read(impl_->inotify.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* name = buffer.data() + at + sizeof event;
      impl_->take(event, std::string_view(name, ::strnlen(name, event.len)));
      at += sizeof event + event.len;
    }
  }
  return std::exchange(impl_->found, {});
}

void Watch::Impl::take(const inotify_event& event, std::string_view name) {
  if ((event.mask & IN_Q_OVERFLOW) != 0) {
    found.push_back({Notice::What::list_all, "", "", false});
    return;
  }
  const auto known = folders.find(event.wd);
  if (known == folders.end()) return;  // of a watch that was given up
  const std::string folder = known->second;
  if ((event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) != 0) {
    lose(folder);
  } else if (!name.empty()) {
    take_entry(event, folder, std::string(name));
  }
}

void Watch::Impl::take_entry(const inotify_event& event, const std::string& folder, std::string name) {
  const bool is_folder = (event.mask & IN_ISDIR) != 0;
  Notice::What what = Notice::What::gone;
  if ((event.mask & IN_MOVED_TO) != 0) what = Notice::What::appeared;
  if ((event.mask & IN_CREATE) != 0) what = is_folder ? Notice::What::appeared : created(folder, name);
  if ((event.mask & IN_CLOSE_WRITE) != 0) what = Notice::What::written;
  if ((event.mask & IN_ATTRIB) != 0) what = Notice::What::touched;
  const std::string path = is_folder ? join(folder, name) : std::string();
  found.push_back({what, folder, std::move(name), is_folder});
  if (is_folder && what == Notice::What::gone) lose(path);
}

// Symlinks, fifos, devices and further names of a file are never closed after writing; only a fresh regular file is. Hidden
// names are nobody's input (the daemon stages its own files under them), so they are not worth a look.
Notice::What Watch::Impl::created(const std::string& folder, const std::string& name) const {
  struct ::stat raw {};
  if (name.starts_with('.') || ::lstat(absolute(join(folder, name)).c_str(), &raw) != 0) return Notice::What::opened_new;
  return S_ISREG(raw.st_mode) && raw.st_nlink < 2 ? Notice::What::opened_new : Notice::What::appeared;
}

bool Watch::notifies() const { return impl_->notifies; }

}  // namespace baton::platform
