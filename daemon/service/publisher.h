// Effects → files, processes, feed. What fails for one record holds back nobody else: it is kept and tried again.
#pragma once

#include <string>
#include <vector>

#include "core/effect.h"
#include "service/children.h"
#include "service/feed.h"
#include "service/handoff_files.h"
#include "service/inputs.h"
#include "service/intake.h"
#include "service/jobs.h"
#include "service/queue_keeper.h"
#include "service/views.h"
#include "service/workers.h"
#include "service/world.h"

namespace baton::service {

class Publisher {
 public:
  Publisher(World& world, Inputs& inputs, HandoffFiles& handoffs, Feed& feed, QueueKeeper& queue, Views& views, Jobs& jobs,
            Workers& workers, Children& children, Intake& intake)
      : world_(world),
        inputs_(inputs),
        handoffs_(handoffs),
        feed_(feed),
        queue_(queue),
        views_(views),
        jobs_(jobs),
        workers_(workers),
        children_(children),
        intake_(intake) {}

  /// Before the commit: hidden handoffs, and everything that has to be remembered becomes rows of turn.commit.
  void stage(Turn& turn);
  /// After the commit, in this order: handoffs, feed, filing, retirements, processes. The first error for lack of space is
  /// returned, everything that can be done is done all the same.
  Result<> perform(Turn& turn);
  /// What an earlier perform() could not do.
  Result<> retry();
  /// Handoffs that could not be published since the last call: news for the core.
  void report_failures(Turn& turn);
  bool more() const { return !undelivered_.empty(); }
  /// Something is left for retry().
  bool owes() const { return !unretired_.empty() || inputs_.retry_due() || feed_.retry_due(); }

 private:
  void remember(Turn& turn);
  void collect_records(Turn& turn);
  void retire_handoffs(const Turn& turn, Result<>& result);
  std::string place_of_work(const core::Task& task, const core::Subtask* subtask) const;
  void run_check(const core::RunCheck& asked);
  void keep_error(Result<>& first, const Result<>& now, const char* what);

  World& world_;
  Inputs& inputs_;
  HandoffFiles& handoffs_;
  Feed& feed_;
  QueueKeeper& queue_;
  Views& views_;
  Jobs& jobs_;
  Workers& workers_;
  Children& children_;
  Intake& intake_;
  std::vector<core::HandoffDelivery> undelivered_;
  std::vector<core::RetireHandoff> unretired_;
};

}  // namespace baton::service
