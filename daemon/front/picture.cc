#include "front/picture.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "front/feed_reader.h"
#include "front/lookup.h"
#include "front/memory_stream.h"
#include "front/plan_text.h"
#include "front/render.h"
#include "front/standing.h"
#include "platform/loop.h"

namespace baton::front {
namespace {

constexpr std::size_t k_bar_width = 12;
constexpr std::size_t k_events = 5;      // lines that they keep, however much there is above
constexpr std::size_t k_least_rows = 4;  // of the upper part
constexpr std::size_t k_id_width = 28;

using Lines = std::vector<std::string>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view digits_at(std::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

std::string doing(const Folder& folder, const TaskRow& task, std::int64_t now) {
  std::string words = task.status == "in_progress" ? standing_of(folder, task, now) : task.status;
  if (task.status == "in_progress" && !task.simple) words = "stage " + std::to_string(task.current_stage) + "  " + words;
  return task.title.empty() || words.empty() ? words + task.title : task.title + "  " + words;
}

/// Whole lines at last: a colour must not be cut in two.
Lines task_lines(const Output& out, const Folder& folder, std::vector<TaskRow> tasks, std::size_t width, std::size_t limit) {
  std::sort(tasks.begin(), tasks.end(), [](const TaskRow& a, const TaskRow& b) { return natural_less(a.id, b.id); });
  const std::size_t shown = tasks.size() > limit ? limit - 1 : tasks.size();
  const std::int64_t now = platform::now().wall_ms;
  std::size_t id_width = 0;
  for (std::size_t i = 0; i < shown; ++i) id_width = std::max(id_width, std::min(k_id_width, display_width(tasks[i].id)));
  Lines lines;
  for (std::size_t i = 0; i < shown; ++i) {
    const TaskRow& task = tasks[i];
    const std::string percent = std::to_string(task.progress) + "%";
    const std::string line = pad_to(cut_to(text::printable(task.id), id_width), id_width) + "  " +
                             bar(task.progress, k_bar_width) + " " + pad_to(percent, 4) + "  " +
                             text::printable(doing(folder, task, now));
    lines.push_back(out.paint(colour_of(task.health == "healthy" ? task.status : task.health), cut_to(line, width)));
  }
  if (shown < tasks.size()) lines.push_back("… " + std::to_string(tasks.size() - shown) + " more");
  return lines;
}

std::string headline(const Output& out, const Folder& folder, const StateView& state) {
  std::string line = out.paint(Colour::bold, counted(state.active, "task") + " active") + ", " + grouped(state.completed) +
                     " completed, " + grouped(state.failed) + " failed";
  if (state.paused) line += out.paint(Colour::yellow, "  (paused)");
  if (!folder.daemon()) line += out.paint(Colour::yellow, "  (waiting for a daemon: baton daemon)");
  return line;
}

Lines everything(const Output& out, const Folder& folder, std::size_t width, std::size_t rows) {
  const auto state = load_state(folder);
  if (!state) return {cut_to("waiting for a daemon: " + text::printable(state.error().message), width)};
  Lines attention;
  for (const AttentionRow& row : state->attention)
    attention.push_back(
        out.paint(Colour::yellow, cut_to("! " + text::printable(row.message.empty() ? row.reason : row.message), width)));
  if (attention.size() > rows / 3) attention.resize(rows / 3);
  Lines lines = {headline(out, folder, *state)};
  const std::size_t left = std::max<std::size_t>(2, rows - std::min(rows, 1 + attention.size()));
  for (std::string& line : task_lines(out, folder, state->tasks, width, left)) lines.push_back(std::move(line));
  lines.insert(lines.end(), attention.begin(), attention.end());
  return lines;
}

Lines one_task(const Output& like, const PlanView& plan, std::size_t rows) {
  MemoryStream memory;
  Output out(Streams{.out = memory.file(), .err = memory.file(), .terminal = true, .colour = like.colour()}, false);
  print_tree(out, plan);
  Lines lines = text::split(memory.text(), '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (lines.size() > rows) {
    const std::size_t hidden = lines.size() - rows + 1;
    lines.resize(rows - 1);
    lines.push_back("… " + std::to_string(hidden) + " more, see: baton show " + text::printable(plan.id));
  }
  return lines;
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    const std::string_view x = digits_at(a);
    const std::string_view y = digits_at(b);
    if (x.empty() || y.empty()) {
      if (a.front() != b.front()) return a.front() < b.front();
      a.remove_prefix(1);
      b.remove_prefix(1);
      continue;
    }
    const auto value = [](std::string_view digits) {
      return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
    };
    if (value(x).size() != value(y).size()) return value(x).size() < value(y).size();
    if (value(x) != value(y)) return value(x) < value(y);
    a.remove_prefix(x.size());
    b.remove_prefix(y.size());
  }
  return a.size() < b.size();
}

std::string picture(const Output& like, const Folder& folder, const PlanView* plan, const std::vector<std::string>& recent,
                    std::size_t rows) {
  const std::size_t width = terminal_width() == 0 ? 80 : terminal_width();
  const std::size_t events = std::min(recent.size(), k_events);
  const std::size_t below = events == 0 ? 0 : events + 1;
  const std::size_t above = std::max(k_least_rows, rows - std::min(rows, below));
  Lines lines = plan == nullptr ? everything(like, folder, width, above) : one_task(like, *plan, above);
  if (events > 0) lines.emplace_back();
  for (std::size_t i = recent.size() - events; i < recent.size(); ++i) lines.push_back(event_text(like, recent[i]));
  return text::join(lines, "\n") + "\n";
}

}  // namespace baton::front
