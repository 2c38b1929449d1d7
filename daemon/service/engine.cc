#include "service/engine.h"

#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <iterator>

#include "protocol/paths.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {

constexpr std::int64_t k_retry_first_ms = 250;  // back-off while something cannot be written
constexpr std::int64_t k_retry_last_ms = 5'000;
constexpr std::int64_t k_keep_folders_ms = 100;  // how long a folder that nobody watches may have been replaced unseen
constexpr std::int64_t k_signs_pause_ms = 50;  // so long signs of life wait for each other: a turn for each would cost a multiple
constexpr std::int64_t k_background_ms = 4;    // a turn that was held up for so long leaves the rest to the next
constexpr std::size_t k_view_backlog = 500;    // more ended tasks than this wait for their views: a slice in every turn

void consider(std::optional<std::int64_t>& next, std::optional<std::int64_t> at) {
  if (at) next = std::min(next.value_or(*at), *at);
}

/// Lock, pointer to the journal, or the folder of both.
bool tells_of_tenancy(const platform::Notice& notice) {
  if (notice.folder != paths::k_state_folder) return false;
  return notice.name.empty() || notice.name == paths::k_lock_name ||
         paths::join(notice.folder, notice.name) == paths::k_journal_place;
}

}  // namespace

std::optional<std::int64_t> Engine::deadline() const {
  if (stopping_) return 0;
  if (!trouble_.empty()) return retry_.at_ms;
  if (!ready_) return 0;
  if (!started_ || intake_.more() || queue_.more() || jobs_.turn_due() || workers_.turn_due() || archive_.more() ||
      backups_.more() || publisher_.more() || children_.more() || world_.remarks.has_news())
    return 0;
  std::optional<std::int64_t> next = sync_ms_;
  consider(next, core_.next_deadline(world_.now));
  consider(next, intake_.next_deadline());
  consider(next, queue_.next_deadline());
  consider(next, jobs_.next_deadline());
  consider(next, workers_.next_deadline());
  consider(next, admission_.next_deadline());
  consider(next, views_.next_deadline());
  consider(next, layout_.next_deadline());
  if (queue_.write_due() || queue_.tidy_due()) consider(next, queue_next_ms_);
  if (retry_.at_ms != 0) consider(next, retry_.at_ms);
  if (signs_from_ms_ != 0) consider(next, signs_from_ms_);
  consider(next, parts_.journal_watch.next_deadline());
  if (!parts_.watch.notifies()) consider(next, last_list_ms_ + parts_.config.rescan_ms);
  return next;
}

Result<platform::Ready> Engine::wait() {
  TRY(watch_jobs());
  TRY(watch_signs());
  const auto until = deadline();
  clock_.waits_until(until);
  return parts_.loop.wait(until);
}

// Without space nothing is taken, so what a job has to say would only wake the loop, for ever.
Result<> Engine::watch_jobs() {
  const std::vector<int> fds = trouble_.empty() ? jobs_.fds() : std::vector<int>{};
  for (const int fd : job_fds_)
    if (std::ranges::find(fds, fd) == fds.end()) parts_.loop.forget(fd);
  for (const int fd : fds)
    if (std::ranges::find(job_fds_, fd) == job_fds_.end()) TRY(parts_.loop.watch(fd));
  job_fds_ = fds;
  jobs_.release_ended();
  return {};
}

// A thousand workers say every second that they live: the first sign wakes the loop, what follows within the pause is read at its
// end, or in whatever turn comes before.
Result<> Engine::watch_signs() {
  if (signs_from_ms_ == 0) return parts_.loop.watch(parts_.signs.fd());
  parts_.loop.forget(parts_.signs.fd());
  return {};
}

