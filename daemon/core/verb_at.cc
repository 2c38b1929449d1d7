#include "core/verb_at.h"

#include "core/delegation.h"

namespace baton::core {
namespace {

/// A word that is known as nothing else, before a determiner.
bool acts_on_object(Tokens tokens, std::size_t at, std::size_t end) {
  if (at + 1 >= end || tokens[at + 1].kind != TokenKind::word || !is_determiner(tokens[at + 1].word) ||
      is_pronoun(tokens[at + 1].word))
    return false;
  const std::string& word = tokens[at].word;
  return word.size() > 2 && !is_determiner(word) && !is_pronoun(word) && !is_preposition(word) && !opens_subclause(word) &&
         !is_lead(word) && !is_negation(word) && word != "and" && word != "but" && word != "or" && word != "plus" &&
         !word.ends_with("s") && !word.ends_with("ing") && !word.ends_with("ly") && !word.ends_with("ed") && !find_noun(word);
}

/// "set up", or a work of two words before a determiner: "penetration test the login".
std::optional<WorkVerb> verb_of_two(Tokens tokens, std::size_t at, std::size_t end) {
  if (const auto verb = find_verb(tokens[at].word, tokens[at + 1].word)) return verb;
  if (at + 2 >= end || tokens[at + 2].kind != TokenKind::word || !is_determiner(tokens[at + 2].word)) return std::nullopt;
  const auto noun = find_noun(tokens[at].word, tokens[at + 1].word);
  if (!noun || noun->kind != NounKind::work) return std::nullopt;
  switch (noun->topic) {
    case Topic::testing: return WorkVerb{Act::test, true};
    case Topic::security: return WorkVerb{Act::audit, true};
    case Topic::documentation: return WorkVerb{Act::document, true};
    case Topic::cicd: return WorkVerb{Act::deploy, true};
    default: return std::nullopt;
  }
}

/// "Audit log for the admin area": a thing whose name begins like an order.
bool names_thing(Tokens tokens, std::size_t at, std::size_t end) {
  if (at + 1 >= end || tokens[at + 1].kind != TokenKind::word || tokens[at].word != "audit") return false;
  const auto noun = find_noun(tokens[at].word, tokens[at + 1].word);
  return noun && noun->topic == Topic::development;
}

/// A question: "which services …", "are we …", "how many …".
bool asks(Tokens tokens, std::size_t end) {
  const std::string& word = tokens[0].word;
  const std::string_view next = end > 1 && tokens[1].kind == TokenKind::word ? std::string_view(tokens[1].word) : "";
  if (word == "how") return next == "many" || next == "much";
  if (word == "do" || word == "does" || word == "did") return !next.empty() && !is_negation(next);
  return word == "which" || word == "what" || word == "who" || word == "are" || word == "is" || word == "was" || word == "were";
}

}  // namespace

std::optional<VerbAt> verb_at(Tokens tokens, std::size_t at, std::size_t end) {
  if (at >= end || tokens[at].kind != TokenKind::word) return std::nullopt;
  if (const auto passed_on = delegation_at(tokens, at, end)) {
    auto verb = verb_at(tokens, passed_on->verb, end);
    if (verb) verb->verb.also_noun = false, verb->field = passed_on->field;
    return verb;
  }
  if (passive_at(tokens, at, end)) return VerbAt{{Act::need, false}, at, at + 1};
  if (at + 1 < end && tokens[at + 1].kind == TokenKind::word)
    if (const auto verb = verb_of_two(tokens, at, end)) return VerbAt{*verb, at, at + 2};
  if (names_thing(tokens, at, end)) return std::nullopt;
  if (const auto verb = find_verb(tokens[at].word)) return VerbAt{*verb, at, at + 1};
  if (at == 0 && asks(tokens, end)) return VerbAt{{Act::look, false}, at, at + 1};
  if (acts_on_object(tokens, at, end)) return VerbAt{{Act::change, true}, at, at + 1};
  return std::nullopt;
}

}  // namespace baton::core
