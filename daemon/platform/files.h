// The one narrow interface to the filesystem beneath a root folder. Everything the daemon does to files goes through these
// primitives, so that a test can stop the world between any two of them. Paths are relative to the root and never leave it:
// they are opened with openat2(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS). No call blocks on a fifo or device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace baton::platform {

enum class FileType { regular, directory, symlink, other };

/// What tells one version of a file from another.
struct Identity {
  std::uint64_t inode = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t size = 0;
  bool operator==(const Identity&) const = default;
};

struct Stat {
  Identity identity;
  FileType type = FileType::regular;
  std::uint32_t mode = 0;  // permission bits
  std::uint32_t uid = 0, gid = 0;
};

struct Content {
  Stat stat;  // of the open file, unchanged from before to after the read
  std::string bytes;
};

struct Entry {
  std::string name;
  FileType type = FileType::other;
};

enum class Replace { no, yes };

class Files {
 public:
  virtual ~Files() = default;
  /// not_found, or invalid when the path leads out of the root or through a symlink. Does not follow a final symlink.
  virtual Result<Stat> stat(const std::string& path) = 0;
  /// invalid: no regular file, or larger than `limit` bytes (nothing is read then). Retries when the file changed
  /// under it; refused: it keeps changing (its writer will close it).
  virtual Result<Content> read(const std::string& path, std::size_t limit) = 0;
  /// The same bytes, handed over instead of kept: in order, k_scanned_piece each, the last one less. What was handed over counts
  /// only when this succeeds. refused: it changed meanwhile.
  static constexpr std::size_t k_scanned_piece = 1 << 16;
  virtual Result<Stat> scan(const std::string& path, const std::function<void(std::string_view)>& take) = 0;
  virtual Result<std::vector<Entry>> list(const std::string& path) = 0;  // sorted by name; "" is the root
  /// Makes the file anew (a hidden name, by convention) with all bytes, or leaves nothing. An existing one is unlinked
  /// first, never truncated. No fsync.
  Result<Stat> write(const std::string& path, std::string_view bytes) { return write_pieces(path, {&bytes, 1}); }
  /// The same with the bytes in pieces, one after the other.
  virtual Result<Stat> write_pieces(const std::string& path, std::span<const std::string_view> pieces) = 0;
  /// Replace::no: refused when `to` exists (atomic where the filesystem can).
  virtual Result<> rename(const std::string& from, const std::string& to, Replace replace) = 0;
  /// Swaps two existing files (RENAME_EXCHANGE). refused: this filesystem cannot.
  virtual Result<> exchange(const std::string& a, const std::string& b) = 0;
  virtual Result<> remove(const std::string& path) = 0;  // a file or symlink; missing is not an error
  /// With parents; existing is not an error.
  Result<> make_folder(const std::string& path) { return make_folder_within("", path); }
  /// The same; `within`, a folder above it or itself, and its parents are not made. not_found: they are not there.
  virtual Result<> make_folder_within(const std::string& within, const std::string& path) = 0;
  /// Relative symlink; replaces an existing symlink. refused: this filesystem cannot.
  virtual Result<> symlink(const std::string& target, const std::string& path) = 0;
  /// One write at the end, made anew when missing; returns the offset where it begins, the inode, and how much of
  /// `bytes` was written (less on a disk that is nearly full).
  struct Appended {
    std::uint64_t inode = 0;
    std::int64_t offset = 0;
    std::int64_t written = 0;
  };
  virtual Result<Appended> append(const std::string& path, std::string_view bytes) = 0;
  /// `length` bytes from `offset`, fewer at the end.
  virtual Result<std::string> read_at(const std::string& path, std::int64_t offset, std::size_t length) = 0;
  /// Mode, group and owner of `like`, as far as this process may set them.
  virtual Result<> set_owner(const std::string& path, const Stat& like) = 0;
  virtual Result<> sync(const std::string& path) = 0;  // fdatasync of a file, fsync of a folder
  /// From now on a folder that was opened may be kept open until let_folders_go(). Whoever asks for it lets go as soon as a
  /// folder was moved or replaced, and now and then for those that nobody watches.
  virtual void keep_folders() {}
  virtual void let_folders_go() {}
};

}  // namespace baton::platform