Result<> Engine::take_notices() {
  using What = platform::Notice::What;
  if (world_.now.boot_ms >= signs_from_ms_) signs_from_ms_ = 0;
  std::vector<platform::Notice> notices = parts_.signs.read();  // first: who worked is known before what became of it
  if (!notices.empty() && signs_from_ms_ == 0) signs_from_ms_ = world_.now.boot_ms + k_signs_pause_ms;
  std::ranges::move(parts_.watch.read(), std::back_inserter(notices));
  const auto replaced = [](const platform::Notice& notice) {
    return notice.what == What::folder_lost || notice.what == What::list_all;
  };
  const bool some_replaced = std::ranges::any_of(notices, replaced);
  if (some_replaced) views_.let_folders_go();
  if (world_.now.boot_ms >= let_go_ms_ || some_replaced) {
    parts_.files->let_folders_go();
    let_go_ms_ = world_.now.boot_ms + k_keep_folders_ms;
  }
  for (const platform::Notice& notice : notices) {
    if (notice.what == platform::Notice::What::folder_lost && notice.folder.empty())
      return fail(ErrorCode::io, "the coordination folder " + parts_.root + " was moved or deleted while the daemon ran",
                  "start the daemon again where it is now");
    look_at_tenancy_ = look_at_tenancy_ || tells_of_tenancy(notice);
    layout_.notice(notice);
    intake_.notice(notice);
  }
  return {};
}

Result<> Engine::turn() {
  TRY_VALUE(const platform::Ready ready, wait());
  world_.now = clock_.read(platform::now());
  workers_.ready(ready.fds);
  for (const int signal : ready.signals) {
    if (signal == SIGHUP)
      intake_.reload();
    else
      stopping_ = true;
  }
  TRY(take_notices());
  TRY(keep_journal());
  if (!trouble_.empty() && !retry_.due(world_.now.boot_ms)) return {};
  if (pending_ == nullptr) {
    TRY(gather(ready.fds.empty() && !intake_.more()));
    if (!trouble_.empty()) return {};
  }
  TRY(commit_and_perform());
  return sync_when_due();
}

// Everything that is ready becomes one Turn: views of what was committed before, then what is new, the tick last. What the views
// had to say when space ran out waits for it.
Result<> Engine::gather(bool idle) {
  if (retry_.at_ms != 0 && retry_.due(world_.now.boot_ms)) {
    const auto retried = publisher_.retry();
    if (!retried) {
      note_trouble(retried.error());
      if (!trouble_.empty()) return {};
    } else {
      note_recovery();
    }
  }
  auto turn = std::make_unique<Turn>(world_);
  if (!ready_) TRY(begin(*turn));
  background(*turn, idle);
  if (trouble_.empty()) take(*turn);
  for (core::FeedEntry& entry : world_.remarks.take_news()) turn->say(std::move(entry));
  if (world_.remarks.take_reworded()) views_.state_changed();
  publisher_.stage(*turn);
  if (core_.paused() != paused_) {
    paused_ = core_.paused();
    turn->commit.meta["paused"] = paused_ ? "1" : "0";
  }
  if (clock_.skipped_ms() != skipped_ms_) {
    skipped_ms_ = clock_.skipped_ms();
    turn->commit.meta[SteadyClock::k_name] = std::to_string(skipped_ms_);
  }
  if (turn->empty()) return {};
  remember_lazily(turn->commit);
  pending_ = std::move(turn);
  return {};
}

void Engine::take(Turn& turn) {
  publisher_.report_failures(turn);
  if (ready_) {
    if (!parts_.watch.notifies() && world_.now.boot_ms >= last_list_ms_ + parts_.config.rescan_ms) {
      last_list_ms_ = world_.now.boot_ms;
      intake_.list_again();
    }
    layout_.look_when_due();
    backups_.work(turn);  // before new requests: what it makes was committed
    admission_.take(turn);
    intake_.take(turn);
    children_.take(turn);
    jobs_.take(turn);
    for (CheckDone& done : jobs_.checks.take_done()) turn.tell(check_finished(std::move(done), world_));
    end_start(turn);
    if (started_) workers_.take(turn);
    archive_.work(turn);
  }
  turn.tell(core::Tick{});
}

// What the journal should know, but what is not worth a transaction of its own.
void Engine::remember_lazily(store::Commit& commit) {
  inputs_.remember_into(commit);
  views_.remember_into(commit);
  queue_.remember_into(commit);
  commit.feed_synced = journal_synced_seq_ = feed_.synced_seq();
}

