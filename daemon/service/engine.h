// The daemon without its process: one object per coordination folder that owns all parts and makes turns.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/orchestrator.h"
#include "platform/files.h"
#include "platform/loop.h"
#include "platform/watch.h"
#include "protocol/config.h"
#include "service/archive.h"
#include "service/feed.h"
#include "service/handoff_files.h"
#include "service/inputs.h"
#include "service/intake.h"
#include "service/jobs.h"
#include "service/layout.h"
#include "service/publisher.h"
#include "service/queue_keeper.h"
#include "service/tenancy.h"
#include "service/views.h"
#include "service/world.h"
#include "store/store.h"

namespace baton::service {

class Engine {
 public:
  /// Takes the lock, opens the journal and restores the core. refused: another daemon holds the folder. not_found: no such
  /// folder, or none of ours. invalid: settings or journal cannot be read, or the journal lies elsewhere.
  static Result<std::unique_ptr<Engine>> open(const std::string& root);

  /// wait → take → step → commit → perform. An error ends the program: after a failed fsync only a fresh read is true.
  Result<> turn();
  bool stopping() const { return stopping_; }
  /// The last commit, the last state, everything synced. What finds no space is left to the next start.
  Result<> stop();

 private:
  struct Parts {
    std::string root;
    protocol::Config config;
    std::unique_ptr<platform::Files> files;
    Tenancy tenancy;
    store::Store store;
    platform::Watch watch;
    platform::Watch journal_watch;
    platform::Loop loop;
    std::string boot_id;
  };
  explicit Engine(Parts parts);
  static Result<Parts> open_parts(const std::string& root);
  Result<> restore();
  Result<> begin(Turn& turn);
  void restore_handoffs(Turn& turn);
  void restore_handoff(const core::Subtask& subtask, const HandoffFiles::Lying& lying, Turn& turn);
  void retire_leftover(const std::string& master, const std::string& file);

  Result<platform::Ready> wait();
  Result<> take_notices();
  std::optional<std::int64_t> deadline() const;
  Result<> gather(bool idle);
  void take(Turn& turn);
  void background(Turn& turn, bool idle);
  void remember_lazily(store::Commit& commit);
  Result<> commit_and_perform();
  void note_trouble(const Error& error);
  void note_recovery();
  void note_space();
  // engine_journal.cc
  Result<> keep_journal();
  void keep_lock();
  Result<> write_journal_anew();
  Result<> sync_when_due();
  Result<> sync_all();
  void note_sync(const Result<>& synced);
  Result<> forget_synced(bool idle);
  protocol::StateView state_view() const;

  Parts parts_;
  core::Orchestrator core_;
  World world_;
  Inputs inputs_;
  HandoffFiles handoffs_;
  Feed feed_;
  QueueKeeper queue_;
  Views views_;
  Jobs jobs_;
  Archive archive_;
  Intake intake_;
  Publisher publisher_;
  Layout layout_;
  std::unique_ptr<Turn> pending_;  // not committed yet
  std::vector<int> job_fds_;       // watched by the loop
  std::string trouble_;            // why work cannot go on; empty = it can
  std::int64_t retry_ms_ = 0;      // boot clock: when to try again
  std::int64_t retry_step_ms_ = 0;
  std::optional<std::int64_t> sync_ms_;  // when to sync what was written without a sync
  std::int64_t last_sync_ms_ = 0;
  std::int64_t sync_not_before_ms_ = 0;  // the last one has failed
  std::int64_t sync_step_ms_ = 0;
  std::int64_t journal_synced_seq_ = 0;  // of the feed, as the journal knows it
  std::int64_t last_background_ms_ = 0;
  std::int64_t let_go_ms_ = 0;      // when folders are let go
  std::int64_t last_list_ms_ = 0;   // only where nothing notifies
  std::int64_t queue_next_ms_ = 0;  // when the queue file may be written next
  std::int64_t started_at_ = 0;     // wall clock
  bool paused_ = false;             // as the journal knows it
  bool same_boot_ = true;
  bool ready_ = false;
  bool look_at_lock_ = false;
  bool look_at_journal_ = false;
  bool stopping_ = false;
};

}  // namespace baton::service
