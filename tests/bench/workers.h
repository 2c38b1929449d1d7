// Workers as the daemon knows them: real processes that do nothing, and the files that name them.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "bench/site.h"

namespace baton::bench {

/// What a worker's process does (`baton_bench --worker PARENT`): it sleeps until it is killed, at the latest when the benchmark
/// ends, however that ends.
[[noreturn]] void play_worker(pid_t parent);

/// So many of them, children of this process. Ended and waited for with it.
class WorkerProcesses {
 public:
  explicit WorkerProcesses(int count);
  ~WorkerProcesses();
  WorkerProcesses(const WorkerProcesses&) = delete;
  WorkerProcesses& operator=(const WorkerProcesses&) = delete;

  int count() const { return static_cast<int>(pids_.size()); }
  pid_t pid(int n) const { return pids_.at(static_cast<std::size_t>(n)); }
  void kill(int n) const;
  void kill_all() const;

 private:
  std::vector<pid_t> pids_;
};

/// Of the worker of task PREFIX-N.
std::string worker_id(const std::string& prefix, int n);
std::string worker_spec(const std::string& prefix, int n, pid_t pid, int progress_percent);

/// Every task of `fill(count, prefix)` gets a worker, named by a spec; until the feed says that all have started and the daemon
/// rests.
void start_work(const Site& site, const std::string& prefix, const WorkerProcesses& processes);

/// What is appended to a file, line by line, from now on.
class Tail {
 public:
  explicit Tail(const std::string& path);
  ~Tail();
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;

  /// Waits at most `timeout_ms` for the first.
  std::vector<std::string> take(int timeout_ms);
  /// Until a line holds all of `words`; the moment it was seen.
  double await(const std::vector<std::string>& words);

 private:
  void read_more();

  int file_;
  int notify_;
  std::string begun_;  // of a line
};

}  // namespace baton::bench
