// Clean-up after attempts, whoever made them: what a killed runner left running is ended, worktrees that nobody needs any more
// go. Nothing that is in no branch goes without a ref that holds it.
#pragma once

#include <string>
#include <vector>

#include "front/work/workshop.h"

namespace baton::front {

/// Ends what agents of killed runners have left running. Returns how many processes there were.
int end_orphans(const Workshop& workshop);

struct Tidied {
  std::string line;      // for people
  bool routine = false;  // it went, and nothing had to be saved
};
/// One for each worktree that went or cannot go. Those of live attempts stay, and of a live task those that a checkpoint runs in,
/// or will.
std::vector<Tidied> tidy(const Workshop& workshop);
/// The same, with the lines that somebody at work should see.
std::vector<std::string> tidy_quietly(const Workshop& workshop);

enum class WorktreeUse { at_work, needed, left, foreign };  // foreign: git or baton knows nothing of it
struct WorktreeRow {
  std::string name;
  std::string branch;
  std::string task_id;
  WorktreeUse use = WorktreeUse::foreign;
};
Result<std::vector<WorktreeRow>> worktree_rows(const Workshop& workshop);

}  // namespace baton::front
