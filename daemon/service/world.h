// What the parts of the service share, and what one turn gathers. Owns nothing but the turn's own lists.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "core/orchestrator.h"
#include "platform/files.h"
#include "platform/random.h"
#include "protocol/config.h"
#include "service/history.h"
#include "service/remarks.h"
#include "store/store.h"

namespace baton::service {

struct World {
  platform::Files& files;
  store::Store& store;
  core::Orchestrator& core;
  protocol::Config& config;
  std::string root;       // absolute path of the coordination folder
  std::string workspace;  // absolute path of what the agents work on
  std::string boot_id;
  Moment now;             // read once per turn
  bool rebooted = false;  // the run before was on another boot of the machine
  Remarks remarks{};
  History history{store};
  std::string state_dir{};  // absolute path of the folder with the journal
};

/// The events of one turn and what they led to: everything that the commit has to remember and the publisher has to do.
class Turn {
 public:
  explicit Turn(World& world) : world_(world) {}

  /// Tells the core one thing.
  template <class What>
  void tell(What what) {
    core::Changes step = world_.core.step(core::Event{world_.now, std::move(what), platform::random_number()});
    for (const auto& task : step.ended) world_.history.add(task);
    changes.add(std::move(step));
  }
  /// An entry of the feed that the service itself has to make.
  void say(core::FeedEntry entry) { changes.effects.emplace_back(std::move(entry)); }

  bool empty() const { return changes.empty() && commit.empty(); }

  core::Changes changes;
  store::Commit commit;

 private:
  World& world_;
};

}  // namespace baton::service
