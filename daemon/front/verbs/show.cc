// baton show: a plan as a tree.
#include "front/lookup.h"
#include "front/plan_text.h"
#include "front/standing.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

Result<int> show_subtask(Context& context, const Folder& folder, const std::string& id) {
  TRY_VALUE(LoadedSubtask loaded, load_subtask(folder, id));
  add_worker(folder, loaded.subtask);
  context.out.document(loaded.bytes);
  if (!context.out.json()) print_subtask(context.out, loaded.subtask);
  return exit_code::k_ok;
}

Result<int> run(Context& context) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  TRY_VALUE(const Subject subject, find_subject(folder, context.arguments.value("ID")));
  if (subject.what == Named::queued) return not_planned(folder, subject.id);
  if (subject.what == Named::subtask) return show_subtask(context, folder, subject.id);
  TRY_VALUE(Loaded loaded, load_plan(folder, subject.id));
  add_workers(folder, loaded.plan);
  context.out.document(loaded.bytes);
  if (context.out.json()) return exit_code::k_ok;
  print_tree(context.out, loaded.plan);
  if (context.globals.verbose) {
    context.out.line();
    print_judgement(context.out, loaded.plan);
  }
  return exit_code::k_ok;
}

constexpr Operand k_operands[] = {{"ID", "a task, or one of its subtasks"}};
constexpr Example k_examples[] = {
    {"baton show auth"},
    {"baton show auth-002-backend", "one subtask"},
    {"baton -v show auth", "with analysis and estimate"},
    {"baton show auth --json | jq '.data.execution_plan'"},
};

}  // namespace

constinit const Verb verbs::k_show{.name = "show",
                                   .summary = "Show the plan of a task as a tree",
                                   .group = Group::tasks,
                                   .operands = k_operands,
                                   .examples = k_examples,
                                   .run = run};

}  // namespace baton::front
