#include "platform/names.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>

namespace baton::platform {
namespace {

bool stands(const Spot& spot, struct ::stat& raw) {
  return ::fstatat(spot.dir, spot.leaf.c_str(), &raw, AT_SYMLINK_NOFOLLOW) == 0;
}

// For filesystems without RENAME_NOREPLACE: link refuses an existing name just as atomically. Without links, too: look, then
// rename.
int rename_by_link(const Spot& from, const Spot& to) {
  if (::linkat(from.dir, from.leaf.c_str(), to.dir, to.leaf.c_str(), 0) == 0)
    return ::unlinkat(from.dir, from.leaf.c_str(), 0) == 0 ? 0 : errno;
  if (errno != EPERM && !is_unknown_call(errno)) return errno;
  struct ::stat raw {};
  if (stands(to, raw)) return EEXIST;
  return ::renameat(from.dir, from.leaf.c_str(), to.dir, to.leaf.c_str()) == 0 ? 0 : errno;
}

bool is_symlink_to(const Spot& spot, const std::string& target) {
  std::string now(target.size() + 1, '\0');  // one more tells a longer target
  const ssize_t length = ::readlinkat(spot.dir, spot.leaf.c_str(), now.data(), now.size());
  return length >= 0 && now.compare(0, static_cast<std::size_t>(length), target) == 0;
}

// Makes the link under a hidden name and renames it over the old one.
int replace_symlink(const Spot& spot, const std::string& target) {
  const std::string hidden = ".symlink-" + std::to_string(::getpid()) + ".tmp";
  if (::unlinkat(spot.dir, hidden.c_str(), 0) != 0 && errno != ENOENT) return errno;
  if (::symlinkat(target.c_str(), spot.dir, hidden.c_str()) != 0) return errno;
  if (::renameat(spot.dir, hidden.c_str(), spot.dir, spot.leaf.c_str()) == 0) return 0;
  const int error = errno;
  ::unlinkat(spot.dir, hidden.c_str(), 0);
  return error;
}

}  // namespace

bool is_unknown_call(int error) { return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP; }

int rename_spot(const Spot& from, const Spot& to, Replace replace) {
  const unsigned flags = replace == Replace::no ? RENAME_NOREPLACE : 0;
  if (::renameat2(from.dir, from.leaf.c_str(), to.dir, to.leaf.c_str(), flags) == 0) return 0;
  return replace == Replace::no && is_unknown_call(errno) ? rename_by_link(from, to) : errno;
}

int exchange_spots(const Spot& first, const Spot& second) {
  return ::renameat2(first.dir, first.leaf.c_str(), second.dir, second.leaf.c_str(), RENAME_EXCHANGE) == 0 ? 0 : errno;
}

int put_symlink(const Spot& spot, const std::string& target) {
  if (::symlinkat(target.c_str(), spot.dir, spot.leaf.c_str()) == 0) return 0;
  struct ::stat raw {};
  if (errno != EEXIST) return errno;
  if (stands(spot, raw) && !S_ISLNK(raw.st_mode)) return EEXIST;
  return is_symlink_to(spot, target) ? 0 : replace_symlink(spot, target);
}

tl::unexpected<Error> fail_rename(const std::string& from, const std::string& to, int error) {
  const std::string verb = "rename " + from + " to";
  switch (error) {
    case EEXIST:
    case ENOTEMPTY: return fail_path(ErrorCode::refused, verb, to, "it exists already");
    case EISDIR:
    case ENOTDIR: return fail_path(ErrorCode::refused, verb, to, "one is a folder, the other is not");
    case EXDEV: return fail_path(ErrorCode::io, verb, to, "they are on different filesystems");
    default: return fail_path("rename", from, error);
  }
}

}  // namespace baton::platform
