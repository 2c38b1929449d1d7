// How long finished subtasks took, by worker type and master: what later plans are estimated by. Bounded; integers only, so that
// the same ends give the same estimates.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace baton::core {

struct Duration {
  std::int64_t samples = 0;
  std::int64_t mean_ms = 0;  // of the first few plainly, then the newer count more
  bool operator==(const Duration&) const = default;
};
/// Worker type, master.
using DurationKey = std::pair<std::string, std::string>;
using Durations = std::map<DurationKey, Duration>;

inline constexpr std::int64_t k_enough_samples = 3;   // fewer say nothing
inline constexpr int k_least_learned_minutes = 5;     // less is noise, and three times as long would already count as late
inline constexpr std::size_t k_most_durations = 500;  // worker types are free words: what is new beyond that is not learned

/// False: it is one kind too many.
bool learn(Durations& durations, const DurationKey& key, std::int64_t took_ms);
/// Nothing: too few have finished.
std::optional<int> learned_minutes(const Durations& durations, const DurationKey& key);

}  // namespace baton::core
