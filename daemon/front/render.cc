#include "front/render.h"

#include <sys/ioctl.h>
#include <unistd.h>
#include <algorithm>

#include "base/text.h"
#include "base/time.h"

namespace baton::front {
namespace {

constexpr std::size_t k_gap = 2;           // blanks between columns
constexpr std::size_t k_least_column = 8;  // no column is cut below this

bool begins_code_point(char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }

}  // namespace

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_code_point));
}

std::string cut_to(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t seen = 0;
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if (begins_code_point(text[at]) && seen++ == columns - 1) break;
  return std::string(text.substr(0, at)) + "…";
}

std::string pad_to(std::string text, std::size_t columns) {
  const std::size_t width = display_width(text);
  if (width < columns) text.append(columns - width, ' ');
  return text;
}

Table::Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}

void Table::row(std::vector<std::string> cells, Colour colour) {
  for (std::string& cell : cells) cell = text::printable(cell);
  cells.resize(headings_.size());
  rows_.push_back({std::move(cells), colour});
}

std::vector<std::size_t> Table::widths(std::size_t limit) const {
  std::vector<std::size_t> widths;
  for (const std::string& heading : headings_) widths.push_back(display_width(heading));
  for (const Row& row : rows_)
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], display_width(row.cells[i]));
  if (limit == 0) return widths;
  std::size_t all = k_gap * (widths.size() - 1);
  for (const std::size_t width : widths) all += width;
  while (all > limit) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= k_least_column) break;
    const std::size_t cut = std::min(all - limit, *widest - k_least_column);
    *widest -= cut;
    all -= cut;
  }
  return widths;
}

void Table::print(Output& out, std::size_t width) const {
  const std::vector<std::size_t> columns = widths(width);
  const auto line_of = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      std::string cell = cut_to(cells[i], columns[i]);
      line += i + 1 == cells.size() ? cell : pad_to(std::move(cell), columns[i] + k_gap);
    }
    return line.substr(0, line.find_last_not_of(' ') + 1);
  };
  out.line(out.paint(Colour::bold, line_of(headings_)));
  for (const Row& row : rows_) out.line(out.paint(row.colour, line_of(row.cells)));
}

std::string bar(int percent, std::size_t columns) {
  const auto full = static_cast<std::size_t>(std::clamp(percent, 0, 100)) * columns / 100;
  std::string text;
  for (std::size_t i = 0; i < columns; ++i) text += i < full ? "█" : "░";
  return text;
}

namespace {
std::string in_two_units(std::int64_t seconds) {
  if (seconds >= 3600) seconds -= seconds % 60;
  if (seconds >= 86400) seconds -= seconds % 3600;
  return format_duration(seconds * 1000);
}
}  // namespace

std::string age_of(std::string_view timestamp, std::int64_t now_wall_ms) {
  const auto at = parse_timestamp(timestamp);
  return at ? in_two_units(std::max<std::int64_t>(0, (now_wall_ms - at->wall_ms) / 1000)) : "";
}

std::string left_until(std::string_view timestamp, std::int64_t now_wall_ms) {
  const auto at = parse_timestamp(timestamp);
  return at && at->wall_ms > now_wall_ms ? in_two_units((at->wall_ms - now_wall_ms + 999) / 1000) : "";
}

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::ptrdiff_t first = number < 0 ? 1 : 0;
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > first; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string counted(std::int64_t number, std::string_view noun) {
  return grouped(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

Colour colour_of(std::string_view status) {
  if (status == "completed" || status == "ok") return Colour::green;
  if (status == "failed" || status == "zombie" || status == "fail") return Colour::red;
  if (status == "blocked" || status == "awaiting_approval" || status == "degraded" || status == "warn") return Colour::yellow;
  if (status == "in_progress" || status == "handed_off" || status == "validating") return Colour::blue;
  if (status == "cancelled" || status == "skipped" || status == "superseded") return Colour::dim;
  return Colour::none;
}

std::size_t terminal_width() {
  winsize size{};
  return isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace baton::front
