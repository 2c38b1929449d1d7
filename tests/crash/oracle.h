// What the crash tests share: a master that notices when it is given anything twice, and the end of a world without what depends
// on the moment.
#pragma once

#include <set>
#include <string>

#include "system/sandbox.h"

namespace baton::test {

/// Claims and completes every handoff; a subtask that is handed out twice fails the test.
class Master {
 public:
  explicit Master(Sandbox& box) : box_(box) {}
  void work() {
    for (const std::string& name : box_.list("masters")) look(name);
  }

 private:
  void look(const std::string& master);
  Sandbox& box_;
  std::set<std::string> given_;
};

json outcome(const Sandbox& box);
/// Waits until queue file and plans say that everything is completed, then stops the daemon and checks seq.
void settle(Sandbox& box);

}  // namespace baton::test
