#include "platform/files_at.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "platform/beneath.h"
#include "platform/file_io.h"
#include "platform/names.h"

namespace baton::platform {
namespace {

// A fifo or device opened with these neither blocks nor becomes the controlling terminal.
constexpr int k_harmless = O_NONBLOCK | O_NOCTTY;
// Losing a race for a name this often in a row means that somebody works against us.
constexpr int k_name_attempts = 8;

class FilesAt final : public Files {
 public:
  FilesAt(Fd root, unsigned file_mode, unsigned folder_mode)
      : folders_(std::move(root)), file_mode_(file_mode), folder_mode_(folder_mode) {}

  Result<Stat> stat(const std::string& path) override;
  Result<Content> read(const std::string& path, std::size_t limit) override;
  Result<std::vector<Entry>> list(const std::string& path) override;
  Result<Stat> scan(const std::string& path, const std::function<void(std::string_view)>& take) override;
  Result<Stat> write_pieces(const std::string& path, std::span<const std::string_view> pieces) override;
  Result<> rename(const std::string& from, const std::string& to, Replace replace) override;
  Result<> exchange(const std::string& a, const std::string& b) override;
  Result<> remove(const std::string& path) override;
  Result<> make_folder_within(const std::string& within, const std::string& path) override;
  Result<> symlink(const std::string& target, const std::string& path) override;
  Result<Appended> append(const std::string& path, std::string_view bytes) override;
  Result<std::string> read_at(const std::string& path, std::int64_t offset, std::size_t length) override;
  Result<> set_owner(const std::string& path, const Stat& like) override;
  Result<> sync(const std::string& path) override;
  void keep_folders() override { folders_.keep(); }
  void let_folders_go() override { folders_.let_go(); }

 private:
  /// Once more when nothing was found in a kept folder that was deleted since.
  template <class Act>
  auto act(Act once) {
    auto done = once();
    if (!done && done.error().code == ErrorCode::not_found && folders_.let_go_deleted()) done = once();
    return done;
  }
  Result<Stat> stat_once(const std::string& path);
  Result<Fd> open_file(const std::string& path, int flags, std::string_view verb);
  Result<> rename_once(const std::string& from, const std::string& to, Replace replace);
  Result<> exchange_once(const std::string& a, const std::string& b);
  Result<> remove_once(const std::string& path);
  Result<> symlink_once(const std::string& target, const std::string& path);
  Result<Fd> open_new(const std::string& path);
  Result<Fd> open_to_append(const std::string& path);
  Result<Fd> enter_folder(int parent, const std::string& name, const std::string& path);

