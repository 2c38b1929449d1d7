// What may start: of all subtasks that their own plans let go, which one is handed off next. Knows limits, masters, files in
// flight and urgency; nothing of plans. Every call costs a few look-ups, however many tasks are alive.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/file_claims.h"
#include "core/model.h"
#include "core/settings.h"

namespace baton::core {

/// Ageing without ticks: the moment (wall clock, ms) something became ready, put back by what its priority is worth: critical
/// nothing, high 5 minutes, medium 20 minutes, low one hour. The lowest key goes first and never changes; so after an hour of
/// waiting even low work goes before critical work that has just come.
std::int64_t urgency(Priority priority, std::int64_t ready_at_ms);

class Scheduler {
 public:
  explicit Scheduler(FileConflicts rule = FileConflicts::all) : files_(rule) {}
  /// Limits and masters were read. What waits stays where it is. Not for another file_conflicts rule: that needs a new Scheduler.
  void configure(const Catalogue& catalogue);

  /// How much of its work a master is given, limits aside: as much as there is, one subtask at a time, nothing.
  enum class Gate { open, one, shut };
  /// For another reason than before counts as a change of what its ready ones wait for.
  void gate(const std::string& master, Gate gate);

  /// `subtask` is ready. It must stay where it is in memory until it was withdrawn or released.
  void enqueue(const Subtask& subtask, Priority priority);
  /// It is not to be handed off now (paused, blocked, settled by itself). Harmless when it is not queued.
  void withdraw(const Subtask& subtask);

  /// The most urgent subtask that may start now; it counts as in flight from here on. nullptr: wait for the next event.
  const Subtask* next();
  /// It is in flight, and was not chosen: it was so when this began (restore), or its answer came after it had been given up.
  /// What nothing keeps from its files by now may go beside it. REQUIRES: it is not queued.
  void occupy(const Subtask& subtask);
  /// It is no longer in flight.
  void release(const Subtask& subtask);

  bool is_queued(const Subtask& subtask) const { return queued_.contains(&subtask); }
  /// What keeps a queued subtask: reason (file, limit, master_limit, no_master, gate) and subject. Nothing: it goes out next.
  struct Obstacle {
    std::string reason;
    std::string subject;
  };
  std::optional<Obstacle> obstacle(const Subtask& subtask) const;
  /// The tasks of queued subtasks whose obstacle is another one since this was asked last. REQUIRES: next() gave nothing.
  std::set<std::string> take_changed();

  bool has_master(std::string_view name) const;
  FileConflicts rule() const { return files_.rule(); }
  int active() const { return active_; }
  int active_of(std::string_view master) const;

 private:
  enum class Closed { no, by_gate, by_master_limit, by_limit };
  struct Queue {  // of one master
    Candidates ready;
    Candidates parked;  // for a file
    int active = 0;
    int limit = 0;  // 0 = none
    Gate gate = Gate::open;
    bool exists = false;
    Closed told = Closed::no;  // what its ready ones were last told
    /// Its work may be given to somebody: only then it wants its files, and others wait for them.
    bool serves() const { return exists && gate != Gate::shut; }
    bool is_full() const { return limit > 0 && active >= limit; }
    bool is_gated() const { return gate == Gate::shut || (gate == Gate::one && active > 0); }
    bool open() const { return serves() && !ready.empty() && !is_full() && !is_gated(); }
    bool is_idle() const { return ready.empty() && parked.empty() && active == 0 && gate == Gate::open; }
  };
  bool is_full() const { return limit_ > 0 && active_ >= limit_; }
  Closed closed(const Queue& queue) const;
  Queue& queue_of(const Subtask& subtask) { return queues_[subtask.spec.assigned_to]; }
  void begin_serving(Queue& queue);
  void end_serving(Queue& queue);
  void sort(const FileClaims::Moved& moved);
  void count(const Subtask& subtask, int by);
  Queue* most_urgent();

  std::map<std::string, Queue, std::less<>> queues_;
  std::unordered_map<const Subtask*, std::int64_t> queued_;  // key; ready or parked
  FileClaims files_;
  std::set<std::string> changed_;
  int active_ = 0;
  int limit_ = 0;
};

}  // namespace baton::core
