#include "platform/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>

#include "base/text.h"

namespace baton::platform {
namespace {

// Names come from strangers: what is said about them must neither steer a terminal nor break a JSON document.
std::string sentence(std::string_view verb, const std::string& path) {
  const std::string words = "cannot " + std::string(verb) + " " + (path.empty() ? "the folder" : path);
  return text::printable(text::escape_non_utf8(words));
}

FileType type_of(mode_t mode) {
  if (S_ISREG(mode)) return FileType::regular;
  if (S_ISDIR(mode)) return FileType::directory;
  if (S_ISLNK(mode)) return FileType::symlink;
  return FileType::other;
}

constexpr std::size_t k_most_kept = 64;  // descriptors are few where there are hundreds of masters

bool is_entry(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('\0') == std::string_view::npos;
}

}  // namespace

Fd open_beneath(int dir_fd, const std::string& path, int flags, unsigned mode) {
  if (path.find('\0') != std::string::npos) {
    errno = EINVAL;
    return {};
  }
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const char* name = path.empty() ? "." : path.c_str();
  long fd = 0;
  do {
    fd = ::syscall(SYS_openat2, dir_fd, name, &how, sizeof how);
  } while (fd < 0 &&
           (errno == EINTR || (errno == EAGAIN && path.find("..") != std::string::npos)));  // a race of ".." with a rename
  return Fd(static_cast<int>(fd));
}

int Folders::enter(std::string_view name, Fd& owned) {
  used_ = {used_[1], -1};
  if (const auto kept = std::ranges::find(kept_, name, &Kept::name); kept != kept_.end()) return used_[1] = kept->fd.get();
  Fd folder = open_beneath(root_.get(), std::string(name), O_PATH | O_DIRECTORY);
  if (!folder) return -1;
  const int fd = folder.get();
  if (keeping_ && kept_.size() < k_most_kept)
    kept_.push_back({std::string(name), std::move(folder)});
  else
    owned = std::move(folder);
  return fd;
}

// In a folder that was deleted nothing is found and nothing can be made: so it shows, without a look before every use.
bool Folders::let_go_deleted() {
  const auto deleted = [this](const Kept& kept) {
    struct ::stat raw {};
    return std::ranges::find(used_, kept.fd.get()) != used_.end() && ::fstat(kept.fd.get(), &raw) == 0 && raw.st_nlink == 0;
  };
  return std::erase_if(kept_, deleted) > 0;
}

Result<Spot> Folders::spot(std::string_view verb, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  Spot spot;
  spot.leaf = slash == std::string::npos ? path : path.substr(slash + 1);
  if (!is_entry(spot.leaf)) return fail_path(ErrorCode::invalid, verb, path, "the path does not name an entry of a folder");
  spot.dir = root_.get();
  if (slash == std::string::npos) return spot;
  // A leading slash stays: openat2 refuses it.
  spot.dir = enter(std::string_view(path).substr(0, std::max<std::size_t>(slash, 1)), spot.owned);
  if (spot.dir < 0) return fail_path(verb, path, errno);
  return spot;
}

Fd Folders::open(const std::string& path, int flags, unsigned mode) {
  const std::size_t slash = path.rfind('/');
  if (!keeping_ || slash == std::string::npos || slash == 0 || !is_entry(std::string_view(path).substr(slash + 1)))
    return open_beneath(root_.get(), path, flags, mode);
  Fd owned;
  const int folder = enter(std::string_view(path).substr(0, slash), owned);
  return folder < 0 ? Fd() : open_beneath(folder, path.substr(slash + 1), flags, mode);
}

tl::unexpected<Error> fail_path(ErrorCode code, std::string_view verb, const std::string& path, std::string_view reason) {
  return fail(code, sentence(verb, path) + ": " + std::string(reason));
}

tl::unexpected<Error> fail_path(std::string_view verb, const std::string& path, int error_number) {
  switch (error_number) {
    case ELOOP: return fail_path(ErrorCode::invalid, verb, path, "the path leads through a symlink");
    case EXDEV: return fail_path(ErrorCode::invalid, verb, path, "the path leads out of its folder");
    case EINVAL: return fail_path(ErrorCode::invalid, verb, path, "the name cannot be used");
    case ENAMETOOLONG: return fail_path(ErrorCode::invalid, verb, path, "the name is too long");
    case EISDIR: return fail_path(ErrorCode::invalid, verb, path, "it is a folder");
    case ENXIO: return fail_path(ErrorCode::invalid, verb, path, "it is no regular file");
    case ENOTDIR: return fail_path(ErrorCode::not_found, verb, path, "a part of the path is no folder");
    default: return fail_errno(sentence(verb, path), error_number);
  }
}

Stat to_stat(const struct ::stat& raw) {
  Stat stat;
  stat.identity.inode = raw.st_ino;
  stat.identity.mtime_ns = std::int64_t{raw.st_mtim.tv_sec} * 1'000'000'000 + raw.st_mtim.tv_nsec;
  stat.identity.size = raw.st_size;
  stat.type = type_of(raw.st_mode);
  stat.mode = raw.st_mode & 07777U;
  stat.uid = raw.st_uid;
  stat.gid = raw.st_gid;
  return stat;
}

}  // namespace baton::platform
