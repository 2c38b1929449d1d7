// Opening names beneath a folder without ever leaving it: openat2 with RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS and
// RESOLVE_NO_MAGICLINKS, and the words for what can go wrong. Used by the wrappers of this folder only.
#pragma once

#include <sys/stat.h>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/fd.h"
#include "platform/files.h"

namespace baton::platform {

/// Opens `path` beneath `dir_fd`; "" is the folder itself. O_CLOEXEC is added. An empty Fd and errno when it fails.
Fd open_beneath(int dir_fd, const std::string& path, int flags, unsigned mode = 0);

/// Where a name stands: the descriptor of its folder and its last component, for the calls that have no openat2 form.
struct Spot {
  Fd owned;  // empty when the folder is the root itself
  int dir = -1;
  std::string leaf;
};
/// `verb` starts the message: "cannot <verb> <path>: …".
Result<Spot> find_spot(int root, std::string_view verb, const std::string& path);

/// "cannot <verb> <path>: <reason>". invalid: out of the root, through a symlink, too long, no regular file; not_found: missing,
/// or a file where a folder is expected; else as fail_errno.
tl::unexpected<Error> fail_path(std::string_view verb, const std::string& path, int error_number);
tl::unexpected<Error> fail_path(ErrorCode code, std::string_view verb, const std::string& path, std::string_view reason);

Stat to_stat(const struct ::stat& raw);

}  // namespace baton::platform
