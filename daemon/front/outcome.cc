#include "front/outcome.h"

#include "base/text.h"
#include "base/time.h"
#include "front/await.h"
#include "front/lookup.h"
#include "front/render.h"
#include "front/request.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

bool needs_nobody(const PlanView& plan) {
  return !is_final_status(plan.status) && exit_code_of_status(plan.status) == exit_code::k_ok;
}

std::string words_of(const PlanView& plan) {
  std::string text = "task " + plan.id + " " + (plan.status == "awaiting_approval" ? "awaits approval" : "is " + plan.status);
  if (!plan.blocking_subtask.empty()) text += " by " + plan.blocking_subtask;
  if (!plan.failure_reason.empty()) text += ": " + plan.failure_reason;
  return text::printable(text);
}

}  // namespace

Result<PlanView> wait_for_outcome(const Folder& folder, std::string_view id, std::optional<std::int64_t> limit_ms) {
  const std::string path = paths::plan(paths::task_of_orchestration(id));
  if (what_is(folder, id) == Named::nothing) {
    auto missing = load_plan(folder, id);
    if (!missing) return tl::make_unexpected(std::move(missing).error());
  }
  std::optional<PlanView> last;
  std::optional<platform::Identity> seen;
  const auto settled = [&] {
    const auto stat = folder.files().stat(path);
    if (stat && seen == stat->identity) return false;
    if (stat) seen = stat->identity;
    if (auto loaded = load_plan(folder, id)) last = std::move(loaded->plan);
    return last && !needs_nobody(*last);
  };
  if (settled()) return std::move(*last);
  // Later a daemon may come and go: a service is restarted.
  if (!folder.daemon()) return fail_no_daemon(folder);
  seen.reset();
  TRY_VALUE(const Woke woke, await(folder, {std::string(paths::k_plans)}, limit_ms, settled));
  if (woke == Woke::changed) return std::move(*last);
  return fail(ErrorCode::timed_out,
              "task " + text::printable(id) + " has not ended" + (limit_ms ? " within " + format_duration(*limit_ms) : ""),
              "see: baton status " + text::printable(id));
}

int say_outcome(Context& context, const PlanView& plan) {
  Data data;
  data.set("task_id", plan.id).set("status", plan.status).set("title", plan.title);
  data.set_if("blocking_subtask", plan.blocking_subtask).set_if("failure_reason", plan.failure_reason);
  data.set_if("completed_at", plan.completed_at);
  context.out.data(data);
  context.out.line(context.out.paint(colour_of(plan.status), words_of(plan)));
  if (plan.status == "awaiting_approval")
    context.out.note("  decide with: baton approve " + plan.id + " or baton reject " + plan.id);
  if (plan.status == "blocked") context.out.note("  see: baton explain " + plan.id);
  return exit_code_of_status(plan.status);
}

}  // namespace baton::front
