// Everything outside of the daemon: clocks, processes, files, and the workers and masters that use them. It tells the daemon what
// an inotify watch and a pidfd would tell, and keeps the truth about every worker.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <variant>

#include "base/time.h"
#include "core/event.h"
#include "simulation/agenda.h"
#include "simulation/life.h"
#include "simulation/random.h"

namespace baton::simulation {

inline constexpr const char* k_master = "development";

/// What is kept from the core on purpose, to see that a world finds it out.
enum class Flaw {
  none,
  cpu,       // the CPU time of processes seems to stand still
  sleep,     // time in suspend counts as if everybody had been awake
  exits,     // nobody says that a process has ended
  pids,      // one that was given again passes for the process that had it before
  renewals,  // that a worker goes on in another process stands in its spec in vain
};

/// Of what the daemon has to look at.
struct Notice {
  enum class What { document, spec, claim, exit };
  What what = What::document;
  std::string name;  // of the worker, or of the subtask that was claimed
  std::int64_t document = 0;
  std::int64_t pid = 0;  // that has exited
};

/// A file that is read once: a task, a result, a command. Its input is filled in by the reader.
using Document = std::variant<core::TaskSpec, core::ResultArrived, core::CommandArrived>;

struct Handoff {
  int epoch = 0;
  bool claimed = false;
};

class World {
 public:
  World(std::uint64_t seed, core::RecoverySettings settings, Flaw flaw);

  // ---- time
  std::int64_t awake_ms() const { return awake_ms_; }  // goes on in everything but suspend; the agenda counts by it
  Moment moment() const;
  void pass_until(std::int64_t awake_ms);
  void suspend(std::int64_t ms);  // other hosts go on
  void set_clock_back(std::int64_t ms) { set_ms_ -= ms; }

  // ---- processes
  const std::string& boot_id() const { return boot_id_; }
  void reboot();  // nobody watches meanwhile
  bool is_running(std::int64_t pid, std::int64_t started_at) const;
  bool has_process(const Life& life) const;  // in truth; between two of them it has none
  void signal_term(Life& life);
  void end(Life& life);
  core::WorkerLook look(const std::string& subtask_id, const Life* named) const;

  // ---- files
  std::map<std::int64_t, Document> documents;
  std::map<std::string, Handoff> handoffs;  // of each subtask the one that lies there
  std::map<std::string, int> staged;        // subtask → epoch
  std::map<std::string, Life> lives;        // by worker
  std::deque<Notice> notices;
  std::int64_t put(Document document);
  void publish(const std::string& subtask_id);  // what is staged
  Life* life_of(const std::string& subtask_id, int epoch);

  // ---- how well it is watched: what a worker's limit has to be longer by
  bool is_watched = false;         // the daemon runs, and takes its turns
  std::int64_t watched_since = 0;  // its last start
  std::int64_t away_ms = 0;        // the daemon stood still for so long, all in all

  const core::RecoverySettings settings;
  const Flaw flaw;
  Random random;
  Agenda agenda;
  std::function<void(Life&)> on_end;  // it hangs or died: a verdict is due
  std::int64_t renewals = 0;          // workers that went on in another process

 private:
  LifeTerms terms_of(const std::string& subtask_id) const;
  void claim(const std::string& subtask_id, int epoch);
  void start(Life& life);
  void exit(const std::string& worker_id, std::int64_t pid);
  void renew(Life& life);
  void write_spec(Life& life);
  void go_on(const std::string& worker_id);
  void give_sign(Life& life);
  void finish(Life& life);
  void answer(Life& life, bool completed);

  std::int64_t awake_ms_ = 0;
  std::int64_t booted_ms_ = 0;
  std::int64_t suspended_ms_ = 0;  // since the boot
  std::int64_t slept_ms_ = 0;      // before it
  std::int64_t set_ms_ = 0;
  std::string boot_id_ = "boot-0";
  int boots_ = 0;
  std::int64_t last_document_ = 0;
  std::map<std::int64_t, std::int64_t> processes_;  // pid → start
  std::map<std::string, std::uint64_t> file_marks_;
};

/// Half of the subtasks name a file that they change.
bool has_files(const std::string& subtask_id);

}  // namespace baton::simulation
