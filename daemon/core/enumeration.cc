#include "core/enumeration.h"

#include "core/verb_at.h"

namespace baton::core {
namespace {

constexpr std::size_t k_fewest = 3;

/// Past "," and "and"; `at` itself when neither stands there.
std::size_t after_separator(Tokens tokens, std::size_t at, std::size_t end) {
  if (at < end && tokens[at].kind == TokenKind::comma) ++at;
  if (at < end && tokens[at].kind == TokenKind::word && tokens[at].word == "and") ++at;
  return at;
}

bool begins_other_work(Tokens tokens, std::size_t at, std::size_t end) {
  const auto verb = verb_at(tokens, at, end);
  if (!verb) return tokens[at].kind == TokenKind::word && is_negation(tokens[at].word);
  if (!verb->verb.also_noun || !find_noun(tokens[at].word)) return true;
  return verb->after < end && tokens[verb->after].kind == TokenKind::word &&
         (is_determiner(tokens[verb->after].word) || is_pronoun(tokens[verb->after].word));  // "test it"
}

bool is_known(const NounPhrase& phrase) { return phrase.strength >= 3 || phrase.is_code || find_noun(phrase.head).has_value(); }

}  // namespace

bool has_article(Tokens tokens, std::size_t at, std::size_t end) {
  return at < end && tokens[at].kind == TokenKind::word &&
         (tokens[at].word == "a" || tokens[at].word == "an" || tokens[at].word == "the");
}

/// "a page for editors, a feed and an API": past what hangs on the object that ended at `at`, to the next "," or "and" with an
/// article behind it.
std::size_t end_of_object(Tokens tokens, std::size_t at, std::size_t end) {
  for (std::size_t next = at; next < end && tokens[next].kind != TokenKind::stop && tokens[next].kind != TokenKind::line &&
                              tokens[next].kind != TokenKind::item;
       ++next) {
    const std::size_t behind = after_separator(tokens, next, end);
    if (behind != next && has_article(tokens, behind, end)) return next;
  }
  return at;
}

std::vector<std::size_t> listed_objects(Tokens tokens, std::size_t begin, std::size_t end) {
  std::vector<std::size_t> objects;
  std::size_t known = 0;
  for (std::size_t at = begin; at < end;) {
    if (begins_other_work(tokens, at, end)) break;
    const NounPhrase phrase = read_noun_phrase(tokens, at, end);
    if (phrase.head.empty() || phrase.is_pronoun) break;
    objects.push_back(at);
    known += is_known(phrase) ? 1 : 0;
    const std::size_t stop = has_article(tokens, at, end) ? end_of_object(tokens, phrase.end, end) : phrase.end;
    const std::size_t next = after_separator(tokens, stop, end);
    if (next == stop) break;
    at = next;
  }
  const bool is_list = objects.size() >= k_fewest && known * 3 >= objects.size() * 2;
  return is_list ? objects : std::vector<std::size_t>{};
}

}  // namespace baton::core
