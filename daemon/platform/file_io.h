// Moving bytes between memory and an open regular file. Callers opened it O_NONBLOCK, so a fifo or device is found out by its
// type and never waited for. Used by files_at only.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/files.h"

namespace baton::platform {

/// All return errno, 0 = all is well. `written` grows with what was taken.
int write_all(int fd, std::string_view bytes);
int write_all(int fd, std::span<const std::string_view> pieces);
int write_once(int fd, std::string_view bytes, std::size_t& written);

/// The stat of an open file; invalid when it is no regular one.
Result<Stat> regular_stat(int fd, std::string_view verb, const std::string& path);

/// One consistent version of the open file, see Files::read.
Result<Content> read_version(int fd, const std::string& path, std::size_t limit);

/// The same in pieces, see Files::scan.
Result<Stat> scan_version(int fd, const std::string& path, const std::function<void(std::string_view)>& take);

/// At most `length` bytes from `offset`; never asks for memory beyond what the file holds.
Result<std::string> read_part(int fd, const std::string& path, std::int64_t offset, std::size_t length);

/// Gives the open file `mode` where the umask took bits of it. A filesystem that has no modes is left alone. Returns errno or 0.
int give_mode(int fd, Stat& stat, unsigned mode);

}  // namespace baton::platform
