// The coordination folder as its users see it: found, opened, read and written like any agent would (docs/protocol.md, "Writing,
// taking, filing"). Never opens the journal; that a daemon runs is seen by its lock alone.
#pragma once

#include <sys/types.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "front/locate.h"
#include "front/verb.h"
#include "platform/files.h"

namespace baton::front {

inline constexpr std::size_t k_max_read = 64 << 20;  // bytes of one document

class Folder {
 public:
  enum class Need { whole, any };  // any: some of its folders may be missing
  /// As locate() finds it. not_found; also when it is none.
  static Result<Folder> find(const Globals& globals, Need need = Need::whole);
  /// `root`: the coordination folder itself. not_found: no such folder.
  static Result<Folder> open(const std::string& root);

  const std::string& root() const { return root_; }  // absolute
  /// False once it was removed or moved away: what is read and written here is no longer what others see.
  bool stands() const;
  bool shared() const { return shared_; }  // the set-up with a group, told by the folder's group-write bit
  platform::Files& files() const { return *files_; }

  /// The bytes of a document; not_found when it is missing.
  Result<std::string> read(const std::string& path) const;
  bool exists(const std::string& path) const;
  /// Names in a folder, sorted, without hidden and half-written ones; a missing folder is empty.
  std::vector<std::string> names(const std::string& path) const;
  /// Folders under masters/ that fit the grammar, sorted.
  std::vector<std::string> masters() const;

  /// A hidden name first, then rename, so that nobody ever reads half of it. refused: `name` exists and Replace is no.
  Result<platform::Stat> put(const std::string& folder, const std::string& name, std::string_view bytes,
                             platform::Replace replace) const;

  /// Where journal and lock live (absolute): `state_dir` of the configuration, else orchestrator/state.
  Result<std::string> state_dir() const;
  /// The pid of the daemon that holds the folder's lock.
  std::optional<pid_t> daemon() const;

 private:
  struct Inode {
    dev_t device = 0;
    ino_t number = 0;
    bool operator==(const Inode&) const = default;
  };
  Folder(std::string root, Inode inode, bool shared, std::unique_ptr<platform::Files> files);
  std::string root_;
  Inode inode_;  // of the root as it was opened
  bool shared_;
  std::unique_ptr<platform::Files> files_;
};

}  // namespace baton::front
