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
#include "runner/git.h"

namespace baton::front {

/// Its handoffs are taken by `baton run` alone.
inline constexpr std::string_view k_run_master = "run";

struct Place {
  std::optional<Folder> folder;    // that coordinates it; nothing: one has to be made
  std::string workspace;           // absolute, without symlinks
  std::optional<runner::Git> git;  // of the workspace; nothing: it is in no repository

  std::string folder_path() const { return folder ? folder->root() : std::string(); }
};

/// Before anything is made. The folder is that of Folder::find(), but for one that is about another place than the repository
/// around the working directory, unless it was named. refused: there is neither a folder nor a repository.
Result<Place> place_at_hand(const Globals& globals);

/// Its folder, or k_made_by_run beneath the top of the repository, with the whole repository as its workspace. It has the master
/// k_run_master afterwards.
Result<Folder> folder_of_run(Place place);

/// A daemon of this run, when none was there; it ends with it.
class OwnDaemon {
 public:
  OwnDaemon() = default;
  ~OwnDaemon();
  OwnDaemon(const OwnDaemon&) = delete;
  OwnDaemon& operator=(const OwnDaemon&) = delete;

  /// Starts one when there is none, and does not wait for it.
  Result<> begin(const Folder& folder);
  /// A daemon is at work over the folder when this returns, and knows the master k_run_master. To be called now and then: one
  /// that was somebody else's may have ended. no_daemon: ours has ended, with what it said; waiting: interrupted.
  Result<> keep(const Folder& folder);
  /// It ends by itself from now on; the destructor waits for that. Nothing when it is not ours.
  void ask_to_end();

 private:
  Result<> start(const Folder& folder);
  std::string pump();
  std::unique_ptr<platform::Process> process_;
};

}  // namespace baton::front
