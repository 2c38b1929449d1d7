#include "front/work/crew.h"

#include <chrono>
#include <utility>

#include "front/work/blocked_signals.h"

namespace baton::front {
namespace {

constexpr std::chrono::seconds k_pause{10};
constexpr const char* k_self = "/proc/self/exe";

}  // namespace

Crew::Crew(const Workshop& workshop, std::size_t jobs, std::function<void(const AttemptEnd&)> ended,
           std::function<void(const std::string&)> say)
    : workshop_(workshop),
      ended_(std::move(ended)),
      say_(std::move(say)),
      handoffs_(workshop.folder, workshop.master, workshop.task_id) {
  const BlockedSignals blocked;
  for (std::size_t i = 0; i < jobs; ++i) threads_.emplace_back([this] { work(); });
  teller_ = std::thread([this] { tell_handed_in(); });
}

Crew::~Crew() {
  stop();
  for (std::thread& thread : threads_) thread.join();
  {
    const std::scoped_lock lock(mutex_);
    all_ended_ = true;
    changed_.notify_all();
  }
  teller_.join();
}

void Crew::look() {
  const std::scoped_lock lock(mutex_);
  handoffs_.look();
  ++looks_;
  idle_ = 0;
  changed_.notify_all();
}

void Crew::stop() {
  stop_ = true;
  look();
}

std::optional<Error> Crew::failure() const {
  const std::scoped_lock lock(mutex_);
  return failure_;
}

std::size_t Crew::busy() const {
  const std::scoped_lock lock(mutex_);
  return busy_ + handed_in_.size();
}

bool Crew::wait_until_idle(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return stop_ || failure_ || (idle_ == threads_.size() && handed_in_.empty()); });
}

/// Sleeps until there is one. Looks come before the claim, so that none is missed.
std::optional<Claimed> Crew::next(std::unique_lock<std::mutex>& lock) {
  while (!stop_ && !failure_) {
    const std::uint64_t looked = looks_;
    auto claimed = handoffs_.claim();
    if (claimed && *claimed) return std::move(**claimed);
    if (!claimed) failure_ = std::move(claimed).error();
    if (looked == looks_) ++idle_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return stop_ || failure_ || looks_ != looked; });
  }
  return std::nullopt;
}

void Crew::work() {
  platform::Guard guard(k_self);
  std::unique_lock lock(mutex_);
  while (const std::optional<Claimed> claimed = next(lock)) {
    ++busy_;
    lock.unlock();
    AttemptEnd end = work_on(workshop_, *claimed, guard, stop_, say_);
    lock.lock();
    --busy_;
    if (end.handed_in) {
      handed_in_.push_back(std::move(end));
      changed_.notify_all();
      continue;
    }
    tell(end, lock);
    if (end.may_go_later) changed_.wait_for(lock, k_pause, [this] { return stop_.load(); });
  }
}

void Crew::tell(const AttemptEnd& end, std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  ended_(end);
  lock.lock();
  ++looks_;  // what it has done may be what others waited for
  idle_ = 0;
  changed_.notify_all();
}

/// The daemon takes a moment to file an answer, in which the next agent can be at work.
void Crew::tell_handed_in() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !handed_in_.empty() || all_ended_; });
    if (handed_in_.empty()) return;
    AttemptEnd end = handed_in_.front();
    lock.unlock();
    learn_what_became(workshop_.folder, end);
    lock.lock();
    tell(end, lock);
    handed_in_.pop_front();
    changed_.notify_all();
  }
}

}  // namespace baton::front
