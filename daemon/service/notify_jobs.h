// The command that tells a person: `notify` of config.json, run for each attention that comes up. A notification may come twice,
// and never not at all while the attention stands: it is in the journal from the commit that raised it until the command has
// ended. One whose attention is cleared before its command was started is not sent.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/effect.h"
#include "service/job_pool.h"

namespace baton::service {

inline constexpr std::size_t k_max_notifications = 2;  // at once

class NotifyJobs {
 public:
  explicit NotifyJobs(World& world);

  /// `meta`: of the journal, which keeps what was to be told.
  void restore(const std::vector<store::JobRow>& rows, const std::map<std::string, std::string>& meta);
  /// Before the first commit: what the last run did not tell is remembered anew.
  void resume(Turn& turn);
  /// Before the commit. An attention in it that came up is to be told; one that was cleared need not be any more.
  void remember(const core::FeedEntry& entry, Turn& turn);
  /// After the commit: what was remembered is sent.
  void send();
  void take(Turn& turn);
  JobPool& pool() { return pool_; }
  const JobPool& pool() const { return pool_; }

 private:
  struct Notice {
    std::string matter;  // of which attention; the same words when it is cleared
    std::string document;
    bool begun = false;
  };
  void raised(const core::FeedEntry& entry, Turn& turn);
  void cleared(const core::FeedEntry& entry);
  void forget(const std::string& id);
  Result<std::optional<JobOrder>> order(const std::string& id);
  void ended(const JobEnd& end);

  World& world_;
  JobPool pool_;
  std::map<std::string, Notice> notices_;  // by id, of those that are not told yet
  std::vector<std::string> unsent_;        // remembered, and not sent yet
  std::vector<std::string> gone_;          // rows that the journal may forget
};

}  // namespace baton::service
