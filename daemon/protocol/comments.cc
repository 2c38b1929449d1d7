#include "protocol/comments.h"

#include <algorithm>

namespace baton::protocol {
namespace {

/// Behind the closing quote of the string that begins at `at`, or the end.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
  return text.size();
}

/// Behind the comment that begins at `at`; `at` itself when there is none. An unclosed one stays for the parser to complain.
std::size_t end_of_comment(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest.starts_with("//")) return std::min(text.find('\n', at), text.size());
  if (!rest.starts_with("/*")) return at;
  const auto close = text.find("*/", at + 2);
  return close == std::string_view::npos ? at : close + 2;
}

}  // namespace

std::string blank_comments(std::string_view text) {
  std::string blanked(text);
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      at = end_of_string(text, at);
      continue;
    }
    const std::size_t end = end_of_comment(text, at);
    std::replace_if(
        blanked.begin() + static_cast<std::ptrdiff_t>(at), blanked.begin() + static_cast<std::ptrdiff_t>(end),
        [](char letter) { return letter != '\n' && letter != '\r'; }, ' ');
    at = std::max(end, at + 1);
  }
  return blanked;
}

}  // namespace baton::protocol
