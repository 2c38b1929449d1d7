// What follows from a failure: the rules alone, without the records they are applied to. docs/protocol.md, "After a
// failure"; spec: "Failure Handling".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/health.h"
#include "core/model.h"
#include "core/recovery_settings.h"

namespace baton::core {

/// A date from elsewhere may be misread: nothing waits longer than this for it.
inline constexpr std::int64_t k_longest_parking_ms = 7LL * 24 * 3'600'000;

/// Why an attempt did not succeed.
struct Failure {
  FailureCause cause = FailureCause::reported;
  FailureClass failure_class = FailureClass::transient;
  std::string error;
  std::vector<std::string> evidence;
  std::int64_t retry_after_ms = 0;         // rate_limited: how long from now; 0 = not said
  std::optional<WorkerVerdict> verdict{};  // that a worker is gone
};

enum class Remedy {
  retry,     // the same again, after a while
  split,     // in two halves
  park,      // the same again when the provider takes work; costs no attempt
  escalate,  // a person has to decide
};

/// REQUIRES: `failed` has the attempt that failed counted in, and among its conflicts if it was one.
Remedy remedy_for(const Subtask& failed, const Failure& failure, const RecoverySettings& settings);

/// How long attempt `failed_attempts` + 1 waits: doubling from retry_backoff, at most retry_backoff_max; of that, `random` takes
/// away up to a quarter, so that what failed together does not come back together.
std::int64_t backoff_ms(int failed_attempts, std::uint32_t random, const RecoverySettings& settings);

/// How long the `parkings`th rate limit in a row parks a master: what its provider said (at most a week, since it may be a
/// misread date), else the longest back-off; never less than a back-off, or a provider that says "at once" would be asked without
/// end.
std::int64_t parking_ms(const Failure& failure, int parkings, const RecoverySettings& settings);

/// spec: "Implementation worker failed 3 times", and how the last one ended.
std::string reason_to_block(const Subtask& failed);

// ---- one circuit breaker per master, as pure moves. `now`: wall clock.

/// A failure that speaks against the master, in this order: closed → degraded → open, half_open → open. A row that is too old
/// begins anew.
MasterRecord after_failure(MasterRecord master, std::int64_t now, const RecoverySettings& settings);
/// Anything that succeeded closes it.
MasterRecord after_success(MasterRecord master);
/// Nothing failed until open_until: open → half_open, degraded or half_open → closed. REQUIRES: it is not closed.
MasterRecord after_reset(MasterRecord master, std::int64_t now, const RecoverySettings& settings);
/// A checkpoint says something about the work, a rate limit something about the provider, a conflict and a child task something
/// about others.
bool speaks_against_master(const Failure& failure);

}  // namespace baton::core
