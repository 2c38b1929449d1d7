#include "protocol/front_matter.h"

#include <algorithm>

#include "base/text.h"

namespace baton::protocol {
namespace {

using nlohmann::json;

struct Line {
  std::string_view text;  // without its end and what is blank before that
  std::size_t next = 0;
};

Line line_at(std::string_view text, std::size_t begin) {
  const auto end = std::min(text.find('\n', begin), text.size());
  std::string_view line = text.substr(begin, end - begin);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) line.remove_suffix(1);
  return {line, std::min(end + 1, text.size())};
}

bool is_indented(std::string_view line) { return line.starts_with(' ') || line.starts_with('\t'); }

/// "a", 'a' and a; what follows " #" is a remark.
std::string scalar(std::string_view text) {
  text = text::trim(text);
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\''))
    if (const auto end = text.find(text.front(), 1); end != std::string_view::npos) return std::string(text.substr(1, end - 1));
  return std::string(text::trim(text.substr(0, text.find(" #"))));
}

json value_of(std::string_view text) {
  text = text::trim(text);
  if (!text.starts_with('[')) return scalar(text);
  json list = json::array();
  for (const std::string& item : text::split(text.substr(1, text.rfind(']') - 1), ',')) list.push_back(scalar(item));
  return list;
}

bool is_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

/// False when the line belongs to no such block.
bool take_line(FrontMatter& block, std::string_view line, std::size_t offset, std::string& last_key) {
  const std::string_view inner = text::trim(line);
  if (inner.empty() || inner.starts_with('#')) return true;
  if (inner.starts_with("- ") || inner == "-") {
    if (last_key.empty()) return false;
    json& list = block.members[last_key];
    if (!list.is_array()) list = json::array();
    list.push_back(scalar(inner.substr(1)));
    return true;
  }
  if (is_indented(line)) return !last_key.empty();  // deeper than what is understood here
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_key(line.substr(0, colon))) return false;
  if (colon + 1 < line.size() && line[colon + 1] != ' ' && line[colon + 1] != '\t') return false;
  last_key = text::lower(line.substr(0, colon));
  block.members[last_key] = value_of(line.substr(colon + 1));
  block.lines[last_key] = offset;
  return true;
}

}  // namespace

std::optional<FrontMatter> read_front_matter(std::string_view text) {
  const Line first = line_at(text, 0);
  if (first.text != "---") return std::nullopt;
  FrontMatter block;
  std::string last_key;
  for (std::size_t at = first.next; at < text.size();) {
    const Line line = line_at(text, at);
    if (line.text == "---" || line.text == "...") {
      block.end = line.next;
      return block;
    }
    if (!take_line(block, line.text, at, last_key)) return std::nullopt;
    at = line.next;
  }
  return std::nullopt;
}

}  // namespace baton::protocol
