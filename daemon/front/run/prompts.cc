#include "front/run/prompts.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

#include "base/text.h"

namespace baton::front {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_marked_lines = 30;  // in which a mark may stand
constexpr std::size_t k_longest_title = 200;
constexpr std::array<std::string_view, 2> k_marks{"IMPLEMENTED", "COMPLETED"};
constexpr std::string_view k_markup = "#*_`~[](){}<>!-:|. \t\r";  // around words in Markdown

std::string_view without_markup(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(k_markup);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(k_markup) - begin + 1);
}

std::optional<fs::path> find_file(const std::string& name, const std::string& top) {
  std::error_code ignored;
  for (const fs::path& place : {fs::path(), fs::path(top), fs::path(top) / "prompts"})
    if (const fs::path path = place / name; fs::exists(path, ignored)) return path;
  return std::nullopt;
}

Result<std::string> read_text(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return fail(ErrorCode::invalid, "it is no file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::invalid, "it cannot be opened");
  std::string bytes(k_largest_prompt + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.size() > k_largest_prompt) return fail(ErrorCode::invalid, "it is larger than 1 MiB");
  if (text::trim(bytes).empty()) return fail(ErrorCode::invalid, "it is empty");
  if (bytes.find('\0') != std::string::npos || !text::is_utf8(bytes)) return fail(ErrorCode::invalid, "it is no text in UTF-8");
  return bytes;
}

std::string title_of(const std::string& text, const fs::path& path) {
  for (const std::string& line : text::split(text, '\n'))
    if (line.starts_with('#') && !without_markup(line).empty())
      return text::ellipsis(text::printable(without_markup(line)), k_longest_title);
  return path.stem().string();
}

bool starts_with_mark(std::string_view text, std::string_view mark) {
  return text.size() >= mark.size() && text::lower(text.substr(0, mark.size())) == text::lower(mark);
}

/// "Status: implemented", "**Status**: COMPLETED"
bool is_status(std::string_view line, std::string_view mark) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || text::lower(without_markup(line.substr(0, colon))) != "status") return false;
  return starts_with_mark(without_markup(line.substr(colon + 1)), mark);
}

/// A heading, or a line that says nothing else. Not in a list, a table or as code: those speak of states.
bool is_marked(std::string_view raw, std::string_view mark) {
  const std::string_view trimmed = text::trim(raw);
  if (trimmed.empty() || trimmed.find('|') != std::string_view::npos) return false;
  const bool is_listed = std::string_view("-+*`").find(trimmed.front()) != std::string_view::npos && !trimmed.starts_with("**");
  if (is_status(is_listed ? trimmed.substr(1) : trimmed, mark)) return true;
  if (is_listed) return false;
  const std::string_view line = without_markup(trimmed);
  if (line == mark) return true;
  // With something around it that sets it apart from a sentence: "COMPLETED: …", "[IMPLEMENTED] …"; in a heading also at the end.
  if (line.starts_with(mark)) return std::string_view(":])*>").find(line[mark.size()]) != std::string_view::npos;
  const std::string_view before = text::trim(line.substr(0, line.size() - std::min(line.size(), mark.size())));
  return trimmed.starts_with('#') && line.ends_with(mark) && !before.empty() &&
         std::string_view("[(*-:").find(before.back()) != std::string_view::npos;
}

}  // namespace

std::string done_mark(const std::string& text) {
  std::vector<std::string> lines = text::split(text.substr(0, text.find("\n```")), '\n');
  if (lines.size() > k_marked_lines) lines.resize(k_marked_lines);
  for (const std::string& line : lines)
    for (const std::string_view mark : k_marks)
      if (is_marked(line, mark)) return std::string(mark);
  return {};
}

Result<Prompts> read_prompts(const std::vector<std::string>& names, const std::string& top) {
  Prompts found;
  std::set<std::string> seen;
  std::vector<std::string> wrong;
  bool missing = false;
  for (const std::string& name : names) {
    const std::string shown = text::printable(name);
    const auto path = find_file(name, top);
    if (!path) {
      wrong.push_back(shown + ": there is no such file");
      missing = true;
      continue;
    }
    std::error_code error;
    const std::string whole = fs::canonical(*path, error).string();
    if (!seen.insert(whole).second) {
      found.notes.push_back(shown + " is named twice: it is done once");
      continue;
    }
    auto text = read_text(*path);
    if (!text) {
      wrong.push_back(shown + ": " + text.error().message);
    } else if (const std::string mark = done_mark(*text); !mark.empty()) {
      found.notes.push_back(text::join(std::vector<std::string>{shown, "is marked", mark + ": left out"}, " "));
    } else {
      std::string title = title_of(*text, *path);
      found.prompts.push_back({name, std::move(title), std::move(*text)});
      found.paths.push_back(whole);
    }
  }
  if (!wrong.empty())
    return fail(missing ? ErrorCode::not_found : ErrorCode::invalid, text::join(wrong, "; "), "nothing was started");
  return found;
}

}  // namespace baton::front
