// retry, skip, cancel, release, approve, reject, pause, resume: requests to the daemon that differ in one word.
#include "base/text.h"
#include "front/lookup.h"
#include "front/request.h"
#include "front/verbs.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

Result<int> send(Context& context, std::string_view verb) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  const std::string id = context.arguments.value("ID");
  Data document;
  document.set("command", verb);
  if (!id.empty()) {
    const bool subtask = what_is(folder, id) == Named::subtask;
    document.set(subtask ? "subtask_id" : "task_id", subtask ? id : paths::task_of_orchestration(id));
  }
  document.set_if("reason", context.arguments.value("reason"));
  TRY_VALUE(const Answer answer, request(folder, verb, std::move(document)));
  if (!answer.ok) {
    const bool unknown = !id.empty() && what_is(folder, id) == Named::nothing;
    return fail(unknown ? ErrorCode::not_found : ErrorCode::refused, text::printable(answer.message),
                unknown ? "see: baton list --all" : "");
  }
  Data data;
  data.set("ok", true).set("message", answer.message);
  context.out.data(data);
  context.out.line(text::printable(answer.message));
  return exit_code::k_ok;
}

constexpr Operand k_id[] = {{"ID", "a task or a subtask"}};
constexpr Operand k_task[] = {{"ID", "a task"}};
constexpr Operand k_task_or_all[] = {{"ID", "a task; without it, everything", false}};
constexpr Option k_reason[] = {{.name = "reason", .value = "TEXT", .help = "why; kept in the record and the feed"}};

constexpr Example k_retry_examples[] = {{"baton retry auth-002-backend", "hand a failed subtask out again"},
                                        {"baton retry auth"}};
constexpr Example k_skip_examples[] = {{"baton skip auth-006-docs --reason \"written by hand\"", "go on without it"}};
constexpr Example k_cancel_examples[] = {{"baton cancel auth --reason \"no longer wanted\""}};
constexpr Example k_release_examples[] = {{"baton release auth-002-backend", "take a claimed subtask back from its worker"}};
constexpr Example k_approve_examples[] = {{"baton show auth && baton approve auth"}};
constexpr Example k_reject_examples[] = {{"baton reject auth --reason \"too many steps\"", "the task ends as cancelled"}};
constexpr Example k_pause_examples[] = {{"baton pause", "no new handoffs at all"}, {"baton pause auth"}};
constexpr Example k_resume_examples[] = {{"baton resume"}, {"baton resume auth"}};

}  // namespace

constinit const Verb verbs::k_retry{.name = "retry",
                                    .summary = "Hand a failed or blocked piece of work out again",
                                    .group = Group::control,
                                    .operands = k_id,
                                    .options = k_reason,
                                    .examples = k_retry_examples,
                                    .run = [](Context& context) { return send(context, "retry"); }};
constinit const Verb verbs::k_skip{.name = "skip",
                                   .summary = "Go on without a subtask",
                                   .group = Group::control,
                                   .operands = k_id,
                                   .options = k_reason,
                                   .examples = k_skip_examples,
                                   .run = [](Context& context) { return send(context, "skip"); }};
constinit const Verb verbs::k_cancel{.name = "cancel",
                                     .summary = "End a task",
                                     .group = Group::control,
                                     .operands = k_id,
                                     .options = k_reason,
                                     .examples = k_cancel_examples,
                                     .run = [](Context& context) { return send(context, "cancel"); }};
constinit const Verb verbs::k_release{.name = "release",
                                      .summary = "Take a claimed subtask back, to be handed out anew",
                                      .group = Group::control,
                                      .operands = k_id,
                                      .options = k_reason,
                                      .examples = k_release_examples,
                                      .run = [](Context& context) { return send(context, "release"); }};
constinit const Verb verbs::k_approve{.name = "approve",
                                      .summary = "Let a plan begin that waits for approval",
                                      .group = Group::control,
                                      .operands = k_task,
                                      .options = k_reason,
                                      .examples = k_approve_examples,
                                      .run = [](Context& context) { return send(context, "approve"); }};
constinit const Verb verbs::k_reject{.name = "reject",
                                     .summary = "Refuse a plan that waits for approval",
                                     .group = Group::control,
                                     .operands = k_task,
                                     .options = k_reason,
                                     .examples = k_reject_examples,
                                     .run = [](Context& context) { return send(context, "reject"); }};
constinit const Verb verbs::k_pause{.name = "pause",
                                    .summary = "Hand nothing new out, for a task or altogether",
                                    .group = Group::control,
                                    .operands = k_task_or_all,
                                    .options = k_reason,
                                    .examples = k_pause_examples,
                                    .run = [](Context& context) { return send(context, "pause"); }};
constinit const Verb verbs::k_resume{.name = "resume",
                                     .summary = "Go on after pause",
                                     .group = Group::control,
                                     .operands = k_task_or_all,
                                     .options = k_reason,
                                     .examples = k_resume_examples,
                                     .run = [](Context& context) { return send(context, "resume"); }};

}  // namespace baton::front
