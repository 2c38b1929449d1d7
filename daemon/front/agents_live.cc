#include <poll.h>
#include <algorithm>
#include <utility>

#include "front/agents.h"
#include "platform/loop.h"
#include "platform/process_table.h"
#include "platform/resources.h"

namespace baton::front {
namespace {

constexpr int k_between_ms = 300;  // two looks; the kernel counts CPU time in hundredths of a second

/// Pids of the list mean processes here.
bool is_of_this_machine(const Agents& agents) {
  if (!platform::is_this_host(agents.host)) return false;
  const auto boot_id = platform::boot_id();
  return agents.boot_id.empty() || (boot_id && *boot_id == agents.boot_id);
}

bool is_meant(const AgentRow& row, const platform::ProcessRow& process) {
  if (row.start_ticks != 0) return process.start_ticks == static_cast<std::uint64_t>(row.start_ticks);
  return platform::had_begun_by(process.start_ticks, row.written_ms, platform::now());
}

AgentFigures figures_of(const AgentRow& row, const platform::ProcessTable& table) {
  const auto pid = static_cast<pid_t>(row.pid);
  const platform::ProcessRow* process = table.find(pid);
  if (process == nullptr || !is_meant(row, *process)) return {.state = "ended"};
  const auto family = table.family_of(pid);
  return {.state = std::string(platform::state_word(process->state)),
          .cpu_ms = family.cpu_ms,
          .rss_bytes = family.rss_bytes,
          .processes = static_cast<int>(family.members.size())};
}

}  // namespace

void look_at_processes(Agents& agents) {
  std::vector<AgentRow*> here;
  for (AgentRow& row : agents.rows)
    if (row.host.empty() && row.pid > 0 && std::in_range<pid_t>(row.pid)) here.push_back(&row);
  if (here.empty() || !is_of_this_machine(agents)) return;
  const std::int64_t begin = platform::now().mono_ms;
  const auto before = platform::ProcessTable::read();
  ::poll(nullptr, 0, k_between_ms);
  const auto passed = static_cast<double>(platform::now().mono_ms - begin);
  const auto after = platform::ProcessTable::read();
  for (AgentRow* row : here) {
    const std::int64_t cpu_ms = figures_of(*row, before).cpu_ms;
    row->process = figures_of(*row, after);
    if (row->process->state != "ended")
      row->process->cpu_percent = std::max(0.0, 100 * static_cast<double>(row->process->cpu_ms - cpu_ms) / passed);
  }
}

}  // namespace baton::front
