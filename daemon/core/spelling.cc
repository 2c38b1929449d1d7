#include "core/spelling.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "base/text.h"
#include "core/lexicon.h"

namespace baton::core {
namespace {

constexpr std::size_t k_shortest = 5;       // letters of a word whose letters may be in the wrong order: "form" is not "from"
constexpr std::size_t k_shortest_long = 7;  // of one that may have a letter too few or too many
constexpr std::size_t k_most_words = 40;    // unknown words that are looked at: more is no title

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_base(std::string_view word) { return find_verb(word) || find_noun(word); }
bool means_work(std::string_view word) { return is_base(word) || find_gerund(word) || find_participle(word); }

bool is_known(std::string_view word) {
  for (std::string_view right : {"trial", "trials", "arise", "crave", "spilt"})  // one slip away from trail, raise, carve, split
    if (word == right) return true;
  return means_work(word) || is_whole(word) || is_part(word) || is_secret(word) || is_lead(word) || is_preposition(word) ||
         opens_subclause(word) || is_determiner(word) || is_pronoun(word) || is_negation(word);
}

/// What was meant; empty when that is not clear.
std::string meant_by(const std::string& word) {
  std::set<std::string> meant;
  for (std::size_t at = 1; at + 1 < word.size(); ++at) {
    std::string other = word;
    std::swap(other[at], other[at + 1]);
    if (other != word && means_work(other)) meant.insert(std::move(other));
  }
  const auto consider = [&](std::string other) {  // "tracing" is no "tracking": only base forms
    if (is_base(other)) meant.insert(std::move(other));
  };
  const bool is_long = meant.empty() && word.size() >= k_shortest_long;
  const bool may_lack = is_long && may_lack_letter(word);
  for (std::size_t at = 1; is_long && at < word.size(); ++at) {  // an ending makes another word of it, not a slip
    for (char letter = 'a'; may_lack && letter <= 'z'; ++letter) consider(std::string(word).insert(at, 1, letter));
    if (word[at] == word[at - 1]) consider(std::string(word).erase(at, 1));
  }
  return meant.size() == 1 ? *meant.begin() : std::string();
}

/// Lower case, but for the first letter: names of a program and abbreviations are spelled as their owners please.
bool is_plain(std::string_view word) {
  return std::all_of(word.begin() + 1, word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

/// Stands alone, not in a path, a name or quotes.
bool is_apart(std::string_view text, std::size_t begin, std::size_t end) {
  const auto separates = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == ','; };
  const bool before = begin == 0 || separates(text[begin - 1]) || text[begin - 1] == '(';
  const bool ends = end == text.size() || separates(text[end]) || text[end] == ')' || text[end] == ';' || text[end] == '!' ||
                    text[end] == '?' ||
                    ((text[end] == '.' || text[end] == ':') && (end + 1 == text.size() || text[end + 1] == ' '));
  return before && ends;
}

}  // namespace

std::string mend_spelling(std::string_view text, std::vector<std::string>& notes) {
  std::string mended;
  std::size_t looked_at = 0;
  char quote = '\0';
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    if (end == at) {
      if (text[at] == quote)
        quote = '\0';
      else if (quote == '\0' && (text[at] == '"' || text[at] == '`'))
        quote = text[at];
      mended += text[at++];
      continue;
    }
    const std::string_view word = text.substr(at, end - at);
    std::string meant;
    if (quote == '\0' && word.size() >= k_shortest && is_plain(word) && is_apart(text, at, end))
      if (const std::string lower = text::lower(word); !is_known(lower) && looked_at++ < k_most_words) meant = meant_by(lower);
    if (meant.empty()) {
      mended += word;
    } else {
      if (word.front() < 'a') meant.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(meant.front())));
      notes.push_back("\"" + std::string(word) + "\" is read as \"" + meant + "\"");
      mended += meant;
    }
    at = end;
  }
  return mended;
}

}  // namespace baton::core
