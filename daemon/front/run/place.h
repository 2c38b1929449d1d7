// Where a run happens: the coordination folder at hand, or one of its own, and a daemon over it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "front/folder.h"
#include "platform/process.h"

namespace baton::front {

/// Its handoffs are taken by `baton run` alone.
inline constexpr std::string_view k_run_master = "run";

/// Of the repository around the working directory. refused: there is none.
Result<std::string> top_of_repository();

/// As Folder::find(); where there is none, k_made_by_run beneath the top of the repository, with the whole repository as its
/// workspace. It has the master k_run_master afterwards. refused: there is neither a folder nor a repository.
Result<Folder> place_of_run(const Globals& globals);

/// A daemon of this run, when none was there; it ends with it.
class OwnDaemon {
 public:
  /// A daemon is at work over the folder when this returns, and knows the master k_run_master. Errors: what it said when it
  /// could not start.
  static Result<OwnDaemon> ensure(const Folder& folder);
  ~OwnDaemon();
  OwnDaemon(OwnDaemon&&) noexcept = default;
  OwnDaemon& operator=(OwnDaemon&&) = delete;

  /// To be called now and then: takes what it prints. Its last words, once it has ended; empty: it is at work, or not ours.
  std::string pump();

 private:
  OwnDaemon() = default;
  std::unique_ptr<platform::Process> process_;
};

}  // namespace baton::front
