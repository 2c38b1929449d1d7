#include "protocol/state_writer.h"

#include <algorithm>
#include <iterator>

#include "base/time.h"
#include "protocol/paths.h"
#include "protocol/redact.h"
#include "protocol/write_parts.h"

namespace baton::protocol {
namespace {

using core::Attention;
using core::PlanStatus;
using core::Subtask;
using core::SubtaskStatus;
using core::Task;

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
  remaining_members(out, task);
  out.member("active_subtasks", ids_where(task, [](const Subtask& subtask) { return core::is_in_flight(subtask.status); }));
  out.member("health", health);
  out.member("title", title_of(task.spec));
  out.member("priority", core::name(task.spec.priority));
  out.member("simple", task.simple);
  out.member("created_at", format_utc(task.created_at));
  out.member("masters", masters_of(task));
  parent_members(out, task.spec);
  out.end_object();
}

void counts_object(JsonWriter& out, std::string_view name, const std::map<std::string_view, int>& counts) {
  out.begin_object(name);
  for (const auto& [status, number] : counts) {
    if (number != 0) out.member(status, number);
  }
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

void master_fares(JsonWriter& out, const core::MasterRecord& master) {
  if (master.paused) out.member("paused", true);
  out.member("breaker", core::name(master.breaker));
  if (master.breaker == core::Breaker::open) out.time_if("open_until", master.open_until);
  out.time_if("parked_until", master.parked_until);
  out.member_if("parked_reason", master.parked_reason);
}

void attention_array(JsonWriter& out, const std::vector<Attention>& attention) {
  out.begin_array("attention");
  for (const Attention& each : attention) {
    out.begin_object();
    out.member_if("task_id", each.task_id);
    out.member_if("subtask_id", each.subtask_id);
    out.member_if("master", each.master);
    out.member("reason", each.reason);
    out.member("message", redacted(each.message));  // it quotes failures
    out.end_object();
  }
  out.end_array();
}

}  // namespace

std::size_t StateWriter::master_index(const std::string& name) {
  const auto known = std::ranges::find(masters_, name);
  if (known != masters_.end()) return static_cast<std::size_t>(known - masters_.begin());
  masters_.push_back(name);
  loads_.emplace_back();
  return masters_.size() - 1;
}

void StateWriter::count(const Piece& piece, int by) {
  tasks_[core::name(piece.status)] += by;
  for (const Share& share : piece.shares) {
    subtasks_[core::name(share.status)] += by;
    Load& load = loads_[share.master];
    load.all += by;
    if (share.orchestrated) continue;  // nobody is given it
    if (share.status == SubtaskStatus::ready || share.status == SubtaskStatus::handed_off) load.queued += by;
    if (core::is_in_flight(share.status) && share.status != SubtaskStatus::handed_off) load.active += by;
  }
}

void StateWriter::drop(const std::string& task_id) {
  const auto piece = pieces_.find(task_id);
  if (piece == pieces_.end()) return;
  count(piece->second, -1);
  pieces_.erase(piece);
}

void StateWriter::renew(const Task& task) {
  const auto [at, is_new] = pieces_.try_emplace(task.spec.id);
  Piece& piece = at->second;
  if (!is_new) count(piece, -1);
  JsonWriter out({.margin = "    "});
  current_orchestration(out, task, health_of(task, troubles_));
  piece.text = out.take();
  piece.text.shrink_to_fit();
  piece.status = task.status;
  piece.shares.clear();
  for (const Subtask& subtask : task.subtasks)
    piece.shares.push_back({master_index(subtask.spec.assigned_to), subtask.status, subtask.spec.orchestrate});
  count(piece, 1);
}

/// What a child task suffers from, its parent does; and as far as it is done, its parent's subtask is.
void StateWriter::add_parents(const core::Orchestrator& core, std::set<std::string>& ids) {
  const std::set<std::string> before = ids;
  for (const std::string& id : before)
    for (const Task* task = core.task(id); task != nullptr && core::is_child(*task); task = core.task(task->spec.parent_task_id))
      ids.insert(task->spec.parent_task_id);
}

/// Whoever they concern otherwise than before is looked at again.
void StateWriter::take(Troubles troubles) {
  std::set<std::string> masters;
  std::ranges::set_symmetric_difference(troubles.tasks, troubles_.tasks, std::inserter(changed_, changed_.end()));
  std::ranges::set_symmetric_difference(troubles.masters, troubles_.masters, std::inserter(masters, masters.end()));
  std::ranges::set_symmetric_difference(troubles.silent, troubles_.silent, std::inserter(masters, masters.end()));
  const bool all = troubles.shortage != troubles_.shortage;
  troubles_ = std::move(troubles);
  if (!all && masters.empty()) return;
  const auto concerns = [&](const Share& share) { return all || masters.contains(masters_[share.master]); };
  for (const auto& [task_id, piece] : pieces_)
    if (std::ranges::any_of(piece.shares, concerns)) changed_.insert(task_id);
}

std::map<std::string, StateWriter::Load> StateWriter::loads(const core::Catalogue& catalogue) const {
  std::map<std::string, Load> all;
  for (const auto& [name, master] : catalogue.masters) all.try_emplace(name);
  for (std::size_t i = 0; i < masters_.size(); ++i)
    if (all.contains(masters_[i]) || loads_[i].all > 0) all[masters_[i]] = loads_[i];
  return all;
}

std::string StateWriter::write(const core::Orchestrator& core, const StateView& view) {
  const core::Totals totals = core.totals();
  std::vector<Attention> attention = core.attention();
  Troubles troubles = troubles_of(attention);
  add_parents(core, troubles.tasks);
  take(std::move(troubles));
  if (!std::exchange(complete_, true)) core.for_each_task([this](const Task& task) { changed(task.spec.id); });
  add_parents(core, changed_);
  for (const std::string& task_id : changed_) {
    if (const Task* task = core.task(task_id))
      renew(*task);
    else
      drop(task_id);
  }
  changed_.clear();

  JsonWriter out;
  out.reserve(bytes_ + bytes_ / 64);
  out.begin_object();
  out.member("active_orchestrations", core.live_tasks());
  out.member("total_orchestrations", totals.tasks);
  out.member("completed_orchestrations", totals.completed);
  out.member("failed_orchestrations", totals.failed);
  out.begin_array("current_orchestrations");
  for (const auto& [task_id, piece] : pieces_) out.rendered(piece.text);
  out.end_array();
  out.member("last_update", format_utc(view.now_wall_ms));
  out.member("schema_version", 1);
  out.member("seq", view.seq);
  out.member("cancelled_orchestrations", totals.cancelled);
  daemon_object(out, view);
  out.member("paused", core.paused());
  limits_object(out, core.catalogue().settings);
  out.begin_object("masters");
  for (const auto& [name, load] : loads(core.catalogue())) {
    out.begin_object(name);
    out.member("queued", load.queued);
    out.member("active", load.active);
    const auto known = core.catalogue().masters.find(name);
    if (known != core.catalogue().masters.end() && known->second.max_active > 0)
      out.member("max_active", known->second.max_active);
    const core::MasterRecord* record = core.master(name);
    master_fares(out, record == nullptr ? core::MasterRecord{.name = name} : *record);
    out.end_object();
  }
  out.end_object();
  out.begin_object("counts");
  counts_object(out, "tasks", tasks_);
  counts_object(out, "subtasks", subtasks_);
  out.end_object();
  attention.insert(attention.end(), view.attention.begin(), view.attention.end());
  attention_array(out, attention);
  out.end_object();
  std::string text = out.take_line();
  bytes_ = text.size();
  return text;
}

}  // namespace baton::protocol
