// Views: documents derived from records (plan, subtask, state, report, escalation). Written when nothing else is ready, paced, in
// slices; of a live task the newest state is enough, of an ended one the last is written for certain. docs/protocol.md, "Views".
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "protocol/state_writer.h"
#include "protocol/writers.h"
#include "service/process_view.h"
#include "service/view_files.h"
#include "service/view_writer.h"
#include "service/world.h"

namespace baton::service {

class Views {
 public:
  explicit Views(World& world) : world_(world), files_(world.files), processes_(world) {}
  /// From now on the last views of ended tasks are written beside the loop. Without it they are written by write().
  void write_beside(std::unique_ptr<platform::Files> files) { writer_ = std::make_unique<ViewWriter>(std::move(files)); }

  /// Ended tasks whose last views an earlier run did not write, and all live tasks: compared in the background.
  void restore(const std::vector<std::string>& views_due);
  /// What a commit changed.
  void changed(const core::Changes& changes);
  /// A file in tasks/, subtasks/, reports/ or state/ changed: put back when it is a view and it was not us. A view of an ended
  /// task that was taken away stays away.
  void noticed(const std::string& path);
  /// This file of ours was moved away on purpose: the notice to come is no news.
  void moved(const std::string& path) { own_.insert(path); }
  /// Notices were lost: everything of live tasks is compared again.
  void look_at_all();

  void state_changed() { state_due_ = true; }
  /// A folder was moved or replaced.
  void let_folders_go() {
    if (writer_) writer_->let_folders_go();
  }
  /// Nothing is written before then: the last attempt has failed.
  void pause_until(std::int64_t boot_ms) {
    failed_until_ms_ = batch_next_ms_ = state_next_ms_ = estimates_next_ms_ = boot_ms;
    processes_.pause_until(boot_ms);
  }
  /// How many ended tasks wait for their last views.
  std::size_t backlog() const { return ended_.size() + beside(); }
  /// boot_ms when something should be written even if the loop is busy; nothing = nothing is due.
  std::optional<std::int64_t> next_deadline() const;
  /// Writes for at most about 5 ms; the state when its time has come. `idle`: nothing else is ready. What cannot be written holds
  /// back nothing else and is tried again by itself; only lack of space is an error.
  Result<> write(const protocol::StateView& state, bool idle, Turn& turn);
  /// Ended tasks to the thread beside the loop, if there is one, as many as it shall have: in every turn, so that it never waits.
  /// Errors: as write().
  Result<> feed_writer();
  /// At the end: all that is owed, without pauses, until `boot_ms`.
  Result<> write_rest(std::int64_t boot_ms);
  /// Writes the state now (start, stop, out of space).
  Result<> write_state(const protocol::StateView& state);
  /// Ended tasks whose views are written: the journal may forget that they were due.
  void remember_into(store::Commit& commit);

 private:
  struct Due {
    bool all = false;
    std::set<std::string> subtasks;
  };
  /// Views of one task that could not be written.
  struct Late {
    std::int64_t at_ms = 0;  // when to try again
    std::int64_t step_ms = 0;
    bool waiting = false;                         // until then; else it is tried again right now
    std::shared_ptr<const core::Task> has_ended;  // nothing: it lives
  };
  struct File {
    std::string path;
    std::string bytes;
  };
  /// What the file of a subtask says beside its record.
  struct Shown {
    std::size_t waits = 0;  // hash of what it waits for; 0 = nothing
    std::optional<core::WorkerStanding> worker;
  };

