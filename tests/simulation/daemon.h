// The service around the core, as simply as it can be and still be true: the turn, the start, and what becomes of effects. It is
// told of files and processes by World, remembers in Journal, and dies where it is told to.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/orchestrator.h"
#include "service/steady_clock.h"
#include "simulation/journal.h"
#include "simulation/verdicts.h"
#include "simulation/world.h"

namespace baton::simulation {

enum class Crash { none, before_commit, before_perform, between_turns };

class Daemon {
 public:
  /// REQUIRES: the references live longer than the daemon. `hear`: every entry of the feed, when it is committed.
  Daemon(World& world, Journal& journal, Verdicts& verdicts, std::function<void(const core::FeedEntry&)> hear);

  /// The next moment at which a turn has something to do, by World::awake_ms.
  std::optional<std::int64_t> due() const;
  /// False: it died in it.
  bool turn(Crash crash);
  const core::Orchestrator& core() const { return core_; }

 private:
  struct Known {  // a process that a worker named
    std::string subtask_id;
    std::int64_t pid = 0;
    bool held = false;
    bool missing = false;
  };

  void tell(decltype(core::Event::what) what);
  void begin();
  void restore_handoffs();
  void find_again(const core::Subtask& subtask);
  void list();
  void tell_absent();
  void take();
  void take(const Notice& notice, bool listed);
  void take_document(std::int64_t id);
  void take_spec(const std::string& worker_id, bool listed);
  std::optional<core::WorkerProcess> find(const Life& life);
  void take_exit(const std::string& worker_id, std::int64_t pid);
  void take_looks();
  void commit();
  void perform();
  void perform_end(const core::EndWorker& wanted);
  void let_go_of_unwanted();

  World& world_;
  Journal& journal_;
  Verdicts& verdicts_;
  std::function<void(const core::FeedEntry&)> hear_;
  core::Orchestrator core_;
  service::SteadyClock clock_;
  Moment now_;
  bool rebooted_;  // since the last run
  bool begun_ = false;
  bool started_ = false;   // all that lay there was looked at
  core::Changes changes_;  // of this turn
  std::set<std::int64_t> used_;
  std::set<std::int64_t> seen_;  // documents that were told, and lie there until they are filed
  std::deque<Notice> listed_;
  std::vector<core::WorkerExited> absent_;  // who is not there, until all that lay there was looked at
  std::map<std::string, Known> known_;
  std::deque<core::LookAtWorker> looks_;
  std::map<std::string, core::EndWorker> endings_;  // by worker
  std::deque<core::WorkerEnded> ended_;
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);  // for what it entered into the agenda
};

}  // namespace baton::simulation
