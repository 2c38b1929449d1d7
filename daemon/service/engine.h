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
#include "service/admission.h"
#include "service/archive.h"
#include "service/backoff.h"
#include "service/backup.h"
#include "service/children.h"
#include "service/feed.h"
#include "service/handoff_files.h"
#include "service/inputs.h"
#include "service/intake.h"
#include "service/jobs.h"
#include "service/journal_watch.h"
#include "service/layout.h"
#include "service/publisher.h"
#include "service/queue_keeper.h"
#include "service/steady_clock.h"
#include "service/tenancy.h"
#include "service/views.h"
#include "service/workers.h"
#include "service/world.h"
#include "store/store.h"

namespace baton::service {

/// What is not synced with its commit is synced in rounds of these.
enum class SyncStep { feed, inputs, memory, journal };

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
    platform::Watch signs;  // of life: worker-specs/active
    JournalWatch journal_watch;
    platform::Loop loop;
    std::string boot_id;
  };
  explicit Engine(Parts parts);
  static Result<Parts> open_parts(const std::string& root);
  static Result<std::unique_ptr<platform::Files>> open_files(const std::string& root);
  Result<> restore();
  Result<> begin(Turn& turn);
  void end_start(Turn& turn);
  // engine_handoffs.cc
  void restore_handoffs(Turn& turn);
  void restore_handoff(const core::Subtask& subtask, const HandoffFiles::Lying& lying, Turn& turn);
  void restore_claim(const core::Subtask& subtask, const HandoffFiles::Lying& lying);
  void retire_leftover(const std::string& master, const std::string& file);

  Result<platform::Ready> wait();
  Result<> watch_jobs();
  Result<> watch_signs();
  Result<> take_notices();
  std::optional<std::int64_t> deadline() const;
  Result<> gather(bool idle);
  void take(Turn& turn);
  void background(Turn& turn, bool idle);
  void note_background(const Result<>& done);
  void remember_lazily(store::Commit& commit);
  Result<> commit_and_perform();
  void note_trouble(const Error& error);
  void note_recovery();
  void put_off_retry();
  /// Why nothing is taken and nothing carried out.
  struct Standstill {
    std::string_view state;   // of the daemon, as views say it
    std::string_view status;  // as the service manager shows it
    std::string_view until;   // in a log line
  };
  static constexpr Standstill k_no_space{"out_of_space", "out of space", "there is space again"};
  static constexpr Standstill k_no_journal{"no_journal", "no journal", "the journal can be written anew"};
  void stand_still(const Standstill& standstill, const std::string& why);
  void go_on();
  // engine_journal.cc
  Result<> keep_journal();
  Result<> keep_tenancy();
  Result<> write_journal_anew();
  void plan_sync();
  Result<> sync_when_due();
  Result<> sync_step();
  void sync_feed();
  Result<> outcome_of_sync();
  std::optional<std::int64_t> next_sync() const;
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
  Admission admission_;
  Archive archive_;
  Backups backups_;
  Workers workers_;
  Children children_;
  Intake intake_;
  Publisher publisher_;
  Layout layout_;
  std::unique_ptr<Turn> pending_;  // not committed yet
  SteadyClock clock_;
  std::vector<int> job_fds_;  // watched by the loop
  std::string trouble_;       // why work cannot go on; empty = it can
  const Standstill* standstill_ = &k_no_space;
  Backoff retry_;
  std::optional<std::int64_t> sync_ms_;  // when to sync what was written without a sync
  SyncStep sync_step_ = SyncStep::feed;  // of the round that is under way, or of the next
  bool sync_again_ = false;              // more was written since the round began
  bool sync_is_idle_ = true;             // the loop had nothing else to do when it began
  std::int64_t last_sync_ms_ = 0;
  Result<> feed_synced_;  // the last attempt
  Backoff feed_pause_;
  std::int64_t journal_synced_seq_ = 0;  // of the feed, as the journal knows it
  std::int64_t last_background_ms_ = 0;
  std::int64_t let_go_ms_ = 0;      // when folders are let go
  std::int64_t signs_from_ms_ = 0;  // when a sign of life wakes the loop again; 0 = it does
  std::int64_t last_list_ms_ = 0;   // only where nothing notifies
  std::int64_t queue_next_ms_ = 0;  // when the queue file may be written next
  std::int64_t started_at_ = 0;     // wall clock
  bool paused_ = false;             // as the journal knows it
  std::int64_t skipped_ms_ = 0;     // by clock_, likewise
  bool started_ = false;            // all that lay there was looked at
  bool ready_ = false;
  bool look_at_tenancy_ = false;
  bool look_at_journal_ = false;
  bool stopping_ = false;
};

}  // namespace baton::service
