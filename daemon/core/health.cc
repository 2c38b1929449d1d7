#include "core/health.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/result.h"

namespace baton::core {
namespace {

constexpr std::int64_t k_never = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t k_second_look_ms = 10'000;  // after a look with nothing to compare it with
constexpr std::int64_t k_afterglow_ms = 1'000;     // what a process wrote before its exit may arrive that long after it
constexpr std::int64_t k_late = 3;                 // times the estimate
constexpr std::int64_t k_most_looks = 60;          // within one zombie_after, about

enum class Compared { same, other, nothing_known_before };

/// `before` and `now` of one kind of evidence. What is absent now says nothing.
template <class Value>
Compared compare(const std::optional<Value>& before, const std::optional<Value>& now) {
  if (!now) return Compared::same;
  if (!before) return Compared::nothing_known_before;
  return *before == *now ? Compared::same : Compared::other;
}

/// Looks that were cut at different places are held against each other as far as both went; what none before went to is new.
Compared compare(const std::optional<std::vector<std::uint64_t>>& before, const std::optional<std::vector<std::uint64_t>>& now) {
  if (!now) return Compared::same;
  if (!before) return Compared::nothing_known_before;
  const auto both = static_cast<std::ptrdiff_t>(std::min(before->size(), now->size()));
  if (!std::equal(now->begin(), now->begin() + both, before->begin())) return Compared::other;
  return now->size() > before->size() ? Compared::nothing_known_before : Compared::same;
}

bool says_nothing(const WorkerLook& look) { return !look.cpu_ms && !look.files && !look.output_bytes; }

}  // namespace

Liveness::Liveness(WorkerTrace trace, LivenessLimits limits, std::int64_t seen_at, std::int64_t claimed_at)
    : trace_(trace),
      limits_(limits),
      claimed_at_(claimed_at),
      heard_at_(seen_at),
      moved_at_(seen_at),
      unknown_to_(seen_at),
      not_before_(seen_at),
      judged_at_(seen_at) {}

void Liveness::adopted(std::int64_t now, std::int64_t heard_at) {
  heard_at_ = moved_at_ = std::min(heard_at, now);
  unknown_to_ = heard_at_;
  not_before_ = now + limits_.heartbeat_timeout;
  was_heard_ = true;
}

void Liveness::heard(std::int64_t now) {
  heard_at_ = now;
  was_heard_ = true;
  if (exited_at_ && now - *exited_at_ > k_afterglow_ms) renewed();  // the process that it named was not the one that works
}

void Liveness::renewed() {
  if (!exited_at_) return;
  exited_at_.reset();
  motion_.reset();
}

void Liveness::reported(std::int64_t now) {
  heard(now);
  moved_at_ = now;
  has_moved_ = true;
}

void Liveness::exited(std::int64_t now, std::string what) {
  if (exited_at_) return;
  exited_at_ = now;
  exit_ = std::move(what);
}

// A difference shows that something moved between two looks. It was after the last heartbeat only if the earlier look was.
void Liveness::looked(std::int64_t now, WorkerLook look) {
  const WorkerLook nothing;
  const WorkerLook& before = motion_ ? motion_->look : nothing;
  const std::array compared{compare(before.cpu_ms, look.cpu_ms), compare(before.files, look.files),
                            compare(before.output_bytes, look.output_bytes)};
  const bool moved = std::ranges::find(compared, Compared::other) != compared.end();
  const bool new_ground = std::ranges::find(compared, Compared::nothing_known_before) != compared.end();
  if (moved && motion_->at >= heard_at_) {
    moved_at_ = now;
    has_moved_ = true;
  } else if (moved || new_ground) {
    unknown_to_ = now;
  }
  // What a shorter look did not come to is held against a later one.
  if (compared[1] == Compared::same && before.files && look.files) look.files = before.files;
  Motion motion{std::move(look), now, now, now, now};
  if (motion_ && compared[0] == Compared::same) motion.cpu_since = motion_->cpu_since;
  if (motion_ && compared[1] == Compared::same) motion.files_since = motion_->files_since;
  if (motion_ && compared[2] == Compared::same) motion.output_since = motion_->output_since;
  motion_ = std::move(motion);
}

std::int64_t Liveness::progress_at() const { return std::max(heard_at_, moved_at_); }

SignOfLife Liveness::last_sign() const {
  if (!motion_ || moved_at_ <= heard_at_) return {was_heard_ ? "heartbeat" : "first_seen", heard_at_};
  if (motion_->look.cpu_ms && motion_->cpu_since == moved_at_) return {"cpu_time", moved_at_};
  return {motion_->look.files && motion_->files_since == moved_at_ ? "files" : "output", moved_at_};
}

std::int64_t Liveness::still_since() const { return std::max(progress_at(), unknown_to_); }

std::int64_t Liveness::first_look_after() const { return std::min(limits_.heartbeat_timeout, limits_.zombie_after); }

// Each moment at which a verdict may fall has a look of its own, so that none rests on an old one.
std::int64_t Liveness::next_look_at() const {
  if (!is_looked_at()) return k_never;
  const std::int64_t first = heard_at_ + first_look_after();
  if (!motion_ || motion_->at < first) return first;
  const std::int64_t at = motion_->at;
  std::int64_t next = at + std::max<std::int64_t>({first_look_after(), limits_.zombie_after / k_most_looks, 1});
  if (!is_compared()) next = at + std::clamp<std::int64_t>(first_look_after() / 2, 1, k_second_look_ms);
  for (const std::int64_t verdict : {progress_at() + limits_.heartbeat_timeout, still_since() + limits_.zombie_after})
    if (verdict > at) next = std::min(next, verdict);
  return next;
}

/// The last look could be held against an earlier one, or there is nothing to look at.
bool Liveness::is_compared() const { return motion_ && (motion_->at > unknown_to_ || says_nothing(motion_->look)); }

/// Nothing moved from `since` for `limit`, and a look bears that out where there is something to look at.
bool Liveness::has_been_still(std::int64_t since, std::int64_t limit, std::int64_t now) const {
  if (now < not_before_ || now - since < limit) return false;
  return !is_looked_at() || (motion_ && motion_->at >= since + limit && is_compared());
}

/// Why it would be declared dead now; empty: it is not.
std::string Liveness::grounds(std::int64_t now) const {
  if (exited_at_) return now - *exited_at_ >= limits_.exit_grace ? "exited" : "";
  if (limits_.time_limit > 0 && now - claimed_at_ >= limits_.time_limit) return "time_limit";
  if (!has_been_still(still_since(), limits_.zombie_after, now)) return "";
  return trace_ == WorkerTrace::none ? "never_seen" : "no_progress";
}

/// What its signs of life say by themselves; nothing: no more than before.
std::optional<WorkerCause> Liveness::sign(std::int64_t now) const {
  if (exited_at_) return std::nullopt;
  const std::int64_t timeout = limits_.heartbeat_timeout;
  if ((was_heard_ || has_moved_) && now - moved_at_ < timeout) return WorkerCause::moved;
  if (was_heard_ && now - heard_at_ < timeout) return WorkerCause::rested;
  if (trace_ != WorkerTrace::none && has_been_still(progress_at(), timeout, now)) return WorkerCause::silent;
  return std::nullopt;
}

WorkerVerdict Liveness::judge(std::int64_t now) {
  WorkerVerdict verdict;
  judged_at_ = now;
  if (!is_final(state_)) {
    const std::string dead = grounds(now);
    std::optional<WorkerCause> cause = sign(now);
    if (!dead.empty() && !limits_.reports_only) cause = dead == "exited" ? WorkerCause::lost : WorkerCause::condemned;
    if (cause) {
      const auto next = after(state_, *cause);
      BATON_ASSERT(next);
      state_ = *next;
    }
    verdict.overdue = !dead.empty() && limits_.reports_only;
    verdict.reason = !dead.empty() ? dead : state_ == WorkerState::stalled ? "no_heartbeat" : "";
    verdict.look = !is_final(state_) && next_look_at() <= now;
    verdict.late = limits_.estimate > 0 && now - claimed_at_ >= k_late * limits_.estimate;
    if (!verdict.reason.empty()) verdict.evidence = evidence(now, verdict.reason);
  }
  verdict.state = state_;
  return verdict;
}

std::optional<std::int64_t> Liveness::deadline() const {
  if (is_final(state_)) return std::nullopt;
  std::int64_t next = next_look_at();  // also when it has passed: the look is still owed
  const auto consider = [&](std::int64_t at) {
    if (at > judged_at_) next = std::min(next, at);
  };
  if (limits_.estimate > 0) consider(claimed_at_ + k_late * limits_.estimate);
  if (exited_at_) {
    consider(*exited_at_ + limits_.exit_grace);
  } else {
    if (limits_.time_limit > 0) consider(claimed_at_ + limits_.time_limit);
    consider(moved_at_ + limits_.heartbeat_timeout);
    if (!is_looked_at()) {
      consider(std::max(not_before_, progress_at() + limits_.heartbeat_timeout));
      consider(std::max(not_before_, still_since() + limits_.zombie_after));
    }
    consider(not_before_);
  }
  return next == k_never ? std::nullopt : std::optional(next);
}

}  // namespace baton::core
