// When somebody counts as dead, and what is tried before a person is asked.
#pragma once

#include <cstdint>

namespace baton::core {

/// What decides about recovery; times in milliseconds. The defaults are those of docs/operations.md.
struct RecoverySettings {
  /// Attempts of a subtask, the first one included, before a human is asked; at least 1.
  std::int64_t max_attempts = 3;
  /// The wait before the first retry; it doubles with each further one, up to `retry_backoff_max_ms`.
  std::int64_t retry_backoff_ms = 5'000;
  std::int64_t retry_backoff_max_ms = 300'000;
  /// How long a worker may show no sign of life before it counts as stalled.
  std::int64_t heartbeat_timeout_ms = 180'000;
  /// How long a worker may make no progress before it counts as a zombie.
  std::int64_t zombie_after_ms = 1'200'000;
  /// How long a result may still arrive after its worker's process ended.
  std::int64_t exit_grace_ms = 5'000;
  /// How long a handoff may lie unclaimed, counted from when it stands in its folder, before it is reported.
  std::int64_t claim_timeout_ms = 1'200'000;
  /// Between TERM and KILL.
  std::int64_t kill_grace_ms = 10'000;
  /// Failures in a row within `breaker_window_ms` that open a master's circuit breaker; 0: no breaker.
  std::int64_t breaker_failures = 5;
  std::int64_t breaker_window_ms = 600'000;
  /// How long a breaker stays open before one subtask may try.
  std::int64_t breaker_reset_ms = 600'000;
};

/// The same of one master: its master.json.
struct MasterRecovery {
  /// 0: that of all.
  std::int64_t zombie_after_ms = 0;
  /// For subtasks that bring none; 0: none.
  std::int64_t time_limit_ms = 0;
  /// False: its workers give no signs of life, so nobody is declared dead; a person is told instead.
  bool watched = true;
};

}  // namespace baton::core
