#include "front/outcome.h"

#include <algorithm>

#include "base/text.h"
#include "base/time.h"
#include "core/model.h"
#include "front/await.h"
#include "front/lookup.h"
#include "front/render.h"
#include "front/request.h"
#include "front/settle.h"
#include "front/stored.h"
#include "platform/loop.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

bool needs_nobody(const PlanView& plan) { return !is_final_status(plan.status) && exit_code_of_plan(plan) == exit_code::k_ok; }

bool has_ended(const PlanView& plan, std::string_view subtask_id) {
  const SubtaskView* subtask = plan.find(subtask_id);
  const auto status = subtask == nullptr ? std::nullopt : core::parse<core::SubtaskStatus>(subtask->status);
  return subtask == nullptr || (status && core::is_final(*status)) || subtask->status == "failed";
}

std::string words_of(const PlanView& plan) {
  const SubtaskView* zombie = plan.left_to_person();
  if (zombie != nullptr && plan.status == "in_progress")
    return text::printable("task " + plan.id + " needs a person: the worker of " + zombie->id +
                           " counts as dead and may still be at work (" + text::join(zombie->worker.not_ended, "; ") + ")");
  if (const std::string blocked = plan.blocked_below(); !blocked.empty() && plan.status == "in_progress")
    return text::printable("task " + plan.id + " waits for a person: its child task " + blocked + " is blocked");
  std::string text = "task " + plan.id + " " + (plan.status == "awaiting_approval" ? "awaits approval" : "is " + plan.status);
  if (!plan.blocking_subtask.empty()) text += " by " + plan.blocking_subtask;
  if (!plan.failure_reason.empty()) text += ": " + plan.failure_reason;
  return text::printable(text);
}

using Clock = std::int64_t;

std::optional<std::int64_t> left_of(std::optional<std::int64_t> limit_ms, Clock start) {
  if (!limit_ms) return std::nullopt;
  return std::max<std::int64_t>(0, *limit_ms - (platform::now().mono_ms - start));
}

Error too_late(std::string_view what, std::optional<std::int64_t> limit_ms, std::string_view id) {
  return {ErrorCode::timed_out,
          text::printable(what) + " has not ended" + (limit_ms ? " within " + format_duration(*limit_ms) : ""),
          "see: baton status " + text::printable(id),
          {}};
}

/// A dropped file is looked at: then it has a plan, or a reason why not.
Result<Subject> wait_until_taken(const Folder& folder, const Subject& queued, std::optional<std::int64_t> limit_ms) {
  Result<Subject> now = queued;
  const auto look = [&] {
    if (is_stored(folder, paths::plan(queued.id))) return true;
    now = find_subject(folder, queued.id);
    return !now || now->what != Named::queued;
  };
  TRY_VALUE(const Woke woke, await(folder, {std::string(paths::k_drop), std::string(paths::k_plans)}, limit_ms, look));
  if (woke == Woke::timed_out) return tl::make_unexpected(too_late("task " + queued.id, limit_ms, queued.id));
  return find_subject(folder, queued.id);
}

}  // namespace

Result<PlanView> wait_for_outcome(const Folder& folder, const Subject& named, std::optional<std::int64_t> limit_ms) {
  const Clock start = platform::now().mono_ms;
  Subject subject = named;
  if (subject.what == Named::queued) {
    if (!folder.daemon()) return fail_no_daemon(folder);
    TRY_VALUE(subject, wait_until_taken(folder, subject, limit_ms));
  }
  const std::string path = paths::plan(subject.task);
  const bool part = subject.what == Named::subtask;
  std::optional<PlanView> last;
  std::optional<platform::Identity> seen;
  const auto settled = [&] {
    const auto stat = folder.files().stat(path);
    if (stat && seen == stat->identity) return false;
    if (stat) seen = stat->identity;
    if (auto loaded = load_plan(folder, subject.task)) last = std::move(loaded->plan);
    return last && (!needs_nobody(*last) || (part && has_ended(*last, subject.id)));
  };
  if (!settled()) {
    // Later a daemon may come and go: a service is restarted.
    if (!folder.daemon()) return fail_no_daemon(folder);
    seen.reset();
    TRY_VALUE(const Woke woke, await(folder, {std::string(paths::k_plans)}, left_of(limit_ms, start), settled));
    if (woke == Woke::timed_out)
      return tl::make_unexpected(too_late((part ? "subtask " : "task ") + subject.id, limit_ms, subject.id));
    if (woke == Woke::interrupted) return fail(ErrorCode::timed_out, "interrupted");
  }
  if (is_final_status(last->status)) await_report(folder, subject.task);
  return std::move(*last);
}

int say_subtask(Context& context, const SubtaskView& subtask) {
  Data data;
  data.set("subtask_id", subtask.id).set("task_id", subtask.task_id).set("status", subtask.status);
  context.out.data(data.set_if("summary", subtask.summary).set_if("failure", subtask.failure));
  std::string words = "subtask " + subtask.id + " is " + subtask.status;
  if (!subtask.failure.empty()) words += ": " + subtask.failure;
  context.out.line(context.out.paint(colour_of(subtask.status), text::printable(words)));
  return exit_code_of_subtask(subtask);
}

Data data_of_outcome(const PlanView& plan) {
  Data data;
  data.set("task_id", plan.id).set("status", plan.status).set("title", plan.title);
  data.set_if("blocking_subtask", plan.blocking_subtask).set_if("failure_reason", plan.failure_reason);
  return std::move(data.set_if("completed_at", plan.completed_at));
}

int say_outcome(Context& context, const PlanView& plan) {
  context.out.data(data_of_outcome(plan));
  return say_outcome_in_words(context, plan);
}

int say_outcome_in_words(Context& context, const PlanView& plan) {
  context.out.line(context.out.paint(colour_of(plan.status), words_of(plan)));
  if (plan.status == "awaiting_approval")
    context.out.note("  decide with: baton approve " + plan.id + " or baton reject " + plan.id);
  if (plan.status == "blocked") context.out.note("  see: baton explain " + plan.id);
  if (const std::string blocked = plan.blocked_below(); !blocked.empty())
    context.out.note("  see: baton explain " + text::printable(blocked));
  if (const SubtaskView* zombie = plan.left_to_person())
    context.out.note("  when it is gone: baton release " + text::printable(zombie->id));
  return exit_code_of_plan(plan);
}

}  // namespace baton::front