  Folders folders_;
  unsigned file_mode_;
  unsigned folder_mode_;
};

Result<Stat> FilesAt::stat(const std::string& path) {
  return act([&] { return stat_once(path); });
}

Result<Stat> FilesAt::stat_once(const std::string& path) {
  struct ::stat raw {};
  if (path.empty()) {
    if (::fstat(folders_.root(), &raw) != 0) return fail_path("look at", path, errno);
    return to_stat(raw);
  }
  TRY_VALUE(const Spot spot, folders_.spot("look at", path));
  if (::fstatat(spot.dir, spot.leaf.c_str(), &raw, AT_SYMLINK_NOFOLLOW) != 0) return fail_path("look at", path, errno);
  return to_stat(raw);
}

Result<Fd> FilesAt::open_file(const std::string& path, int flags, std::string_view verb) {
  return act([&]() -> Result<Fd> {
    Fd fd = folders_.open(path, flags);
    if (!fd) return fail_path(verb, path, errno);
    return fd;
  });
}

Result<Content> FilesAt::read(const std::string& path, std::size_t limit) {
  TRY_VALUE(const Fd fd, open_file(path, O_RDONLY | k_harmless, "read"));
  return read_version(fd.get(), path, limit);
}

Result<Stat> FilesAt::scan(const std::string& path, const std::function<void(std::string_view)>& take) {
  TRY_VALUE(const Fd fd, open_file(path, O_RDONLY | k_harmless, "read"));
  return scan_version(fd.get(), path, take);
}

Result<std::string> FilesAt::read_at(const std::string& path, std::int64_t offset, std::size_t length) {
  TRY_VALUE(const Fd fd, open_file(path, O_RDONLY | k_harmless, "read"));
  return read_part(fd.get(), path, offset, length);
}

FileType entry_type(int dir, const dirent& entry) {
  switch (entry.d_type) {
    case DT_REG: return FileType::regular;
    case DT_DIR: return FileType::directory;
    case DT_LNK: return FileType::symlink;
    case DT_UNKNOWN: break;  // some filesystems do not say
    default: return FileType::other;
  }
  struct ::stat raw {};
  return ::fstatat(dir, entry.d_name, &raw, AT_SYMLINK_NOFOLLOW) == 0 ? to_stat(raw).type : FileType::other;
}

Result<std::vector<Entry>> FilesAt::list(const std::string& path) {
  TRY_VALUE(Fd fd, open_file(path, O_RDONLY | O_DIRECTORY, "list"));
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::fdopendir(fd.get()), ::closedir);
  if (!dir) return fail_path("list", path, errno);
  const int dir_fd = fd.release();  // now the DIR's
  std::vector<Entry> entries;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(dir.get());
    if (entry == nullptr && errno != 0) return fail_path("list", path, errno);
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") entries.push_back({std::string(name), entry_type(dir_fd, *entry)});
  }
  std::ranges::sort(entries, {}, &Entry::name);
  return entries;
}

// An existing file is unlinked, never truncated: it may have a second name that somebody reads.
Result<Fd> FilesAt::open_new(const std::string& path) {
  for (int attempt = 0; attempt < k_name_attempts; ++attempt) {
    Fd fd = folders_.open(path, O_WRONLY | O_CREAT | O_EXCL, file_mode_);
    if (fd) return fd;
    if (errno != EEXIST) return fail_path("write", path, errno);
    TRY_VALUE(const Spot spot, folders_.spot("write", path));
    if (::unlinkat(spot.dir, spot.leaf.c_str(), 0) != 0 && errno != ENOENT) return fail_path("write", path, errno);
  }
  return fail_path(ErrorCode::refused, "write", path, "somebody keeps making a file of that name");
}

Result<Stat> FilesAt::write_pieces(const std::string& path, std::span<const std::string_view> pieces) {
  TRY_VALUE(Fd fd, act([&] { return open_new(path); }));
  Stat stat;
  int error = write_all(fd.get(), pieces);
  struct ::stat raw {};
  if (error == 0 && ::fstat(fd.get(), &raw) != 0) error = errno;
  if (error == 0) {
    stat = to_stat(raw);
    error = give_mode(fd.get(), stat, file_mode_);
  }
  // Network filesystems report a full disk at the close.
  if (::close(fd.release()) != 0 && errno != EINTR && error == 0) error = errno;
  if (error == 0) return stat;
  (void)remove(path);  // the reason to report is the first one
  return fail_path("write", path, error);
}

// Most renames stay in their folder, which is opened once then.
Result<Spot> find_target(Folders& folders, const Spot& source, const std::string& from, const std::string& to) {
  const std::size_t slash = to.rfind('/');
  const std::size_t folder = slash == std::string::npos ? 0 : slash + 1;
  const std::string_view leaf = std::string_view(to).substr(folder);
  const bool beside = from.size() == folder + source.leaf.size() && from.compare(0, folder, to, 0, folder) == 0;
  if (!beside || leaf.empty() || leaf == "." || leaf == ".." || leaf.find('\0') != std::string_view::npos)
    return folders.spot("rename " + from + " to", to);
  return Spot{{}, source.dir, std::string(leaf)};
}

Result<> FilesAt::rename(const std::string& from, const std::string& to, Replace replace) {
  return act([&] { return rename_once(from, to, replace); });
}

