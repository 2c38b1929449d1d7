#include "service/view_writer.h"

#include <chrono>
#include <utility>

namespace baton::service {

namespace {
using Clock = std::chrono::steady_clock;
constexpr auto k_keep_folders = std::chrono::milliseconds(100);  // as the loop keeps its own
}  // namespace

ViewWriter::ViewWriter(std::unique_ptr<platform::Files> files) : files_(std::move(files)), thread_([this] { run(); }) {}

ViewWriter::~ViewWriter() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void ViewWriter::push(std::shared_ptr<const core::Task> task) {
  ++pending_;
  {
    const std::lock_guard lock(mutex_);
    todo_.push_back(std::move(task));
  }
  wake_.notify_one();
}

std::vector<ViewWriter::Done> ViewWriter::take_done() {
  std::vector<Done> done;
  {
    const std::lock_guard lock(mutex_);
    done.swap(done_);
  }
  pending_ -= done.size();
  return done;
}

void ViewWriter::wait_for_some(std::int64_t ms) {
  std::unique_lock lock(mutex_);
  some_.wait_for(lock, std::chrono::milliseconds(ms), [this] { return !done_.empty(); });
}

void ViewWriter::run() {
  ViewFiles views(*files_, ".baton-last-");
  Clock::time_point kept_since = Clock::now();
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || !todo_.empty(); });
    if (stop_) return;
    Done done{std::move(todo_.front()), {}, {}};
    todo_.pop_front();
    lock.unlock();
    if (const auto now = Clock::now(); let_go_.exchange(false) || now - kept_since > k_keep_folders) {
      files_->let_folders_go();
      kept_since = now;
    }
    done.written = views.put_last(*done.task);
    done.placed = views.take_placed();
    lock.lock();
    done_.push_back(std::move(done));
    some_.notify_one();
  }
}

}  // namespace baton::service
