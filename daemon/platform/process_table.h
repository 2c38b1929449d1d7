// What the kernel says of processes, ours or not: /proc, read strictly. Nothing here signals or waits.
#pragma once

#include <sys/types.h>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace baton::platform {

/// Which process was meant. A pid is given again after a while; the three together are not.
struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;  // since the machine was started, suspend included
  std::string boot_id;
  bool operator==(const ProcessIdentity&) const = default;
};

/// One line of /proc/PID/stat, as far as anybody here asks.
struct ProcessRow {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  char state = '?';  // R runs, S and D wait, T and t are stopped, Z and X have ended
  std::uint64_t start_ticks = 0;
  std::int64_t cpu_ms = 0;     // its own, and that of children it has waited for
  std::int64_t rss_bytes = 0;  // resident; pages that it shares with others included
  std::string name;            // the kernel's 15 characters, printable
};

/// running, sleeping, waiting (for a disk, as a rule), stopped (by a signal), ended.
std::string_view state_word(char state);

/// Nothing when it is no such line. The name may hold anything, also spaces and parentheses.
std::optional<ProcessRow> parse_process_stat(std::string_view line);

/// not_found: there is none. refused: there is one, but it is hidden from this user.
Result<ProcessRow> read_process(pid_t pid);

/// Whose it is, and whether the number stands for a whole process.
struct ProcessOwner {
  uid_t real_uid = 0;
  uid_t effective_uid = 0;
  bool is_thread = false;  // the number is that of a thread of another process
};
std::optional<ProcessOwner> parse_process_status(std::string_view text);
Result<ProcessOwner> read_process_owner(pid_t pid);

/// Its resident pages, those that it shares with others divided among them. Nothing: it is gone, or hidden from this user.
std::optional<std::int64_t> read_proportional_bytes(pid_t pid);

/// When it started: on CLOCK_BOOTTIME, and on the wall clock as it is set at `now`.
std::int64_t start_boot_ms(std::uint64_t start_ticks);
std::int64_t start_wall_ms(std::uint64_t start_ticks, const Moment& now);

/// Whether it had begun when the wall clock showed `wall_ms`, as far as that can be told: clocks of files and processes differ by
/// up to two seconds. docs/protocol.md, "Liveness".
bool had_begun_by(std::uint64_t start_ticks, std::int64_t wall_ms, const Moment& now);

/// All processes at one moment: read once per turn for all who ask. The kernel has a list of children per process only where it
/// was built so; this works everywhere.
class ProcessTable {
 public:
  static constexpr std::size_t k_max_processes = 65'536;
  static constexpr std::size_t k_max_family = 512;

  static ProcessTable read();
  explicit ProcessTable(std::vector<ProcessRow> rows);

  const ProcessRow* find(pid_t pid) const;
  std::size_t size() const { return rows_.size(); }

  struct Family {
    std::vector<const ProcessRow*> members;  // the first is the one that was asked for
    std::int64_t cpu_ms = 0;                 // of all, and so is the next
    std::int64_t rss_bytes = 0;
    bool whole = true;  // false: there are more than `limit`
  };
  /// The process and what descends from it. Empty when it is not there.
  Family descendants_of(pid_t pid, std::size_t limit = k_max_family) const;
  /// The same, and the members of the group that it leads with what descends from them.
  Family family_of(pid_t pid, std::size_t limit = k_max_family) const;
  /// Members of a process group, by pid.
  std::vector<const ProcessRow*> group(pid_t group) const;
  /// The process and all it descends from, the nearest first.
  std::vector<pid_t> line_of(pid_t pid) const;

 private:
  Family gather(const std::vector<pid_t>& first, std::size_t limit) const;

  std::map<pid_t, ProcessRow> rows_;
  std::multimap<pid_t, pid_t> children_;
  std::multimap<pid_t, pid_t> groups_;
};

}  // namespace baton::platform
