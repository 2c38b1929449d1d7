// Files that somebody may still be writing: judged only when no writer has them open any more, or, where the kernel will not
// tell, when they stayed unchanged for `settle`. And paths that could not be looked at: when to look again. docs/protocol.md,
// "Writing".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "platform/fd.h"
#include "platform/files.h"

namespace baton::service {

class Settling {
 public:
  /// `root`: absolute path of the coordination folder.
  explicit Settling(const std::string& root);

  /// True when the file may be judged now. Otherwise it is remembered, and due() names it.
  bool settled(const std::string& path, const platform::Identity& identity, const Moment& now, std::int64_t settle_ms,
               std::int64_t max_open_ms);
  /// Something is wrong with the path (not with the document): due() names it in a while.
  void look_later(const std::string& path, const Moment& now);
  void forget(const std::string& path);
  /// It is not judged yet.
  bool awaits(const std::string& path) const { return open_.contains(path); }

  std::optional<std::int64_t> next_deadline() const;  // boot_ms
  /// Paths whose time has come to be looked at again, each once: who still cares says so again.
  std::vector<std::string> due(const Moment& now);

 private:
  struct Seen {
    platform::Identity identity;
    std::int64_t first_ms = 0;  // boot clock
    std::int64_t changed_ms = 0;
    std::int64_t until_ms = 0;  // judged then at the latest
  };
  platform::Fd root_;
  std::map<std::string, Seen> open_;           // by path
  std::map<std::string, std::int64_t> looks_;  // path → boot_ms
};

}  // namespace baton::service
