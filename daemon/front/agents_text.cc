// Agents as a table for people.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "base/text.h"
#include "base/time.h"
#include "front/agents.h"
#include "front/render.h"
#include "platform/loop.h"

namespace baton::front {
namespace {

constexpr std::size_t k_gap = 2;      // blanks between columns
constexpr std::size_t k_narrow = 20;  // columns that a text may be cut to before others leave

std::string cost_text(double usd) {
  if (usd == 0) return "";
  char text[32];
  std::snprintf(text, sizeof text, usd < 0.01 ? "$%.4f" : "$%.2f", usd);
  return text;
}

std::string seconds_text(std::int64_t ms) { return format_duration(ms / 1'000 * 1'000); }

std::string sign_text(const AgentRow& row, std::int64_t now) {
  const std::string age = age_of(row.sign_at, now);
  if (age.empty()) return "";
  std::string words = row.sign;
  std::ranges::replace(words, '_', ' ');
  return words + " " + age + " ago";
}

/// Beneath the coordination folder the rest is enough.
std::string place_text(const std::string& path, const std::string& root) {
  return path.starts_with(root + "/") ? path.substr(root.size() + 1) : path;
}

Colour colour_of_agent(const AgentRow& row) {
  if (row.state == "zombie" || row.state == "gone") return Colour::red;
  const bool stands_still = row.state == "stalled" || (row.process && row.process->state == "stopped");
  return stands_still ? Colour::yellow : Colour::none;
}

struct Column {
  std::string_view name;
  int goes;  // 0 = it stays; the others leave a terminal that is too narrow, the greatest first
};
constexpr std::array k_columns{Column{"SUBTASK", 0}, Column{"WORKER", 3},    Column{"MASTER", 5},   Column{"PID", 0},
                               Column{"STATE", 0},   Column{"PROCESS", 1},   Column{"CPU", 0},      Column{"CPU TIME", 6},
                               Column{"MEMORY", 0},  Column{"FOR", 0},       Column{"DONE", 0},     Column{"TOKENS", 0},
                               Column{"COST", 0},    Column{"LAST SIGN", 2}, Column{"WORKTREE", 7}, Column{"STEP", 4}};
constexpr int k_first_to_go = 7;
using Cells = std::array<std::string, k_columns.size()>;  // of one agent, in this order

Cells cells_of(const AgentRow& row, const std::string& root, std::int64_t now) {
  const AgentFigures figures = row.process.value_or(AgentFigures{});
  const bool runs = row.process && figures.state != "ended";
  const std::string pid = row.pid == 0 ? "" : std::to_string(row.pid) + (row.host.empty() ? "" : "@" + row.host);
  const std::string percent = figures.cpu_percent ? std::to_string(std::lround(*figures.cpu_percent)) + "%" : "";
  return {row.subtask_id,
          row.worker_id,
          row.master,
          pid,
          row.state,
          figures.state,
          percent,
          runs ? seconds_text(figures.cpu_ms) : "",
          runs ? format_size(figures.rss_bytes) : "",
          age_of(row.started_at, now),
          row.progress.value_or(0) > 0 ? std::to_string(*row.progress) + "%" : "",
          row.tokens == 0 ? "" : grouped(row.tokens),
          cost_text(row.cost_usd),
          sign_text(row, now),
          place_text(row.worktree, root),
          row.step};
}

/// Which columns are shown: those in which somebody has something, as far as there is room.
std::vector<std::size_t> shown_columns(const std::vector<Cells>& all, std::size_t width) {
  std::vector<std::size_t> shown;
  std::array<std::size_t, k_columns.size()> widths{};
  for (std::size_t i = 0; i < k_columns.size(); ++i) {
    for (const Cells& cells : all) widths[i] = std::max(widths[i], std::min(display_width(cells[i]), k_narrow));
    if (widths[i] > 0) shown.push_back(i);
    widths[i] = std::max(widths[i], k_columns[i].name.size()) + k_gap;
  }
  const auto needed = [&] {
    std::size_t sum = 0;
    for (const std::size_t i : shown) sum += widths[i];
    return sum;
  };
  for (int goes = k_first_to_go; width > 0 && goes > 0 && needed() > width + k_gap; --goes)
    std::erase_if(shown, [goes](std::size_t i) { return k_columns[i].goes == goes; });
  return shown;
}

}  // namespace

void print_agents(Output& out, const Agents& agents, const std::string& root, std::size_t width) {
  const std::int64_t now = platform::now().wall_ms;
  std::vector<Cells> all;
  for (const AgentRow& row : agents.rows) all.push_back(cells_of(row, root, now));
  const std::vector<std::size_t> shown = shown_columns(all, width);
  std::vector<std::string> names;
  names.reserve(shown.size());
  for (const std::size_t i : shown) names.emplace_back(k_columns[i].name);
  Table table(std::move(names));
  for (std::size_t n = 0; n < all.size(); ++n) {
    std::vector<std::string> cells;
    cells.reserve(shown.size());
    for (const std::size_t i : shown) cells.push_back(all[n][i]);
    table.row(std::move(cells), colour_of_agent(agents.rows[n]));
  }
  table.print(out, width);
  for (const AgentRow& row : agents.rows)
    if (!row.evidence.empty())
      out.line(out.paint(colour_of_agent(row), text::printable(row.worker_id + ": " + text::join(row.evidence, "; "))));
}

}  // namespace baton::front
