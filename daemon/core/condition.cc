#include "core/condition.h"

#include <algorithm>
#include <initializer_list>

namespace baton::core {
namespace {

bool is_any(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_word(Tokens tokens, std::size_t at, std::size_t end, std::initializer_list<std::string_view> words) {
  return at < end && tokens[at].kind == TokenKind::word && is_any(tokens[at].word, words);
}

struct Opener {
  std::size_t length = 0;  // in tokens; 0 = none
  bool before = false;
};

Opener opener_at(Tokens tokens, std::size_t at, std::size_t end) {
  const std::size_t only = is_word(tokens, at, end, {"only"}) ? 1 : 0;
  const std::size_t first = at + only;
  if (is_word(tokens, first, end, {"once", "after", "when", "if"})) return {only + 1, false};
  if (is_word(tokens, first, end, {"before"})) return {only + 1, true};
  if (is_word(tokens, first, end, {"prior"}) && is_word(tokens, first + 1, end, {"to"})) return {only + 2, true};
  if (is_word(tokens, first, end, {"as"}) && is_word(tokens, first + 1, end, {"soon"}) && is_word(tokens, first + 2, end, {"as"}))
    return {only + 3, false};
  return {};
}

/// A clause reaches to the next punctuation, or to a "then".
std::size_t end_of_clause(Tokens tokens, std::size_t at, std::size_t end) {
  while (at < end) {
    const Token& token = tokens[at];
    const bool goes_on = token.kind == TokenKind::word ? token.word != "then" && token.word != "and" && token.word != "but"
                         : token.kind == TokenKind::number
                             ? true
                             : token.kind == TokenKind::file || token.kind == TokenKind::code || token.kind == TokenKind::quoted;
    if (!goes_on) break;
    ++at;
  }
  return at;
}

bool is_auxiliary(std::string_view word) {
  return is_any(word, {"is", "are", "was", "were", "has", "have", "been", "gets", "get", "got", "being"});
}
bool says_done(std::string_view word) {
  return is_any(word, {"pass", "passes", "passed", "succeed", "succeeds", "succeeded", "done", "finished", "complete",
                       "completed", "green", "ready", "ok", "successful", "clean"});
}
bool is_filler(std::string_view word) {
  return is_any(word, {"all", "fully", "successfully", "both", "again", "finally", "still"});
}

/// What developers do. Programs create, send, delete and ship at run time: "after the account is created" is no order.
bool is_programming(std::string_view verb, Act act) {
  if (act == Act::design || act == Act::test || act == Act::audit || act == Act::document || act == Act::fix) return true;
  return is_any(verb, {"implement", "develop", "refactor", "rewrite", "build", "write", "migrate", "port", "integrate", "deploy",
                       "release", "publish", "review"});
}

/// One of its kind: "the tests", "unit tests"; "a user" is any of many.
bool is_definite(Tokens tokens, std::size_t at) {
  return !is_any(tokens[at].word, {"a", "an", "any", "every", "each", "another"});
}

/// "the tests pass": they have to be run for that. What passes by itself (a pipeline, a release) is none of our work.
void take_done(Condition& clause, const NounPhrase& subject) {
  if (!subject.is_work) return;
  if (subject.topic == Topic::testing) clause.act = Act::operate, clause.verb = "run";
  if (subject.topic == Topic::security) clause.act = Act::operate, clause.verb = "do";
  if (subject.topic == Topic::documentation) clause.act = Act::document, clause.verb = "write";
}

}  // namespace

Condition read_clause(Tokens tokens, std::size_t at, std::size_t end) {
  const std::size_t stop = end_of_clause(tokens, at, end);
  Condition clause;
  clause.after = stop;
  std::size_t predicate = at;
  while (predicate < stop && !is_auxiliary(tokens[predicate].word) && !says_done(tokens[predicate].word)) ++predicate;
  if (predicate == at || predicate == stop) return clause;
  clause.begin = at;
  clause.end = predicate;
  while (clause.end > at && is_filler(tokens[clause.end - 1].word)) --clause.end;
  while (predicate < stop && (is_auxiliary(tokens[predicate].word) || is_filler(tokens[predicate].word))) ++predicate;
  const NounPhrase subject = read_noun_phrase(tokens, at, clause.end);
  if (predicate == stop || clause.end == at || subject.is_pronoun || subject.head.empty() || !is_definite(tokens, at))
    return clause;
  if (is_pronoun(subject.head) || is_any(subject.head, {"they", "he", "she", "we", "you", "i", "everyone", "everybody"}))
    return clause;
  if (says_done(tokens[predicate].word)) {
    take_done(clause, subject);
  } else if (auto passive = find_participle(tokens[predicate].word);
             passive && is_programming(passive->base, passive->verb.act)) {
    clause.act = passive->verb.act;
    clause.verb = std::move(passive->base);
  }
  return clause;
}

std::optional<Condition> condition_at(Tokens tokens, std::size_t at, std::size_t end) {
  const Opener opener = opener_at(tokens, at, end);
  if (opener.length == 0 || at + opener.length >= end) return std::nullopt;
  const std::size_t first = at + opener.length;
  auto gerund = tokens[first].kind == TokenKind::word ? find_gerund(tokens[first].word) : std::nullopt;
  if (!gerund) {
    Condition clause = read_clause(tokens, first, end);
    clause.before = opener.before;
    return clause;
  }
  Condition clause{opener.before, Act::none, {}, first + 1, end_of_clause(tokens, first, end), 0};
  clause.after = clause.end;
  const bool runs_work = gerund->verb.act == Act::operate && read_noun_phrase(tokens, clause.begin, clause.end).is_work;
  if (runs_work || is_programming(gerund->base, gerund->verb.act)) {
    clause.act = gerund->verb.act;
    clause.verb = std::move(gerund->base);
  }
  return clause;
}

}  // namespace baton::core
