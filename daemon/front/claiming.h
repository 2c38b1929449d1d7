// Taking a handoff by renaming it into claimed/, for whoever does the work: `baton claim` prints it, `baton work` does it.
#pragma once

#include <optional>
#include <string>

#include "front/assignment.h"
#include "front/folder.h"
#include "front/views.h"

namespace baton::front {

struct Claimed {
  std::string path;  // in claimed/
  std::string bytes;
  HandoffView handoff;
};

/// The name of a master that is there. usage: nothing was given; not_found, with the nearest one.
Result<std::string> find_master(const Folder& folder, const std::string& given, const std::string& example);

/// The most urgent, then the oldest that nobody has. Nothing when none is left. Another claimer who was faster is no error.
/// `task_id`: only of this task; empty: of any.
Result<std::optional<Claimed>> claim_next(const Folder& folder, const std::string& master, const std::string& task_id = "");

/// For somebody else to take: no attempt is used.
Result<> give_back(const Folder& folder, const std::string& master, const std::string& path);

Assignment assignment_of(const std::string& master, const Claimed& claimed);

}  // namespace baton::front
