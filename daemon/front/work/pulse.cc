#include "front/work/pulse.h"

#include <chrono>
#include <utility>

namespace baton::front {

Pulse::Pulse(const Folder& folder, std::string worker_id, Sign first)
    : thread_([this, &folder, worker = std::move(worker_id), first = std::move(first)] {
        std::unique_lock lock(mutex_);
        // That the spec is gone the attempt finds out by itself.
        static_cast<void>(give_sign(folder, worker, first));
        while (!over_.wait_for(lock, std::chrono::milliseconds(k_every_ms), [this] { return is_over_; }))
          static_cast<void>(give_sign(folder, worker, {}));
      }) {}

Pulse::~Pulse() {
  {
    const std::scoped_lock lock(mutex_);
    is_over_ = true;
  }
  over_.notify_all();
  thread_.join();
}

}  // namespace baton::front
