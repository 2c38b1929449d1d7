// baton explain: why a task or subtask is where it is, and what would move it.
#include "base/text.h"
#include "front/lookup.h"
#include "front/plan_text.h"
#include "front/render.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

struct Explanation {
  std::vector<std::string> reasons;
  std::vector<std::string> commands;  // that would resolve it
};

std::string name_of(const PlanView& plan, std::string_view subtask_id) {
  const SubtaskView* subtask = plan.find(subtask_id);
  if (subtask == nullptr) return std::string(subtask_id);
  return subtask->id + " \"" + subtask->title + "\" (" + subtask->status + ")";
}

std::string sentence(const PlanView& plan, const WaitRow& wait) {
  const std::string subject = name_of(plan, wait.subject);
  if (wait.reason == "dependency") return "it needs the result of " + subject;
  if (wait.reason == "stage") return "stage " + wait.subject + " is not finished";
  if (wait.reason == "order") return subject + " of the same stage writes the same file and goes first";
  if (wait.reason == "sequential") return "the task runs one subtask at a time; now it is " + subject;
  if (wait.reason == "file") return "its files are being changed by " + subject;
  if (wait.reason == "limit") return "the limit max_active_subtasks or max_active_orchestrations is reached";
  if (wait.reason == "master_limit") return "master " + wait.subject + " is at its max_active";
  if (wait.reason == "paused") return wait.subject.empty() ? "everything is paused" : wait.subject + " is paused";
  if (wait.reason == "approval") return "the plan waits for approval";
  if (wait.reason == "task") return "the task waits for task " + wait.subject;
  if (wait.reason == "blocked") return "the task is blocked by " + subject;
  if (wait.reason == "no_master") return "there is no master " + wait.subject + " any more";
  if (wait.reason == "turn") return "nothing stands in its way: it is about to be handed out";
  return "it waits for " + wait.reason + (wait.subject.empty() ? "" : " " + wait.subject);
}

void add_wait(const PlanView& plan, const WaitRow& wait, Explanation& explanation) {
  explanation.reasons.push_back(sentence(plan, wait));
  if (wait.reason == "paused") explanation.commands.push_back("baton resume" + (wait.subject.empty() ? "" : " " + wait.subject));
  if (wait.reason == "approval")
    explanation.commands.insert(explanation.commands.end(), {"baton approve " + plan.id, "baton reject " + plan.id});
  if (wait.reason == "task") explanation.commands.push_back("baton explain " + wait.subject);
}

void add_standing(const SubtaskView& subtask, Explanation& explanation) {
  if (subtask.status == "handed_off" && !subtask.undelivered)
    explanation.reasons.push_back("its handoff lies in masters/" + subtask.master + "/handoffs; nobody has claimed it yet");
  if (subtask.status == "in_progress")
    explanation.reasons.push_back("claimed by " + subtask.master +
                                  (subtask.worker_id.empty() ? "" : ", worker " + subtask.worker_id) + "; its result is awaited");
  if (subtask.undelivered) explanation.reasons.push_back("its handoff could not be written; this is tried again");
  if (!subtask.failure.empty()) explanation.reasons.push_back("it failed: " + subtask.failure);
  if (!subtask.retry_reason.empty()) explanation.reasons.push_back("it was tried again: " + subtask.retry_reason);
  if (!subtask.skip_reason.empty()) explanation.reasons.push_back("it was skipped: " + subtask.skip_reason);
}

Explanation explain_subtask(const PlanView& plan, const SubtaskView& subtask) {
  Explanation explanation;
  if (subtask.status == "completed")
    explanation.reasons.push_back("it is completed" + (subtask.summary.empty() ? "" : ": " + subtask.summary));
  add_standing(subtask, explanation);
  for (const WaitRow& wait : subtask.waits_for) add_wait(plan, wait, explanation);
  if (plan.blocking_subtask == subtask.id)
    explanation.commands = {"baton retry " + subtask.id, "baton skip " + subtask.id, "baton cancel " + plan.id};
  return explanation;
}

