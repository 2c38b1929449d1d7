#include "core/delegation.h"

#include <algorithm>
#include <initializer_list>

namespace baton::core {
namespace {

constexpr std::size_t k_longest_object = 6;  // words between "have" and "reviewed"

bool is_word(Tokens tokens, std::size_t at, std::size_t end, std::initializer_list<std::string_view> words) {
  return at < end && tokens[at].kind == TokenKind::word && std::find(words.begin(), words.end(), tokens[at].word) != words.end();
}

/// Departments, as people call them. A noun that only belongs to a field ("have tests run") does no work.
Topic field_of(std::string_view department) {
  const auto is = [&](std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), department) != words.end();
  };
  if (is({"security", "infosec", "appsec"})) return Topic::security;
  if (is({"qa", "testers"})) return Topic::testing;
  if (is({"ops", "devops", "sre", "cicd"})) return Topic::cicd;
  if (is({"inventory"})) return Topic::inventory;
  return Topic::none;
}

/// Past "the security team"; `at` itself when no department stands there.
std::size_t after_department(Tokens tokens, std::size_t at, std::size_t end, Topic& field) {
  std::size_t next = at;
  if (is_word(tokens, next, end, {"the", "our"})) ++next;
  if (next >= end || tokens[next].kind != TokenKind::word) return at;
  field = field_of(tokens[next].word);
  if (field == Topic::none) return at;
  ++next;
  return is_word(tokens, next, end, {"team", "people", "folks", "master"}) ? next + 1 : next;
}

/// Past "must", "has to", …; `at` itself when nothing like it stands there.
std::size_t after_duty(Tokens tokens, std::size_t at, std::size_t end) {
  if (is_word(tokens, at, end, {"should", "must", "shall", "will"})) return at + 1;
  if (is_word(tokens, at, end, {"has", "have", "needs", "need", "ought"}) && is_word(tokens, at + 1, end, {"to"})) return at + 2;
  return at;
}

bool is_verb(Tokens tokens, std::size_t at, std::size_t end) {
  if (at >= end || tokens[at].kind != TokenKind::word) return false;
  return find_verb(tokens[at].word) || (at + 1 < end && find_verb(tokens[at].word, tokens[at + 1].word));
}

}  // namespace

std::optional<Delegation> delegation_at(Tokens tokens, std::size_t at, std::size_t end) {
  Delegation found;
  if (is_word(tokens, at, end, {"have", "let", "ask", "get", "tell"})) {
    found.verb = after_department(tokens, at + 1, end, found.field);
    if (found.verb == at + 1) return std::nullopt;
    if (is_word(tokens, found.verb, end, {"to"})) ++found.verb;
  } else {
    const std::size_t duty = after_department(tokens, at, end, found.field);
    found.verb = duty == at ? at : after_duty(tokens, duty, end);
    if (found.verb == duty) return std::nullopt;
  }
  return is_verb(tokens, found.verb, end) ? std::optional(found) : std::nullopt;
}

std::optional<std::size_t> passive_at(Tokens tokens, std::size_t at, std::size_t end) {
  if (!is_word(tokens, at, end, {"have", "get"})) return std::nullopt;
  std::size_t next = at + 1;
  while (next < end && tokens[next].kind == TokenKind::word && is_determiner(tokens[next].word) && !is_pronoun(tokens[next].word))
    ++next;
  const std::size_t last = std::min(end, next + k_longest_object);
  for (++next; next < last && tokens[next].kind == TokenKind::word; ++next) {
    if (is_preposition(tokens[next].word) || opens_subclause(tokens[next].word) || tokens[next].word == "and") break;
    const auto passive = find_participle(tokens[next].word);
    if (!passive) continue;
    const Act act = passive->verb.act;
    // "get records updated today" reads data; what is judged, tested or brought out is work.
    if (act == Act::test || act == Act::audit || act == Act::check || act == Act::document || act == Act::deploy) return next;
  }
  return std::nullopt;
}

}  // namespace baton::core