  // views.cc: what is written when
  Result<> write_fresh(std::int64_t now, const std::function<bool()>& over);
  Result<> write_ended(const std::function<bool()>& over);
  void refill(std::int64_t now);
  Result<> write_batch(std::int64_t now, bool idle, const std::function<bool()>& over);
  Result<> write_due(const std::string& task_id);
  Result<> write_first_ended();
  Result<> hand_over_first();
  Result<> take_written();
  std::size_t beside() const { return writer_ ? writer_->pending() : 0; }
  Result<> compare_some();
  Result<> put_back_due(std::int64_t now, Turn& turn);
  void write_state_when_due(const protocol::StateView& state, std::int64_t now, Result<>& done);
  Result<> write_estimates_when_due(std::int64_t now);
  Result<> write_processes_when_due(std::int64_t now);
  /// What became of the views of a task: kept for later when they could not be written. Only lack of space is an error.
  Result<> settle(const std::string& task_id, std::shared_ptr<const core::Task> has_ended, const Result<>& written);
  void take_late(std::int64_t now);

  // views_files.cc: what they hold
  /// `subtasks`: only these, and those that wait for something else than their file says, or whose worker stands otherwise
  /// (nullptr: all, and the link is looked at).
  Result<> write_task(const core::Task& task, const std::set<std::string>* subtasks);
  Result<> close(const core::Task& task);
  /// The escalation of a blocked task stands, of any other none does. `look`: whether it is the right one.
  Result<> escalate(const core::Task& task, bool look);
  Result<> take_back_escalation(const std::string& path);
  Result<> compare(const core::Task& task);
  /// Its subtasks, the plan last.
  std::vector<File> render(const core::Task& task, const std::set<std::string>* subtasks);
  Result<platform::Stat> put(const std::string& path, const std::string& bytes);
  Result<> link(const std::string& task_id, const std::string& plan, bool look);
  void expect(const std::vector<std::string>& placed);  // their notices are no news
  Result<> put_back(const std::string& path, Turn& turn);
  /// True: it was otherwise.
  Result<bool> restore_file(const std::string& path);
  Result<bool> restore_state();
  Result<bool> restore_processes();
  Result<bool> restore_estimates();
  struct Owner {
    const core::Task* live = nullptr;
    std::optional<core::Task> has_ended;
    const core::Task* task() const { return has_ended ? &*has_ended : live; }
  };
  Result<Owner> owner_of(const std::string& path);
  std::optional<std::string> bytes_of(const std::string& path, const core::Task& task, bool has_ended);
  protocol::Standing shown_standing(const std::string& subtask_id) const;

  World& world_;
  ViewFiles files_;
  std::map<std::string, Due> plans_;  // live tasks with something new
  std::set<std::string> fresh_;       // of these: not written yet, not even once
  std::string written_last_;          // of plans_
  int live_left_ = 0;                 // how many live tasks may still be written while the loop is busy
  int ended_left_ = 0;                // how many ended ones before the next batch
  std::int64_t refill_next_ms_ = 0;   // when both are filled up again
  std::map<std::string, std::shared_ptr<const core::Task>> ended_;
  std::unordered_map<std::string, Shown> shown_;  // by subtask, of those that have something to say
  std::map<std::string, Late> late_;              // by task
  std::vector<std::string> compare_;              // live tasks whose files were not looked at since the start
  std::map<std::string, std::int64_t> restore_;   // path → when (boot_ms)
  std::map<std::string, std::int64_t> restored_;  // path → when it was put back last
  std::set<std::string> own_;                     // renames of ours that will be noticed
  std::vector<std::string> done_;
  std::optional<std::set<std::string>> escalations_;  // paths of those that stand; nothing: not listed yet
  platform::Identity state_file_;                     // as we wrote it
  protocol::StateWriter state_;
  bool state_due_ = true;
  bool state_first_ = false;  // it was put off: the next call is for it
  std::int64_t state_next_ms_ = 0;
  bool estimates_due_ = false;
  std::int64_t estimates_next_ms_ = 0;
  ProcessView processes_;
  platform::Identity processes_file_;  // as we wrote it
  std::int64_t batch_next_ms_ = 0;
  std::int64_t failed_until_ms_ = 0;
  std::unique_ptr<ViewWriter> writer_;
};

}  // namespace baton::service
