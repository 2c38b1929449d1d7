#include "platform/file_io.h"

#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>

#include "platform/beneath.h"

namespace baton::platform {
namespace {

// A file that changes under this many reads in a row has a busy writer; its closing will be noticed.
constexpr int k_read_attempts = 8;
constexpr std::size_t k_small_piece = 1 << 14;
constexpr std::size_t k_shared_write = 1 << 18;  // bytes of one write: the kernel takes twice as long for megabytes at once
constexpr std::size_t k_parser_room = 64;        // a parser that wants some bytes behind the text need not copy it

bool same_version(const struct ::stat& a, const struct ::stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec &&
         a.st_ctim.tv_sec == b.st_ctim.tv_sec && a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

// Fills `room` from `offset`, as far as the file goes; errno or 0.
int fill_from(int fd, std::int64_t offset, std::span<char> room, std::size_t& done) {
  while (done < room.size()) {
    const ssize_t got = ::pread(fd, room.data() + done, room.size() - done, offset + static_cast<std::int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return 0;
}

// Fills `bytes` to its size or cuts it at the end of the file.
int fill_from(int fd, std::int64_t offset, std::string& bytes) {
  std::size_t done = 0;
  const int error = fill_from(fd, offset, std::span<char>(bytes), done);
  bytes.resize(done);
  return error;
}

Result<struct ::stat> checked_stat(int fd, std::string_view verb, const std::string& path) {
  struct ::stat raw {};
  if (::fstat(fd, &raw) != 0) return fail_path(verb, path, errno);
  if (S_ISDIR(raw.st_mode)) return fail_path(verb, path, EISDIR);
  if (!S_ISREG(raw.st_mode)) return fail_path(verb, path, ENXIO);
  return raw;
}

}  // namespace

int write_once(int fd, std::string_view bytes, std::size_t& written) {
  for (;;) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    written += static_cast<std::size_t>(put);
    return 0;
  }
}

int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t put = 0;
    if (const int error = write_once(fd, bytes.substr(0, k_shared_write), put); error != 0) return error;
    bytes.remove_prefix(put);
  }
  return 0;
}

// Large pieces are not copied, small ones share a write.
int write_all(int fd, std::span<const std::string_view> pieces) {
  if (pieces.size() == 1) return write_all(fd, pieces.front());
  std::string small;
  for (const std::string_view piece : pieces) {
    const bool is_small = piece.size() < k_small_piece;
    if (is_small) small += piece;
    if (is_small && small.size() < k_shared_write) continue;
    if (const int error = write_all(fd, small); error != 0) return error;
    small.clear();
    if (is_small) continue;
    if (const int error = write_all(fd, piece); error != 0) return error;
  }
  return write_all(fd, small);
}

Result<Stat> regular_stat(int fd, std::string_view verb, const std::string& path) {
  TRY_VALUE(const struct ::stat raw, checked_stat(fd, verb, path));
  return to_stat(raw);
}

Result<Content> read_version(int fd, const std::string& path, std::size_t limit) {
  for (int attempt = 0; attempt < k_read_attempts; ++attempt) {
    TRY_VALUE(const struct ::stat before, checked_stat(fd, "read", path));
    const auto size = static_cast<std::size_t>(before.st_size);
    if (size > limit)
      return fail_path(ErrorCode::invalid, "read", path,
                       "it has " + std::to_string(size) + " bytes, the limit is " + std::to_string(limit));
    Content content;
    content.bytes.reserve(size + k_parser_room);
    content.bytes.resize(size);
    if (const int error = fill_from(fd, 0, content.bytes); error != 0) return fail_path("read", path, error);
    struct ::stat after {};
    if (::fstat(fd, &after) != 0) return fail_path("read", path, errno);
    if (content.bytes.size() != size || !same_version(before, after)) continue;
    content.stat = to_stat(after);
    return content;
  }
  return fail_path(ErrorCode::refused, "read", path, "it keeps changing while it is read");
}

Result<Stat> scan_version(int fd, const std::string& path, const std::function<void(std::string_view)>& take) {
  TRY_VALUE(const struct ::stat before, checked_stat(fd, "read", path));
  std::array<char, Files::k_scanned_piece> room;
  std::int64_t offset = 0;
  for (std::size_t got = room.size(); got == room.size(); offset += static_cast<std::int64_t>(got)) {
    got = 0;
    if (const int error = fill_from(fd, offset, room, got); error != 0) return fail_path("read", path, error);
    if (got > 0) take({room.data(), got});
  }
  struct ::stat after {};
  if (::fstat(fd, &after) != 0) return fail_path("read", path, errno);
  if (offset != before.st_size || !same_version(before, after))
    return fail_path(ErrorCode::refused, "read", path, "it changed while it was read");
  return to_stat(after);
}

Result<std::string> read_part(int fd, const std::string& path, std::int64_t offset, std::size_t length) {
  if (offset < 0) return fail_path(ErrorCode::invalid, "read", path, "negative offset");
  TRY_VALUE(const struct ::stat raw, checked_stat(fd, "read", path));
  std::string bytes;
  if (offset >= raw.st_size) return bytes;
  bytes.resize(std::min(length, static_cast<std::size_t>(raw.st_size - offset)));
  if (const int error = fill_from(fd, offset, bytes); error != 0) return fail_path("read", path, error);
  return bytes;
}

int give_mode(int fd, Stat& stat, unsigned mode) {
  if (stat.mode == mode) return 0;
  if (::fchmod(fd, mode) != 0) return errno == EPERM || errno == EOPNOTSUPP ? 0 : errno;
  stat.mode = mode;
  return 0;
}

}  // namespace baton::platform
