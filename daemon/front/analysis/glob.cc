#include <algorithm>

#include "base/text.h"
#include "front/analysis/repository.h"

namespace baton::front {
namespace {

constexpr std::size_t k_max_alternatives = 16;  // of all braces together; a pattern with more is read as if it had none

/// [abc], [a-z], [!a]: `at` stands behind '['. Nothing when it is not closed; then '[' is a character like any other.
std::optional<bool> fits_set(std::string_view pattern, std::size_t& at, char c) {
  const std::size_t end = pattern.find(']', at + 1);
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view set = pattern.substr(at, end - at);
  const bool inverted = set.starts_with('!') || set.starts_with('^');
  if (inverted) set.remove_prefix(1);
  bool found = false;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const bool range = i + 2 < set.size() && set[i + 1] == '-';
    found |= range ? set[i] <= c && c <= set[i + 2] : set[i] == c;
    if (range) i += 2;
  }
  at = end + 1;
  return found != inverted;
}

/// One character of `pattern` against `c`; moves `at` behind it.
bool fits_one(std::string_view pattern, std::size_t& at, char c) {
  const char p = pattern[at++];
  if (p == '?') return true;
  if (p == '[')
    if (const auto set = fits_set(pattern, at, c)) return *set;
  return p == c;
}

/// Only the last star has to be tried again: what an earlier one took is as good as anything else that it could have taken.
bool fits_part(std::string_view pattern, std::string_view name) {
  std::size_t at = 0, i = 0, star = std::string_view::npos, resume = 0;
  while (i < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = ++at;
      resume = i;
      continue;
    }
    if (at < pattern.size() && fits_one(pattern, at, name[i])) {
      ++i;
      continue;
    }
    if (star == std::string_view::npos) return false;
    at = star;
    i = ++resume;
  }
  return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(at), pattern.end(), [](char c) { return c == '*'; });
}

/// The same, one level up: parts for characters and "**" for '*'.
bool fits_parts(const std::vector<std::string>& pattern, std::string_view path) {
  std::size_t at = 0, begin = 0, resume = 0;
  std::optional<std::size_t> star;
  const auto behind = [&](std::size_t part) { return std::min(path.find('/', part), path.size() - 1) + 1; };
  while (begin < path.size()) {
    if (at < pattern.size() && pattern[at] == "**") {
      star = ++at;
      resume = begin;
    } else if (at < pattern.size() && fits_part(pattern[at], path.substr(begin, path.find('/', begin) - begin))) {
      ++at;
      begin = behind(begin);
    } else if (star) {
      at = *star;
      begin = resume = behind(resume);
    } else {
      return false;
    }
  }
  return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(at), pattern.end(),
                     [](const std::string& part) { return part == "**"; });
}

/// "a.{ts,js}" → "a.ts", "a.js". From left to right, so that every brace is looked at once per alternative.
std::vector<std::string> without_braces(std::string_view pattern) {
  std::vector<std::string> done, open{std::string(pattern)};
  while (!open.empty() && done.size() + open.size() <= k_max_alternatives) {
    const std::string one = std::move(open.back());
    open.pop_back();
    const std::size_t begin = one.find('{');
    const std::size_t end = one.find('}', begin);
    if (begin == std::string::npos || end == std::string::npos) {
      done.push_back(one);
      continue;
    }
    for (const std::string& choice : text::split(std::string_view(one).substr(begin + 1, end - begin - 1), ','))
      open.push_back(one.substr(0, begin) + choice + one.substr(end + 1));
  }
  if (!open.empty()) return {std::string(pattern)};
  return done;
}

}  // namespace

bool is_glob(std::string_view word) {
  if (word.find_first_of("*?") != std::string_view::npos) return true;
  const std::size_t open = word.find('{');
  const std::size_t comma = word.find(',', open);
  return open != std::string_view::npos && comma != std::string_view::npos && word.find('}', comma) != std::string_view::npos;
}

Glob::Glob(std::string_view pattern) {
  for (const std::string& one : without_braces(pattern)) alternatives_.push_back(text::split(one, '/'));
  const std::size_t magic = std::min(pattern.find_first_of("*?[{"), pattern.size());
  folder_ = folder_of(std::string(pattern.substr(0, magic)) + "x");
}

bool Glob::fits(std::string_view path) const {
  return std::ranges::any_of(alternatives_, [&](const auto& pattern) { return fits_parts(pattern, path); });
}

}  // namespace baton::front
