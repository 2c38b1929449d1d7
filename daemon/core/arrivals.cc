// New tasks: whole documents are checked first, then every task of them is taken up.
#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "core/child_task.h"
#include "core/orchestrator_state.h"
#include "core/planning.h"

namespace baton::core {
namespace {

Error about(const std::string& task_id, Error error) {
  error.message = "task " + task_id + ": " + error.message;
  return error;
}

tl::unexpected<Error> taken_id(const std::string& task_id, const std::string& where) {
  return fail(ErrorCode::refused, "the id " + task_id + " belongs to another task with other content (" + where + ")",
              "give this one another id, or leave the id out", {"/id", 0, 0});
}

/// `plan` with the judgement of its task's arrival; what its planner has to add joins the reasons.
Plan judged_before(Plan plan, Analysis analysis) {
  if (analysis.reasons.empty() && analysis.domains.empty()) return plan;  // an older journal does not know it
  for (std::string& reason : plan.analysis.reasons)
    if (std::ranges::find(analysis.reasons, reason) == analysis.reasons.end()) analysis.reasons.push_back(std::move(reason));
  plan.analysis = std::move(analysis);
  return plan;
}

Subtask make_subtask(PlannedSubtask planned, const std::string& task_id, std::int64_t created_at) {
  Subtask subtask;
  subtask.spec = std::move(planned.spec);
  subtask.task_id = task_id;
  subtask.given_id = std::move(planned.given_id);
  subtask.stage = planned.stage;
  subtask.order = planned.order;
  subtask.created_at = created_at;
  return subtask;
}

}  // namespace

struct Orchestrator::State::Document {
  std::string path;
  std::map<std::string, const ArrivedTask*> fresh;  // those that will be taken up
  std::vector<const ArrivedTask*> order;            // the same, in the order of the document
  std::set<std::string> awaited;                    // by any of them
  std::set<std::string> subtask_ids;                // that they are going to have, but for those called as their task

