// Small helpers over text that every layer needs. Pure functions, no locale.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace baton::text {

std::string_view trim(std::string_view text);                           // ASCII white space
std::string lower(std::string_view text);                               // ASCII only
std::vector<std::string> split(std::string_view text, char separator);  // "" gives an empty vector
std::string join(std::span<const std::string> parts, std::string_view separator);
/// `text` begins with `word` and no letter, digit or '_' follows; case counts.
bool starts_with_word(std::string_view text, std::string_view word);

/// The candidate within edit distance 2 (1 for words of up to 3 letters), the nearest, the first of
/// equals; nothing if none is that near. Case does not count, and a swap of two neighbours is one edit.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);
/// " (did you mean \"x\"?)" or "".
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

/// lower-case ASCII letters and digits, everything else one '-'; at most `limit` characters, cut at a word.
std::string slug(std::string_view text, std::size_t limit);
/// Control characters and marks that reorder text out (a terminal is never steered by a document); line breaks and tabs become
/// spaces, bytes that are not UTF-8 become %XX.
std::string printable(std::string_view text);
/// At most `limit` bytes, cut at a UTF-8 boundary, with "…" when something was cut.
std::string ellipsis(std::string_view text, std::size_t limit);
/// Bytes that are not UTF-8 become %XX; all else stays.
std::string escape_non_utf8(std::string_view bytes);
bool is_utf8(std::string_view bytes);

}  // namespace baton::text
