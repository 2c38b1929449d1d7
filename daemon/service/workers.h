// The processes of workers: held by a pidfd from the moment one is named, looked at when the core asks, ended when it says so.
// docs/protocol.md, "Liveness, failure, escalation".
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/ending.h"
#include "platform/live_process.h"
#include "platform/loop.h"
#include "platform/process_table.h"
#include "service/world.h"

namespace baton::service {

/// What a worker's own files say about its process.
struct WorkerClaim {
  std::string worker_id;
  std::string subtask_id;
  std::string path;  // of the file that says it
  std::optional<std::int64_t> pid;
  std::int64_t said_at = 0;      // wall clock: when the process was there at the latest
  std::int64_t started_at = 0;   // wall clock, as the worker says; 0 = it does not
  std::uint32_t file_owner = 0;  // uid
  std::string worktree;          // as written; empty: none
  std::string output_file;       // likewise
};

class Workers {
 public:
  Workers(World& world, platform::Loop& loop) : world_(world), loop_(loop) {}
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Finds the workers of an earlier run again; those that are gone are told.
  void restore(Turn& turn);

  /// What the core is to know of the process that is named here, if that is new. What is wrong with it is said once.
  std::optional<core::WorkerProcess> find(const WorkerClaim& claim, Turn& turn);
  /// After the core was told of it: the worker counts, or its process is let go.
  void settle(const WorkerClaim& claim, Turn& turn);
  bool holds(const std::string& worker_id) const { return known_.contains(worker_id); }

  /// Which descriptors are readable.
  void ready(const std::vector<int>& fds);
  /// Exits, looks and ends are told to the core.
  void take(Turn& turn);
  /// After the commit: what the core asked for is begun, who counts no more is let go.
  void perform(const Turn& turn);

  std::optional<std::int64_t> next_deadline() const;  // boot_ms
  /// Something is to be told in a turn that does not wait.
  bool turn_due() const { return !news_.empty() || !looks_.empty(); }

 private:
  struct Known {
    std::string subtask_id;
    std::optional<std::int64_t> pid;  // as named; also when there is no such process
    std::string worktree;
    std::string output_file;
    std::optional<platform::LiveProcess> process;
    bool missing = false;  // it was named, and is not there: not told yet
  };
  struct Under {
    core::EndWorker what;
    platform::Ending ending;
    std::vector<int> watched;
  };
  using News = std::variant<core::WorkerExited, core::WorkerEnded>;

  void hold(const std::string& worker_id, Known& known, platform::LiveProcess process);
  void drop(const std::string& worker_id);
  void let_go(Known& known);
  std::optional<platform::LiveProcess> open(const WorkerClaim& claim, Known& known, Turn& turn);
  std::string why_spared(const WorkerClaim& claim, const platform::LiveProcess& process) const;
  bool is_named_by_another(const WorkerClaim& claim, std::int64_t pid) const;
  void warn(const WorkerClaim& claim, const std::string& reason, Turn& turn) const;
  void find_again(const core::WorkerRecord& record, Turn& turn);
  core::WorkerLook look(const core::LookAtWorker& wanted, const std::optional<platform::ProcessTable>& table) const;
  std::vector<std::string> places_of(const std::string& subtask_id, const std::string& worktree) const;
  void begin_end(const core::EndWorker& wanted);
  void advance(Under& under, std::vector<core::WorkerEnded>& ended);
  void watch(Under& under);

  World& world_;
  platform::Loop& loop_;
  std::map<std::string, Known> known_;       // by worker id
  std::map<int, std::string> worker_of_fd_;  // watched
  std::list<Under> endings_;
  std::deque<core::LookAtWorker> looks_;
  std::deque<News> news_;
};

}  // namespace baton::service
