// What the crash tests share: a master that notices when it is given anything twice, and the end of a world without what depends
// on the moment.
#pragma once

#include <set>
#include <string>

#include "system/sandbox.h"

namespace baton::test {

/// Claims and answers every handoff; an epoch that is handed out twice fails the test. Most are completed by a result file, those
/// of `inventory` by a worker's spec that moves from active/ to completed/. A subtask called flaky… fails in its first epoch, and
/// once its task is blocked a person asks for another try.
class Master {
 public:
  explicit Master(Sandbox& box) : box_(box) {}
  void work() {
    for (const std::string& name : box_.list("masters")) look(name);
    retry_blocked();
  }

 private:
  void look(const std::string& master);
  void answer(const std::string& master, const json& handoff);
  void answer_by_spec(const json& handoff);
  void retry_blocked();
  Sandbox& box_;
  std::set<std::string> given_;
  std::set<std::string> retried_;
};

json outcome(const Sandbox& box);
/// Waits until queue file and plans say that everything is completed, then stops the daemon and checks seq.
void settle(Sandbox& box);

}  // namespace baton::test
