// Where a run happens: the coordination folder at hand, or one of its own, and a daemon over it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "front/folder.h"
#include "front/work/workshop.h"
#include "platform/process.h"

namespace baton::front {

/// Its handoffs are taken by `baton run` alone.
inline constexpr std::string_view k_run_master = "run";

/// Of the repository around the working directory. refused: there is none.
Result<std::string> top_of_repository();

/// As Folder::find(); nothing where there is none, or one that is about another place than the repository around the working
/// directory.
Result<std::optional<Folder>> folder_at_hand(const Globals& globals);

/// As Folder::find(); where there is none, or one that is about another place than the repository around the working directory,
/// k_made_by_run beneath the top of that repository, with the whole repository as its workspace. It has the master k_run_master
/// afterwards. refused: there is neither a folder nor a repository.
Result<Folder> place_of_run(const Globals& globals);

/// A daemon of this run, when none was there; it ends with it.
class OwnDaemon {
 public:
  OwnDaemon() = default;
  ~OwnDaemon();
  OwnDaemon(const OwnDaemon&) = delete;
  OwnDaemon& operator=(const OwnDaemon&) = delete;

  /// A daemon is at work over the folder when this returns, and knows the master k_run_master. To be called now and then: one
  /// that was somebody else's may have ended. no_daemon: ours has ended, with what it said; waiting: interrupted.
  Result<> keep(const Folder& folder);

 private:
  Result<> start(const Folder& folder);
  std::string pump();
  std::unique_ptr<platform::Process> process_;
};

}  // namespace baton::front
