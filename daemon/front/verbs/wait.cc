// baton wait: until a task has ended or needs a person; the exit code tells which.
#include "front/outcome.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

Result<int> run(Context& context) {
  TRY_VALUE(const auto limit, context.arguments.duration_ms("timeout"));
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  TRY_VALUE(const Subject subject, find_subject(folder, context.arguments.value("ID")));
  TRY_VALUE(const PlanView plan, wait_for_outcome(folder, subject, limit));
  const SubtaskView* subtask = subject.what == Named::subtask ? plan.find(subject.id) : nullptr;
  const bool waits_for_person = exit_code_of_plan(plan) == exit_code::k_waiting;
  return subtask != nullptr && !waits_for_person ? say_subtask(context, *subtask) : say_outcome(context, plan);
}

constexpr Operand k_operands[] = {{"ID", "a task, or one of its subtasks"}};
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
