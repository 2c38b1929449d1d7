// Opening names beneath a folder without ever leaving it: openat2 with RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS and
// RESOLVE_NO_MAGICLINKS, and the words for what can go wrong. Used by the wrappers of this folder only.
#pragma once

#include <sys/stat.h>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/fd.h"
#include "platform/files.h"

namespace baton::platform {

/// Opens `path` beneath `dir_fd`; "" is the folder itself. O_CLOEXEC is added. An empty Fd and errno when it fails.
Fd open_beneath(int dir_fd, const std::string& path, int flags, unsigned mode = 0);

/// Where a name stands: the descriptor of its folder and its last component, for the calls that have no openat2 form.
struct Spot {
  Fd owned;  // empty when somebody else keeps the descriptor
  int dir = -1;
  std::string leaf;
};

/// The folders beneath a root. A folder that was opened is kept until let_go(), if wanted: whoever does many things to the same
/// few folders walks to each of them once. A folder that is moved away meanwhile is still the one that was meant at the first
/// step.
class Folders {
 public:
  explicit Folders(Fd root) : root_(std::move(root)) {}
  int root() const { return root_.get(); }
  void keep() { keeping_ = true; }
  void let_go() { kept_.clear(); }
  /// Nothing was found where the last spot, or the two last, led to: a kept folder that was deleted since is let go. False: none
  /// was, and to look again would find nothing either.
  bool let_go_deleted();

  /// `verb` starts the message: "cannot <verb> <path>: …".
  Result<Spot> spot(std::string_view verb, const std::string& path);
  /// As open_beneath(root(), …).
  Fd open(const std::string& path, int flags, unsigned mode = 0);

 private:
  /// The folder `name`, kept or just opened (then owned by `owned` unless it is kept); -1 and errno.
  int enter(std::string_view name, Fd& owned);

  struct Kept {
    std::string name;
    Fd fd;
  };

  Fd root_;
  bool keeping_ = false;
  std::vector<Kept> kept_;
  std::array<int, 2> used_{-1, -1};  // of kept_: the last ones that were entered
};

/// "cannot <verb> <path>: <reason>". invalid: out of the root, through a symlink, too long, no regular file; not_found: missing,
/// or a file where a folder is expected; else as fail_errno.
tl::unexpected<Error> fail_path(std::string_view verb, const std::string& path, int error_number);
tl::unexpected<Error> fail_path(ErrorCode code, std::string_view verb, const std::string& path, std::string_view reason);

Stat to_stat(const struct ::stat& raw);

}  // namespace baton::platform
