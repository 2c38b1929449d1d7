// Child processes with pipes: jobs of the daemon. posix_spawn only, never fork. Passive: the owner watches the descriptors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/fd.h"

namespace baton::platform {

class ChildHandle;

/// Ends of the three pipes of a child, all closed on exec. `error_output` only when it is a stream of its own.
struct Streams {
  Fd input, output, error_output;
};

struct SpawnRequest {
  std::vector<std::string> argv;               // argv[0] is looked up in PATH
  std::string cwd;                             // absolute
  std::string input;                           // fed to standard input, then closed
  std::size_t output_limit = 1 << 20;          // bytes kept of standard output, from its beginning; 64 KiB of standard error
  std::size_t output_tail = 0;                 // and so many of its end
  bool joined = false;                         // standard error goes where standard output goes
  std::function<void(std::string_view)> sink;  // gets all of standard output as it is read, in pieces; empty: nobody does
  std::vector<std::string> unset_environment;  // names; a trailing '*' matches the rest
  std::vector<std::string> environment;        // NAME=value: in place of what is inherited
  std::string mark;              // stands as BATON_JOB in the environment of the child and of what it starts; empty = none
  std::string exec_job_program;  // path of baton: the child is tied to this process by `baton exec-job`; empty = started directly
  bool starts_services = false;  // under a guard: what leaves its group goes on after it
};

struct Exit {
  int code = 0;  // of exit, or 128 + signal
  bool signalled = false;
  std::string output;         // the beginning of standard output
  std::string output_tail;    // what was kept of the rest
  std::int64_t left_out = 0;  // bytes of it between the two
  std::string error_output;   // the beginning of standard error
  bool truncated = false;     // something of either was not kept
};

/// A running child in its own process group. Its descriptors are non-blocking.
class Process {
 public:
  /// not_found: no such program or working folder. no_space: descriptors, processes or memory are short, so the same may go well
  /// later. The child's own signal mask is empty, its dispositions are default. Here
  /// SIGPIPE is ignored and SIGCHLD has its default from now on.
  static Result<Process> spawn(const SpawnRequest& request);
  /// One that somebody else has started, with our ends of its pipes.
  static Result<Process> adopt(std::unique_ptr<ChildHandle> child, Streams pipes, const SpawnRequest& request);
  ~Process();  // kills the group if it still runs, and reaps
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;

  int pid() const;
  /// Descriptors whose readiness means pump() has something to do: one, the same for life, that stands for the exit, both
  /// outputs, room for more input, and the patience of pump().
  std::vector<int> fds() const;
  /// Moves bytes; once, the exit: when the child has ended and its output, too (or 1 s later, when a grandchild keeps the pipe
  /// open). What is left of its group is killed then.
  std::optional<Exit> pump();
  void signal_group(int signal);

 private:
  struct Impl;
  explicit Process(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Ends (SIGKILL) every process of this user that carries one of these marks, whoever its parent is by now and whatever group or
/// session it is in. Returns how many there were.
int end_marked(const std::vector<std::string>& marks);

}  // namespace baton::platform
