// Subtasks by the paths they want, so that those whose paths overlap are found without a look at all the others. Paths overlap
// when they are the same or one is a folder of the other.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "core/model.h"

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

/// "." and "" are both the workspace; here it is "".
std::string_view normal(std::string_view path);
/// Calls `visit` with every folder above `path`, the workspace last, until it answers true. Answers whether it did.
bool any_folder_above(std::string_view path, const std::function<bool(std::string_view)>& visit);

class PathIndex {
 public:
  void add(const Candidate& candidate);
  void remove(const Candidate& candidate);
  bool empty() const { return at_.empty(); }

  /// Of those that overlap with `candidate` and are more urgent, the one right before it; nullptr: there is none.
  const Subtask* before(const Candidate& candidate) const;
  /// All that overlap with it and are less urgent.
  Candidates behind(const Candidate& candidate) const;

 private:
  using Paths = std::map<std::string, Candidates, std::less<>>;
  void overlapping(std::string_view path, const std::function<void(const Candidates&)>& visit) const;

  Paths at_;      // path → who wants it
  Paths inside_;  // folder → who wants something in it, however deep
};

}  // namespace baton::core
