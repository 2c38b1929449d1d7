// What the core holds of the worker of one claimed subtask.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/health.h"
#include "core/model.h"

namespace baton::core {

struct WorkerWatch {
  WorkerWatch(Liveness known, WorkerRecord of) : liveness(std::move(known)), record(std::move(of)) {}

  Liveness liveness;
  WorkerRecord record;  // worker_id is empty as long as none was seen
  WorkerReport report;
  std::string reason;  // of the last verdict that has one
  std::vector<std::string> evidence;
  std::vector<std::string> not_ended;      // why its process was left alone, although it counts as dead
  std::set<std::string> rivals;            // who else says to work on it, and was told of
  std::set<std::string> replaced;          // whose place the one of the record has taken
  std::int64_t heard_at = 0;               // wall clock, 0 = not yet
  std::optional<std::int64_t> written_at;  // mono clock: the newest sign of life, by its own time
  bool restored = false;                   // from an earlier run: what lies there was written before this one
  bool looking = false;                    // a look is under way
  bool exited = false;                     // the process of the record
  bool remains = false;                    // and others of its process group have not
  bool ending = false;                     // likewise, and what came of it is not known yet
};

}  // namespace baton::core
