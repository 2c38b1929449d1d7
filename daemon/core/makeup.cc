#include "core/makeup.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "core/enumeration.h"
#include "core/verb_at.h"

namespace baton::core {
namespace {

constexpr std::size_t k_fewest = 3;          // parts: with two, it is one thing
constexpr std::size_t k_longest_thing = 24;  // tokens before the list: further back nothing is led in
constexpr std::size_t k_fewest_made = 2;     // of them that are built: tests and docs alone come on top of a thing

bool is_any(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_word(Tokens tokens, std::size_t at, std::initializer_list<std::string_view> words) {
  return at < tokens.size() && tokens[at].kind == TokenKind::word && is_any(tokens[at].word, words);
}

/// How the list is led in. "With" may also name a means ("with React") or a quality ("with retries").
struct Opener {
  std::size_t length = 0;  // in tokens; 0 = none
  bool is_weak = false;
  bool is_wish = false;  // "it should include …"
};

bool contains_parts(Tokens tokens, std::size_t at) {
  return is_word(tokens, at,
                 {"include", "includes", "contain", "contains", "comprise", "comprises", "have", "has", "offer", "offers"});
}

Opener opener_of_words(Tokens tokens, std::size_t at) {
  if (is_word(tokens, at, {"including", "comprising", "namely"})) return {1};
  if (is_word(tokens, at, {"consisting", "composed", "consists"}) && is_word(tokens, at + 1, {"of"})) return {2};
  if (is_word(tokens, at, {"made"}) && is_word(tokens, at + 1, {"up"}) && is_word(tokens, at + 2, {"of", "from"})) return {3};
  if (is_word(tokens, at, {"with", "containing", "featuring", "having"})) return {1, true};
  if (is_word(tokens, at, {"that", "which"}) && contains_parts(tokens, at + 1)) return {2};
  if (is_word(tokens, at, {"should", "must", "shall"}) && contains_parts(tokens, at + 1)) return {2, false, true};
  return {};
}

/// A dash is a comma to the tokeniser.
bool is_dash(std::string_view text, const Token& token) { return token.kind == TokenKind::comma && text[token.begin] != ','; }

Opener opener_at(std::string_view text, Tokens tokens, std::size_t at) {
  switch (tokens[at].kind) {
    case TokenKind::colon: return {1};
    case TokenKind::open: return {1};
    case TokenKind::comma: return {is_dash(text, tokens[at]) ? std::size_t{1} : 0};
    case TokenKind::stop: {  // "… . It should include"
      const Opener next = is_word(tokens, at + 1, {"it", "this"}) ? opener_of_words(tokens, at + 2) : Opener{};
      return next.is_wish ? Opener{next.length + 2, false, false} : Opener{};
    }
    case TokenKind::word: return opener_of_words(tokens, at);
    default: return {};
  }
}

bool ends_scan(TokenKind kind) {
  return kind == TokenKind::stop || kind == TokenKind::line || kind == TokenKind::semicolon || kind == TokenKind::arrow ||
         kind == TokenKind::item;
}

/// Holds data or is a leaf of an interface: what it consists of is written in one go.
bool is_small(std::string_view head) {
  return is_any(
      head, {"form",      "table",  "enum",      "struct",    "function", "class",     "method",    "field",         "column",
             "query",     "menu",   "dialog",    "modal",     "button",   "header",    "footer",    "navbar",        "sidebar",
             "toolbar",   "card",   "list",      "file",      "config",   "script",    "command",   "migration",     "template",
             "message",   "email",  "page",      "component", "widget",   "endpoint",  "route",     "regex",         "palette",
             "test",      "tests",  "readme",    "doc",       "docs",     "guide",     "changelog", "report",        "type",
             "interface", "object", "schema",    "model",     "helper",   "util",      "picker",    "dropdown",      "row",
             "array",     "map",    "set",       "json",      "response", "section",   "fixture",   "documentation", "validation",
             "check",     "filter", "icon",      "banner",    "tooltip",  "option",    "settings",  "hook",          "workflow",
             "job",       "matrix", "checklist", "summary",   "overview", "decorator", "validator"});
}

/// Large enough that "with a, b and c" tells its parts.
bool is_large(std::string_view head) {
  return is_whole(head) ||
         is_any(head, {"api",     "service", "microservice", "dashboard", "module",    "feature", "pipeline", "client",
                       "server",  "sdk",     "console",      "panel",     "hub",       "center",  "centre",   "suite",
                       "toolkit", "tool",    "bot",          "chatbot",   "assistant", "planner", "tracker",  "manager"});
}

/// Too little to be a part: a value, a field, a leaf.
bool is_detail(std::string_view head) {
  return is_any(
      head,
      {"field",      "fields",    "column",     "columns",   "value",      "values", "option",  "options", "label",   "labels",
       "text",       "hint",      "hints",      "icon",      "icons",      "link",   "links",   "button",  "buttons", "checkbox",
       "color",      "colors",    "colour",     "name",      "names",      "title",  "titles",  "date",    "dates",   "number",
       "numbers",    "message",   "messages",   "section",   "sections",   "locale", "locales", "role",    "roles",   "property",
       "properties", "parameter", "parameters", "attribute", "attributes", "header", "footer",  "tooltip", "flag",    "etc"});
}

/// What software is commonly made of, beyond the names that the lexicon has.
bool is_feature(std::string_view head) {
  return is_any(head, {"login",         "logout",        "signup",          "sign-up",      "auth",      "authentication",
                       "authorization", "authorisation", "registration",    "onboarding",   "chat",      "messaging",
                       "checkout",      "cart",          "billing",         "payments",     "invoicing", "inbox",
                       "leaderboard",   "leaderboards",  "matchmaking",     "moderation",   "analytics", "reporting",
                       "ingestion",     "aggregation",   "notifications",   "profiles",     "accounts",  "uploads",
                       "payment",       "admin",         "recommendations", "subscriptions"});
}

struct Evidence {
  std::size_t things = 0, details = 0, parts = 0, names = 0, made = 0;
};

/// "React", but not "API" and not "Stripe webhook".
bool is_name(std::string_view text, Tokens tokens, const NounPhrase& phrase) {
  if (phrase.end == phrase.begin) return false;
  const char first = text[tokens[phrase.end - 1].begin];
  return first >= 'A' && first <= 'Z' && !find_noun(phrase.head) && !is_part(phrase.head) && !is_feature(phrase.head);
}

/// What software is made of, by its name. Of something large, of which is said what it is made up of, an article or a second word
/// is enough ("a module including a PDF renderer"); elsewhere these make no part ("a timestamp, a level and a message").
bool is_thing(Tokens tokens, std::size_t at, const NounPhrase& phrase, bool is_of_large) {
  if (is_part(phrase.head) || is_feature(phrase.head)) return true;
  if (is_of_large && (has_article(tokens, at, tokens.size()) || phrase.end >= phrase.begin + 2)) return true;
  const auto noun = find_noun(phrase.head);
  return noun && noun->kind != NounKind::light;
}

Evidence evidence_of(std::string_view text, Tokens tokens, const std::vector<std::size_t>& parts, std::size_t end,
                     bool is_of_large) {
  Evidence found;
  for (const std::size_t at : parts) {
    const NounPhrase phrase = read_noun_phrase(tokens, at, end);
    found.made += phrase.is_work ? 0 : 1;
    found.parts += is_part(phrase.head) ? 1 : 0;
    if (is_detail(phrase.head))
      ++found.details;
    else if (is_name(text, tokens, phrase))
      ++found.names;
    else
      found.things += is_thing(tokens, at, phrase, is_of_large) ? 1 : 0;
  }
  return found;
}

bool are_parts(std::string_view owner, const Evidence& found, std::size_t count, bool is_weak) {
  if (count < k_fewest || found.made < k_fewest_made || found.details * 2 >= count) return false;
  if (is_small(owner)) return found.parts >= 2;
  if (is_weak) return is_large(owner) && found.names == 0 && found.things * 3 >= count * 2;
  return is_whole(owner) || found.things * 2 >= count;
}

/// "we need …", "I want …", "users should be able to …": where what is wished begins; nothing when it is no wish.
std::optional<std::size_t> wished_at(Tokens tokens, std::size_t end) {
  for (std::size_t at = 0; at + 1 < end; ++at) {
    if (is_word(tokens, at, {"need", "needs", "want", "wants", "require", "requires"})) return at + 1;
    if (is_word(tokens, at, {"would", "i'd", "we'd"}) && is_word(tokens, at + 1, {"like"}) && at + 2 < end) return at + 2;
    if (is_word(tokens, at, {"able"}) && is_word(tokens, at + 1, {"to"}) && at + 2 < end) return at + 2;
    if (tokens[at].kind != TokenKind::word || is_negation(tokens[at].word)) break;
  }
  return std::nullopt;
}

/// What stands before the list asks for one thing; nothing when it does not, or for something else than to make it.
std::optional<MakeUp> thing_of(Tokens tokens, std::size_t end, const Opener& opener) {
  const std::vector<Segment> segments = cut(tokens, 0, end);
  if (segments.size() != 1 || segments.front().negated || !segments.front().verb.empty()) return std::nullopt;
  MakeUp makeup;
  makeup.thing = segments.front();
  const auto verb = verb_at(tokens, makeup.thing.begin, end);
  if (verb && verb->verb.act == Act::build) return makeup;
  const auto wished = opener.is_wish ? std::optional(makeup.thing.begin) : wished_at(tokens, end);
  if (!wished || (verb && verb->verb.act != Act::need && !is_word(tokens, *wished - 1, {"to"}))) return std::nullopt;
  makeup.is_wish = true;
  makeup.thing.begin = *wished;
  return makeup;
}

std::size_t closing(Tokens tokens, std::size_t at) {
  while (at < tokens.size() && tokens[at].kind != TokenKind::close) ++at;
  return at;
}

std::optional<MakeUp> makeup_at(std::string_view text, Tokens tokens, std::size_t at, const Opener& opener) {
  const std::size_t begin = at + opener.length;
  const bool in_brackets = tokens[at].kind == TokenKind::open;
  const std::size_t end = in_brackets ? closing(tokens, at) : tokens.size();
  if (in_brackets && end + 1 < tokens.size()) return std::nullopt;
  auto makeup = thing_of(tokens, at, opener);
  if (!makeup) return std::nullopt;
  makeup->begin = begin;
  makeup->end = end;
  makeup->parts = objects_of_list(tokens, begin, end);
  const auto verb = makeup->is_wish ? std::nullopt : verb_at(tokens, makeup->thing.begin, at);
  const NounPhrase thing = read_noun_phrase(tokens, verb ? verb->after : makeup->thing.begin, at);
  if (thing.head.empty()) return std::nullopt;
  const bool is_of_large =
      !opener.is_weak && tokens[at].kind == TokenKind::word && (is_large(thing.head) || is_whole(thing.head));
  const Evidence found = evidence_of(text, tokens, makeup->parts, end, is_of_large);
  return are_parts(thing.head, found, makeup->parts.size(), opener.is_weak) ? makeup : std::nullopt;
}

}  // namespace

MakeUp makeup_of(std::string_view text, Tokens tokens) {
  for (std::size_t at = 1; at + 1 < tokens.size() && at <= k_longest_thing; ++at) {
    if (const Opener opener = opener_at(text, tokens, at); opener.length > 0 && at + opener.length < tokens.size())
      if (auto makeup = makeup_at(text, tokens, at, opener)) return std::move(*makeup);
    if (ends_scan(tokens[at].kind)) break;
  }
  return {};
}

}  // namespace baton::core
