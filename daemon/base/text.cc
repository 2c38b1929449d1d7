#include "base/text.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

namespace baton::text {
namespace {

constexpr std::string_view k_white_space = " \t\n\r\f\v";
constexpr std::string_view k_ellipsis = "…";
constexpr std::size_t k_short_word = 3;
constexpr std::string_view k_hex_digits = "0123456789ABCDEF";

char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_slug_char(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Letters, digits, '_' and whatever is not ASCII.
bool is_word_char(char c) { return is_slug_char(lower_char(c)) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

std::size_t announced_length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0x80) return 1;
  if (byte < 0xE0) return 2;
  return byte < 0xF0 ? 3 : 4;
}

/// Length of the UTF-8 character that `bytes` starts with; 0 when it starts with none.
std::size_t character_length(std::string_view bytes) {
  const std::string_view candidate = bytes.substr(0, announced_length(bytes.front()));
  return is_utf8(candidate) ? candidate.size() : 0;
}

/// Optimal string alignment: a swap of neighbours ("pendign") counts as one edit.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

/// What stands for one character on a terminal: itself, a space for white space, nothing for what would steer it.
std::string_view shown(std::string_view character) {
  // Line and paragraph separators; then the marks that reorder what surrounds them.
  constexpr std::array<std::string_view, 2> k_breaks = {"\u2028", "\u2029"};
  constexpr std::array<std::string_view, 12> k_reordering = {"\u061C", "\u200E", "\u200F", "\u202A", "\u202B", "\u202C",
                                                             "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069"};
  const auto first = static_cast<unsigned char>(character.front());
  if (character.size() == 1) {
    if (k_white_space.find(character.front()) != std::string_view::npos) return " ";
    return first < 0x20 || first == 0x7F ? std::string_view() : character;
  }
  const bool is_c1_control = first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
  if (is_c1_control || std::ranges::find(k_reordering, character) != k_reordering.end()) return {};
  return std::ranges::find(k_breaks, character) != k_breaks.end() ? " " : character;
}

}  // namespace

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(k_white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(k_white_space) - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower_char);
  return out;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  std::size_t from = 0;
  for (std::size_t at = text.find(separator); at != std::string_view::npos; at = text.find(separator, from)) {
    parts.emplace_back(text.substr(from, at - from));
    from = at + 1;
  }
  parts.emplace_back(text.substr(from));
  return parts;
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += separator;
    out += parts[i];
  }
  return out;
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.starts_with(word) && (text.size() == word.size() || !is_word_char(text[word.size()]));
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
  if (word.empty()) return std::nullopt;
  const std::string wanted = lower(word);
  std::size_t limit = word.size() <= k_short_word ? 1 : 2;
  std::optional<std::string> best;
  for (const std::string& candidate : candidates) {
    const std::size_t shorter = std::min(wanted.size(), candidate.size());
    if (std::max(wanted.size(), candidate.size()) - shorter > limit) continue;
    const std::size_t distance = edit_distance(wanted, lower(candidate));
    if (distance > limit) continue;
    best = candidate;
    if (distance == 0) break;
    limit = distance - 1;  // only a nearer one replaces it, so the first of equals stays
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  const std::optional<std::string> guess = nearest(word, candidates);
  return guess ? " (did you mean \"" + *guess + "\"?)" : std::string();
}

std::string slug(std::string_view text, std::size_t limit) {
  std::string out;
  for (const char raw : text) {
    const char c = lower_char(raw);
    if (is_slug_char(c)) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  if (!out.empty() && out.back() == '-') out.pop_back();
  if (out.size() <= limit) return out;
  const std::size_t word_end = out.rfind('-', limit);
  out.resize(word_end == std::string::npos ? limit : word_end);
  return out;
}

std::string printable(std::string_view text) {
  if (std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; })) return std::string(text);
  const std::string escaped = escape_non_utf8(text);
  std::string out;
  for (std::string_view rest = escaped; !rest.empty();) {
    const std::size_t length = rest.starts_with("\r\n") ? 2 : character_length(rest);
    out += rest.front() == '\r' ? " " : shown(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  return out;
}

std::string ellipsis(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  const std::string_view mark = limit < k_ellipsis.size() ? std::string_view() : k_ellipsis;
  std::size_t cut = limit - mark.size();
  while (cut > 0 && is_continuation(text[cut])) --cut;
  return std::string(text.substr(0, cut)).append(mark);
}

std::string escape_non_utf8(std::string_view bytes) {
  if (is_utf8(bytes)) return std::string(bytes);
  std::string out;
  while (!bytes.empty()) {
    const std::size_t length = character_length(bytes);
    if (length > 0) {
      out += bytes.substr(0, length);
      bytes.remove_prefix(length);
      continue;
    }
    const auto byte = static_cast<unsigned char>(bytes.front());
    out += '%';
    out += k_hex_digits[byte >> 4];
    out += k_hex_digits[byte & 15];
    bytes.remove_prefix(1);
  }
  return out;
}

bool is_utf8(std::string_view bytes) { return simdjson::validate_utf8(bytes.data(), bytes.size()); }

}  // namespace baton::text
