// What all attempts of one `baton work` share: whose work it is, which agent does it, and where.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "front/folder.h"
#include "protocol/read_agent.h"
#include "runner/worktrees.h"

namespace baton::front {

inline constexpr unsigned k_agent_lock_mode = 0660;

struct Workshop {
  const Folder& folder;
  std::string root;  // of the coordination folder, without symlinks
  std::string master;
  std::string task_id;    // only of this one; empty: of any
  std::string workspace;  // absolute: what all of this is about
  protocol::AgentSettings agent;
  std::optional<runner::Worktrees> worktrees;  // none: agents work in the workspace itself
  std::optional<runner::Git> here;             // the workspace's own; none with them
  std::string prompt_template;

  /// Of what an attempt has in agents/: NAME.md, NAME.log, NAME.lock, NAME.merge.
  std::string agent_file(const std::string& name, std::string_view ending) const;
};

/// The worker id of an attempt.
std::string worker_of(const std::string& subtask_id, int epoch);

/// `given`: the agent command of the command line, empty: that of master.json. usage: no agent is set; not_found: its program is
/// not there, or the workspace is in no git repository; refused: the workspace is only a part of one.
/// `known`: the repository of the workspace, for who has found it already, and in it the commit to begin with.
Result<Workshop> open_workshop(const Folder& folder, const std::string& master, const std::vector<std::string>& given,
                               const std::optional<runner::Git>& known = {});

/// What the tasks of the folder are about; absolute, without symlinks.
Result<std::string> workspace_of(const Folder& folder);

/// The same for whoever looks after worktrees and starts no agent.
Result<Workshop> open_worktrees(const Folder& folder);

/// The commit that new work begins with: that of `ref`, or what is checked out. refused: there is none yet; not_found: no such
/// ref.
Result<std::string> base_commit(const runner::Git& here, const std::string& ref = "");

/// What its agents do not see, for people: changes that were not committed, files that git does not know, submodules. `but`:
/// files that need not be named; absolute, without symlinks.
std::vector<std::string> notes_about(const Workshop& workshop, std::vector<std::string> but = {});

}  // namespace baton::front
