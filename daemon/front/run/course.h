// A run from its first handoff to its end: agents are kept busy, progress is shown, and what failed for good is left out so that
// the others go on.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "front/folder.h"
#include "front/run/place.h"
#include "front/screen.h"
#include "front/verb.h"
#include "front/views.h"
#include "front/work/crew.h"

namespace baton::front {

/// Lines for people, from any thread.
class Lines {
 public:
  void add(std::string line);
  std::vector<std::string> take();

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

enum class CourseEnd { ended, interrupted, timed_out };

class Course {
 public:
  struct Order {
    std::string task_id;
    std::optional<std::int64_t> limit_ms;
    bool quiet = false;
  };
  Course(Context& context, const Folder& folder, OwnDaemon& daemon, Lines& lines, Order order);

  /// Until the task has ended, somebody interrupts, or the time is over. waiting: only a person can go on. no_daemon: ours ended.
  Result<CourseEnd> follow(Crew& crew);
  /// As it was seen last.
  const PlanView& plan() const { return plan_; }
  /// Reads it once more.
  void refresh();

 private:
  Result<bool> look();
  Result<> leave_out_failed();
  Result<> leave_out(const std::string& subtask_id, const std::string& reason);
  std::vector<const SubtaskView*> in_need_of(const std::string& subtask_id) const;
  void tell_wait();
  void show();

  Context& context_;
  const Folder& folder_;
  OwnDaemon& daemon_;
  Lines& lines_;
  Order order_;
  PlanView plan_;
  std::set<std::string> left_out_;
  std::string wait_;  // why nobody is at work; empty: somebody is
  std::int64_t waits_since_ = 0;
  bool is_told_ = false;
  std::vector<std::string> recent_;
  std::optional<Screen> screen_;
};

}  // namespace baton::front
