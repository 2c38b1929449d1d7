// retry, skip, cancel, release, approve, reject, pause, resume: requests to the daemon that differ in one word.
#include "base/text.h"
#include "front/lookup.h"
#include "front/request.h"
#include "front/settle.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

/// The plan as it is before the request; nothing to compare with is no hindrance.
PlanView plan_before(const Folder& folder, const std::string& task) {
  auto loaded = load_plan(folder, task);
  return loaded ? std::move(loaded->plan) : PlanView{};
}

Result<std::string> carry_out(const Context& context, const Folder& folder, std::string_view verb, const Subject& subject) {
  const bool subtask = subject.what == Named::subtask;
  Data document;
  document.set("command", verb).set(subtask ? "subtask_id" : "task_id", subject.id);
  document.set_if("reason", context.arguments.value("reason"));
  const PlanView before = plan_before(folder, subject.task);
  TRY_VALUE(const Answer answer, request(folder, verb, std::move(document)));
  if (!answer.ok) return fail(ErrorCode::refused, text::printable(answer.message));
  if (!before.id.empty()) {
    // A simple task's subtask is called like the task.
    const bool own = subtask || (before.simple && before.subtasks.size() == 1);
    await_plan(folder, subject.task, shows_command(verb, before, own ? (subtask ? subject.id : before.subtasks.front().id) : ""));
  }
  return answer.message;
}

/// Everything, or a master: nothing that has a plan of its own.
Result<std::string> carry_out_at_large(const Context& context, const Folder& folder, std::string_view verb) {
  Data document;
  document.set("command", verb).set_if("master", context.arguments.value("master"));
  document.set_if("reason", context.arguments.value("reason"));
  TRY_VALUE(const Answer answer, request(folder, verb, std::move(document)));
  if (!answer.ok) return fail(ErrorCode::refused, text::printable(answer.message));
  await_state(folder);
  return answer.message;
}

/// What is claimed now, of these tasks or (empty) of all; `master`: only its own, empty: anybody's.
std::vector<Subject> claimed_of(const Folder& folder, const std::vector<Subject>& tasks, const std::string& master) {
  std::vector<std::string> ids;
  ids.reserve(tasks.size());
  for (const Subject& task : tasks) ids.push_back(task.task);
  if (const auto state = load_state(folder); state && tasks.empty())
    for (const TaskRow& task : state->tasks) ids.push_back(task.id);
  std::vector<Subject> claimed;
  for (const std::string& id : ids) {
    const PlanView plan = plan_before(folder, id);
    for (const SubtaskView& each : plan.subtasks)
      if (each.status == "in_progress" && !each.orchestrate && (master.empty() || each.master == master))
        claimed.push_back({Named::subtask, each.id, id});
  }
  return claimed;
}

/// Their workers are ended; what was paused before keeps them from being handed out again. One that has answered meanwhile is no
/// hindrance.
Result<> stop_all(const Context& context, const Folder& folder, const std::vector<Subject>& tasks,
                  std::vector<std::string>& messages) {
  await_state(folder);
  for (const Subject& subtask : claimed_of(folder, tasks, context.arguments.value("master"))) {
    auto message = carry_out(context, folder, "release", subtask);
    if (!message && message.error().code != ErrorCode::refused) return tl::make_unexpected(std::move(message).error());
    if (message) messages.push_back(std::move(*message));
  }
  return {};
}

/// What was done before the error is told, too.
tl::unexpected<Error> fail_after(Context& context, const std::vector<std::string>& messages, Error error) {
  for (const std::string& done : messages) context.out.note(text::printable(done));
  return tl::make_unexpected(std::move(error));
}

void say(Context& context, const std::vector<std::string>& messages) {
  Data data;
  data.set("ok", true).set("message", messages.front());
  if (messages.size() > 1) data.set("messages", messages);
  context.out.data(data);
  for (const std::string& message : messages) context.out.line(text::printable(message));
}

/// The daemon would refuse it; here nothing has been written yet.
Result<> check_reason(const Context& context, std::string_view verb) {
  if (verb != "skip" || !text::trim(context.arguments.value("reason")).empty()) return {};
  return fail(ErrorCode::usage, "skip needs a --reason: the report says why it was left out",
              "baton skip " + text::printable(context.arguments.value("ID")) + " --reason \"written by hand\"");
}

Result<> program_checks(const Context& context, std::string_view verb) {
  const bool master = context.arguments.has("master");
  const bool named = context.arguments.has("ID");
  if (master && named) return fail(ErrorCode::usage, "both --master and an ID are given", "one request is about one of them");
  if (!master && !named && verb == "retry") return fail(ErrorCode::usage, "retry needs an ID, or --master M");
  return {};
}

