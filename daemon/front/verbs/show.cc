// baton show: a plan as a tree.
#include "front/lookup.h"
#include "front/plan_text.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

Result<int> run(Context& context) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  TRY_VALUE(const Loaded loaded, load_plan(folder, context.arguments.value("ID")));
  context.out.document(loaded.bytes);
  if (context.out.json()) return exit_code::k_ok;
  print_tree(context.out, loaded.plan);
  if (context.globals.verbose) {
    context.out.line();
    print_judgement(context.out, loaded.plan);
  }
  return exit_code::k_ok;
}

constexpr Operand k_operands[] = {{"ID", "a task"}};
constexpr Example k_examples[] = {
    {"baton show auth"},
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
