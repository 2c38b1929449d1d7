#include "service/jobs.h"

#include <algorithm>

#include "service/log.h"

namespace baton::service {

void Jobs::restore(const std::vector<store::JobRow>& rows, const std::map<std::string, std::string>& meta) {
  std::vector<std::string> marks;
  for (const store::JobRow& row : rows)
    if (row.boot_id == world_.boot_id) marks.push_back(row.mark);
  const int ended = platform::end_marked(marks);
  if (ended > 0) log::info({"ended ", std::to_string(ended), " processes that jobs of the last run had left"});
  static_cast<void>(planners.pool().restore(rows));  // the core asks again
  static_cast<void>(checks.pool().restore(rows));
  notifications.restore(rows, meta);
  static_cast<void>(probes.pool().restore(rows));  // the request lies there still
}

void Jobs::take(Turn& turn) {
  planners.take(turn);
  checks.take(turn);
  notifications.take(turn);
  probes.take(turn);
}

std::vector<int> Jobs::fds() const {
  std::vector<int> fds;
  for (const JobPool* pool : pools()) pool->add_fds(fds);
  return fds;
}

void Jobs::release_ended() {
  planners.pool().release_ended();
  checks.pool().release_ended();
  notifications.pool().release_ended();
  probes.pool().release_ended();
}

std::optional<std::int64_t> Jobs::next_deadline() const {
  std::optional<std::int64_t> next;
  for (const JobPool* pool : pools())
    if (const auto due = pool->next_deadline()) next = std::min(next.value_or(*due), *due);
  return next;
}

bool Jobs::turn_due() const {
  return planners.turn_due() || std::ranges::any_of(pools(), [](const JobPool* pool) { return pool->turn_due(); });
}

}  // namespace baton::service
