#include "base/ids.h"

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace baton {
namespace {

constexpr std::string_view k_plan_prefix = "orch-";
constexpr std::size_t k_tail_digits = 8;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) { return is_lower(c) || is_upper(c) || is_digit(c); }
bool is_record_char(char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; }
bool is_master_char(char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '-'; }

/// Characters outside the grammar become '-'; neither '-' nor '.' comes twice in a row.
std::string squeeze(std::string_view text) {
  std::string out;
  for (const char raw : text) {
    const char c = is_record_char(raw) ? raw : '-';
    const bool repeats = !out.empty() && out.back() == c && (c == '-' || c == '.');
    if (!repeats) out += c;
  }
  return out;
}

std::string_view without_front(std::string_view text) {
  while (!text.empty()) {
    if (!is_alphanumeric(text.front())) {
      text.remove_prefix(1);
    } else if (text.starts_with(k_plan_prefix)) {
      text.remove_prefix(k_plan_prefix.size());
    } else {
      break;
    }
  }
  return text;
}

}  // namespace

bool is_record_id(std::string_view text) {
  return !text.empty() && text.size() <= k_max_id && is_alphanumeric(text.front()) && std::ranges::all_of(text, is_record_char) &&
         text.find("..") == std::string_view::npos;
}

bool is_task_id(std::string_view text) { return is_record_id(text) && !text.starts_with(k_plan_prefix); }

bool is_master_name(std::string_view text) {
  return !text.empty() && text.size() <= k_max_master && (is_lower(text.front()) || is_digit(text.front())) &&
         std::ranges::all_of(text, is_master_char);
}

std::string shorten_id(std::string_view id) {
  if (id.size() <= k_max_id) return std::string(id);
  std::string out(id.substr(0, k_max_id - k_tail_digits - 1));
  out += '-';
  out += content_hash(id).substr(0, k_tail_digits);
  return out;
}

std::string fit_task_id(std::string_view text) {
  if (is_task_id(text)) return std::string(text);
  const std::string squeezed = squeeze(text);
  std::string_view fitting = without_front(squeezed);
  while (!fitting.empty() && !is_alphanumeric(fitting.back())) fitting.remove_suffix(1);
  return fitting.empty() ? "task" : shorten_id(fitting);
}

std::string content_hash(std::string_view bytes) {
  constexpr std::string_view k_digits = "0123456789abcdef";
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  std::string out;
  for (const unsigned char byte : canonical.digest) {
    out += k_digits[byte >> 4];
    out += k_digits[byte & 15];
  }
  return out;
}

}  // namespace baton
