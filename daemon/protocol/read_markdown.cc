// A dropped Markdown file is a task: the first heading is its title, everything else its description.
#include <optional>
#include <utility>

#include "base/ids.h"
#include "base/text.h"
#include "protocol/door.h"
#include "protocol/json_fault.h"
#include "protocol/readers.h"

namespace baton::protocol {
namespace {

constexpr std::size_t k_title_bytes = 1'000;  // a longer first line is cut, the description keeps all of it

struct Line {
  std::size_t begin = 0;
  std::size_t next = 0;  // where the following line begins
  std::string_view text;
};

Line line_at(std::string_view body, std::size_t begin) {
  const auto end = std::min(body.find('\n', begin), body.size());
  return {begin, std::min(end + 1, body.size()), text::trim(body.substr(begin, end - begin))};
}

/// "## Title ##" → "Title"
std::optional<std::string_view> heading(std::string_view line) {
  const auto level = line.find_first_not_of('#');
  if (level == 0 || level == std::string_view::npos || level > 6) return std::nullopt;
  if (line[level] != ' ' && line[level] != '\t') return std::nullopt;
  line = text::trim(line.substr(level));
  const auto end = line.find_last_not_of('#');
  if (end == std::string_view::npos) return std::nullopt;
  if (end + 1 < line.size() && (line[end] == ' ' || line[end] == '\t')) line = text::trim(line.substr(0, end));
  return line.empty() ? std::nullopt : std::optional(line);
}

bool is_fence(std::string_view line) { return line.starts_with("```") || line.starts_with("~~~"); }

/// The first heading outside of fenced code, with its title.
std::optional<std::pair<Line, std::string_view>> first_heading(std::string_view body) {
  bool in_code = false;
  for (std::size_t at = 0; at < body.size();) {
    const Line line = line_at(body, at);
    at = line.next;
    if (is_fence(line.text)) in_code = !in_code;
    if (in_code) continue;
    if (const auto title = heading(line.text)) return std::pair(line, *title);
  }
  return std::nullopt;
}

Line first_line(std::string_view body) {
  Line line = line_at(body, 0);
  while (line.text.empty()) line = line_at(body, line.next);  // the door saw that there is one
  return line;
}

std::string without_line(std::string_view body, const Line& line) {
  const auto before = text::trim(body.substr(0, line.begin));
  const auto after = text::trim(body.substr(line.next));
  return std::string(before) + (before.empty() || after.empty() ? "" : "\n\n") + std::string(after);
}

}  // namespace

Result<TaskIn> read_dropped_markdown(std::string_view bytes) {
  TRY(check_text(bytes));
  const std::string_view body = without_bom(bytes);
  const auto found = first_heading(body);
  const Line line = found ? found->first : first_line(body);
  const std::string_view title = found ? found->second : line.text;

  TaskIn task;
  task.spec.title = text::ellipsis(title, k_title_bytes);
  task.spec.description = task.spec.title == title ? without_line(body, line) : std::string(text::trim(body));
  task.spec.content_hash = content_hash(bytes);
  task.document = bytes;
  return task;
}

}  // namespace baton::protocol
