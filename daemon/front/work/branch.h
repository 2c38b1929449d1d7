// The branch of a task from its first commit to where the user wants it in the end.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "front/work/workshop.h"
#include "protocol/config.h"
#include "runner/integration.h"

namespace baton::front {

/// That of the task; when there is none yet it is made at `ref` (empty: what is checked out), and the branch of that name is
/// where it will go. REQUIRES: the repository's metadata is locked.
Result<runner::Integration> task_branch(const Workshop& workshop, const std::string& task_id, const std::string& ref = "");

/// Nothing was begun on it: it goes.
void drop_task_branch(const Workshop& workshop, const std::string& task_id);

/// Keeps the commit that a stage of the task begins with, unless that is known. REQUIRES: the repository's metadata is locked.
void keep_savepoint(const Workshop& workshop, const std::string& task_id, int stage, const std::string& commit);
/// By stage.
std::map<int, std::string> savepoints_of(const Workshop& workshop, const std::string& task_id);
/// The branch of `new_id` goes where that of `task_id` was to go.
Result<> keep_base(const Workshop& workshop, const std::string& task_id, const std::string& new_id);

std::string task_branch_name(const std::string& task_id);
/// The refs that have work of the task: its branch, and what nobody merged, each with what it is.
std::vector<std::string> refs_of(const Workshop& workshop, const std::string& task_id);

struct Landed {
  std::string line;  // for people
  bool done = false;
};

/// Brings completed tasks in as the setting `integrate` says. A task of which something was left out stays for a person.
class Landing {
 public:
  Landing(const Workshop& workshop, protocol::Integrate wish) : workshop_(workshop), wish_(wish) {}

  /// Something of it was done here, by whatever thread.
  void expect(const std::string& task_id);
  /// Those that an earlier runner left: completed, and not brought in.
  void expect_left();
  /// Brings in what has ended by now; one for each. `wait`: those that are about to end are waited for.
  std::vector<Landed> land(bool wait);

 private:
  Result<std::string> land_one(const std::string& task_id, const std::string& title) const;
  Result<std::string> carry_out(const std::string& task_id, const std::string& title) const;

  const Workshop& workshop_;
  protocol::Integrate wish_;
  std::mutex mutex_;
  std::set<std::string> expected_;
};

}  // namespace baton::front
