#include "core/durations.h"

#include <algorithm>

namespace baton::core {

namespace {
constexpr std::int64_t k_memory = 8;  // from then on each one moves the mean by an eighth of its distance
constexpr std::int64_t k_minute_ms = 60'000;
}  // namespace

bool learn(Durations& durations, const DurationKey& key, std::int64_t took_ms) {
  auto at = durations.find(key);
  if (at == durations.end() && durations.size() >= k_most_durations) return false;
  if (at == durations.end()) at = durations.try_emplace(key).first;
  Duration& duration = at->second;
  ++duration.samples;
  duration.mean_ms += (took_ms - duration.mean_ms) / std::min(duration.samples, k_memory);
  return true;
}

std::optional<int> learned_minutes(const Durations& durations, const DurationKey& key) {
  const auto at = durations.find(key);
  if (at == durations.end() || at->second.samples < k_enough_samples) return std::nullopt;
  const std::int64_t minutes = (at->second.mean_ms + k_minute_ms - 1) / k_minute_ms;
  return std::max(k_least_learned_minutes, static_cast<int>(minutes));
}

}  // namespace baton::core
