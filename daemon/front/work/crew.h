// Several attempts side by side, each on a thread of its own that claims its next handoff by itself.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "front/work/attempt.h"

namespace baton::front {

class Crew {
 public:
  /// `ended`, `say`: called from the threads, several at a time. Whether an answer counts is known when `ended` is.
  Crew(const Workshop& workshop, std::size_t jobs, std::function<void(const AttemptEnd&)> ended,
       std::function<void(const std::string&)> say);
  ~Crew();  // as stop(), and waits for all
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  /// There may be new handoffs.
  void look();
  /// True: nobody is at work, every end was told, and nobody finds a handoff. False: that was not so within `limit`.
  bool wait_until_idle(std::chrono::milliseconds limit);
  /// How many attempts are going on, or ended without that it was told.
  std::size_t busy() const;
  /// Agents are ended and their handoffs given back.
  void stop();
  /// Why nothing can be claimed any more; empty: all is well.
  std::optional<Error> failure() const;

 private:
  void work();
  void tell(const AttemptEnd& end, std::unique_lock<std::mutex>& lock);
  void tell_handed_in();
  std::optional<Claimed> next(std::unique_lock<std::mutex>& lock);

  const Workshop& workshop_;
  std::function<void(const AttemptEnd&)> ended_;
  std::function<void(const std::string&)> say_;
  std::atomic<bool> stop_ = false;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  HandoffList handoffs_;
  std::uint64_t looks_ = 1;  // grows with every reason to look
  std::size_t idle_ = 0;     // threads that found nothing since
  std::size_t busy_ = 0;
  std::optional<Error> failure_;
  std::deque<AttemptEnd> handed_in_;  // whoever did it has gone on; the first is being told
  bool all_ended_ = false;
  std::vector<std::thread> threads_;
  std::thread teller_;
};

}  // namespace baton::front
