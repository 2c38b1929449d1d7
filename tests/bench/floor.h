// The floors: the same files and syncs with no logic at all, so that a ratio says what baton adds to what the machine needs.
#pragma once

#include <string>

#include "bench/measure.h"

namespace baton::bench {

/// The loop behind `baton_bench --floor-loop FOLDER`: inotify wake, read FOLDER/in/NAME, append to a log + fdatasync, hidden
/// write
/// + rename to FOLDER/out/NAME. Never returns.
[[noreturn]] void floor_loop(const std::string& folder);

/// `--floor-exits FOLDER`: for every process of FOLDER/pids that ends, a line in a log + fdatasync, then the same line in
/// FOLDER/feed.
[[noreturn]] void floor_of_exits(const std::string& folder);
std::string exit_word(std::int64_t pid);  // what that line begins with
/// `--floor-signs FOLDER`: looks at what was written or touched in FOLDER/in.
[[noreturn]] void floor_of_signs(const std::string& folder);

/// One of these, in a process of its own like the daemon.
class FloorProcess {
 public:
  /// Makes in/ and out/, and the list of `pids`; starts the loop, waits for its watch.
  explicit FloorProcess(const std::string& folder, const std::string& loop = "--floor-loop", const std::string& pids = "");
  ~FloorProcess();
  FloorProcess(const FloorProcess&) = delete;
  FloorProcess& operator=(const FloorProcess&) = delete;
  std::string in() const { return folder_ + "/in"; }
  std::string out() const { return folder_ + "/out"; }
  pid_t pid() const { return pid_; }

 private:
  std::string folder_;
  pid_t pid_ = 0;
};

/// Sizes in bytes of what one simple task makes.
struct TaskFiles {
  std::size_t drop = 0, handoff = 0, result = 0, plan = 0, subtask = 0, report = 0, markdown = 0, feed_line = 0;
};

/// Per task: 1 read, 1 hidden write + rename (handoff), 1 result read, 2 renames, plan, symlink, subtask and 2 report files, 8
/// feed lines; every 20th an fdatasync. In ms for all. The documents that are read are made before.
double floor_of_tasks(const std::string& folder, int count, const TaskFiles& sizes);

}  // namespace baton::bench