Result<> FilesAt::rename_once(const std::string& from, const std::string& to, Replace replace) {
  TRY_VALUE(const Spot source, folders_.spot("rename", from));
  TRY_VALUE(const Spot target, find_target(folders_, source, from, to));
  const int error = rename_spot(source, target, replace);
  if (error == 0) return {};
  return fail_rename(from, to, error);
}

Result<> FilesAt::exchange(const std::string& a, const std::string& b) {
  return act([&] { return exchange_once(a, b); });
}

Result<> FilesAt::exchange_once(const std::string& a, const std::string& b) {
  TRY_VALUE(const Spot first, folders_.spot("exchange", a));
  TRY_VALUE(const Spot second, folders_.spot("exchange", b));
  const int error = exchange_spots(first, second);
  if (error == 0) return {};
  if (is_unknown_call(error))
    return fail_path(ErrorCode::refused, "exchange " + a + " with", b, "this filesystem cannot exchange names");
  return fail_path("exchange " + a + " with", b, error);
}

Result<> FilesAt::remove(const std::string& path) {
  auto removed = act([&] { return remove_once(path); });
  if (!removed && removed.error().code == ErrorCode::not_found) return {};
  return removed;
}

Result<> FilesAt::remove_once(const std::string& path) {
  TRY_VALUE(const Spot spot, folders_.spot("remove", path));
  if (::unlinkat(spot.dir, spot.leaf.c_str(), 0) == 0) return {};
  return fail_path("remove", path, errno);
}

// Opens a folder in `parent`, made when missing.
Result<Fd> FilesAt::enter_folder(int parent, const std::string& name, const std::string& path) {
  const bool made = ::mkdirat(parent, name.c_str(), folder_mode_) == 0;
  const int make_error = made ? 0 : errno;
  Fd fd = open_beneath(parent, name, O_DIRECTORY | (made ? O_RDONLY : O_PATH));
  if (!fd && errno == ENOTDIR) return fail_path(ErrorCode::refused, "make folder", path, "a file is in the way");
  if (!fd) return fail_path("make folder", path, make_error != 0 && make_error != EEXIST ? make_error : errno);
  if (!made) return fd;
  struct ::stat raw {};
  if (::fstat(fd.get(), &raw) != 0) return fail_path("make folder", path, errno);
  Stat stat = to_stat(raw);
  if (const int error = give_mode(fd.get(), stat, folder_mode_); error != 0) return fail_path("make folder", path, error);
  return fd;
}

Result<> FilesAt::make_folder_within(const std::string& within, const std::string& path) {
  if (folders_.open(path, O_PATH | O_DIRECTORY)) return {};
  if (errno != ENOENT && errno != ENOTDIR) return fail_path("make folder", path, errno);
  Fd folder;
  std::string rest = path;
  if (!within.empty()) {  // by one descriptor: what is made is made in there, or nowhere
    if (path != within && !path.starts_with(within + "/"))
      return fail_path(ErrorCode::invalid, "make folder", path, "it is not in " + within);
    folder = folders_.open(within, O_PATH | O_DIRECTORY);
    if (!folder) return fail_path("make folder", path, errno);
    rest = path.substr(within.size());
  }
  for (const std::string& name : text::split(rest, '/')) {
    if (name.empty() || name == ".") continue;
    TRY_VALUE(folder, enter_folder(folder ? folder.get() : folders_.root(), name, path));
  }
  return {};
}

Result<> FilesAt::symlink(const std::string& target, const std::string& path) {
  if (target.empty() || target.front() == '/' || target.find('\0') != std::string::npos)
    return fail_path(ErrorCode::invalid, "make symlink", path, "its target must be a relative path");
  return act([&] { return symlink_once(target, path); });
}

Result<> FilesAt::symlink_once(const std::string& target, const std::string& path) {
  TRY_VALUE(const Spot spot, folders_.spot("make symlink", path));
  const int error = put_symlink(spot, target);
  if (error == 0) return {};
  if (error == EEXIST) return fail_path(ErrorCode::refused, "make symlink", path, "something else has that name");
  if (error == EPERM || error == ENOSYS || error == EOPNOTSUPP)
    return fail_path(ErrorCode::refused, "make symlink", path, "this filesystem has no symlinks");
  return fail_path("make symlink", path, error);
}

