// Which files are being written by work in flight, and who waits for them. docs/protocol.md, "Rules of a plan": what overlaps
// with anything in flight waits with its handoff.
//
// Waiting is by group: all that want the same path with the same master. When the path may have come free only the most urgent
// of the group wakes; the others follow when it did not take the path itself. So ten thousand tasks that write one file cost
// one look per handoff.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "core/model.h"
#include "core/settings.h"

namespace baton::core {

/// A subtask that its own plan lets go. The lowest key goes first.
struct Candidate {
  std::int64_t key = 0;  // urgency()
  const Subtask* subtask = nullptr;
};
/// By key, then by ids and place in the plan: never by address.
struct ByUrgency {
  bool operator()(const Candidate& a, const Candidate& b) const;
};
using Candidates = std::set<Candidate, ByUrgency>;

class FileClaims {
 public:
  explicit FileClaims(FileConflicts rule = FileConflicts::all) : rule_(rule) {}
  FileConflicts rule() const { return rule_; }

  struct Obstacle {
    const Subtask* holder = nullptr;  // nullptr: nothing is in the way
    std::string_view wanted;          // the file of the one that waits
  };
  /// The first file of `subtask` that somebody in flight is writing.
  Obstacle obstacle(const Subtask& subtask) const;

  /// `subtask` is in flight now and writes its files.
  void take(const Subtask& subtask);
  /// It is no longer; answers with those that wake up.
  std::vector<Candidate> give_back(const Subtask& subtask);
  /// `candidate` waits until obstacle.holder gives back; answers with those that wake up in its stead.
  std::vector<Candidate> park(const Candidate& candidate, const Obstacle& obstacle);
  /// `candidate` is out of the running (cancelled, paused, skipped), parked or awake; answers with those that wake up in its
  /// stead.
  std::vector<Candidate> withdraw(const Candidate& candidate);

  bool is_parked(const Subtask& subtask) const { return parked_.contains(&subtask); }

 private:
  using GroupKey = std::tuple<std::string, std::string, std::string>;  // scope, path, master
  struct Group {
    Candidates waiting;
    const Subtask* holder = nullptr;  // whom they wait for; nullptr: one of them is awake
  };
  std::string scope(const Subtask& subtask) const;
  const Subtask* holder_of(const Subtask& subtask, const std::string& path) const;
  void close(const GroupKey& key, const Subtask& holder);
  void wake(const GroupKey& key, std::vector<Candidate>& awake);

  FileConflicts rule_;
  std::map<std::string, std::vector<const Subtask*>, std::less<>> held_;  // path → in flight
  std::map<GroupKey, Group> groups_;
  std::unordered_map<const Subtask*, std::set<GroupKey>> blocked_by_;  // holder → groups that wait for it
  std::unordered_map<const Subtask*, GroupKey> parked_;                // who waits where
  std::unordered_map<const Subtask*, GroupKey> leads_;                 // who is awake for which group
};

}  // namespace baton::core