Result<> Engine::commit_and_perform() {
  if (pending_ == nullptr) return {};
  auto committed = parts_.store.commit(pending_->commit);
  if (!committed) {
    if (committed.error().code != ErrorCode::no_space) return committed;
    note_trouble(committed.error());
    return {};
  }
  const std::unique_ptr<Turn> turn = std::move(pending_);
  const auto performed = publisher_.perform(*turn);
  if (!ready_) {
    ready_ = true;
    platform::Loop::notify("READY=1\nSTATUS=" + std::to_string(core_.live_tasks()) + " live tasks");
    log::info({"ready: ", std::to_string(core_.live_tasks()), " live tasks in ", parts_.root});
  }
  if (!performed)
    note_trouble(performed.error());
  else
    note_recovery();
  plan_sync();
  return {};
}

// A busy loop must not put the next attempt off for ever.
void Engine::put_off_retry() {
  const std::int64_t now = world_.now.boot_ms;
  if (retry_.due(now)) retry_.failed(now, k_retry_first_ms, k_retry_last_ms);
}

// Lack of space stops intake until it is back; any other failure is tried again beside the work.
void Engine::note_trouble(const Error& error) {
  if (error.code == ErrorCode::no_space) return stand_still(k_no_space, error.message);
  put_off_retry();
  go_on();
}

void Engine::stand_still(const Standstill& standstill, const std::string& why) {
  put_off_retry();
  if (trouble_ == why) return;
  trouble_ = why;
  standstill_ = &standstill;
  log::error({"work stops until ", standstill.until, ": ", why});
  platform::Loop::notify("STATUS=" + std::string(standstill.status) + ": " + why);
  static_cast<void>(views_.write_state(state_view()));
}

void Engine::note_recovery() {
  retry_.worked();
  go_on();
}

void Engine::go_on() {
  if (trouble_.empty()) return;
  trouble_.clear();
  log::info({standstill_->until, ": work goes on"});
  platform::Loop::notify("STATUS=running");
  views_.state_changed();
}

// Views, queue file and the like: when nothing else is ready, and now and then when the loop never rests.
void Engine::background(Turn& turn, bool idle) {
  const std::int64_t now = world_.now.boot_ms;
  const bool overdue = now - last_background_ms_ >= parts_.config.view_interval_ms || views_.backlog() > k_view_backlog;
  if (!ready_) return;
  Result<> done = views_.feed_writer();
  if (!done) views_.pause_until(now + k_retry_last_ms);
  if (!done || (!idle && !overdue)) return note_background(done);
  last_background_ms_ = now;
  const auto took = [now] { return platform::now().boot_ms - now; };
  if (now >= queue_next_ms_ && (queue_.write_due() || queue_.tidy_due())) {
    const auto tidied = queue_.tidy(turn);
    const bool has_time = took() < k_background_ms;
    if (has_time) done = queue_.write();
    if (done) done = tidied;
    const std::int64_t pause_ms = std::max(parts_.config.view_interval_ms, has_time ? 20 * took() : 0);
    queue_next_ms_ = now + (done ? pause_ms : k_retry_last_ms);
  }
  if (took() < k_background_ms) {
    const auto due = views_.next_deadline();
    const auto written = views_.write(state_view(), idle, turn);
    if (due && *due <= now) plan_sync();  // the last step of a round gives back what they took
    if (!written) views_.pause_until(now + k_retry_last_ms);
    if (!written && (done || written.error().code == ErrorCode::no_space)) done = written;
  }
  note_background(done);
}

void Engine::note_background(const Result<>& done) {
  if (done) return;
  if (trouble_.empty() && done.error().code != ErrorCode::no_space) log::warn({done.error().message});
  note_trouble(done.error());
}

protocol::StateView Engine::state_view() const {
  protocol::StateView view;
  view.seq = feed_.last_seq();
  view.now_wall_ms = platform::now().wall_ms;
  view.version = BATON_VERSION;
  view.pid = ::getpid();
  view.started_at = started_at_;
  view.daemon_state = !trouble_.empty() ? standstill_->state : stopping_ ? "stopped" : "running";
  view.message = trouble_;
  view.attention = world_.remarks.attention();
  return view;
}

}  // namespace baton::service
