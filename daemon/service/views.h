// Views: documents derived from records (plan, subtask, state, report, escalation). Written when nothing else is ready, paced, in
// slices; of a live task the newest state is enough, of an ended one the last is written for certain. docs/protocol.md, "Views".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "protocol/writers.h"
#include "service/world.h"

namespace baton::service {

class Views {
 public:
  explicit Views(World& world) : world_(world) {}

  /// Ended tasks whose last views an earlier run did not write, and all live tasks: compared in the background.
  void restore(std::vector<std::string> views_due);
  /// What a commit changed.
  void changed(const core::Changes& changes);
  /// A file of ours in tasks/ or subtasks/ changed: put back when it was not us.
  void noticed(const std::string& path);

  /// This file of ours is about to be moved away on purpose.
  void moved(const std::string& path);

  /// Something of a live or ended task is not written yet.
  bool owes() const { return !plans_.empty() || !ended_.empty(); }
  void state_changed() { state_due_ = true; }
  /// Nothing is written before then: the last attempt has failed.
  void pause_until(std::int64_t boot_ms) { failed_until_ms_ = batch_next_ms_ = state_next_ms_ = boot_ms; }
  /// How many ended tasks wait for their last views.
  std::size_t backlog() const { return ended_.size(); }
  /// boot_ms when something should be written even if the loop is busy; nothing = nothing is due.
  std::optional<std::int64_t> next_deadline() const;
  /// Writes for at most about 5 ms; the state when its time has come.
  Result<> write(const protocol::StateView& state, Turn& turn);
  /// Writes the state now (start, stop, out of space).
  Result<> write_state(const protocol::StateView& state);
  /// Ended tasks whose views are written: the journal may forget that they were due.
  void remember_into(store::Commit& commit);

 private:
  struct Due {
    bool all = false;
    std::set<std::string> subtasks;
  };
  /// `subtasks`: only these (nullptr: all, and the link).
  Result<> write_task(const core::Task& task, const std::set<std::string>* subtasks);
  Result<> write_ended(const core::Task& task);
  Result<> put(const std::string& path, const std::string& bytes);
  Result<> compare_some();
  Result<> put_back(const std::string& path, Turn& turn);
  Result<std::optional<std::string>> bytes_of(const std::string& path);
  Result<> link(const std::string& task_id);

  World& world_;
  std::map<std::string, Due> plans_;  // live tasks with something new
  std::set<std::string> fresh_;       // of these: not written yet, not even once
  std::map<std::string, std::shared_ptr<const core::Task>> ended_;
  std::vector<std::string> compare_;              // live tasks whose files were not looked at since the start
  std::map<std::string, std::int64_t> restore_;   // path → when (boot_ms)
  std::map<std::string, std::int64_t> restored_;  // path → when it was put back last
  std::set<std::string> own_;                     // renames of ours that will be noticed
  std::vector<std::string> done_;
  bool state_due_ = true;
  std::int64_t state_next_ms_ = 0;
  std::int64_t batch_next_ms_ = 0;
  std::int64_t failed_until_ms_ = 0;
};

}  // namespace baton::service
