// Stopping: what was taken is remembered, what is owed is written, and what finds no space is left to the next start.
#include <unistd.h>

#include "service/engine.h"
#include "service/log.h"

namespace baton::service {

namespace {

constexpr std::int64_t k_give_up_ms = 5'000;  // owed views are written for so long

/// Without space only the last word is missing: the next start finds all that was remembered.
Result<> unless_no_space(const Result<>& done) {
  if (done || done.error().code != ErrorCode::no_space) return done;
  log::warn({"stopping without it: ", done.error().message});
  return {};
}

void warn_unless(const Result<>& done) {
  if (!done) log::warn({"stopping without it: ", done.error().message});
}

}  // namespace

Result<> Engine::stop() {
  platform::Loop::notify("STOPPING=1");
  if (look_at_journal_) {
    keep_tenancy();
    TRY(write_journal_anew());
  }
  if (look_at_journal_) log::error({"stopping without a journal: what was remembered is gone"});
  if (pending_ != nullptr) TRY(commit_and_perform());  // it was staged: it goes as it is
  if (pending_ == nullptr) {
    pending_ = std::make_unique<Turn>(world_);
    for (core::FeedEntry& entry : world_.remarks.take_news()) pending_->say(std::move(entry));
    pending_->say({"daemon_stopped", "", "", "", {{"pid", std::int64_t{::getpid()}}}});
    publisher_.stage(*pending_);
    remember_lazily(pending_->commit);
    TRY(commit_and_perform());
  }
  if (pending_ != nullptr) {
    // Nothing of it may become visible. What it took lies where it was.
    log::warn({"there is no space to remember what was taken last: the next start takes it again"});
    return unless_no_space(parts_.store.close());
  }
  warn_unless(views_.write_rest(platform::now().boot_ms + k_give_up_ms));
  warn_unless(queue_.write());
  warn_unless(views_.write_state(state_view()));
  sync_feed();
  warn_unless(outcome_of_sync());
  store::Commit last;
  remember_lazily(last);
  TRY(unless_no_space(parts_.store.commit(last)));
  return unless_no_space(parts_.store.close());
}

}  // namespace baton::service
