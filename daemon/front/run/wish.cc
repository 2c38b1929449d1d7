#include "front/run/wish.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "base/time.h"

namespace baton::front {
namespace {

constexpr std::string_view k_bullets = "-*+";

struct Setting {
  std::string_view name;
  Result<> (*take)(std::string_view value, RunWish& wish);
};

std::string_view without_quotes(std::string_view text) {
  for (const char quote : {'`', '"', '\''})
    if (text.size() >= 2 && text.front() == quote && text.back() == quote) return text.substr(1, text.size() - 2);
  return text;
}

void add_prompt(std::string_view name, RunWish& wish) {
  const std::string_view file = without_quotes(text::trim(name));
  if (!file.empty()) wish.prompts.emplace_back(file);
}

Result<> take_prompts(std::string_view value, RunWish& wish) {
  if (value.starts_with('[') && value.ends_with(']')) value = value.substr(1, value.size() - 2);
  for (const std::string& name : text::split(value, ',')) add_prompt(name, wish);
  return {};
}

Result<> take_parallel(std::string_view value, RunWish& wish) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != value.data() + value.size() || number < 1 || number > k_most_parallel)
    return fail(ErrorCode::usage, "a number from 1 to " + std::to_string(k_most_parallel) + " is needed");
  wish.max_parallel = number;
  return {};
}

Result<> take_timeout(std::string_view value, RunWish& wish) {
  TRY_VALUE(wish.timeout_ms, parse_duration(value));
  return {};
}

Result<> take_sequential(std::string_view value, RunWish& wish) {
  const std::string word = text::lower(value);
  if (word != "true" && word != "yes" && word != "false" && word != "no")
    return fail(ErrorCode::usage, "true or false is needed");
  wish.sequential = word == "true" || word == "yes";
  return {};
}

Result<> take_base(std::string_view value, RunWish& wish) {
  wish.base = value;
  return {};
}

/// Every word but those that mean nothing at all: progress is what there is.
Result<> take_monitoring(std::string_view value, RunWish& wish) {
  const std::string word = text::lower(value);
  wish.quiet = word == "none" || word == "off" || word == "false" || word == "quiet";
  return {};
}

constexpr std::array<Setting, 6> k_settings{{{"prompt-files", take_prompts},
                                             {"max-parallel", take_parallel},
                                             {"timeout", take_timeout},
                                             {"sequential", take_sequential},
                                             {"base", take_base},
                                             {"monitoring", take_monitoring}}};

std::string normal_key(std::string_view key) {
  std::string word = text::lower(without_quotes(text::trim(key)));
  for (char& c : word)
    if (c == '_' || c == ' ') c = '-';
  return word;
}

Result<> take_setting(std::string_view key, std::string_view value, RunWish& wish) {
  const std::string word = normal_key(key);
  std::vector<std::string> names;
  for (const Setting& setting : k_settings) {
    if (setting.name == word) return setting.take(without_quotes(text::trim(value)), wish);
    names.emplace_back(setting.name);
  }
  return fail(ErrorCode::usage, "unknown setting \"" + text::printable(word) + "\"" + text::did_you_mean(word, names),
              "known are " + text::join(names, ", "));
}

Result<> take_item(std::string_view item, RunWish& wish) {
  // "C: notes.md" is no path that anybody has here, and "max-parallel: 4" is one that nobody means.
  const std::size_t colon = item.find(": ");
  const bool lists = item.ends_with(':');
  if (colon == std::string_view::npos && !lists) return add_prompt(item, wish), Result<>{};
  if (lists && normal_key(item.substr(0, item.size() - 1)) == "prompt-files") return {};  // its files follow as items
  return take_setting(item.substr(0, lists ? item.size() - 1 : colon), lists ? "" : item.substr(colon + 2), wish);
}

bool is_setting(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string word = normal_key(line.substr(0, colon));
  return std::ranges::any_of(k_settings, [&](const Setting& setting) { return setting.name == word; });
}

/// What stands behind "-", "*", "1." or "1)"; empty: it is no item of a list.
std::string_view item_of(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || space == 0) return {};
  const std::string_view mark = line.substr(0, space);
  const bool is_bullet = mark.size() == 1 && k_bullets.find(mark.front()) != std::string_view::npos;
  const bool is_number = mark.size() > 1 && (mark.back() == '.' || mark.back() == ')') &&
                         mark.substr(0, mark.size() - 1).find_first_not_of("0123456789") == std::string_view::npos;
  return is_bullet || is_number ? text::trim(line.substr(space)) : std::string_view();
}

/// "/agent:…", "Execute these specific prompts in parallel:", a fence.
bool is_frame(std::string_view line) {
  return line.starts_with("/agent:") || line.starts_with("```") || line.ends_with(':') || line.starts_with('#');
}

}  // namespace

Result<RunWish> read_wish(std::string_view text) {
  RunWish wish;
  int number = 0;
  for (const std::string& raw : text::split(text, '\n')) {
    ++number;
    const std::string_view line = text::trim(raw);
    Result<> taken;
    if (const std::string_view item = item_of(line); !item.empty())
      taken = take_item(item, wish);
    else if (is_setting(line))
      taken = take_item(line, wish);
    else if (!line.empty() && !is_frame(line))
      wish.notes.push_back("line " + std::to_string(number) +
                           " says nothing to baton: " + text::printable(text::ellipsis(line, 60)));
    if (!taken) {
      taken.error().message = "line " + std::to_string(number) + ": " + taken.error().message;
      return tl::make_unexpected(std::move(taken).error());
    }
  }
  return wish;
}

}  // namespace baton::front
