// The cgroup (version 2) of a worker. One that holds it and nobody else the kernel ends at once, whatever was forked meanwhile.
#pragma once

#include <sys/types.h>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace baton::platform {

/// Where cgroup2 is mounted, by the text of /proc/self/mountinfo; empty: nowhere, or only a part of it.
std::string cgroup_mount(std::string_view mountinfo);
/// The cgroup2 path of a process, by the text of /proc/PID/cgroup; empty: none, or out of what is visible here.
std::string cgroup_path(std::string_view text);

class Cgroup {
 public:
  /// The cgroup of `pid`, if it is not the root, every process in it and beneath it is one of `members`, and it can be killed
  /// here.
  static std::optional<Cgroup> owned_by(pid_t pid, const std::set<pid_t>& members);

  /// The same, whoever else is in it: to be looked at, not to be killed.
  static std::optional<Cgroup> around(pid_t pid);

  const std::string& folder() const { return folder_; }
  /// Who is in it or beneath it; nobody when that cannot be known.
  std::set<pid_t> processes() const;
  /// Nothing runs in it or beneath it; also when it was removed.
  bool is_empty() const;
  /// SIGKILL to all in it and beneath it. False: not permitted, or it was removed.
  bool kill() const;

 private:
  explicit Cgroup(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
};

}  // namespace baton::platform
