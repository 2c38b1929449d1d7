#include "store/lines.h"

namespace baton::store {
namespace {

void append_line(std::string& text, std::string_view item) {
  for (const char c : item) {
    if (c == '\\')
      text += "\\\\";
    else if (c == '\n')
      text += "\\n";
    else
      text += c;
  }
  text += '\n';
}

std::optional<std::string> unescape(std::string_view line) {
  std::string item;
  item.reserve(line.size());
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\\') {
      item += line[i];
      continue;
    }
    if (++i == line.size()) return std::nullopt;
    if (line[i] == '\\')
      item += '\\';
    else if (line[i] == 'n')
      item += '\n';
    else
      return std::nullopt;
  }
  return item;
}

}  // namespace

std::string to_lines(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) append_line(text, item);
  return text;
}

std::optional<std::vector<std::string>> from_lines(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    std::optional<std::string> item = unescape(text.substr(0, end));
    if (!item) return std::nullopt;
    items.push_back(std::move(*item));
    text.remove_prefix(end + 1);
  }
  return items;
}

std::string to_lines(const std::vector<core::Conflict>& conflicts) {
  std::string text;
  for (const core::Conflict& conflict : conflicts) {
    std::string line;
    append_line(line, conflict.file);
    append_line(text, line + to_lines(conflict.subtasks));
  }
  return text;
}

std::optional<std::vector<core::Conflict>> conflicts_from_lines(std::string_view text) {
  const std::optional<std::vector<std::string>> lines = from_lines(text);
  if (!lines) return std::nullopt;
  std::vector<core::Conflict> conflicts;
  for (const std::string& line : *lines) {
    std::optional<std::vector<std::string>> items = from_lines(line);
    if (!items || items->empty()) return std::nullopt;
    core::Conflict& conflict = conflicts.emplace_back();
    conflict.file = std::move(items->front());
    conflict.subtasks.assign(std::make_move_iterator(items->begin() + 1), std::make_move_iterator(items->end()));
  }
  return conflicts;
}

}  // namespace baton::store
