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

Result<Spot> find_spot(int root, std::string_view verb, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  Spot spot;
  spot.leaf = slash == std::string::npos ? path : path.substr(slash + 1);
  if (spot.leaf.empty() || spot.leaf == "." || spot.leaf == ".." || spot.leaf.find('\0') != std::string::npos)
    return fail_path(ErrorCode::invalid, verb, path, "the path does not name an entry of a folder");
  spot.dir = root;
  if (slash == std::string::npos) return spot;
  // A leading slash stays: openat2 refuses it.
  spot.owned = open_beneath(root, path.substr(0, std::max<std::size_t>(slash, 1)), O_PATH | O_DIRECTORY);
  if (!spot.owned) return fail_path(verb, path, errno);
  spot.dir = spot.owned.get();
  return spot;
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