Explanation explain_task(const PlanView& plan) {
  Explanation explanation;
  if (!plan.failure_reason.empty())
    explanation.reasons.push_back((plan.blocking_subtask.empty() ? "" : name_of(plan, plan.blocking_subtask) + ": ") +
                                  plan.failure_reason);
  if (plan.status == "awaiting_approval") add_wait(plan, {"approval", plan.id}, explanation);
  if (plan.status == "planning" && plan.subtasks.empty()) explanation.reasons.push_back("it has no plan yet");
  if (plan.status == "blocked") {
    const std::string subject = plan.blocking_subtask.empty() ? plan.id : plan.blocking_subtask;
    explanation.commands = {"baton retry " + subject, "baton skip " + subject, "baton cancel " + plan.id};
    if (plan.blocking_subtask.empty()) explanation.commands.erase(explanation.commands.begin());  // nothing of its own has failed
  }
  return explanation;
}

void add_attention(const Folder& folder, std::string_view task_id, std::string_view subtask_id, Explanation& explanation) {
  const auto state = load_state(folder);
  if (!state) return;
  for (const AttentionRow& row : state->attention)
    if (row.task_id == task_id && (subtask_id.empty() || row.subtask_id == subtask_id) && !row.message.empty())
      explanation.reasons.push_back(row.message);
}

void print(Output& out, const Explanation& explanation, std::string_view indent) {
  for (const std::string& reason : explanation.reasons) out.line(std::string(indent) + "- " + text::printable(reason));
  if (explanation.commands.empty()) return;
  out.line(std::string(indent) + "what would move it:");
  for (const std::string& command : explanation.commands) out.line(std::string(indent) + "  " + text::printable(command));
}

Data data_of(std::string_view id, std::string_view status, const Explanation& explanation) {
  Data data;
  data.set("id", id).set("status", status).set("reasons", explanation.reasons).set("commands", explanation.commands);
  return data;
}

bool is_open(const SubtaskView& subtask) {
  return subtask.status != "completed" && subtask.status != "skipped" && subtask.status != "cancelled" &&
         subtask.status != "superseded";
}

void say_task(Context& context, const Folder& folder, const PlanView& plan) {
  Output& out = context.out;
  Explanation explanation = explain_task(plan);
  add_attention(folder, plan.id, "", explanation);
  Data data = data_of(plan.id, plan.status, explanation);
  Data analysis;
  analysis.set("score", plan.score).set("complexity", plan.complexity).set("domains", plan.domains).set("reasons", plan.reasons);
  Data subtasks = Data::array();
  out.line(out.paint(Colour::bold, text::printable(plan.id + " is " + plan.status)));
  print(out, explanation, "  ");
  for (const SubtaskView& subtask : plan.subtasks) {
    if (!is_open(subtask)) continue;
    const Explanation inner = explain_subtask(plan, subtask);
    subtasks.push(data_of(subtask.id, subtask.status, inner));
    out.line(out.paint(colour_of(subtask.status), text::printable(subtask.id + " is " + subtask.status)));
    print(out, inner, "  ");
  }
  out.line();
  print_judgement(out, plan);
  out.data(data.set("analysis", std::move(analysis)).set("subtasks", std::move(subtasks)));
}

Result<int> say_subtask(Context& context, const Folder& folder, std::string_view id) {
  TRY_VALUE(const LoadedSubtask loaded, load_subtask(folder, id));
  TRY_VALUE(const Loaded parent, load_plan(folder, loaded.subtask.task_id));
  Explanation explanation = explain_subtask(parent.plan, loaded.subtask);
  add_attention(folder, parent.plan.id, id, explanation);
  context.out.data(data_of(loaded.subtask.id, loaded.subtask.status, explanation).set("task_id", parent.plan.id));
  context.out.line(context.out.paint(Colour::bold, text::printable(loaded.subtask.id + " is " + loaded.subtask.status)));
  print(context.out, explanation, "  ");
  return exit_code::k_ok;
}

Result<int> run(Context& context) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  const std::string id = context.arguments.value("ID");
  if (what_is(folder, id) == Named::subtask) return say_subtask(context, folder, id);
  TRY_VALUE(const Loaded loaded, load_plan(folder, id));
  say_task(context, folder, loaded.plan);
  return exit_code::k_ok;
}

constexpr Operand k_operands[] = {{"ID", "a task or a subtask"}};
constexpr Example k_examples[] = {
    {"baton explain auth", "the analysis, and what each open subtask waits for"},
    {"baton explain auth-002-backend"},
};

}  // namespace

constinit const Verb verbs::k_explain{.name = "explain",
                                      .summary = "Say why a task or subtask is where it is, and what would move it",
                                      .group = Group::tasks,
                                      .operands = k_operands,
                                      .examples = k_examples,
                                      .run = run};

}  // namespace baton::front
