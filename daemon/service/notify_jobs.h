// The command that tells a person: `notify` of config.json. A notification may come twice, and never not at all: what the last
// run did not finish is owed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "service/job_pool.h"

namespace baton::service {

inline constexpr std::size_t k_max_notifications = 2;  // at once

/// What came of it.
struct Notified {
  std::string id;
  bool delivered = false;
  std::string reason;  // why not
};

class NotifyJobs {
 public:
  explicit NotifyJobs(World& world);

  void restore(const std::vector<store::JobRow>& rows) { owed_ = pool_.restore(rows); }
  /// Ids that the last run remembered and did not finish: to be remembered and sent again, else they are forgotten.
  std::vector<std::string> take_owed() { return std::exchange(owed_, {}); }
  /// Before the commit.
  void remember(const std::string& id, Turn& turn) { pool_.remember(id, turn); }
  /// After the commit. `document`: JSON with this id, for its standard input. Without a command it is forgotten.
  void send(const std::string& id, std::string document);
  /// The matter is settled before it was told.
  void stop(const std::string& id);
  void take(Turn& turn);
  /// Those that have ended since the last call.
  std::vector<Notified> take_done() { return std::exchange(done_, {}); }
  JobPool& pool() { return pool_; }
  const JobPool& pool() const { return pool_; }

 private:
  Result<std::optional<JobOrder>> order(const std::string& id);
  void ended(const JobEnd& end);

  World& world_;
  JobPool pool_;
  std::map<std::string, std::string> documents_;  // by id, of those that are not told yet
  std::vector<std::string> owed_;
  std::vector<Notified> done_;
};

}  // namespace baton::service
