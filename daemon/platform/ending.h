// The end of a process that somebody else started: TERM, patience, KILL, and the proof that nothing is left. Passive: the owner
// tells the time, watches the descriptors and asks for the next deadline. It signals only what it holds by a pidfd.
#pragma once

#include <sys/types.h>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/cgroup.h"
#include "platform/live_process.h"

namespace baton::platform {

struct EndingTerms {
  std::int64_t kill_grace_ms = 10'000;  // from TERM to KILL
  std::set<pid_t> bystanders;           // other workers: a group or cgroup with one of them, or its master, in it is left alone
};

struct Leftover {
  pid_t pid = 0;
  std::string name;
  std::string why;  // "it was not signalled: ...", "it does not react to SIGKILL"
};

struct Ended {
  std::int64_t took_ms = 0;  // from TERM on
  bool killed = false;       // KILL was sent
  int processes = 0;         // that ended
  std::string group_spared;  // why the members of its group were not signalled; empty: they were, or it leads none
  std::vector<Leftover> left;
  /// Orphans that came into its cgroup while it lived, where others are in there, too: by a double fork of its own, or somebody
  /// else's. Nobody waits for them.
  std::vector<Leftover> beside;
};

/// Members of the group that the worker led, when it has exited itself. Nobody, when its number means another process by now.
std::vector<const ProcessRow*> remains_of(const ProcessTable& table, const ProcessIdentity& worker);

class Ending {
 public:
  /// After KILL that long is waited for what does not react.
  static constexpr std::int64_t k_confirm_ms = 5'000;
  static constexpr std::size_t k_max_members = ProcessTable::k_max_family;

  /// Sends TERM (and CONT, so that a stopped process takes it): to the process, and to the members of its group if it leads one
  /// in which neither this program, nor what this descends from, nor a bystander, nor what that descends from is. refused: it is
  /// another user's. `now`, here and below: boot_ms.
  static Result<Ending> begin(LiveProcess worker, EndingTerms terms, std::int64_t now);
  /// The same for what is left of the group that a worker led which has exited. `alive_at`: boot_ms at which it was seen to live,
  /// 0 = never. Where the group cannot be proven to be the worker's nobody is signalled: its members are told as left.
  static Ending begin_after_exit(const ProcessIdentity& worker, std::int64_t alive_at, EndingTerms terms, std::int64_t now);

  /// Readable when advance() has something to see. They change with each advance().
  std::vector<int> fds() const;
  /// boot_ms; nothing once it is over.
  std::optional<std::int64_t> deadline() const;
  /// Once, when it is over. To be called when a descriptor is readable, and at the deadline.
  std::optional<Ended> advance(std::int64_t now);

 private:
  struct Held {
    LiveProcess process;
    bool to_signal = false;
    std::string failure;  // of the last signal
  };
  explicit Ending(EndingTerms terms, std::int64_t now) : terms_(std::move(terms)), began_(now) {}

  void take_remains(const ProcessTable& table, std::int64_t alive_at);
  void take_group(const ProcessTable& table);
  void take_descendants(const ProcessTable& table);
  void take(pid_t pid, bool may_signal);
  bool is_beneath_bystander(const ProcessTable& table, pid_t pid) const;
  void own_cgroup(const ProcessTable& table);
  bool group_is_its() const;
  std::string stranger_in_group(const ProcessTable& table) const;
  std::set<pid_t> masters_in(const ProcessTable& table) const;
  void signal(Held& held);
  void signal_all(std::size_t from = 0);
  void forget_exited();
  bool holds(pid_t pid) const;
  bool is_awaited() const;
  void kill(std::int64_t now);
  void note_unproven();
  std::vector<Leftover> orphans() const;
  Ended finish(std::int64_t now);

  EndingTerms terms_;
  std::int64_t began_ = 0;
  std::int64_t looked_ = 0;
  std::int64_t give_up_at_ = 0;  // once killing
  bool killing_ = false;
  bool killed_ = false;
  bool over_ = false;
  ProcessIdentity worker_;
  bool leads_group_ = false;  // and its members may be signalled
  bool is_unproven_ = false;  // there is a group that may be its
  std::vector<Held> held_;    // that have not exited
  std::vector<Leftover> beyond_reach_;
  std::optional<Cgroup> cgroup_;  // its own
  std::optional<Cgroup> around_;  // it was in this one, with others
  std::string group_spared_;
  int ended_ = 0;
};

}  // namespace baton::platform
