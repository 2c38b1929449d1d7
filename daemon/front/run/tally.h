// What the agents of a run did: how long each was at work, and the words for it at the end.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "front/analysis/analysis.h"
#include "front/output.h"
#include "front/views.h"
#include "front/work/attempt.h"

namespace baton::front {

/// Filled from the threads of a crew.
class Tally {
 public:
  struct Work {
    std::int64_t ms = 0;  // of all attempts
    int attempts = 0;     // that ended here
  };
  void add(const AttemptEnd& end);
  Work of(const std::string& subtask_id) const;
  std::int64_t total_ms() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Work> work_;
};

struct RunSummary {
  PlanView plan;
  std::int64_t wall_ms = 0;
  std::string branch;          // that has the work of all; empty: they worked in the workspace
  std::string integrated;      // what became of the branch at the end; empty: it was to be left
  std::size_t kept_apart = 0;  // pairs that would have changed the same file at once
  std::string how_to_go_on;    // empty: all is done
  int code = 0;                // that the program ends with
};

/// One line per agent, and what came of all. Prompts that were left out are named with the reason.
void say_summary(Output& out, const RunSummary& run, const Tally& tally);

}  // namespace baton::front
