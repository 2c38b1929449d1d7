// Whose turn it is to write a file. docs/protocol.md, "Rules of a plan": what overlaps with anything in flight waits with its
// handoff, and so does what overlaps with something more urgent that is ready: a file goes to the most urgent of those that want
// it, or work that wants a whole folder would wait for ever behind one small file after another.
//
// Everybody waits for one other only: for the one right before it by urgency, or for whoever is writing. So ten thousand tasks
// that write one file stand in a line, and each end wakes the next. Nobody waits for somebody less urgent than itself, unless
// that one is in flight; so the most urgent of all waits for work in flight only, and there is no deadlock.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/path_index.h"
#include "core/settings.h"

namespace baton::core {

class FileClaims {
 public:
  explicit FileClaims(FileConflicts rule = FileConflicts::all) : rule_(rule) {}
  FileConflicts rule() const { return rule_; }

  /// Those for whom it is different now.
  struct Moved {
    std::vector<Candidate> awake;   // nothing is in their way
    std::vector<Candidate> parked;  // they wait, or wait for somebody else than before
  };
  /// `candidate` wants its files from now on.
  Moved want(const Candidate& candidate);
  /// It no longer does (cancelled, paused, without a master). Harmless when it never did.
  Moved drop(const Candidate& candidate);
  /// It is in flight and writes its files. REQUIRES: it is awake, or never wanted (restore, before anybody does).
  void take(const Candidate& candidate);
  /// It is no longer in flight.
  Moved give_back(const Subtask& subtask);

  /// For whom it waits; nullptr: for nobody.
  const Subtask* blocker(const Subtask& subtask) const;

 private:
  struct Scope {                                                           // within which paths overlap: everything, or one task
    std::map<std::string, std::vector<const Subtask*>, std::less<>> held;  // path → in flight
    PathIndex wanted;                                                      // by all that are queued
    PathIndex awake;                                                       // by those with nothing in their way
    bool empty() const { return held.empty() && wanted.empty(); }
  };
  Scope& scope_of(const Subtask& subtask);
  void close(const Subtask& subtask);  // its scope, when nothing is left in it
  void look(Scope& scope, const Candidate& candidate, Moved& moved);
  void park(const Candidate& candidate, const Subtask& blocker, Moved& moved);
  void wake_behind(Scope& scope, const Subtask& gone, Moved& moved);

  FileConflicts rule_;
  std::map<std::string, Scope> scopes_;
  std::unordered_map<const Subtask*, const Subtask*> waits_for_;  // parked → for whom
  std::unordered_map<const Subtask*, Candidates> blocks_;         // the same from the other side
};

}  // namespace baton::core
