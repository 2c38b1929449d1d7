#include "core/recovery.h"

#include <algorithm>

#include "base/result.h"
#include "core/settings.h"

namespace baton::core {
namespace {

/// spec: a zombie is broken into smaller subtasks at its first retry; whatever only failed deserves one more try as it is.
int attempt_that_splits(FailureCause cause) { return cause == FailureCause::zombie || cause == FailureCause::time_limit ? 1 : 2; }

}  // namespace

Remedy remedy_for(const Subtask& failed, const Failure& failure, const RecoverySettings& settings) {
  if (failure.failure_class == FailureClass::rate_limited) return Remedy::park;
  // Who works beside others does nothing wrong when they were faster. Without any end two could take turns at that.
  const bool conflict = failure.failure_class == FailureClass::conflict;
  const int used = conflict ? failed.conflicts : failed.attempt - failed.conflicts;
  if (failure.failure_class == FailureClass::permanent || used >= settings.max_attempts) return Remedy::escalate;
  const bool mends = failure.cause == FailureCause::checkpoint || conflict;
  const bool divisible = failed.spec.files_affected.size() >= 2 && !mends;
  return divisible && used >= attempt_that_splits(failure.cause) ? Remedy::split : Remedy::retry;
}

std::int64_t backoff_ms(int failed_attempts, std::uint32_t random, const RecoverySettings& settings) {
  std::int64_t wait = std::min(settings.retry_backoff_ms, settings.retry_backoff_max_ms);
  for (int i = 1; i < failed_attempts && wait < settings.retry_backoff_max_ms; ++i)
    wait = std::min(wait * 2, settings.retry_backoff_max_ms);
  return wait - wait / 4 * static_cast<std::int64_t>(random % 1024) / 1024;
}

std::int64_t parking_ms(const Failure& failure, int parkings, const RecoverySettings& settings) {
  if (failure.retry_after_ms <= 0) return settings.retry_backoff_max_ms;
  return std::clamp(failure.retry_after_ms, backoff_ms(parkings, 0, settings), k_longest_parking_ms);
}

std::string reason_to_block(const Subtask& failed) {
  if (failed.attempt <= 1) return failed.error;
  const int failures = failed.attempt - failed.conflicts;
  const std::string conflicts =
      failed.conflicts == 0 ? ""
                            : std::to_string(failed.conflicts) + (failed.conflicts == 1 ? " merge conflict" : " merge conflicts");
  if (failures == 0) return conflicts + "; last: " + failed.error;
  std::string type = failed.spec.worker_type.empty() ? "worker" : failed.spec.worker_type + " worker";
  if (type.front() >= 'a' && type.front() <= 'z') type.front() = static_cast<char>(type.front() - 'a' + 'A');
  return type + " failed " + (failures == 1 ? "once" : std::to_string(failures) + " times") +
         (conflicts.empty() ? "" : ", after " + conflicts) + "; last: " + failed.error;
}

bool speaks_against_master(const Failure& failure) {
  return failure.failure_class != FailureClass::rate_limited && failure.failure_class != FailureClass::conflict &&
         failure.cause != FailureCause::checkpoint && failure.cause != FailureCause::child_task;
}

MasterRecord after_failure(MasterRecord master, std::int64_t now, const RecoverySettings& settings) {
  if (settings.breaker_failures == 0) return after_success(std::move(master));
  master.parkings = 0;
  const bool too_long_ago = now - master.first_failure_at > settings.breaker_window_ms;
  const bool may_begin_anew = master.breaker == Breaker::closed || master.breaker == Breaker::degraded;
  if (master.failures == 0 || (may_begin_anew && too_long_ago)) {
    master.failures = 0;
    master.first_failure_at = now;
    master.breaker = Breaker::closed;
  }
  ++master.failures;
  if (master.breaker == Breaker::open) return master;  // something that was out already
  if (master.breaker == Breaker::closed && master.failures < settings.breaker_failures) return master;
  master.breaker = master.breaker == Breaker::closed ? Breaker::degraded : Breaker::open;
  master.open_until = now + settings.breaker_reset_ms;
  return master;
}

MasterRecord after_success(MasterRecord master) {
  master.breaker = Breaker::closed;
  master.failures = master.parkings = 0;
  master.first_failure_at = master.open_until = 0;
  return master;
}

MasterRecord after_reset(MasterRecord master, std::int64_t now, const RecoverySettings& settings) {
  BATON_ASSERT(master.breaker != Breaker::closed);
  if (master.breaker != Breaker::open) return after_success(std::move(master));
  master.breaker = Breaker::half_open;
  master.open_until = now + settings.breaker_reset_ms;
  return master;
}

}  // namespace baton::core
