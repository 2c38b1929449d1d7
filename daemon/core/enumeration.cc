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

/// "sync engine", "plan changes": the verb only describes what is made. "Update docs" and "test it" ask for work.
bool describes_thing(Tokens tokens, const VerbAt& verb, std::size_t end) {
  if (!verb.verb.also_noun || verb.after >= end || tokens[verb.after].kind != TokenKind::word) return false;
  const std::string& next = tokens[verb.after].word;
  const auto noun = find_noun(next);
  return !(noun && noun->kind == NounKind::work) && !is_determiner(next) && !is_pronoun(next) && !is_preposition(next) &&
         !opens_subclause(next) && next != "and" && next != "or";
}

bool begins_other_work(Tokens tokens, std::size_t at, std::size_t end, bool of_nouns) {
  const auto verb = verb_at(tokens, at, end);
  if (verb && of_nouns && describes_thing(tokens, *verb, end)) return false;
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

struct List {
  std::vector<std::size_t> objects;  // where each begins
  std::size_t known = 0;             // how many of them the lexicon knows
};

List read_list(Tokens tokens, std::size_t begin, std::size_t end, bool of_nouns) {
  List list;
  for (std::size_t at = begin; at < end;) {
    if (begins_other_work(tokens, at, end, of_nouns)) break;
    const NounPhrase phrase = read_noun_phrase(tokens, at, end);
    if (phrase.head.empty() || phrase.is_pronoun) break;
    list.objects.push_back(at);
    list.known += is_known(phrase) ? 1 : 0;
    const bool ends = of_nouns && after_separator(tokens, phrase.end, end) != phrase.end;  // "a viewer, share links and an API"
    const std::size_t stop = has_article(tokens, at, end) && !ends ? end_of_object(tokens, phrase.end, end) : phrase.end;
    const std::size_t next = after_separator(tokens, stop, end);
    if (next == stop) break;
    at = next;
  }
  return list;
}

std::vector<std::size_t> listed_objects(Tokens tokens, std::size_t begin, std::size_t end) {
  List list = read_list(tokens, begin, end, false);
  const bool is_list = list.objects.size() >= k_fewest && list.known * 3 >= list.objects.size() * 2;
  return is_list ? std::move(list.objects) : std::vector<std::size_t>{};
}

std::vector<std::size_t> objects_of_list(Tokens tokens, std::size_t begin, std::size_t end) {
  return read_list(tokens, begin, end, true).objects;
}

}  // namespace baton::core
