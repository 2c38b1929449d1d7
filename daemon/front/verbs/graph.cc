// baton graph: the dependencies of a plan for Graphviz or Mermaid.
#include "base/text.h"
#include "front/lookup.h"
#include "front/plan_text.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

Result<int> run(Context& context) {
  const std::string format = context.arguments.value("format", "dot");
  if (format != "dot" && format != "mermaid")
    return fail(ErrorCode::usage, "unknown format \"" + text::printable(format) + "\"", "dot or mermaid");
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  TRY_VALUE(const Subject subject, find_task(folder, context.arguments.value("ID"), context.out));
  if (subject.what == Named::queued) return not_planned(folder, subject.id);
  TRY_VALUE(const Loaded loaded, load_plan(folder, subject.id));
  const std::string graph = format == "dot" ? dot_of(loaded.plan) : mermaid_of(loaded.plan);
  Data data;
  data.set("task_id", loaded.plan.id).set("format", format).set("graph", graph);
  context.out.data(data);
  if (!context.out.json()) context.out.raw(graph);
  return exit_code::k_ok;
}

constexpr Operand k_operands[] = {{"ID", "a task"}};
constexpr Option k_options[] = {{.name = "format", .value = "WORD", .help = "dot (default) or mermaid"}};
constexpr Example k_examples[] = {
    {"baton graph auth | dot -Tsvg > plan.svg"},
    {"baton graph auth --format mermaid", "to paste into a Markdown page"},
};

}  // namespace

constinit const Verb verbs::k_graph{.name = "graph",
                                    .summary = "Draw the dependencies of a plan",
                                    .group = Group::inspect,
                                    .operands = k_operands,
                                    .options = k_options,
                                    .examples = k_examples,
                                    .run = run};

}  // namespace baton::front
