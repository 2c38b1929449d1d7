// Whether a worker lives: what is known of one, and the verdicts that follow from it, with the evidence each rests on. Pure: the
// caller brings every sign of life, looks where it is asked to look, and tells the time.
//
// Times are mono_ms as the caller counts them: they stand still in suspend, and while the loop itself was away. The wall clock
// decides nothing here; it stands only in sentences.
//
//   heard of    a heartbeat of any kind: the spec, the heartbeat file, `baton heartbeat`
//   moved       its percent or step changed, or a look saw CPU time, files or output change
//   progress    either of them
//
// Looks cost something, so they are asked for only once nothing was heard for heartbeat_timeout, and then once in each (or in a
// sixtieth of zombie_after, if that is longer). A look says nothing by itself, two say whether something moved between them. What
// lies before the first is unknown and counts for the worker: so a verdict comes at most one such interval after zombie_after,
// and never too early.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/worker_states.h"

namespace baton::core {

/// Milliseconds; of settings, master and subtask, whichever says most.
struct LivenessLimits {
  std::int64_t heartbeat_timeout = 180'000;
  std::int64_t zombie_after = 1'200'000;
  std::int64_t exit_grace = 5'000;
  std::int64_t time_limit = 0;  // from the claim on; 0 = none
  std::int64_t estimate = 0;    // 0 = none; three times as long is late, which condemns nobody
  bool reports_only = false;    // "liveness": "none": nobody is condemned, a person is told instead
};

/// How a worker can be known.
enum class WorkerTrace {
  local,   // a process here: it can be looked at
  remote,  // on another host: only its heartbeats are seen
  none,    // claimed, and no worker was ever seen
};

/// What was found in one look. What cannot be known is absent; of paths that nobody named there is nothing to know.
struct WorkerLook {
  std::optional<std::int64_t> cpu_ms;  // of its processes together
  int processes = 0;                   // how many these are
  bool stopped = false;                // by a signal
  /// Marks of what lies under its worktree and the files it may change, a part after the other. A look that was cut short has
  /// fewer; what both have tells whether something changed.
  std::optional<std::vector<std::uint64_t>> files;
  std::string files_place;                   // where was looked: "worktrees/x"
  std::int64_t files_changed_at = 0;         // wall_ms of the newest change there, 0 = not known
  bool whole = true;                         // false: there was more than could be looked at
  std::optional<std::int64_t> output_bytes;  // size of its output file
};

/// What was last known of a worker to show that it lives: heartbeat, or (a look saw it move) cpu_time, files, output; first_seen
/// as long as there is nothing else.
struct SignOfLife {
  std::string_view what;
  std::int64_t at = 0;
};

struct WorkerVerdict {
  WorkerState state = WorkerState::starting;
  bool look = false;     // look at it now and tell what was found, then ask again
  bool overdue = false;  // would be condemned, but only a person is to be told
  bool late = false;     // three times its estimate has passed
  std::string reason;    // of stalled, gone, zombie and overdue: no_heartbeat, exited, no_progress, time_limit, never_seen
  std::vector<std::string> evidence;  // one sentence each
};

class Liveness {
 public:
  /// `seen_at`: when the worker (or, with WorkerTrace::none, the claim) was first seen. `claimed_at`: what time_limit and
  /// estimate count from.
  Liveness(WorkerTrace trace, LivenessLimits limits, std::int64_t seen_at, std::int64_t claimed_at);

  /// The daemon was started again and finds it. `heard_at` is when it was heard of last, as well as that can be told (it may lie
  /// before the machine's start); nobody is judged by it before one heartbeat_timeout has passed.
  void adopted(std::int64_t now, std::int64_t heard_at);

  void heard(std::int64_t now);
  /// Its own report changed: the percent. Includes heard().
  void reported(std::int64_t now);
  /// Its process has ended, or is not there. A heartbeat after that says that the work goes on elsewhere.
  void exited(std::int64_t now, std::string what);  // "its process 4711 has exited"
  /// It names another process, which lives: that the one before has exited says nothing of it.
  void renewed();
  /// A look, asked for or not. One when it is first seen costs little and spares a worker that never does anything its delay.
  void looked(std::int64_t now, WorkerLook look);
  void set_limits(const LivenessLimits& limits) { limits_ = limits; }
  /// Its worker is known by now (from none), or it is known that it is elsewhere.
  void set_trace(WorkerTrace trace) { trace_ = trace; }

  /// The state as of now; it moves only here.
  WorkerVerdict judge(std::int64_t now);
  /// The next moment at which judge() may say something else; nothing: only a sign can change it.
  std::optional<std::int64_t> deadline() const;

  WorkerState state() const { return state_; }
  WorkerTrace trace() const { return trace_; }
  std::int64_t heard_at() const { return heard_at_; }  // or first seen
  std::int64_t progress_at() const;                    // likewise
  SignOfLife last_sign() const;

 private:
  struct Motion {  // what the last look found, and since when that is so
    WorkerLook look;
    std::int64_t at = 0;
    std::int64_t cpu_since = 0;
    std::int64_t files_since = 0;
    std::int64_t output_since = 0;
  };

  bool is_looked_at() const { return trace_ != WorkerTrace::remote && !exited_at_; }
  std::int64_t first_look_after() const;
  std::int64_t next_look_at() const;
  std::int64_t still_since() const;
  bool is_compared() const;
  bool has_been_still(std::int64_t since, std::int64_t limit, std::int64_t now) const;
  std::string grounds(std::int64_t now) const;
  std::optional<WorkerCause> sign(std::int64_t now) const;
  std::vector<std::string> evidence(std::int64_t now, const std::string& reason) const;
  void add_silence(std::int64_t now, std::vector<std::string>& sentences) const;

  WorkerTrace trace_;
  LivenessLimits limits_;
  WorkerState state_ = WorkerState::starting;
  std::int64_t claimed_at_ = 0;
  std::int64_t heard_at_ = 0;
  std::int64_t moved_at_ = 0;
  std::int64_t unknown_to_ = 0;  // whether something moved before this moment is not known
  std::int64_t not_before_ = 0;  // no verdict by silence before this moment
  bool was_heard_ = false;
  bool has_moved_ = false;
  std::optional<std::int64_t> exited_at_;
  std::string exit_;
  std::optional<Motion> motion_;
  std::int64_t judged_at_ = 0;
};

}  // namespace baton::core
