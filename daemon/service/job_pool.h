// Child processes of one kind, so many at a time and no more. They run at least once: the mark of each is in the journal before
// it starts, and the next run ends whatever still carries it. The loop never waits for one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/process.h"
#include "service/world.h"

namespace baton::service {

/// What is to be run. No shell is involved.
struct JobOrder {
  std::vector<std::string> argv;
  std::string cwd;              // absolute
  std::string input;            // for its standard input
  std::int64_t timeout_ms = 0;  // from its start
  std::size_t head = 1 << 20;   // bytes kept of the beginning of what it prints,
  std::size_t tail = 0;         // and of the end
  bool joined = false;          // standard error goes where standard output goes
};

/// How it went.
struct JobEnd {
  enum class How { exited, signalled, timed_out, not_started };
  std::string key;
  How how = How::exited;
  platform::Exit exit;  // exited, signalled; of one that was ended after its time: what it had printed
  Error error;          // not_started
  std::int64_t took_ms = 0;
};

class JobPool {
 public:
  /// The order for this key, asked for when there is a place for it. Nothing: nobody wants it any more. An error: it cannot be
  /// started.
  using Orders = std::function<Result<std::optional<JobOrder>>(const std::string& key)>;

  /// `kind` stands before the key in the journal: "planner:<key>".
  JobPool(World& world, std::string kind, std::size_t at_once, Orders orders);

  /// Keys of this kind that the last run did not finish. The journal forgets those that are not remembered again.
  std::vector<std::string> restore(const std::vector<store::JobRow>& rows);
  /// Before the commit: it remembers by which mark this job, and all that it starts, can be found.
  void remember(const std::string& key, Turn& turn);
  /// After the commit: starts it, or lets it wait for a free place. When the system is only short of something it is tried again.
  void ask(const std::string& key);
  /// A further round of a job that has ended, before all that wait and under the same mark.
  void ask_again(const std::string& key);
  /// Ends it with all that it started, and forgets it.
  void stop(const std::string& key);
  /// It has ended for good: the journal may forget it.
  void forget(const std::string& key);
  /// Ends what a job that has ended left running.
  void sweep(const std::string& key);

  /// Moves what is ready; `each` gets those that have ended. Afterwards the free places are given to those that wait.
  void take(Turn& turn, const std::function<void(JobEnd)>& each);
  void add_fds(std::vector<int>& fds) const;
  /// Closes the descriptors of ended jobs; to be called when the loop has forgotten them.
  void release_ended() { ended_.clear(); }
  std::optional<std::int64_t> next_deadline() const;  // boot_ms
  /// Something is to be told, to the owner or to the journal: in a turn that does not wait.
  bool turn_due() const { return !failed_.empty() || !gone_.empty(); }

 private:
  struct Running {
    platform::Process process;
    std::int64_t started_ms = 0;
    std::int64_t deadline_ms = 0;
    bool late = false;  // it was ended after its time; its exit is still to come
  };
  std::string row_name(const std::string& key) const { return kind_ + ":" + key; }
  void start_some();
  Result<> start(const std::string& key, const JobOrder& order);
  void look(const std::string& key, Running& job, std::vector<JobEnd>& ends);

  World& world_;
  std::string kind_;
  std::size_t at_once_;
  Orders orders_;
  std::map<std::string, std::string> marks_;  // of all that are not forgotten
  std::deque<std::string> waiting_;
  std::int64_t retry_ms_ = 0;  // boot clock: nothing is started before
  std::map<std::string, Running> running_;
  std::vector<JobEnd> failed_;            // could not be started
  std::vector<std::string> gone_;         // to be forgotten by the journal
  std::vector<platform::Process> ended_;  // their descriptors are still known to the loop
};

}  // namespace baton::service
