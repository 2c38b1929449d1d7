// baton explain: why a task or subtask is where it is, and what would move it.
#include <optional>

#include "base/ids.h"
#include "base/text.h"
#include "front/lookup.h"
#include "front/plan_text.h"
#include "front/render.h"
#include "front/settle.h"
#include "front/standing.h"
#include "front/stored.h"
#include "front/verbs.h"
#include "platform/loop.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

/// What an explanation looks at besides the plan.
struct Sight {
  const Folder& folder;
  std::optional<StateView> state;
};

struct Explanation {
  std::vector<std::string> reasons;
  std::vector<std::string> commands;  // that would resolve it
};

std::string name_of(const PlanView& plan, std::string_view subtask_id) {
  const SubtaskView* subtask = plan.find(subtask_id);
  if (subtask == nullptr) return std::string(subtask_id);
  return subtask->id + " \"" + subtask->title + "\" (" + subtask->status + ")";
}

/// `state`: for the figures behind a limit; nothing when it cannot be read.
std::string limit_words(const WaitRow& wait, const StateView* state) {
  if (wait.reason == "master_limit") {
    std::string words = "master " + wait.subject + " is at its max_active";
    if (state == nullptr) return words;
    for (const MasterRow& master : state->masters)
      if (master.name == wait.subject && master.max_active > 0)
        words += " of " + std::to_string(master.max_active) + " (masters/" + wait.subject + "/master.json)";
    return words;
  }
  const std::string name = wait.subject.empty() ? "max_active_subtasks or max_active_orchestrations" : wait.subject;
  const int limit = state == nullptr                              ? 0
                    : wait.subject == "max_active_orchestrations" ? state->max_orchestrations
                                                                  : state->max_subtasks;
  return "the limit " + name + (limit > 0 ? " of " + std::to_string(limit) : "") + " is reached (orchestrator/config.json)";
}

std::string sentence(const PlanView& plan, const WaitRow& wait, const StateView* state) {
  const std::string subject = name_of(plan, wait.subject);
  if (wait.reason == "dependency") return "it needs the result of " + subject;
  if (wait.reason == "stage") return "stage " + wait.subject + " is not finished";
  if (wait.reason == "order") return subject + " of the same stage writes the same file and goes first";
  if (wait.reason == "sequential") return "the task runs one subtask at a time; now it is " + subject;
  if (wait.reason == "file") return subject + " changes its files first";
  if (wait.reason == "limit" || wait.reason == "master_limit") return limit_words(wait, state);
  if (wait.reason == "paused") return wait.subject.empty() ? "everything is paused" : wait.subject + " is paused";
  if (wait.reason == "approval") return "the plan waits for approval";
  if (wait.reason == "task") return "the task waits for task " + wait.subject;
  if (wait.reason == "blocked") return "the task is blocked by " + subject;
  if (wait.reason == "no_master") return "there is no master " + wait.subject + " any more";
  if (wait.reason == "retry") return "its next attempt waits until " + wait.subject + " (`baton retry` begins it now)";
  if (wait.reason == "split") return "it is about to be split into two smaller subtasks";
  if (wait.reason == "master_paused") return "master " + wait.subject + " is paused";
  if (wait.reason == "parked") return "master " + wait.subject + " is parked until its provider takes work again";
  if (wait.reason == "breaker")
    return "master " + wait.subject + " has failed too often in a row: it is given less for a while (its circuit breaker)";
  if (wait.reason == "worker")
    return "its last worker" + (wait.subject.empty() ? "" : " " + wait.subject) +
           " has not ended: it is handed out when that is gone (`baton retry` does not wait for it)";
  if (wait.reason == "child_task") return "it is about to become a task of its own";
  if (wait.reason == "memory") return "the machine is short of memory: nothing new is handed off until there is enough";
  if (wait.reason == "disk") return "the disk is nearly full: nothing new is handed off until there is space";
  if (wait.reason == "turn") return "nothing stands in its way: it is about to be handed out";
  return "it waits for " + wait.reason + (wait.subject.empty() ? "" : " " + wait.subject);
}

/// Another task, which may be one that nobody knows.
void add_task_wait(const Folder& folder, const PlanView& plan, const std::string& other, Explanation& explanation) {
  if (is_task_id(other) && is_stored(folder, paths::plan(other))) {
    explanation.reasons.push_back("the task waits for task " + other);
    explanation.commands.push_back("baton explain " + other);
    return;
  }
  explanation.reasons.push_back("the task waits for task " + other + ", which nobody has handed in");
  explanation.commands.insert(explanation.commands.end(), {"baton submit TITLE --id " + other, "baton cancel " + plan.id});
}