Result<int> send(Context& context, std::string_view verb) {
  TRY(program_checks(context, verb));
  TRY(check_reason(context, verb));
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  if (!folder.daemon()) return fail_no_daemon(folder);
  std::vector<Subject> subjects;
  for (const std::string& words : context.arguments.values("ID")) {
    TRY_VALUE(Subject subject, find_subject(folder, words));
    if (subject.id != words) context.out.note(text::printable(words + " is short for " + subject.id));
    subjects.push_back(std::move(subject));
  }
  std::vector<std::string> messages;
  if (subjects.empty()) {
    TRY_VALUE(std::string message, carry_out_at_large(context, folder, verb));
    messages.push_back(std::move(message));
  }
  for (const Subject& subject : subjects) {
    auto message = carry_out(context, folder, verb, subject);
    if (!message) return fail_after(context, messages, std::move(message).error());
    messages.push_back(std::move(*message));
  }
  if (context.arguments.has("now"))
    if (auto stopped = stop_all(context, folder, subjects, messages); !stopped)
      return fail_after(context, messages, std::move(stopped).error());
  say(context, messages);
  return exit_code::k_ok;
}

constexpr Operand k_id[] = {{"ID", "a task or a subtask: its id, or a beginning or end that names one", true, true}};
constexpr Operand k_task[] = {{"ID", "a task: its id, or a beginning or end that names one", true, true}};
constexpr Operand k_task_or_all[] = {{"ID", "a task; without it, everything", false, true}};
constexpr Operand k_id_or_master[] = {{"ID", "a task or a subtask: its id, or a beginning or end that names one", false, true}};
constexpr Option k_why = {.name = "reason", .value = "TEXT", .help = "why; kept in the record and the feed"};
constexpr Option k_reason[] = {k_why};
constexpr Option k_needed_reason[] = {
    {.name = "reason", .value = "TEXT", .help = "why (needed); the report and the feed say so"}};
constexpr Option k_pause_options[] = {
    {.name = "master", .value = "M", .help = "this master instead of tasks"},
    {.name = "now", .help = "also end the workers; what they had is handed out again after resume, at no attempt"},
    k_why};
constexpr Option k_of_master[] = {{.name = "master", .value = "M", .help = "this master instead of tasks"}, k_why};

constexpr Example k_retry_examples[] = {{"baton retry auth-002-backend", "hand a failed subtask out again"},
                                        {"baton retry auth"},
                                        {"baton retry --master security", "give it work again, whatever its last failures"}};
constexpr Example k_skip_examples[] = {
    {"baton skip auth-006-docs --reason \"written by hand\"", "go on without it"},
    {"baton skip deploy --reason \"the scan can wait\"", "or without the task that it depends on, which did not complete"}};
constexpr Example k_cancel_examples[] = {{"baton cancel auth --reason \"no longer wanted\""},
                                         {"baton cancel auth billing", "several at once"}};
constexpr Example k_release_examples[] = {{"baton release auth-002-backend", "take a claimed subtask back from its worker"}};
constexpr Example k_approve_examples[] = {{"baton show auth && baton approve auth"}};
constexpr Example k_reject_examples[] = {{"baton reject auth --reason \"too many steps\"", "the task ends as cancelled"}};
constexpr Example k_pause_examples[] = {
    {"baton pause", "no new handoffs at all"},
    {"baton pause --now", "and end all workers: agents of baton work keep what they did in refs/baton/rescue"},
    {"baton pause auth"},
    {"baton pause --master security"}};
constexpr Example k_resume_examples[] = {{"baton resume"}, {"baton resume auth"}, {"baton resume --master security"}};

}  // namespace

constinit const Verb verbs::k_retry{.name = "retry",
                                    .summary = "Hand a failed or blocked piece of work out again",
                                    .group = Group::control,
                                    .operands = k_id_or_master,
                                    .options = k_of_master,
                                    .examples = k_retry_examples,
                                    .run = [](Context& context) { return send(context, "retry"); }};
constinit const Verb verbs::k_skip{.name = "skip",
                                   .summary = "Go on without a subtask, and say why",
                                   .group = Group::control,
                                   .operands = k_id,
                                   .options = k_needed_reason,
                                   .examples = k_skip_examples,
                                   .run = [](Context& context) { return send(context, "skip"); }};
constinit const Verb verbs::k_cancel{.name = "cancel",
                                     .summary = "End tasks; what is handed out of them is withdrawn",
                                     .group = Group::control,
                                     .operands = k_task,
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
                                    .summary = "Hand nothing new out, for a task, a master or altogether",
                                    .group = Group::control,
                                    .operands = k_task_or_all,
                                    .options = k_pause_options,
                                    .examples = k_pause_examples,
                                    .run = [](Context& context) { return send(context, "pause"); }};
constinit const Verb verbs::k_resume{.name = "resume",
                                     .summary = "Go on after pause",
                                     .group = Group::control,
                                     .operands = k_task_or_all,
                                     .options = k_of_master,
                                     .examples = k_resume_examples,
                                     .run = [](Context& context) { return send(context, "resume"); }};

}  // namespace baton::front
