// The end of a task's branch, as the user wants it: left, brought into the branch that it began at, or a pull request.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "front/work/workshop.h"
#include "protocol/config.h"

namespace baton::front {

struct Integrated {
  std::string line;  // for people
  bool done = false;
};

/// What the setting `integrate` says becomes of completed tasks. A task of which something was left out stays for a person.
class Integrator {
 public:
  Integrator(const Workshop& workshop, protocol::Integrate wish) : workshop_(workshop), wish_(wish) {}

  /// Something of it was done here, by whatever thread.
  void expect(const std::string& task_id);
  /// Those that an earlier runner left: completed, and not integrated.
  void expect_left();
  /// Integrates what has ended by now; one for each. `wait`: those that are about to end are waited for.
  std::vector<Integrated> integrate(bool wait);

 private:
  Result<std::string> integrate_one(const std::string& task_id, const std::string& title) const;
  Result<std::string> carry_out(const std::string& task_id, const std::string& title) const;

  const Workshop& workshop_;
  protocol::Integrate wish_;
  std::mutex mutex_;
  std::set<std::string> expected_;
};

}  // namespace baton::front
