// The second thread of the daemon: it writes the last views of ended tasks, which is half of all that a task costs. It shares
// nothing with the loop but two lists: of records that nobody changes any more, and of what became of their views. It decides
// nothing, and what it has not done when the daemon ends is still owed by the journal.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/model.h"
#include "platform/files.h"
#include "service/view_files.h"

namespace baton::service {

class ViewWriter {
 public:
  struct Done {
    std::shared_ptr<const core::Task> task;
    Result<> written;
    std::vector<std::string> placed;  // paths that were given their place
  };

  /// `files`: its own, since keeping folders open is no matter for two. REQUIRES: the signals of the loop are blocked already.
  explicit ViewWriter(std::unique_ptr<platform::Files> files);
  /// Ends after the task it is at.
  ~ViewWriter();
  ViewWriter(const ViewWriter&) = delete;
  ViewWriter& operator=(const ViewWriter&) = delete;

  void push(std::shared_ptr<const core::Task> task);
  std::vector<Done> take_done();
  /// Pushed, and not taken as done.
  std::size_t pending() const { return pending_; }
  /// A folder was moved or replaced: the next file is looked for by its path.
  void let_folders_go() { let_go_ = true; }
  /// Until something is done, at most so long.
  void wait_for_some(std::int64_t ms);

 private:
  void run();

  std::unique_ptr<platform::Files> files_;
  std::size_t pending_ = 0;  // of the loop's thread
  std::mutex mutex_;
  std::condition_variable wake_;  // there is something to do
  std::condition_variable some_;  // something is done
  std::deque<std::shared_ptr<const core::Task>> todo_;
  std::vector<Done> done_;
  bool stop_ = false;
  std::atomic<bool> let_go_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace baton::service
