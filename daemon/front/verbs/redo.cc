// baton redo: the steps of a task from one stage on, once more, on the work that was there before that stage.
#include "base/ids.h"
#include "base/text.h"
#include "front/intake.h"
#include "front/lookup.h"
#include "front/revision.h"
#include "front/stored.h"
#include "front/verbs.h"
#include "front/work/branch.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr int k_most_stages = 1'000;
constexpr int k_most_revisions = 10'000;

/// Stored, waiting to be taken, or with a branch that somebody's work is on.
bool is_taken(const Folder& folder, const Result<Workshop>& workshop, const std::string& id) {
  if (is_stored(folder, paths::plan(id)) || folder.exists(paths::join(paths::k_drop, id + ".json"))) return true;
  return workshop && runner::Integration::existing(workshop->worktrees->repository(), id);
}

/// <id>-r2, or the first after it that is free.
Result<std::string> next_id(const Folder& folder, const Result<Workshop>& workshop, const std::string& id) {
  for (int n = 2; n < k_most_revisions; ++n)
    if (std::string candidate = shorten_id(id + "-r" + std::to_string(n)); !is_taken(folder, workshop, candidate))
      return candidate;
  return fail(ErrorCode::refused, "task " + id + " was done again too often");
}

/// Where agents worked in worktrees, the new task begins at what was there before the stage. True: it has a branch.
Result<bool> begin_at_savepoint(const Workshop& workshop, const std::string& id, const std::string& new_id, int stage) {
  const auto savepoints = savepoints_of(workshop, id);
  if (savepoints.empty()) return false;  // its agents worked in the workspace
  const auto wanted = savepoints.find(stage);
  if (wanted == savepoints.end())
    return fail(ErrorCode::not_found, "no agent of task " + id + " began stage " + std::to_string(stage),
                "the last one that was begun is " + std::to_string(savepoints.rbegin()->first));
  TRY_VALUE(const platform::Lock lock, workshop.worktrees->lock());
  TRY(task_branch(workshop, new_id, wanted->second));
  TRY(keep_base(workshop, id, new_id));
  return true;
}

Result<int> run(Context& context) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  TRY_VALUE(const auto stage, context.arguments.number("from-stage", 1, k_most_stages));
  if (!stage) return fail(ErrorCode::usage, "--from-stage is missing", "baton redo auth --from-stage 2");
  TRY_VALUE(const Subject subject, find_task(folder, context.arguments.value("ID"), context.out));
  if (subject.what == Named::queued) return not_planned(folder, subject.id);
  TRY_VALUE(const Loaded loaded, load_plan(folder, subject.id));
  if (!is_final_status(loaded.plan.status))
    return fail(ErrorCode::refused, "task " + subject.id + " is still " + text::printable(loaded.plan.status),
                "baton cancel " + subject.id + ", or wait for its end");
  const auto workshop = open_worktrees(folder);  // an error: there is no repository
  TRY_VALUE(const std::string new_id, next_id(folder, workshop, subject.id));
  TRY_VALUE(const Data task, revision_of(loaded.bytes, new_id, static_cast<int>(*stage)));
  bool has_branch = false;
  if (workshop) {
    TRY_VALUE(has_branch, begin_at_savepoint(*workshop, subject.id, new_id, static_cast<int>(*stage)));
  }
  if (auto handed_in = hand_in_task(folder, task, new_id); !handed_in) {
    if (has_branch) drop_task_branch(*workshop, new_id);
    return tl::make_unexpected(std::move(handed_in).error());
  }
  Data data;
  data.set("task_id", new_id).set("redo_of", subject.id).set("from_stage", *stage);
  context.out.data(data);
  context.out.line(text::printable(new_id));
  if (!folder.daemon()) context.out.note("queued; no daemon is running, it will be taken when one starts: baton daemon");
  return exit_code::k_ok;
}

constexpr Operand k_operands[] = {{"ID", "a task that has ended"}};
constexpr Option k_options[] = {{.name = "from-stage", .value = "N", .help = "the first stage that is done again"}};
constexpr Example k_examples[] = {{"baton redo auth --from-stage 3", "as task auth-r2; auth stays as it is"}};

}  // namespace

constinit const Verb verbs::k_redo{.name = "redo",
                                   .summary = "Do a task's steps again from one stage on, as a new task",
                                   .group = Group::control,
                                   .operands = k_operands,
                                   .options = k_options,
                                   .examples = k_examples,
                                   .run = run};

}  // namespace baton::front
