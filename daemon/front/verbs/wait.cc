// baton wait: until a task has ended or needs a person; the exit code tells which.
#include "front/outcome.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

Result<int> run(Context& context) {
  TRY_VALUE(const auto limit, context.arguments.duration_ms("timeout"));
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  TRY_VALUE(const PlanView plan, wait_for_outcome(folder, context.arguments.value("ID"), limit));
  return say_outcome(context, plan);
}

constexpr Operand k_operands[] = {{"ID", "a task"}};
constexpr Option k_options[] = {{.name = "timeout", .value = "DURATION", .help = "give up after that long (exit 124)"}};
constexpr Example k_examples[] = {
    {"baton wait task-20251105-180000-k3x9"},
    {"baton wait auth --timeout 30m && git push", "exit 0 only when it completed"},
};

}  // namespace

constinit const Verb verbs::k_wait{.name = "wait",
                                   .summary = "Wait until a task has ended or needs a person",
                                   .group = Group::tasks,
                                   .operands = k_operands,
                                   .options = k_options,
                                   .examples = k_examples,
                                   .run = run};

}  // namespace baton::front
