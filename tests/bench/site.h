// A coordination folder of its own with the real daemon over it, and the smallest client: drops, claims, results by rename.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "bench/measure.h"

namespace baton::bench {

class Site {
 public:
  Site();   // baton init in a new folder below $TMPDIR
  ~Site();  // ends the daemon
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  const std::string& folder() const { return folder_; }
  std::string path(const std::string& relative) const { return folder_ + "/coordination/" + relative; }
  /// argv of `baton --coordination … ARGS`.
  std::vector<std::string> command(std::vector<std::string> args) const;

  /// The settings; before the start.
  void configure(const std::string& config) const { write_file(path("orchestrator/config.json"), config); }
  /// Starts the daemon, behind `wrapper` if given; ms from the start of the process until it said READY=1.
  double start(std::vector<std::string> wrapper = {});
  void stop();  // SIGTERM, waits for the end
  pid_t pid() const { return pid_; }

  std::string handoffs() const { return path("masters/development/handoffs"); }
  static std::string handoff_name(const std::string& id) { return "to-development-subtask-" + id + ".json"; }
  void drop(const std::string& id) const;
  /// Drops `count` tasks, a hundred in a file, and waits until all are handed off.
  void fill(int count, const std::string& prefix) const;
  void claim(const std::string& id) const;
  void answer(const std::string& id) const;
  /// Claims and completes what `fill` made.
  void finish(int count, const std::string& prefix) const;

  /// Until the state says so many live tasks.
  void await_live(int count) const;
  /// Until the daemon has used no CPU for a second and a half: views, write-backs and syncs are done.
  void await_quiet() const;

 private:
  std::string folder_;
  pid_t pid_ = 0;
};

/// Removes the folders of all sites. Only at the end: ext4 looks past every inode that was deleted within the last minutes when
/// it makes a new one, so that one figure's clean-up would be part of the next figure.
void remove_sites();

/// A simple task as JSON.
std::string task(const std::string& id);
/// posix_spawn with PATH lookup, output thrown away unless `loud`.
pid_t spawn(const std::vector<std::string>& argv, const std::vector<std::string>& environment = {});
int wait_for(pid_t pid);  // its exit code

}  // namespace baton::bench
