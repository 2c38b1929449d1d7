// The processes of workers: held by a pidfd from the moment one is named, looked at when the core asks, ended when it says so.
// docs/protocol.md, "Liveness, failure, escalation".
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platform/live_process.h"
#include "platform/loop.h"
#include "platform/process_table.h"
#include "service/worker_endings.h"
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
  Workers(World& world, platform::Loop& loop) : world_(world), loop_(loop), endings_(world, loop) {}
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Finds the workers of an earlier run again.
  void restore();

  /// A file in worker-specs/active names a process, whether its worker counts or not: as long as it lies there, and the process
  /// is the one that was there when it was written, nobody else's end reaches that.
  void note_named(const WorkerClaim& claim);

  /// What the core is to know of the process that is named here, if that is new. What is wrong with it is said once.
  std::optional<core::WorkerProcess> find(const WorkerClaim& claim, Turn& turn);
  /// After the core was told of it: the worker counts, or its process is let go.
  void settle(const WorkerClaim& claim);
  bool holds(const std::string& worker_id) const { return known_.contains(worker_id); }
  /// The process that is named is there, and was when it was named.
  bool lives(const WorkerClaim& claim) const;
  /// Those that were not there when they were looked for, when all that lay there was read: who has answered and ended did not
  /// die. One that is being answered waits.
  void tell_absent(const std::function<bool(const std::string& subtask_id)>& is_being_answered, Turn& turn);
  bool is_ending(const std::string& worker_id) const { return endings_.contains(worker_id); }

  /// Which descriptors are readable.
  void ready(const std::vector<int>& fds);
  /// Exits, looks and ends are told to the core.
  void take(Turn& turn);
  /// After the commit: what the core asked for is begun, who counts no more is let go.
  void perform(const Turn& turn);

  std::optional<std::int64_t> next_deadline() const;  // boot_ms
  /// Something is to be told in a turn that does not wait.
  bool turn_due() const { return !news_.empty() || endings_.turn_due() || absent_is_news_; }

 private:
  struct Known {
    std::string subtask_id;
    std::optional<std::int64_t> pid;  // as named; also when there is no such process
    std::string worktree;
    std::string output_file;
    std::optional<platform::LiveProcess> process;
    bool missing = false;       // it was named, and is not there: not told yet
    bool unsure = false;        // whether it is there could not be found out: the next one that names it tries again
    std::string told;           // why, as it was said last
    std::int64_t alive_at = 0;  // boot_ms: before its exit, as far as is known
  };

  void hold(const std::string& worker_id, Known& known, platform::LiveProcess process);
  void drop(const std::string& worker_id);
  void let_go(Known& known);
  std::optional<platform::LiveProcess> open(const WorkerClaim& claim, Known& known, Turn& turn);
  std::string why_spared(const WorkerClaim& claim, const platform::LiveProcess& process) const;
  void warn(const WorkerClaim& claim, const std::string& reason, Turn& turn) const;
  void find_again(const core::WorkerRecord& record);
  void note_absent(core::WorkerExited absent);
  bool is_back(const core::WorkerExited& absent) const;
  void forget_exit(const std::string& worker_id, const std::string& subtask_id);
  bool is_due(std::int64_t asked_at) const;
  void look_at_remains();
  void take_looks(Turn& turn);
  core::WorkerLook look(const core::LookAtWorker& wanted, const std::optional<platform::ProcessTable>& table) const;
  std::vector<std::string> places_of(const std::string& subtask_id, const std::string& worktree) const;
  void begin_end(const core::EndWorker& wanted);
  Result<platform::LiveProcess> take_process(const core::EndWorker& wanted);
  platform::EndingTerms terms_of(const core::EndWorker& wanted) const;
  std::string who_else_names(const std::string& worker_id, const platform::LiveProcess& process) const;
  bool stands(const WorkerClaim& claim) const;
  bool is_told_of(const WorkerClaim& claim, const platform::LiveProcess& process) const;

  World& world_;
  platform::Loop& loop_;
  std::map<std::string, Known> known_;        // those that count, or may: by worker id
  std::map<std::string, WorkerClaim> named_;  // all that name a process, by worker id; those whose files went are still in it
  std::map<int, std::string> worker_of_fd_;   // watched
  std::set<std::string> told_spared_;  // worker and why: said once, also of one that does not count and is seen anew each time
  WorkerEndings endings_;
  std::deque<core::LookAtWorker> looks_;
  std::int64_t looks_asked_at_ = 0;  // boot_ms: when the first of them was
  std::deque<core::WorkerExited> news_;
  std::vector<core::WorkerExited> absent_;
  bool absent_is_news_ = false;
  std::vector<std::string> exited_;  // what of their process groups remains is still to be looked at
  std::int64_t exited_at_ = 0;       // boot_ms: when the first of them had
  std::int64_t alive_at_ = 0;        // boot_ms: when nobody of those that are watched had exited
};

}  // namespace baton::service