Result<Fd> FilesAt::open_to_append(const std::string& path) {
  constexpr int k_flags = O_WRONLY | O_APPEND | k_harmless;
  for (int attempt = 0; attempt < k_name_attempts; ++attempt) {
    Fd fd = folders_.open(path, k_flags);
    if (fd) return fd;
    if (errno != ENOENT) return fail_path("append to", path, errno);
    fd = folders_.open(path, k_flags | O_CREAT | O_EXCL, file_mode_);
    if (!fd && errno == EEXIST) continue;
    if (!fd) return fail_path("append to", path, errno);
    TRY_VALUE(Stat stat, regular_stat(fd.get(), "append to", path));
    if (const int error = give_mode(fd.get(), stat, file_mode_); error != 0) return fail_path("append to", path, error);
    return fd;
  }
  return fail_path(ErrorCode::refused, "append to", path, "somebody keeps making and removing it");
}

Result<Files::Appended> FilesAt::append(const std::string& path, std::string_view bytes) {
  TRY_VALUE(const Fd fd, act([&] { return open_to_append(path); }));
  TRY_VALUE(const Stat stat, regular_stat(fd.get(), "append to", path));
  std::size_t written = 0;
  if (const int error = write_once(fd.get(), bytes, written); error != 0) return fail_path("append to", path, error);
  // Where the write ended, not where the file ended before: others append, too.
  const off_t end = bytes.empty() ? ::lseek(fd.get(), 0, SEEK_END) : ::lseek(fd.get(), 0, SEEK_CUR);
  if (end < 0) return fail_path("append to", path, errno);
  const auto length = static_cast<std::int64_t>(written);
  return Appended{stat.identity.inode, end - length, length};
}

Result<> FilesAt::set_owner(const std::string& path, const Stat& like) {
  TRY_VALUE(const Fd fd, open_file(path, O_RDONLY | k_harmless, "set the owner of"));
  TRY(regular_stat(fd.get(), "set the owner of", path));
  // Only root may give a file away; the group changes first because that clears mode bits.
  const bool owned = ::fchown(fd.get(), like.uid, like.gid) == 0 || ::fchown(fd.get(), static_cast<uid_t>(-1), like.gid) == 0;
  if (!owned && errno != EPERM) return fail_path("set the owner of", path, errno);
  constexpr unsigned k_rights = 0777;  // never set-user-id and its like
  if (::fchmod(fd.get(), like.mode & k_rights) != 0 && errno != EPERM) return fail_path("set the mode of", path, errno);
  return {};
}

Result<> FilesAt::sync(const std::string& path) {
  TRY_VALUE(const Fd fd, open_file(path, O_RDONLY | k_harmless, "sync"));
  struct ::stat raw {};
  if (::fstat(fd.get(), &raw) != 0) return fail_path("sync", path, errno);
  if (!S_ISDIR(raw.st_mode) && !S_ISREG(raw.st_mode)) return fail_path("sync", path, ENXIO);
  const int done = S_ISDIR(raw.st_mode) ? ::fsync(fd.get()) : ::fdatasync(fd.get());
  if (done == 0 || (S_ISDIR(raw.st_mode) && errno == EINVAL)) return {};  // some filesystems cannot sync a folder
  return fail_path("sync", path, errno);
}

}  // namespace

Result<std::unique_ptr<Files>> open_files(const std::string& root, unsigned file_mode, unsigned folder_mode) {
  Fd fd(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_path("open folder", root, errno);
  if (!open_beneath(fd.get(), "", O_PATH | O_DIRECTORY)) {
    if (errno == ENOSYS)
      return fail(ErrorCode::io, "cannot open folder " + root + ": this kernel has no openat2", "Linux 5.6 or newer is needed");
    return fail_path("open folder", root, errno);
  }
  return std::make_unique<FilesAt>(std::move(fd), file_mode, folder_mode);
}

}  // namespace baton::platform