void add_wait(const Sight& sight, const PlanView& plan, const WaitRow& wait, Explanation& explanation) {
  if (wait.reason == "task") return add_task_wait(sight.folder, plan, wait.subject, explanation);
  explanation.reasons.push_back(sentence(plan, wait, sight.state ? &*sight.state : nullptr));
  if (wait.reason == "paused") explanation.commands.push_back("baton resume" + (wait.subject.empty() ? "" : " " + wait.subject));
  if (wait.reason == "master_paused") explanation.commands.push_back("baton resume --master " + wait.subject);
  if (wait.reason == "approval")
    explanation.commands.insert(explanation.commands.end(), {"baton approve " + plan.id, "baton reject " + plan.id});
}

std::string verdict_of(const WorkerRow& worker) {
  if (worker.reason == "no_heartbeat") return "it is silent";
  if (worker.reason == "no_progress") return "it made no progress for too long";
  if (worker.reason == "never_seen") return "no worker was seen for too long";
  if (worker.reason == "time_limit") return "it is past its time limit";
  if (worker.reason == "exited") return "its process has ended";
  return worker.reason;
}

/// How its worker stands, and what that rests on.
void add_verdict(const SubtaskView& subtask, Explanation& explanation) {
  const WorkerRow& worker = subtask.worker;
  if (worker.state.empty()) return;
  if (const std::string words = worker_words(subtask, platform::now().wall_ms); !subtask.worker_id.empty())
    explanation.reasons.push_back("worker " + words);
  if (!worker.reason.empty()) explanation.reasons.push_back(verdict_of(worker) + ": " + text::join(worker.evidence, "; "));
}

void add_zombie(const SubtaskView& subtask, std::string now, Explanation& explanation) {
  if (!subtask.needs_person()) {
    explanation.reasons.push_back(std::move(now) + ": then it is tried again by itself");
    return;
  }
  explanation.reasons.push_back(std::move(now) + ", it may still be at work: " + text::join(subtask.worker.not_ended, "; "));
  explanation.commands.insert(explanation.commands.end(),
                              {"baton release " + subtask.id, "baton retry " + subtask.id, "baton complete " + subtask.id});
}

/// What does it, and what that waits for.
void add_child(const Folder& folder, const SubtaskView& subtask, Explanation& explanation) {
  const std::string& child = subtask.child_task;
  explanation.reasons.push_back("its child task " + child + " does it, " + std::to_string(subtask.progress) + "% so far");
  explanation.commands.push_back("baton explain " + child);
  if (const std::string blocked = subtask.blocked_below(); !blocked.empty() && blocked != child) {
    explanation.reasons.push_back("a child task of it, " + blocked + ", is blocked");
    explanation.commands.push_back("baton explain " + blocked);
  }
  const auto loaded = is_task_id(child) ? load_plan(folder, child) : Result<Loaded>(fail(ErrorCode::not_found, child));
  if (!loaded) return;
  const PlanView& plan = loaded->plan;
  std::string words = child + " is " + plan.status;
  if (plan.paused) words += ", paused";
  if (!plan.failure_reason.empty())
    words += ": " + (plan.blocking_subtask.empty() ? "" : plan.blocking_subtask + " failed: ") + plan.failure_reason;
  explanation.reasons.push_back(std::move(words));
  for (const SubtaskView& each : plan.subtasks)
    if (is_in_flight(each)) explanation.reasons.push_back(each.id + ": " + standing(each, platform::now().wall_ms));
}

void add_standing(const Folder& folder, const SubtaskView& subtask, Explanation& explanation) {
  const std::string now = standing(subtask, platform::now().wall_ms);
  if (subtask.status == "handed_off" && !subtask.undelivered) {
    explanation.reasons.push_back(now + ": its handoff lies in masters/" + subtask.master +
                                  "/handoffs, nobody has claimed it yet");
    explanation.commands.push_back("baton claim --master " + subtask.master);
  }
  if (subtask.is_done_by_child()) {
    add_child(folder, subtask, explanation);
  } else if (subtask.status == "in_progress") {
    explanation.reasons.push_back(now + ": claimed, its result is awaited");
    explanation.commands.insert(explanation.commands.end(), {"baton complete " + subtask.id, "baton release " + subtask.id});
  }
  if (subtask.status == "zombie") add_zombie(subtask, now, explanation);
  add_verdict(subtask, explanation);
  if (subtask.status == "validating") {
    explanation.reasons.push_back(now + ": it is done when that has passed");
    explanation.commands.push_back("baton release " + subtask.id);
  }
  if (subtask.undelivered) explanation.reasons.push_back("its handoff could not be written; this is tried again");
  if (!subtask.failure.empty()) explanation.reasons.push_back("it failed: " + subtask.failure);
  if (!subtask.retry_reason.empty()) explanation.reasons.push_back("it was tried again: " + subtask.retry_reason);
  const bool was_let_pass = subtask.status == "completed";
  if (!subtask.skip_reason.empty())
    explanation.reasons.push_back((was_let_pass ? "its check did not pass, and a person let it: " : "it was skipped: ") +
                                  subtask.skip_reason);
}

