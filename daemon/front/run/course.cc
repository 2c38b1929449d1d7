#include "front/run/course.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "front/await.h"
#include "front/lookup.h"
#include "front/picture.h"
#include "front/request.h"
#include "front/settle.h"
#include "front/standing.h"
#include "front/waiting.h"
#include "platform/loop.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::int64_t k_look_ms = 250;  // a daemon that ended, a thread that cannot go on: nothing is written then
constexpr std::int64_t k_wait_ms = 2'000;
constexpr std::size_t k_recent = 5;  // lines below the picture

/// What holds the first one that waits, in one word: the time that is left of it goes on counting.
std::string first_reason(const PlanView& plan) {
  for (const SubtaskView& each : plan.subtasks)
    if (!each.waits_for.empty()) return each.waits_for.front().reason;
  return "";
}

}  // namespace

void Lines::add(std::string line) {
  const std::scoped_lock lock(mutex_);
  lines_.push_back(std::move(line));
}

std::vector<std::string> Lines::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(lines_, {});
}

Course::Course(Context& context, const Folder& folder, OwnDaemon& daemon, Lines& lines, Order order)
    : context_(context), folder_(folder), daemon_(daemon), lines_(lines), order_(std::move(order)) {}

void Course::refresh() {
  if (auto loaded = load_plan(folder_, order_.task_id)) plan_ = std::move(loaded->plan);
}

void Course::show() {
  for (std::string& line : lines_.take()) {
    if (screen_)
      recent_.push_back(std::move(line));
    else if (!order_.quiet)
      context_.out.line(text::printable(line));
  }
  if (recent_.size() > k_recent) recent_.erase(recent_.begin(), recent_.end() - static_cast<std::ptrdiff_t>(k_recent));
  if (!screen_) {
    context_.out.flush();
    return;
  }
  PlanView shown = plan_;
  add_workers(folder_, shown);
  screen_->draw(picture(context_.out, folder_, &shown, recent_, Screen::room()));
}

/// Why nobody is at work, once that has lasted a moment: the first look may come between two steps.
void Course::tell_wait() {
  const bool is_busy = plan_.status == "blocked" || std::ranges::any_of(plan_.subtasks, is_in_flight);
  const std::string words = is_busy ? "" : waiting(plan_, platform::now().wall_ms);
  const std::string reason = words.empty() ? "" : first_reason(plan_);
  if (reason != wait_) {
    wait_ = reason;
    waits_since_ = platform::now().mono_ms;
    is_told_ = false;
  }
  if (wait_.empty() || is_told_ || platform::now().mono_ms - waits_since_ < k_wait_ms) return;
  is_told_ = true;
  lines_.add("nobody is at work: " + words + "; more: baton explain " + order_.task_id);
}

/// Those that would build upon it, however far behind.
std::vector<const SubtaskView*> Course::in_need_of(const std::string& subtask_id) const {
  std::set<std::string> lost = {subtask_id};
  std::vector<const SubtaskView*> found;
  for (std::size_t before = 0; before != lost.size();) {
    before = lost.size();
    for (const SubtaskView& each : plan_.subtasks)
      if (!lost.contains(each.id) && std::ranges::any_of(each.dependencies, [&](const auto& id) { return lost.contains(id); })) {
        lost.insert(each.id);
        found.push_back(&each);
      }
  }
  return found;
}

Result<> Course::leave_out(const std::string& subtask_id, const std::string& reason) {
  if (!left_out_.insert(subtask_id).second) return {};
  Data document;
  document.set("command", "skip").set("subtask_id", subtask_id).set("reason", reason);
  TRY_VALUE(const Answer answer, request(folder_, "skip", std::move(document)));
  if (!answer.ok) return fail(ErrorCode::waiting, answer.message);
  const SubtaskView* subtask = plan_.find(subtask_id);
  lines_.add((subtask == nullptr || subtask->given_id.empty() ? subtask_id : subtask->given_id) + " is left out: " + reason);
  return {};
}

// Those in need of it first: with it gone they would begin.
Result<> Course::leave_out_failed() {
  if (plan_.status != "blocked") return {};
  for (const SubtaskView& failed : plan_.subtasks) {
    if (failed.status != "failed") continue;
    for (const SubtaskView* each : in_need_of(failed.id)) TRY(leave_out(each->id, "it needs " + failed.id + ", which failed"));
    TRY(leave_out(failed.id, failed.failure.empty() ? "it failed" : failed.failure));
  }
  return {};
}

/// True when there is nothing more to wait for.
Result<bool> Course::look() {
  TRY(daemon_.keep(folder_));
  refresh();
  tell_wait();
  show();
  if (is_final_status(plan_.status)) return true;
  if (const SubtaskView* zombie = plan_.left_to_person())
    return fail(ErrorCode::waiting, "the agent of " + zombie->id + " counts as dead and may still be at work: " +
                                        text::join(zombie->worker.not_ended, "; "));
  TRY(leave_out_failed());
  return false;
}

Result<CourseEnd> Course::follow(Crew& crew) {
  const std::int64_t began = platform::now().mono_ms;
  if (context_.out.terminal() && !order_.quiet) screen_.emplace(context_.out);
  TRY_VALUE(Waiter waiter, Waiter::open(folder_, {paths::handoffs(k_run_master), std::string(paths::k_plans)}));
  for (;;) {
    TRY_VALUE(const bool over, look());
    if (over || interrupted()) break;
    if (auto failure = crew.failure()) return tl::make_unexpected(std::move(*failure));
    if (order_.limit_ms && platform::now().mono_ms - began > *order_.limit_ms) {
      screen_.reset();
      return CourseEnd::timed_out;
    }
    if (waiter.sleep(k_look_ms) == Woke::changed) crew.look();
  }
  screen_.reset();
  if (!is_final_status(plan_.status)) return CourseEnd::interrupted;
  await_report(folder_, order_.task_id);
  return CourseEnd::ended;
}

}  // namespace baton::front
