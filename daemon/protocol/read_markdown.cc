// A dropped Markdown file is a task: the first heading is its title, everything else its description. A block of `key: value`
// lines at the top may say some of what a JSON document would.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/ids.h"
#include "base/text.h"
#include "protocol/door.h"
#include "protocol/front_matter.h"
#include "protocol/json_fault.h"
#include "protocol/near_miss.h"
#include "protocol/readers.h"
#include "protocol/task_fields.h"
#include "protocol/tolerance.h"

namespace baton::protocol {
namespace {

using nlohmann::json;

constexpr std::size_t k_title_bytes = 1'000;  // a longer first line is cut, the description keeps all of it
/// What is taken from the block at the top; blocks are full of things that other programs put there.
constexpr std::array<std::string_view, 8> k_taken{"title",          "id",         "priority", "assigned_to", "master",
                                                  "execution_mode", "depends_on", "task_id"};

struct Line {
  std::size_t begin = 0;
  std::size_t next = 0;  // where the following line begins
  std::string_view text;
};

Line line_at(std::string_view body, std::size_t begin) {
  const auto end = std::min(body.find('\n', begin), body.size());
  return {begin, std::min(end + 1, body.size()), text::trim(body.substr(begin, end - begin))};
}

/// A letter or digit of any script.
bool says_something(std::string_view line) {
  return std::ranges::any_of(line, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
  });
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
  return says_something(line) ? std::optional(line) : std::nullopt;
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

/// The heading, else the first line that says something.
std::optional<std::pair<Line, std::string_view>> title_line(std::string_view body) {
  if (const auto found = first_heading(body)) return found;
  for (std::size_t at = 0; at < body.size();) {
    const Line line = line_at(body, at);
    at = line.next;
    if (says_something(line.text) && !is_fence(line.text)) return std::pair(line, line.text);
  }
  return std::nullopt;
}

std::string without_line(std::string_view body, const Line& line) {
  const auto before = text::trim(body.substr(0, line.begin));
  const auto after = text::trim(body.substr(line.next));
  return std::string(before) + (before.empty() || after.empty() ? "" : "\n\n") + std::string(after);
}

void put_words(json& task, std::string_view body) {
  const auto found = title_line(body);
  const std::string title = found ? text::ellipsis(found->second, k_title_bytes) : "";
  const bool whole = found && title == found->second;
  if (!task.contains("title") && found) task["title"] = title;
  const bool is_title = whole && task.contains("title") && task["title"] == title;
  task["description"] = is_title ? without_line(body, found->first) : std::string(text::trim(body));
}

std::string original_name(const FrontMatter& block, std::string_view pointer) {
  const std::string name(pointer.substr(1, pointer.find('/', 1) - 1));
  if (block.lines.contains(name)) return name;
  if (name == "assigned_to") return "master";
  return name == "id" ? "task_id" : name;
}

}  // namespace

Error located_in_markdown(Error error, std::string_view bytes) {
  const std::string_view body = without_bom(bytes);
  const std::size_t skipped = bytes.size() - body.size();
  const auto block = read_front_matter(body);
  const std::string name = block && error.place.pointer.size() > 1 ? original_name(*block, error.place.pointer) : "";
  const auto line = block ? block->lines.find(name) : decltype(block->lines.end()){};
  const bool named = block && line != block->lines.end();
  error.place = place_of_offset(bytes, skipped + (named ? line->second : 0));
  if (named) error.place.pointer = "/" + name;
  return error;
}

std::vector<Problem> near_misses_in_markdown(std::string_view bytes) {
  std::vector<Problem> problems;
  const auto block = read_front_matter(without_bom(bytes));
  if (!block) return problems;
  for (const auto& [key, offset] : block->lines)
    if (auto problem = near_miss(key, k_taken)) problems.push_back(std::move(*problem));
  return problems;
}

Result<TaskIn> read_dropped_markdown(std::string_view bytes) {
  TRY(check_text(bytes));
  std::string_view body = without_bom(bytes);
  json task = json::object();
  if (const auto block = read_front_matter(body)) {
    for (const std::string_view key : k_taken)
      if (const auto member = block->members.find(key); member != block->members.end() && !has_no_value(*member))
        task[std::string(key)] = *member;
    body.remove_prefix(block->end);
  }
  if (task.contains("master")) task.emplace("assigned_to", std::exchange(task["master"], nullptr));
  put_words(task, body);
  if (!task.contains("title"))
    return fail(ErrorCode::invalid, "no line of the file holds a letter or a digit",
                "begin with a line that says what is to be done", place_of_offset(bytes, 0));

  const std::string own = task.dump();
  auto read = read_task(Document(task, own, "", own), own, core::Source::drop);
  if (!read) return tl::make_unexpected(located_in_markdown(std::move(read).error(), bytes));
  read->spec.content_hash = content_hash(bytes);
  read->document = bytes;
  for (const Problem& problem : near_misses_in_markdown(bytes)) read->warnings.push_back(in_words(problem));
  return read;
}

}  // namespace baton::protocol
