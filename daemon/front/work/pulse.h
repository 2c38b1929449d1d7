// Heartbeats of a worker while no agent of it runs: its worktree is made, its work is merged, others merge before it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "front/worker_spec.h"

namespace baton::front {

class Pulse {
 public:
  /// From now on, every k_every_ms, until it ends. `first`: what its worker does meanwhile.
  Pulse(const Folder& folder, std::string worker_id, Sign first);
  ~Pulse();
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;

  static constexpr int k_every_ms = 1'000;

 private:
  std::mutex mutex_;
  std::condition_variable over_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace baton::front
