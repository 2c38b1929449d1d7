#include "core/scope.h"

#include <algorithm>
#include <charconv>

#include "core/segments.h"

namespace baton::core {
namespace {

constexpr int k_large = 4;               // enough to be complex by itself
constexpr int k_many_files = 4;          // spec: "Affects 4+ files"
constexpr double k_max_minutes = 30;     // spec
constexpr double k_max_tokens = 20'000;  // spec

bool is_any(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Parts of which a program has many.
bool is_unit(std::string_view word) {
  return is_any(word, {"services", "microservices", "repos", "repositories", "modules", "packages", "apps", "applications",
                       "projects", "teams", "clients", "environments", "platforms", "systems"});
}
/// "every microservice", but not "all service names".
bool is_one_unit(Tokens tokens, std::size_t at) {
  if (at + 1 < tokens.size() && tokens[at + 1].kind == TokenKind::word && !is_preposition(tokens[at + 1].word) &&
      tokens[at + 1].word != "and" && !opens_subclause(tokens[at + 1].word))
    return false;
  return is_any(tokens[at].word, {"service", "microservice", "repo", "repository", "module", "package", "app", "application",
                                  "project", "team", "environment"});
}
bool is_small_unit(std::string_view word) {
  return is_any(word, {"files", "components", "pages", "endpoints", "classes", "tables", "screens", "routes", "handlers",
                       "controllers", "models", "views", "scripts", "queries", "forms"});
}

bool changes(Act act) {
  return act == Act::build || act == Act::change || act == Act::fix || act == Act::secure || act == Act::deploy ||
         act == Act::design;
}

/// Not a system by itself, but all of it is more than a part: "the entire UI".
bool is_realm(std::string_view word) {
  return is_any(word, {"ui", "ux", "api", "database", "schema", "suite", "project", "org", "organization", "organisation",
                       "company", "business", "fleet", "cluster", "network", "design", "onboarding", "checkout", "estate"});
}

bool says_entire(std::string_view word) {
  return is_any(word, {"complete", "entire", "whole", "full", "full-stack", "end-to-end"});
}

double number_of(std::string_view text) {
  while (!text.empty() && (text.front() == '~' || text.front() == '>' || text.front() == '<')) text.remove_prefix(1);
  const std::size_t dash = text.find('-');
  if (dash != std::string_view::npos && dash + 1 < text.size() && text[dash + 1] >= '0' && text[dash + 1] <= '9')
    text.remove_prefix(dash + 1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return -1;
  if (end != text.data() + text.size() && *end == 'k') value *= 1'000;
  return value;
}

Share scope_of_words(Tokens tokens) {
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const std::string& word = tokens[at].word;
    if (tokens[at].kind == TokenKind::number && at + 1 < tokens.size() && number_of(word) >= k_many_files)
      for (std::size_t next = at + 1; next < std::min(at + 3, tokens.size()); ++next)
        if (is_unit(tokens[next].word) || is_small_unit(tokens[next].word))
          return {k_large, "it changes " + word + " " + tokens[next].word};
    if (tokens[at].kind != TokenKind::word) continue;
    const bool across = word == "across" || word == "throughout";
    const bool every = is_any(word, {"all", "every", "each"});
    if (across || every || says_entire(word))
      for (std::size_t next = at + 1; next < std::min(at + 5, tokens.size()); ++next) {
        const std::string& unit = tokens[next].word;
        if (tokens[next].kind != TokenKind::word || (is_preposition(unit) && next > at + 1)) break;
        if (is_unit(unit) || is_one_unit(tokens, next) || (!every && (is_whole(unit) || is_realm(unit))))
          return {k_large, "\"" + word + " … " + unit + "\" is a whole, not a part"};
        if (is_small_unit(unit)) return {across ? k_large : 3, "it changes \"" + word + " " + unit + "\""};
      }
  }
  return {};
}

/// "rewrite the billing engine", "add a plugin system": the head of the object is a whole. "… into microservices": so is what
/// comes out of it.
Share scope_of_object(const Piece& piece, Tokens tokens, std::size_t object) {
  const bool makes = piece.act == Act::build || piece.act == Act::design;
  const auto phrases = read_noun_phrases(tokens, object, tokens.size());
  for (const NounPhrase& phrase : phrases) {
    const bool definite = phrase.begin > 0 && tokens[phrase.begin - 1].word == "the";
    const bool counts = makes ? phrase.preposition.empty() || phrase.preposition == "into" ||
                                    (phrase.preposition == "to" && piece.verb == "migrate")
                              : phrase.preposition == "into" && !definite;
    if (counts && is_whole(phrase.head) && phrase.topic != Topic::testing)
      return {k_large, "\"" + std::string(phrase.head) + "\" is a whole system, not a part"};
  }
  return {};
}

Share scope_of_verb(const Piece& piece, Tokens tokens) {
  if (is_any(piece.verb, {"migrate", "replatform", "rearchitect", "re-architect", "modernize", "modernise", "decompose"}))
    return {k_large, "to " + piece.verb + " something touches all that uses it"};
  const bool from_to = std::any_of(tokens.begin(), tokens.end(), [](const Token& token) { return token.word == "from"; }) &&
                       std::any_of(tokens.begin(), tokens.end(), [](const Token& token) { return token.word == "to"; });
  const auto verb = verb_at(tokens, 0, tokens.size());
  const std::string_view head = read_noun_phrase(tokens, verb ? verb->after : 0, tokens.size()).head;
  if (is_any(piece.verb, {"port", "convert", "rewrite", "rebuild"}) &&
      (from_to || is_any(head, {"repo", "repository", "project"})))
    return {k_large, "a whole is moved from one base to another"};
  if (is_any(piece.verb, {"rewrite", "rebuild", "port", "redesign"}))
    return {2, "to " + piece.verb + " something is more than an edit"};
  return {};
}

void take_larger(Share& best, Share other) {
  if (other.points > best.points) best = std::move(other);
}

bool is_cue_before(Tokens tokens, std::size_t at) {
  const std::size_t first = at >= 5 ? at - 5 : 0;
  for (std::size_t before = at; before-- > first;) {
    const Token& token = tokens[before];
    if (token.kind == TokenKind::stop || token.kind == TokenKind::line) return false;
    if (is_any(token.word, {"estimate", "estimated", "estimates", "effort", "eta", "duration", "budget", "expected", "expect",
                            "needs", "roughly"}))
      return true;
    if (is_any(token.word, {"take", "takes", "taking"}))
      return before == 0 ||
             is_any(tokens[before - 1].word, {"this", "it", "will", "should", "would", "may", "might", "probably", "likely",
                                              "task", "work", "to", "can"}) ||
             tokens[before - 1].kind != TokenKind::word;
  }
  return false;
}

bool is_cue_after(Tokens tokens, std::size_t at) {
  if (at + 1 < tokens.size() && tokens[at].word == "of")
    return is_any(tokens[at + 1].word, {"work", "effort", "coding", "development"});
  return at < tokens.size() && is_any(tokens[at].word, {"task", "job", "project", "effort", "estimate", "estimated"});
}

double minutes_of(std::string_view unit) {
  if (is_any(unit, {"minute", "minutes", "min", "mins"})) return 1;
  if (is_any(unit, {"hour", "hours", "hr", "hrs", "h"})) return 60;
  if (is_any(unit, {"day", "days"})) return 8 * 60;
  if (is_any(unit, {"week", "weeks", "sprint", "sprints"})) return 5 * 8 * 60;
  return 0;
}

/// The number in front of `at`: 2, ~2, 2-3, "a", "half a", "two".
double amount_before(Tokens tokens, std::size_t at) {
  if (at == 0) return -1;
  const Token& token = tokens[at - 1];
  if (token.kind == TokenKind::number) return number_of(token.word);
  if (is_any(token.word, {"a", "an", "one", "full"})) return at >= 2 && tokens[at - 2].word == "half" ? 0.5 : 1;
  if (is_any(token.word, {"two", "couple", "few", "several", "three", "four", "of"})) return 2;
  return -1;
}

Share estimate_in(Tokens tokens) {
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const bool thousands = tokens[at].word == "tokens";
    std::size_t amount_at = at;
    double unit = thousands ? 1 : minutes_of(tokens[at].word);
    double amount = unit > 0 ? amount_before(tokens, at) : -1;
    if (tokens[at].kind == TokenKind::number && unit <= 0) {  // "2h", "90min"
      const std::string& word = tokens[at].word;
      const std::size_t digits = word.find_last_of("0123456789") + 1;
      unit = digits < word.size() && word.substr(digits) != "k" ? minutes_of(word.substr(digits)) : 0;
      amount = unit > 0 ? number_of(word.substr(0, digits)) : -1;
    }
    if (unit <= 0 || amount < 0) continue;
    if (amount_at > 0) --amount_at;
    if (!is_cue_before(tokens, amount_at) && !is_cue_after(tokens, at + 1)) continue;
    if (thousands && amount > k_max_tokens) return {k_large, "it is estimated at more than 20k tokens"};
    if (!thousands && amount * unit > k_max_minutes) return {k_large, "it is estimated at more than 30 minutes"};
  }
  return {};
}

bool creates(std::string_view verb) {
  return is_any(verb, {"build", "create", "develop", "implement", "make", "construct", "add", "introduce", "deliver", "produce",
                       "scaffold"});
}

/// What somebody else changes, lists or describes is not changed by it. A title without a verb may ask for a change: "dark mode
/// for all pages".
bool may_change_whole(const Request& request, const Piece& piece) {
  if (piece.work == Work::catalog || piece.topic == Topic::documentation) return false;
  if (!piece.files.empty() && piece.files.size() < k_many_files) return false;
  if (changes(piece.act)) return true;
  return piece.act == Act::none && !piece.own_verb && &piece == &request.pieces.front() && piece.in_title;
}

/// "Multi-tenant support for the whole product" wants something; "Login fails for all clients" and "Errors across all services"
/// report.
bool wants_something(Tokens tokens) {
  const auto phrases = read_noun_phrases(tokens, 0, tokens.size());
  const std::string_view head = phrases.front().head;
  if (phrases.size() < 2 || head.empty() || head.ends_with("s") || head.ends_with("ed")) return false;
  const auto noun = find_noun(head);
  const bool tells_of_trouble = noun && noun->kind == NounKind::light;
  const std::string_view joined_by = phrases[1].preposition;
  return !tells_of_trouble && (joined_by == "for" || joined_by == "across" || joined_by == "throughout");
}

}  // namespace

Share whole_scope(const Request& request) {
  Share best;
  for (const Piece& piece : request.pieces) {
    if (!may_change_whole(request, piece)) continue;
    const std::vector<Token> tokens = tokenise(piece.text);
    if (piece.act == Act::none && !wants_something(tokens)) continue;
    const auto verb = verb_at(tokens, 0, tokens.size());
    Share share = scope_of_object(piece, tokens, verb ? verb->after : 0);
    take_larger(share, scope_of_words(tokens));
    take_larger(share, scope_of_verb(piece, tokens));
    if (!piece.in_title) share.points /= 2;
    take_larger(best, std::move(share));
  }
  return best;
}

Share many_files(const Request& request) {
  if (request.files.size() < k_many_files) return {};
  return {k_large, "it names " + std::to_string(request.files.size()) + " files"};
}

Share large_estimate(const Request& request, const TaskSpec& spec) {
  for (const auto* tokens : {&request.title, &request.description})
    if (Share share = estimate_in(*tokens); share.points > 0) return share;
  if (spec.estimated_minutes > k_max_minutes) return {k_large, "it is estimated at more than 30 minutes"};
  if (static_cast<double>(spec.estimated_tokens) > k_max_tokens) return {k_large, "it is estimated at more than 20k tokens"};
  return {};
}

Share listed_parts(const Request& request) {
  std::size_t listed = 0, parts = 0;
  for (const Piece& piece : request.pieces) {
    if (!piece.is_listed) continue;
    ++listed;
    const auto tokens = tokenise(piece.object);
    parts += !tokens.empty() && is_part(tokens.back().word) ? 1 : 0;
  }
  if (listed < 3 || (parts < 2 && !request.lists_makeup)) return {};
  return {3, "it lists " + std::to_string(listed) + " parts of a system"};
}

bool makes_whole(const Request& request) {
  return std::any_of(request.pieces.begin(), request.pieces.end(), [](const Piece& piece) {
    if (!piece.in_title || piece.act != Act::build || !creates(piece.verb)) return false;
    const std::vector<Token> tokens = tokenise(piece.text);
    const auto verb = verb_at(tokens, 0, tokens.size());
    return scope_of_object(piece, tokens, verb ? verb->after : 0).points > 0;
  });
}

}  // namespace baton::core
