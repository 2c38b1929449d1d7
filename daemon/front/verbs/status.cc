// baton status: how everything stands, or one task. Without an id it reads the state, and a few documents of what is shown.
#include <algorithm>
#include <vector>

#include "base/text.h"
#include "front/lookup.h"
#include "front/plan_text.h"
#include "front/render.h"
#include "front/settle.h"
#include "front/standing.h"
#include "front/verbs.h"
#include "front/waiting.h"
#include "platform/loop.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::size_t k_shown_tasks = 10;

std::string daemon_words(const Folder& folder, const StateView& state) {
  const auto pid = folder.daemon();
  if (!pid) return "not running";
  std::string words = "running, pid " + std::to_string(*pid);
  if (const auto age = age_of(state.started_at, platform::now().wall_ms); !age.empty()) words += ", for " + age;
  if (!state.daemon_state.empty() && state.daemon_state != "running") words += ", " + state.daemon_state;
  if (!state.message.empty()) words += ": " + state.message;
  return text::printable(words);
}

void print_masters(Output& out, const StateView& state) {
  Table table({"MASTER", "NOT TAKEN", "AT WORK", "LIMIT"});
  for (const MasterRow& master : state.masters)
    if (master.queued > 0 || master.active > 0)
      table.row({master.name, std::to_string(master.queued), std::to_string(master.active),
                 master.max_active > 0 ? std::to_string(master.max_active) : ""});
  if (table.empty()) return;
  out.line();
  table.print(out);
}

void print_attention(Output& out, const StateView& state) {
  if (state.attention.empty()) return;
  out.line();
  out.line(out.paint(Colour::yellow, "Needs a person:"));
  for (const AttentionRow& row : state.attention) {
    const std::string& subject = row.subtask_id.empty() ? row.task_id : row.subtask_id;
    out.line("  " + text::printable((subject.empty() ? "" : subject + ": ") + (row.message.empty() ? row.reason : row.message)));
  }
}

/// What is handed out or at work, then what waits, the longest lists cut.
void print_standing(Output& out, const Folder& folder, const StateView& state) {
  const std::int64_t now = platform::now().wall_ms;
  std::vector<const TaskRow*> tasks;
  for (const TaskRow& task : state.tasks) tasks.push_back(&task);
  std::stable_partition(tasks.begin(), tasks.end(), [](const TaskRow* task) { return !task->active.empty(); });
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < tasks.size() && i < k_shown_tasks; ++i)
    if (const std::string words = standing_of(folder, *tasks[i], now); !words.empty())
      lines.push_back(text::printable(tasks[i]->id + ": " + words));
  if (tasks.size() > k_shown_tasks) lines.emplace_back("... see: baton list");
  if (!lines.empty()) out.line();
  for (const std::string& line : lines) out.line("  " + line);
}

Result<int> status_of_all(Context& context, const Folder& folder) {
  await_state(folder);
  if (context.out.json()) {
    TRY(load_state(folder));  // only a readable document is passed on
    TRY_VALUE(const std::string bytes, folder.read(std::string(paths::k_state)));
    context.out.document(bytes);
    return exit_code::k_ok;
  }
  TRY_VALUE(const StateView state, load_state(folder));
  Output& out = context.out;
  out.line("daemon   " + daemon_words(folder, state));
  out.line("tasks    " + grouped(state.active) + " active, " + grouped(state.completed) + " completed, " + grouped(state.failed) +
           " failed, " + grouped(state.total) + " in all");
  int at_work = 0;
  for (const TaskRow& task : state.tasks) at_work += static_cast<int>(task.active.size());
  out.line("subtasks " + grouped(at_work) + " handed off or at work");
  if (state.paused) out.line(out.paint(Colour::yellow, "everything is paused: baton resume"));
  print_masters(out, state);
  print_standing(out, folder, state);
  print_attention(out, state);
  return exit_code::k_ok;
}

void print_active(Output& out, const PlanView& plan) {
  const std::int64_t now = platform::now().wall_ms;
  for (const SubtaskView& subtask : plan.subtasks)
    if (is_in_flight(subtask))
      out.line("now      " +
               out.paint(subtask.needs_person() ? Colour::yellow : Colour::none,
                         text::printable((subtask.id == plan.id ? "" : subtask.id + ": ") + standing(subtask, now))));
  const bool is_out = std::any_of(plan.subtasks.begin(), plan.subtasks.end(), is_in_flight);
  if (is_out || plan.paused || !plan.failure_reason.empty() || plan.validating) return;  // said already
  if (const std::string words = waiting(plan, now); !words.empty()) out.line("now      " + text::printable(words));
}

void print_task(Output& out, const PlanView& plan) {
  const int percent = plan.progress;
  out.line(out.paint(Colour::bold, text::printable(plan.title)));
  out.line("task     " + text::printable(plan.id));
  if (!plan.parent_subtask.empty()) out.line("does     " + text::printable(plan.parent_subtask + " of task " + plan.parent_task));
  out.line("status   " + out.paint(colour_of(plan.status), text::printable(plan.status)));
  out.line("progress " + bar(percent, 20) + " " + std::to_string(percent) + "%, stage " + std::to_string(plan.current_stage) +
           " of " + std::to_string(plan.stages()) +
           (plan.remaining.empty() ? "" : ", about " + text::printable(plan.remaining) + " left"));
  if (plan.validating) out.line("now      all stages are done; its checkpoint is run");
  if (!plan.failure_reason.empty())
    out.line("reason   " +
             text::printable((plan.blocking_subtask.empty() ? "" : plan.blocking_subtask + ": ") + plan.failure_reason));
  if (plan.paused) out.line("paused   go on with: baton resume " + text::printable(plan.id));
  print_active(out, plan);
}

Result<int> status_of_subtask(Context& context, const Folder& folder, const std::string& id) {
  TRY_VALUE(LoadedSubtask loaded, load_subtask(folder, id));
  add_worker(folder, loaded.subtask);
  context.out.document(loaded.bytes);
  if (!context.out.json()) print_subtask(context.out, loaded.subtask);
  return exit_code_of_subtask(loaded.subtask);
}

Result<int> status_of(Context& context, const Folder& folder, const std::string& words) {
  TRY_VALUE(const Subject subject, find_subject(folder, words));
  if (subject.what == Named::queued) return not_planned(folder, subject.id);
  if (subject.what == Named::subtask) return status_of_subtask(context, folder, subject.id);
  TRY_VALUE(Loaded loaded, load_plan(folder, subject.id));
  add_workers(folder, loaded.plan);
  context.out.document(loaded.bytes);
  if (!context.out.json()) print_task(context.out, loaded.plan);
  return exit_code_of_plan(loaded.plan);
}

Result<int> run(Context& context) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  if (!context.arguments.has("ID")) return status_of_all(context, folder);
  return status_of(context, folder, context.arguments.value("ID"));
}

constexpr Operand k_operands[] = {{"ID", "a task or a subtask; without it, how everything stands", false}};
constexpr Example k_examples[] = {
    {"baton status"},
    {"baton status task-20251105-180000-k3x9", "exit 1 when it failed, 6 when it waits for a person"},
};

}  // namespace

constinit const Verb verbs::k_status{.name = "status",
                                     .summary = "Tell how everything stands, or one task",
                                     .group = Group::tasks,
                                     .operands = k_operands,
                                     .examples = k_examples,
                                     .run = run};

}  // namespace baton::front