  void take_up(const ArrivedTask& arrived) {
    fresh.emplace(arrived.spec.id, &arrived);
    order.push_back(&arrived);
    awaited.insert(arrived.spec.depends_on.begin(), arrived.spec.depends_on.end());
    if (!arrived.plan || (*arrived.plan)->planner == PlannerKind::routed) return;
    for (const PlannedSubtask& planned : (*arrived.plan)->subtasks) subtask_ids.insert(planned.spec.id);
  }
};

void Orchestrator::State::on(const TasksArrived& event) {
  Document document{event.input.path, {}, {}, {}, {}};
  for (const ArrivedTask& arrived : event.tasks) {
    Result<> checked = check(arrived, document);
    if (checked) continue;
    checked.error().place.pointer.insert(0, arrived.pointer);
    if (event.source == Source::drop)
      changes.effects.push_back(
          FeedEntry{"task_rejected", arrived.spec.id, "", "", {{"reason", checked.error().message}, {"path", event.input.path}}});
    return refuse(event.input, checked.error());
  }
  for (const ArrivedTask* arrived : document.order) add(*arrived);
  accept(event.input);
}

Result<> Orchestrator::State::check(const ArrivedTask& arrived, Document& document) const {
  const TaskSpec& spec = arrived.spec;
  TRY_VALUE(const bool known, is_known(arrived, document));
  if (known) return {};
  if (subtasks.contains(spec.id) || document.subtask_ids.contains(spec.id) ||
      std::ranges::find(arrived.taken_ids, spec.id) != arrived.taken_ids.end())
    return fail(ErrorCode::refused, "the id " + spec.id + " is the id of a subtask", "give this task another id", {"/id", 0, 0});
  if (arrived.plan && !*arrived.plan) return tl::make_unexpected(about(spec.id, arrived.plan->error()));
  if (const std::vector<std::string> cycle = cycle_through(spec, document); !cycle.empty())
    return fail(ErrorCode::invalid, "task " + spec.id + " would wait for itself: " + text::join(cycle, " → "),
                "take one of these out of depends_on", {"/depends_on", 0, 0});
  document.take_up(arrived);
  return {};
}

/// True: this very task is alive, has ended, or stands earlier in the document. The error: another task has its id.
Result<bool> Orchestrator::State::is_known(const ArrivedTask& arrived, const Document& document) const {
  const TaskSpec& spec = arrived.spec;
  if (const auto live = tasks.find(spec.id); live != tasks.end()) {
    if (live->second.task.spec.content_hash == spec.content_hash) return true;
    return taken_id(spec.id, "here " + document.path + ", there orchestrator/tasks/orch-" + spec.id + ".json");
  }
  if (arrived.ended) {
    if (arrived.ended->content_hash == spec.content_hash) return true;
    return taken_id(spec.id, "here " + document.path + ", there orchestrator/tasks/orch-" + spec.id + ".json, " +
                                 std::string(name(arrived.ended->status)));
  }
  if (const auto before = document.fresh.find(spec.id); before != document.fresh.end()) {
    if (before->second->spec.content_hash == spec.content_hash) return true;
    return taken_id(spec.id, "twice in " + document.path);
  }
  return false;
}

/// The way from `spec` over what it waits for back to itself, both ends included; empty when there is none.
std::vector<std::string> Orchestrator::State::cycle_through(const TaskSpec& spec, const Document& document) const {
  const bool awaited = awaited_by.contains(spec.id) || document.awaited.contains(spec.id) ||
                       std::ranges::find(spec.depends_on, spec.id) != spec.depends_on.end();
  if (!awaited) return {};
  const auto awaits_of = [this, &document](const std::string& id) -> const std::vector<std::string>* {
    if (const auto fresh = document.fresh.find(id); fresh != document.fresh.end()) return &fresh->second->spec.depends_on;
    if (const auto live = tasks.find(id); live != tasks.end()) return &live->second.task.awaits;
    return nullptr;
  };
  std::map<std::string, std::string> came_from;  // also: what was visited
  std::vector<std::string> open;
  const auto visit = [&](const std::string& from, const std::vector<std::string>& next) {
    for (const std::string& id : next)
      if (came_from.emplace(id, from).second) open.push_back(id);
  };
  visit(spec.id, spec.depends_on);
  while (!open.empty() && !came_from.contains(spec.id)) {
    const std::string id = std::move(open.back());
    open.pop_back();
    if (const auto* next = awaits_of(id)) visit(id, *next);
  }
  if (!came_from.contains(spec.id)) return {};
  std::vector<std::string> cycle{spec.id};
  do cycle.push_back(came_from.at(cycle.back()));
  while (cycle.back() != spec.id);
  std::ranges::reverse(cycle);
  return cycle;
}

void Orchestrator::State::add(const ArrivedTask& arrived) {
  const std::string& task_id = arrived.spec.id;
  LiveTask& live = tasks[task_id];
  Task& task = live.task;
  task.spec = arrived.spec;
  task.created_at = now.wall_ms;
  ++totals.tasks;
  touch(task);
  changes.created.insert(task_id);
  Fields fields{{"title", text::ellipsis(task.spec.title, 200)},
                {"priority", std::string(name(task.spec.priority))},
                {"source", std::string(name(task.spec.source))}};
  if (is_child(task)) {
    fields.emplace_back("parent_orchestration", "orch-" + task.spec.parent_task_id);
    fields.emplace_back("parent_subtask_id", task.spec.parent_subtask_id);
  }
  tell("task_received", task, std::move(fields));
  if (const auto waiting = awaited_by.find(task_id); waiting != awaited_by.end())
    for (const std::string& id : waiting->second) clear(id, task_id, "waiting_for_unknown_task");
  task.analysis = arrived.analysis;
  task.program_checks = is_run(task.spec.checkpoint) || (is_child(task) && find(task.spec.parent_subtask_id)->program_checks);
  if (arrived.plan)
    adopt(live, **arrived.plan, arrived.taken_ids, "");
  else
    changes.effects.push_back(AskPlanner{task_id});
  await_dependencies(live, arrived.dependencies);
  gate(live);
}

void Orchestrator::State::await_dependencies(LiveTask& live, const std::vector<EndedTask>& ended) {
  Task& task = live.task;
  std::vector<const EndedTask*> lost;
  for (const std::string& id : task.spec.depends_on) {
    const auto found = std::ranges::find(ended, id, &EndedTask::id);
    if (found != ended.end()) {
      if (found->status != PlanStatus::completed) lost.push_back(&*found);
    } else if (std::ranges::find(task.awaits, id) == task.awaits.end()) {
      task.awaits.push_back(id);
      awaited_by[id].insert(task.spec.id);
    }
  }
  if (!task.awaits.empty()) tell("task_waiting", task, {{"depends_on", task.awaits}});
  for (const std::string& id : task.awaits)
    if (!tasks.contains(id)) raise(about_unknown(task, id));
  for (const EndedTask* each : lost) obstruct(live, *each);
}

void Orchestrator::State::adopt(LiveTask& live, Plan plan, const std::vector<std::string>& taken, const std::string& note) {
  Task& task = live.task;
  std::vector<std::string> notes;
  if (!note.empty()) notes.push_back(note);
  take_free_ids(plan, task, taken);
  if (level_of(task) >= k_max_levels)
    if (std::string handed_out = hand_out_all(plan); !handed_out.empty()) notes.push_back(std::move(handed_out));
  task.planned = true;
  task.planner = plan.planner;
  task.planner_name = std::move(plan.planner_name);
  task.simple = plan.planner == PlannerKind::routed;
  task.analysis = std::move(plan.analysis);
  task.estimate = std::move(plan.estimate);
  task.conflicts = std::move(plan.conflicts);
  for (PlannedSubtask& planned : plan.subtasks)
    task.subtasks.push_back(make_subtask(std::move(planned), task.spec.id, now.wall_ms));
  for (Subtask& subtask : task.subtasks)
    subtask.program_checks = is_run(checkpoint_of(task, subtask)) || (task.simple && task.program_checks);
  index(live);
  live.progress = PlanProgress(task, scheduler.rule() != FileConflicts::off);
  touch(task);
  Fields fields;
  if (task.simple) {
    fields.emplace_back("assigned_to", task.subtasks.front().spec.assigned_to);
  } else {
    fields = {{"planner", std::string(name(task.planner))},
              {"subtasks", static_cast<std::int64_t>(task.subtasks.size())},
              {"stages", static_cast<std::int64_t>(stage_count(task))}};
    if (!task.planner_name.empty()) fields.emplace_back("playbook", task.planner_name);
  }
  task.analysis.reasons.insert(task.analysis.reasons.end(), notes.begin(), notes.end());
  if (!notes.empty()) fields.emplace_back("note", text::ellipsis(text::join(notes, "; "), 500));
  tell(task.simple ? "task_routed" : "orchestration_planned", task, std::move(fields));
}

void Orchestrator::State::take_free_ids(Plan& plan, const Task& task, std::vector<std::string> taken) const {
  // The one subtask of a simple task is called like its task.
  const bool routed = plan.planner == PlannerKind::routed;
  if (routed) std::erase(taken, task.spec.id);
  for (;;) {
    const std::size_t known = taken.size();
    for (const PlannedSubtask& planned : plan.subtasks) {
      const std::string& id = planned.spec.id;
      const bool is_another_task = tasks.contains(id) && !(routed && id == task.spec.id);
      if (subtasks.contains(id) || is_another_task) taken.push_back(id);
    }
    rename_taken_ids(plan, task.spec.id, taken);
    if (taken.size() == known) return;
  }
}

void Orchestrator::State::index(LiveTask& live) {
  for (std::size_t i = 0; i < live.task.subtasks.size(); ++i) {
    const Subtask& subtask = live.task.subtasks[i];
    subtasks.insert_or_assign(subtask.spec.id, SubtaskRef{&live, i});
    if (!subtask.given_id.empty()) given_ids.emplace(subtask.given_id, subtask.spec.id);
  }
}

void Orchestrator::State::on(const PlannerAnswered& event) {
  LiveTask* live = find_task(event.task_id);
  if (live == nullptr || live->task.planned) return;  // it was cancelled, or this is the answer to an earlier question
  const bool good = event.plan.has_value();
  const std::string note = good ? "" : "the planner command gave no plan: " + event.plan.error().message;
  const Plan& plan = good ? *event.plan : event.fallback;
  if (plan.subtasks.empty()) return end(*live, TaskCause::unplannable, note.empty() ? "the plan has no subtasks" : note);
  adopt(*live, judged_before(plan, live->task.analysis), event.taken_ids, note);
  for (const Subtask& subtask : live->task.subtasks) touch(*live, subtask);
  gate(*live);
}

}  // namespace baton::core
