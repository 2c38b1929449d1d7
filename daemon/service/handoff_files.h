// Handoffs as files: staged under a hidden name before the commit, published by rename after it, retired when answered or
// withdrawn. With the journal this makes each handoff appear exactly once. docs/architecture.md, "Remembered before acted upon".
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/effect.h"
#include "platform/files.h"
#include "service/world.h"

namespace baton::service {

class HandoffFiles {
 public:
  explicit HandoffFiles(World& world) : world_(world) {}

  /// Before the commit: writes the hidden file of every PublishHandoff of this turn. What cannot be written is told to the core,
  /// so that the same commit remembers it as undelivered.
  void stage(Turn& turn);
  /// After the commit: the hidden file gets its name.
  Result<> publish(const core::PublishHandoff& handoff);
  /// After the commit: to done/ or stale/, from wherever it lies.
  Result<> retire(const core::RetireHandoff& handoff);

  /// Renames to a free name in `to_folder`: `name`, else with the epoch, else with a number. not_found: there is nothing at
  /// `from`.
  Result<> move_aside(const std::string& from, const std::string& to_folder, const std::string& name, int epoch);

  /// The handoff that was published at `path`, wherever it lies now, is as we wrote it, or as it was read last.
  bool is_known(const std::string& path, const platform::Identity& identity) const;
  /// Somebody has edited it, and it was read.
  void know(const std::string& path, const platform::Identity& identity) { published_[path].identity = identity; }

  /// Something appeared at `path`: true once for each publishing, whose notice this is. What else appears there is news.
  bool noticed(const std::string& path);
  /// Notices may have been lost: those still to come are looked at like any other.
  void expect_no_notices();

  /// On start, for one master's folder: publishes what is staged and journalled, sweeps what is staged only, and lists what lies
  /// in handoffs/ and claimed/.
  struct Lying {
    std::set<std::string> waiting;              // names in handoffs/
    std::set<std::string> processed;            // *.json.processed
    std::set<std::string> results;              // from-…
    std::set<std::string> claimed;              // names in claimed/
    std::vector<core::HandoffDelivery> failed;  // staged and journalled, but could not be published
  };
  Result<Lying> restore(const std::string& master);
  /// A new boot has lost it: it is published again unless a worker turns out to have it.
  void owe(const std::string& subtask_id) { owed_.insert(subtask_id); }
  bool owes(const std::string& subtask_id) const { return owed_.contains(subtask_id); }
  /// Publishes what is still wanted; tells what could not be.
  void publish_owed(Turn& turn);
  /// Writes the handoff again (a new boot lost it, or its bytes differ). It must be handed off and not claimed.
  Result<> publish_again(const std::string& subtask_id);
  /// The bytes that the handoff of this subtask has.
  std::string bytes_of(const core::Subtask& subtask) const;

 private:
  Result<> clear_the_way(const core::PublishHandoff& handoff, const std::string& master);
  Result<> stage_one(const std::string& subtask_id);

  World& world_;
  struct Published {
    platform::Identity identity;
    bool unnoticed = false;  // published, and the notice of it is still to come
  };
  std::map<std::string, Published, std::less<>> published_;  // by path
  std::set<std::string> owed_;                               // subtasks
};

}  // namespace baton::service
