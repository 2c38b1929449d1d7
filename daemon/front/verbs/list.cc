// baton list: one line per task. Live ones come from the one state file, and what they do now from a few more; --all reads the
// plans as well.
#include <algorithm>
#include <iterator>
#include <tuple>

#include "base/text.h"
#include "core/model.h"
#include "front/lookup.h"
#include "front/render.h"
#include "front/settle.h"
#include "front/standing.h"
#include "front/verbs.h"
#include "platform/loop.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::size_t k_looked_into = 200;

TaskRow row_of(const PlanView& plan) {
  TaskRow row;
  row.id = plan.id;
  row.title = plan.title;
  row.status = plan.status;
  row.priority = plan.priority;
  row.created_at = plan.created_at;
  row.current_stage = plan.current_stage;
  row.progress = plan.progress;
  row.masters = plan.masters;
  row.parent_task = plan.parent_task;
  row.parent_subtask = plan.parent_subtask;
  row.simple = plan.subtasks.size() == 1 && plan.subtasks.front().id == plan.id;
  return row;
}

void add_ended(const Folder& folder, std::vector<TaskRow>& rows) {
  std::vector<TaskRow> ended;
  for (const std::string& name : folder.names(std::string(paths::k_plans))) {
    if (!name.starts_with("orch-")) continue;  // the other names are links to these
    const std::string id = paths::task_of_orchestration(name.substr(0, name.rfind('.')));
    if (std::any_of(rows.begin(), rows.end(), [&](const TaskRow& row) { return row.id == id; })) continue;
    if (auto loaded = load_plan(folder, id)) ended.push_back(row_of(loaded->plan));
  }
  std::sort(ended.begin(), ended.end(),
            [](const TaskRow& a, const TaskRow& b) { return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id); });
  std::move(ended.begin(), ended.end(), std::back_inserter(rows));
}

Data data_of(const std::vector<TaskRow>& rows) {
  Data tasks = Data::array();
  for (const TaskRow& row : rows) {
    Data task;
    task.set("task_id", row.id).set("title", row.title).set("status", row.status).set_if("priority", row.priority);
    task.set("progress_percent", row.progress).set("current_stage", row.current_stage).set("simple", row.simple);
    task.set("masters", row.masters).set("active_subtasks", row.active).set_if("health", row.health);
    if (!row.parent_task.empty()) task.set("parent_task", row.parent_task).set("parent_subtask_id", row.parent_subtask);
    tasks.push(std::move(task.set("created_at", row.created_at)));
  }
  Data data;
  data.set("tasks", std::move(tasks));
  return data;
}

void print(Output& out, const Folder& folder, const std::vector<TaskRow>& rows) {
  const std::int64_t now = platform::now().wall_ms;
  Table table({"TASK", "STATUS", "DONE", "PRIORITY", "AGE", "TITLE", "NOW"});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const TaskRow& row = rows[i];
    // A look into the documents of the first ones only: thousands of small files take their time.
    const std::string standing = i < k_looked_into ? standing_of(folder, row, now) : "";
    const std::string title = row.title + (row.parent_task.empty() ? "" : " (of " + row.parent_task + ")");
    table.row(
        {row.id, row.status, std::to_string(row.progress) + "%", row.priority, age_of(row.created_at, now), title, standing},
        colour_of(row.status));
  }
  table.print(out, terminal_width());
}

Result<int> run(Context& context) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  const std::string status(text::lower(context.arguments.value("status")));
  const bool all = context.arguments.has("all") || is_final_status(status);  // what has ended is live no more
  if (context.arguments.has("status") && !core::parse<core::PlanStatus>(status))
    return fail(ErrorCode::usage, "unknown status \"" + text::printable(status) + "\"",
                "one of planning, awaiting_approval, in_progress, blocked, completed, failed, cancelled");
  await_state(folder);
  auto state = load_state(folder);
  if (!state && !(all && state.error().code == ErrorCode::no_daemon)) return tl::make_unexpected(std::move(state).error());
  std::vector<TaskRow> rows = state ? std::move(state->tasks) : std::vector<TaskRow>{};
  if (all) add_ended(folder, rows);
  if (!status.empty()) std::erase_if(rows, [&](const TaskRow& row) { return row.status != status; });
  if (context.out.json())
    context.out.data(data_of(rows));
  else if (rows.empty())
    context.out.note(all ? "no tasks" : "no live tasks; ended ones too: baton list --all");
  else
    print(context.out, folder, rows);
  return exit_code::k_ok;
}

constexpr Option k_options[] = {
    {.name = "all", .letter = 'a', .help = "ended tasks too"},
    {.name = "status", .value = "WORD", .help = "only tasks in this status"},
};
constexpr Example k_examples[] = {
    {"baton list"},
    {"baton list --status failed", "what has failed"},
    {"baton list --json | jq -r '.data.tasks[].task_id'"},
};

}  // namespace

constinit const Verb verbs::k_list{
    .name = "list", .summary = "List tasks", .group = Group::tasks, .options = k_options, .examples = k_examples, .run = run};

}  // namespace baton::front
