// Directory watching by inotify. A notification only says which name to look at; it is never trusted for more. Passive: its owner
// says when to read (the descriptor is readable).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace baton::platform {

struct Notice {
  enum class What {
    appeared,     // renamed in or created and closed: complete as far as the kernel can tell
    written,      // closed after writing
    touched,      // attributes changed (a heartbeat)
    opened_new,   // created, as a rule still open for writing: `written` follows. Or linked from a name that is gone by
                  // now: nothing follows, look at it once it is settled
    gone,         // renamed out or deleted
    folder_lost,  // the watched folder or one above it was deleted or moved, the watch is gone: watch it again, then list it
    list_all,     // the kernel dropped notices: list every folder once
  };
  What what = What::appeared;
  std::string folder;  // as given to add()
  std::string name;    // of the entry; empty for folder_lost and list_all
  bool is_folder = false;
};

/// `type`: f_type of statfs(2).
bool filesystem_notifies(std::int64_t type);

class Watch {
 public:
  /// `root`: absolute path beneath which folders are named.
  static Result<Watch> open(const std::string& root);
  ~Watch();
  Watch(Watch&&) noexcept;
  Watch& operator=(Watch&&) noexcept;

  int fd() const;
  /// Watches a folder (relative; "" = the root). Watching the same folder again (a new inode) replaces the old watch. not_found:
  /// no folder there.
  Result<> add(const std::string& folder);
  /// All that is there, in order, never blocking. A flood is taken in portions: the descriptor stays readable.
  std::vector<Notice> read();
  /// False where the filesystem does not notify about other hosts' changes (NFS, 9p, FUSE, …): list again every `rescan`.
  bool notifies() const;

 private:
  struct Impl;
  explicit Watch(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace baton::platform
