// What a worker prints, as far as its spec names the file: the end of it.
#pragma once

#include <string>

#include "front/folder.h"
#include "front/views.h"

namespace baton::front {

struct WorkerOutput {
  std::string file;   // as the spec names it; empty: none does
  std::string tail;   // whole lines
  bool cut = false;   // there is more before it
  std::string error;  // why it cannot be read
};

/// By the spec of its last worker, wherever that lies. The file is looked for beneath the worker's worktree, then beneath the
/// workspace, and no symlink is followed: a spec may be anybody's.
WorkerOutput output_of(const Folder& folder, const SubtaskView& subtask);

}  // namespace baton::front
