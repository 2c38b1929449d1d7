// What keeps the daemon's own files true while it runs: journal and lock that somebody took away, and the syncs of what was
// written without one.
#include <algorithm>
#include <utility>

#include "platform/resources.h"
#include "protocol/paths.h"
#include "service/engine.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {

constexpr std::int64_t k_idle_sync_ms = 50;     // nothing ready for so long: sync what was appended and renamed
constexpr std::int64_t k_busy_sync_ms = 1'000;  // a loop that never rests syncs as often
constexpr std::int64_t k_sync_slice_ms = 4;
constexpr std::int64_t k_feed_first_ms = 1'000;  // back-off while the feed cannot be synced
constexpr std::int64_t k_feed_last_ms = 60'000;
const std::string k_unsynced = "unsynced";  // attention

SyncStep next(SyncStep step) {
  return step == SyncStep::journal ? SyncStep::feed : static_cast<SyncStep>(static_cast<int>(step) + 1);
}

}  // namespace

Result<> Engine::keep_tenancy() {
  const auto kept = parts_.tenancy.keep();
  // A second daemon that is about to find the journal taken may hold the lock: its end is noticed. One that found neither lock,
  // while this process stood still, has begun anew: two must never go on.
  if (!kept && kept.error().code == ErrorCode::refused && !parts_.tenancy.is_ours())
    return fail(ErrorCode::refused,
                kept.error().message + ": it was started when " + std::string(paths::k_state_folder) +
                    " had been deleted, so this daemon ends",
                "what is not in the new journal can be submitted again from task-queue.d/accepted");
  look_at_tenancy_ = !kept && kept.error().code == ErrorCode::no_space;
  if (!kept && trouble_.empty()) log::warn({kept.error().message});
  return {};
}

// Somebody deleted or replaced the journal under us (git clean, a restore by hand): what is remembered is written anew.
Result<> Engine::keep_journal() {
  bool lost = false;
  for (const platform::Notice& notice : parts_.journal_watch.read()) {
    lost = lost || notice.what == platform::Notice::What::list_all || notice.what == platform::Notice::What::folder_lost;
    look_at_journal_ = look_at_journal_ || lost || notice.name == paths::k_journal_name;
    look_at_tenancy_ = look_at_tenancy_ || lost || notice.name == paths::k_lock_name;
  }
  const bool blind = parts_.journal_watch.is_due(world_.now.boot_ms);
  look_at_journal_ = look_at_journal_ || blind;
  if (!trouble_.empty() && !retry_.due(world_.now.boot_ms)) return {};
  if (look_at_tenancy_ || look_at_journal_) TRY(keep_tenancy());  // first: the journal needs its folder
  if (look_at_journal_) TRY(write_journal_anew());
  if (lost || blind) parts_.journal_watch.renew(world_);
  return {};
}

Result<> Engine::write_journal_anew() {
  TRY_VALUE(const bool moved, parts_.store.moved());
  look_at_journal_ = moved;
  if (!moved) return {};
  if (trouble_.empty()) log::warn({"the journal ", parts_.tenancy.journal(), " was deleted or replaced: it is written anew"});
  const auto written = parts_.store.write_anew(parts_.tenancy.journal());
  if (!written) {  // what would be remembered now would be gone with the process: nothing is taken until it is there again
    stand_still(written.error().code == ErrorCode::no_space ? k_no_space : k_no_journal, written.error().message);
    return {};
  }
  static_cast<void>(parts_.journal_watch.read());  // of our own renames
  parts_.journal_watch.renew(world_);
  look_at_journal_ = false;
  world_.remarks.say({"journal_rewritten", "", "", "", {}});
  return {};
}

// Soon when the loop rests, now and then when it does not; never in the turn that a long rest ends with: somebody waits for its
// views.
void Engine::plan_sync() {
  const std::int64_t now = world_.now.boot_ms;
  sync_again_ = sync_step_ != SyncStep::feed;  // a round is under way, and may be past what is new
  if (sync_again_) return;
  if (!sync_ms_) last_sync_ms_ = now;  // all was synced until now
  sync_ms_ = std::min(now + k_idle_sync_ms, last_sync_ms_ + k_busy_sync_ms);
}

// Each step waits for the disk: a turn that took long already leaves the next step to the turn after.
Result<> Engine::sync_when_due() {
  const std::int64_t now = world_.now.boot_ms;
  const auto has_time = [now] { return platform::now().boot_ms - now < k_sync_slice_ms; };
  if (!sync_ms_ || now < *sync_ms_ || !trouble_.empty()) return {};
  if (!has_time() && now < last_sync_ms_ + 2 * k_busy_sync_ms) return {};
  do TRY(sync_step());
  while (sync_step_ != SyncStep::feed && trouble_.empty() && has_time());
  return {};
}

// Only the journal's own failures end the program: everything else that cannot be synced is written again by a start if it was
// lost.
Result<> Engine::sync_step() {
  switch (std::exchange(sync_step_, next(sync_step_))) {
    case SyncStep::feed:
      sync_is_idle_ = world_.now.boot_ms - last_sync_ms_ < k_busy_sync_ms || !intake_.more();
      last_sync_ms_ = world_.now.boot_ms;
      sync_feed();
      return {};
    case SyncStep::inputs: note_sync(outcome_of_sync()); return {};
    case SyncStep::memory:
      queue_.rest();
      platform::give_back_memory();
      return {};
    case SyncStep::journal: break;
  }
  sync_ms_ = next_sync();
  if (std::exchange(sync_again_, false)) plan_sync();
  auto moved = parts_.store.checkpoint(sync_is_idle_);
  if (!moved && moved.error().code != ErrorCode::no_space) return moved;
  if (!moved) note_trouble(moved.error());
  return forget_synced(sync_is_idle_);
}

// The feed and every folder have pauses of their own: what cannot be synced holds back nothing else.
void Engine::sync_feed() {
  if (!feed_pause_.due(world_.now.boot_ms)) return;
  feed_synced_ = feed_.sync();
  if (feed_synced_) feed_synced_ = feed_.rotate_if_large();
  feed_synced_ ? feed_pause_.worked() : feed_pause_.failed(world_.now.boot_ms, k_feed_first_ms, k_feed_last_ms);
}

/// Of the inputs' folders, which are synced now, and of the feed.
Result<> Engine::outcome_of_sync() {
  const auto inputs = inputs_.sync();
  return !inputs && (feed_synced_ || inputs.error().code == ErrorCode::no_space) ? inputs : feed_synced_;
}

/// When what could not be synced is tried again.
std::optional<std::int64_t> Engine::next_sync() const {
  std::optional<std::int64_t> at = inputs_.next_sync();
  if (feed_pause_.at_ms != 0) at = std::min(at.value_or(feed_pause_.at_ms), feed_pause_.at_ms);
  return at;
}

void Engine::note_sync(const Result<>& synced) {
  if (synced) return world_.remarks.clear(k_unsynced);
  if (synced.error().code == ErrorCode::no_space) return note_trouble(synced.error());
  if (world_.remarks.raise(k_unsynced, synced.error().message)) log::warn({synced.error().message, "; tried again by itself"});
}

// What the syncs made superfluous leaves the journal while nothing else is under way: a start finds no more than it needs.
Result<> Engine::forget_synced(bool idle) {
  const bool owes = inputs_.owes_journal() || feed_.synced_seq() != journal_synced_seq_;
  if (!idle || !owes || pending_ != nullptr || !trouble_.empty()) return {};
  pending_ = std::make_unique<Turn>(world_);
  remember_lazily(pending_->commit);
  return commit_and_perform();
}

}  // namespace baton::service