Explanation explain_subtask(const Sight& sight, const PlanView& plan, const SubtaskView& subtask) {
  Explanation explanation;
  if (subtask.status == "completed")
    explanation.reasons.push_back("it is completed" + (subtask.summary.empty() ? "" : ": " + subtask.summary));
  add_standing(sight.folder, subtask, explanation);
  for (const WaitRow& wait : subtask.waits_for)
    if (!subtask.is_done_by_child()) add_wait(sight, plan, wait, explanation);
  if (plan.blocking_subtask == subtask.id)
    explanation.commands = {"baton retry " + subtask.id, "baton skip " + subtask.id + " --reason \"...\"",
                            "baton cancel " + plan.id};
  return explanation;
}

Explanation explain_task(const Sight& sight, const PlanView& plan) {
  Explanation explanation;
  if (!plan.parent_subtask.empty())
    explanation.reasons.push_back("it does " + plan.parent_subtask + " of task " + plan.parent_task);
  if (!plan.failure_reason.empty())
    explanation.reasons.push_back((plan.blocking_subtask.empty() ? "" : name_of(plan, plan.blocking_subtask) + ": ") +
                                  plan.failure_reason);
  if (plan.validating) explanation.reasons.push_back("all stages are done; its checkpoint is run");
  if (plan.status == "awaiting_approval") add_wait(sight, plan, {"approval", plan.id}, explanation);
  if (plan.status == "planning" && plan.subtasks.empty()) explanation.reasons.push_back("it has no plan yet");
  if (plan.status == "blocked") {
    const std::string subject = plan.blocking_subtask.empty() ? plan.id : plan.blocking_subtask;
    explanation.commands = {"baton retry " + subject, "baton skip " + subject + " --reason \"...\"", "baton cancel " + plan.id};
    if (plan.blocking_subtask.empty()) explanation.commands.erase(explanation.commands.begin());  // nothing of its own has failed
  }
  return explanation;
}

void add_attention(const Sight& sight, std::string_view task_id, std::string_view subtask_id, Explanation& explanation) {
  if (!sight.state) return;
  for (const AttentionRow& row : sight.state->attention) {
    const bool is_verdict = row.reason == "stalled" || row.reason == "zombie";  // the subtask itself says it
    if (row.task_id == task_id && (subtask_id.empty() || row.subtask_id == subtask_id) && !row.message.empty() && !is_verdict)
      explanation.reasons.push_back(row.message);
  }
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

void say_task(Context& context, const Sight& sight, const PlanView& plan) {
  Output& out = context.out;
  Explanation explanation = explain_task(sight, plan);
  add_attention(sight, plan.id, "", explanation);
  Data data = data_of(plan.id, plan.status, explanation);
  Data analysis;
  analysis.set("score", plan.score).set("complexity", plan.complexity).set("domains", plan.domains).set("reasons", plan.reasons);
  Data subtasks = Data::array();
  out.line(out.paint(Colour::bold, text::printable(plan.id + " is " + plan.status)));
  print(out, explanation, "  ");
  for (const SubtaskView& subtask : plan.subtasks) {
    if (!is_open(subtask)) continue;
    const Explanation inner = explain_subtask(sight, plan, subtask);
    subtasks.push(data_of(subtask.id, subtask.status, inner));
    out.line(out.paint(colour_of(subtask.status), text::printable(subtask.id + " is " + subtask.status)));
    print(out, inner, "  ");
  }
  out.line();
  print_judgement(out, plan);
  out.data(data.set("analysis", std::move(analysis)).set("subtasks", std::move(subtasks)));
}

Result<int> explain_one(Context& context, const Sight& sight, const std::string& id) {
  TRY_VALUE(LoadedSubtask loaded, load_subtask(sight.folder, id));
  TRY_VALUE(const Loaded parent, load_plan(sight.folder, loaded.subtask.task_id));
  add_worker(sight.folder, loaded.subtask);
  Explanation explanation = explain_subtask(sight, parent.plan, loaded.subtask);
  add_attention(sight, parent.plan.id, id, explanation);
  context.out.data(data_of(loaded.subtask.id, loaded.subtask.status, explanation).set("task_id", parent.plan.id));
  context.out.line(context.out.paint(Colour::bold, text::printable(loaded.subtask.id + " is " + loaded.subtask.status)));
  print(context.out, explanation, "  ");
  return exit_code::k_ok;
}

Result<int> run(Context& context) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  TRY_VALUE(const Subject subject, find_subject(folder, context.arguments.value("ID")));
  if (subject.what == Named::queued) return not_planned(folder, subject.id);
  await_state(folder);  // it tells what needs attention: what somebody has just decided is none any more
  auto state = load_state(folder);
  const Sight sight{folder, state ? std::optional(std::move(*state)) : std::nullopt};
  if (subject.what == Named::subtask) return explain_one(context, sight, subject.id);
  TRY_VALUE(Loaded loaded, load_plan(folder, subject.id));
  add_workers(folder, loaded.plan);
  say_task(context, sight, loaded.plan);
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
