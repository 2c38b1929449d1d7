// baton worktree: which worktrees agents work in, and the removal of those that nobody needs any more.
#include "base/text.h"
#include "front/verbs.h"
#include "front/work/tidy.h"

namespace baton::front {
namespace {

std::string_view word_of(WorktreeUse use) {
  switch (use) {
    case WorktreeUse::at_work: return "at work";
    case WorktreeUse::needed: return "needed";
    case WorktreeUse::left: return "left";
    case WorktreeUse::foreign: return "not baton's";
  }
  return "";
}

Result<int> list(Context& context, const Workshop& workshop) {
  TRY_VALUE(const std::vector<WorktreeRow> rows, worktree_rows(workshop));
  Data data = Data::array();
  for (const WorktreeRow& row : rows) {
    Data each;
    each.set("name", row.name).set_if("branch", row.branch).set_if("task_id", row.task_id).set("use", word_of(row.use));
    data.push(std::move(each));
    context.out.line(text::printable(row.name) + "  " + std::string(word_of(row.use)) +
                     (row.branch.empty() ? "" : "  " + text::printable(row.branch)));
  }
  context.out.data(data);
  if (rows.empty()) context.out.note("there are no worktrees");
  return exit_code::k_ok;
}

Result<int> prune(Context& context, const Workshop& workshop) {
  const std::vector<Tidied> told = tidy(workshop);
  Data data = Data::array();
  for (const Tidied& each : told) {
    data.push(each.line);
    context.out.line(text::printable(each.line));
  }
  context.out.data(data);
  if (told.empty()) context.out.note("nothing to remove");
  return exit_code::k_ok;
}

Result<int> run(Context& context) {
  const std::string what = context.arguments.value("ACTION");
  if (what != "list" && what != "prune") {
    const std::string words[] = {"list", "prune"};
    return fail(ErrorCode::usage, "unknown action \"" + text::printable(what) + "\"" + text::did_you_mean(what, words),
                "baton worktree list, or: baton worktree prune");
  }
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  TRY_VALUE(const Workshop workshop, open_worktrees(folder));
  return what == "list" ? list(context, workshop) : prune(context, workshop);
}

constexpr Operand k_operands[] = {{.name = "ACTION", .help = "list, or prune"}};
constexpr Example k_examples[] = {
    {"baton worktree list"},
    {"baton worktree prune", "removes those of ended work; what nobody merged is kept in refs/baton/rescue"},
};

}  // namespace

constinit const Verb verbs::k_worktree{.name = "worktree",
                                       .summary = "List the worktrees of agents, or remove those that nobody needs",
                                       .group = Group::workers,
                                       .operands = k_operands,
                                       .examples = k_examples,
                                       .run = run};

}  // namespace baton::front
