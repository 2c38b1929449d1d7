#include "service/process_view.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "platform/loop.h"
#include "platform/process_table.h"
#include "platform/resources.h"
#include "protocol/writers.h"

namespace baton::service {
namespace {

protocol::ProcessFigures figures_of(const core::WorkerRecord& record, const platform::ProcessTable& table) {
  const auto pid = static_cast<pid_t>(record.pid);
  const platform::ProcessRow* row = table.find(pid);
  if (row == nullptr || row->start_ticks != static_cast<std::uint64_t>(record.start_ticks)) return {"ended"};
  const platform::ProcessTable::Family family = table.family_of(pid);
  return {platform::state_word(row->state), family.cpu_ms, family.rss_bytes, static_cast<int>(family.members.size())};
}

}  // namespace

void ProcessView::changed(const core::Changes& changes) {
  due_ = due_ || !changes.workers.empty() || !changes.standing.empty() ||
         std::ranges::any_of(changes.subtasks, [this](const std::string& id) { return shown_.contains(id); });
}

void ProcessView::forget() {
  written_.reset();
  due_ = true;
}

std::optional<std::int64_t> ProcessView::next_deadline() const {
  if (due_) return next_ms_;
  return shown_.empty() ? std::nullopt : std::optional(std::max(next_ms_, figures_ms_));
}

std::string ProcessView::list() {
  shown_.clear();
  std::optional<platform::ProcessTable> table;
  return protocol::write_process_list(world_.core, [&](const core::WorkerRecord& record) {
    shown_.insert(record.subtask_id);
    const bool is_known = record.pid != 0 && record.host.empty() && record.boot_id == world_.boot_id;
    if (is_known && !table) table = platform::ProcessTable::read();
    return is_known ? std::optional(figures_of(record, *table)) : std::nullopt;
  });
}

std::optional<std::string> ProcessView::take(std::int64_t now_boot_ms) {
  const auto deadline = next_deadline();
  if (!deadline || *deadline > now_boot_ms) return std::nullopt;
  due_ = false;
  const std::string current = list();
  const std::size_t hash = std::hash<std::string>()(current);
  const Moment now = platform::now();
  const std::int64_t took_ms = now.boot_ms - now_boot_ms;
  const auto pause = [took_ms](const Pause& of) { return std::min(of.longest_ms, of.factor * took_ms); };
  next_ms_ = now.boot_ms + std::max(world_.config.view_interval_ms, pause(k_after_change));
  figures_ms_ = now.boot_ms + std::max(k_figures_ms, pause(k_for_figures));
  if (std::exchange(written_, hash) == hash) return std::nullopt;
  return protocol::write_processes(current, platform::host_name(), world_.boot_id, now.wall_ms);
}

}  // namespace baton::service
