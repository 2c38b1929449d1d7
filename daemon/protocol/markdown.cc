#include "protocol/markdown.h"

#include <algorithm>

#include "base/text.h"

namespace baton::protocol::markdown {
namespace {

constexpr std::string_view k_special = "\\`*[]<>|&~";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (k_special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

// Headings, rules and underlined headings take their meaning from how a line begins.
std::string quoted_line(std::string_view raw) {
  const std::string shown = text::printable(raw);
  const std::string_view body = text::trim(shown);
  std::string out = ">";
  if (body.empty()) return out;
  const std::size_t indent = std::min<std::size_t>(shown.find(body.front()), 3);  // four spaces would be a code block
  out += std::string(indent + 1, ' ');
  const bool rule = body.find_first_not_of("-=_ ") == std::string_view::npos;
  if (body.front() == '#' || rule) out += '\\';
  return out + escaped(body);
}

}  // namespace

std::string line(std::string_view text) {
  const std::string shown = text::printable(text);
  const std::string_view body = text::trim(shown);
  return (body.starts_with('#') ? "\\" : "") + escaped(body);
}

std::string quote(std::string_view text) {
  const std::string_view body = text::trim(text);
  std::string out;
  if (body.empty()) return out;
  for (const std::string& each : text::split(body, '\n')) out += quoted_line(each) + "\n";
  return out;
}

std::string code(std::string_view text) {
  const std::string shown = text::printable(text);
  std::size_t longest = 0, run = 0;
  for (const char c : shown) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
  const std::string fence(longest + 1, '`');
  const std::string_view pad = longest > 0 ? " " : "";
  return fence + std::string(pad) + shown + std::string(pad) + fence;
}

}  // namespace baton::protocol::markdown
