#include <algorithm>
#include <map>
#include <set>

#include "base/time.h"
#include "protocol/paths.h"
#include "protocol/write_parts.h"
#include "protocol/writers.h"

namespace baton::protocol {
namespace {

using core::Attention;
using core::PlanStatus;
using core::Subtask;
using core::SubtaskStatus;
using core::Task;

// Waiting for a person's word is no illness.
bool is_trouble(const Attention& attention) { return attention.reason != "awaiting_approval" && attention.reason != "paused"; }

bool went_wrong(const Subtask& subtask) {
  return subtask.undelivered || subtask.status == SubtaskStatus::failed || subtask.status == SubtaskStatus::zombie;
}

std::string_view health(const Task& task, const std::set<std::string_view>& troubled) {
  if (task.status == PlanStatus::blocked) return "blocked";
  if (troubled.contains(task.spec.id)) return "degraded";
  return std::ranges::any_of(task.subtasks, went_wrong) ? "degraded" : "healthy";
}

std::set<std::string_view> troubled_tasks(const std::vector<Attention>& attention) {
  std::set<std::string_view> ids;
  for (const Attention& each : attention) {
    if (is_trouble(each)) ids.insert(each.task_id);
  }
  return ids;
}

std::vector<std::string> masters_of(const Task& task) {
  std::vector<std::string> masters;
  for (const Subtask& subtask : task.subtasks) masters.push_back(subtask.spec.assigned_to);
  std::ranges::sort(masters);
  masters.erase(std::unique(masters.begin(), masters.end()), masters.end());
  return masters;
}

void current_orchestration(JsonWriter& out, const Task& task, std::string_view health) {
  out.begin_object();
  out.member("orchestration_id", paths::orchestration_id(task.spec.id));
  out.member("status", core::name(task.status));
  out.member("current_stage", core::current_stage(task));
  out.member("progress_percent", core::progress_percent(task));
  out.member("active_subtasks", ids_where(task, [](const Subtask& subtask) { return core::is_in_flight(subtask.status); }));
  out.member("health", health);
  out.member("title", title_of(task.spec));
  out.member("priority", core::name(task.spec.priority));
  out.member("simple", task.simple);
  out.member("created_at", format_utc(task.created_at));
  out.member("masters", masters_of(task));
  out.end_object();
}

struct MasterLoad {
  int queued = 0;  // ready for it, or handed to it and not taken yet
  int active = 0;  // taken
};

// What the state counts besides the list of tasks.
struct Counts {
  std::map<std::string, MasterLoad> masters;
  std::map<std::string_view, int> tasks;     // by status
  std::map<std::string_view, int> subtasks;  // by status
};

void count(Counts& counts, const Task& task) {
  ++counts.tasks[core::name(task.status)];
  for (const Subtask& subtask : task.subtasks) {
    ++counts.subtasks[core::name(subtask.status)];
    MasterLoad& load = counts.masters[subtask.spec.assigned_to];
    if (subtask.status == SubtaskStatus::ready || subtask.status == SubtaskStatus::handed_off) ++load.queued;
    if (subtask.status == SubtaskStatus::in_progress || subtask.status == SubtaskStatus::validating) ++load.active;
  }
}

void counts_object(JsonWriter& out, std::string_view name, const std::map<std::string_view, int>& counts) {
  out.begin_object(name);
  for (const auto& [status, number] : counts) out.member(status, number);
  out.end_object();
}

void daemon_object(JsonWriter& out, const StateView& view) {
  out.begin_object("daemon");
  out.member("version", view.version);
  out.member("pid", view.pid);
  out.member("started_at", format_utc(view.started_at));
  out.member("state", view.daemon_state);
  out.member_if("message", view.message);
  out.end_object();
}

void limits_object(JsonWriter& out, const core::Settings& settings) {
  out.begin_object("limits");
  out.member("max_active_orchestrations", settings.max_active_orchestrations);
  out.member("max_active_subtasks", settings.max_active_subtasks);
  out.end_object();
}

void masters_object(JsonWriter& out, const core::Catalogue& catalogue, std::map<std::string, MasterLoad> loads) {
  for (const auto& [name, master] : catalogue.masters) loads.try_emplace(name);
  out.begin_object("masters");
  for (const auto& [name, load] : loads) {
    out.begin_object(name);
    out.member("queued", load.queued);
    out.member("active", load.active);
    const auto known = catalogue.masters.find(name);
    if (known != catalogue.masters.end() && known->second.max_active > 0) out.member("max_active", known->second.max_active);
    out.end_object();
  }
  out.end_object();
}

void attention_array(JsonWriter& out, const std::vector<Attention>& attention) {
  out.begin_array("attention");
  for (const Attention& each : attention) {
    out.begin_object();
    out.member_if("task_id", each.task_id);
    out.member_if("subtask_id", each.subtask_id);
    out.member("reason", each.reason);
    out.member("message", each.message);
    out.end_object();
  }
  out.end_array();
}

}  // namespace

std::string write_state(const core::Orchestrator& core, const StateView& view) {
  const core::Totals totals = core.totals();
  const std::vector<Attention> attention = core.attention();
  const std::set<std::string_view> troubled = troubled_tasks(attention);
  Counts counts;
  JsonWriter out;
  out.begin_object();
  out.member("active_orchestrations", core.live_tasks());
  out.member("total_orchestrations", totals.tasks);
  out.member("completed_orchestrations", totals.completed);
  out.member("failed_orchestrations", totals.failed);
  out.begin_array("current_orchestrations");
  core.for_each_task([&](const Task& task) {
    count(counts, task);
    current_orchestration(out, task, health(task, troubled));
  });
  out.end_array();
  out.member("last_update", format_utc(view.now_wall_ms));
  out.member("schema_version", 1);
  out.member("seq", view.seq);
  out.member("cancelled_orchestrations", totals.cancelled);
  daemon_object(out, view);
  out.member("paused", core.paused());
  limits_object(out, core.catalogue().settings);
  masters_object(out, core.catalogue(), std::move(counts.masters));
  out.begin_object("counts");
  counts_object(out, "tasks", counts.tasks);
  counts_object(out, "subtasks", counts.subtasks);
  out.end_object();
  attention_array(out, attention);
  out.end_object();
  return out.take_line();
}

}  // namespace baton::protocol
