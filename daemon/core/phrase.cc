#include "core/phrase.h"

#include <algorithm>

#include "base/text.h"

namespace baton::core {
namespace {

bool ends_phrase(const Token& token) {
  if (token.kind != TokenKind::word)
    return token.kind != TokenKind::number && token.kind != TokenKind::file && token.kind != TokenKind::quoted;
  return is_preposition(token.word) || opens_subclause(token.word) || is_negation(token.word) || token.word == "and" ||
         token.word == "or" || token.word == "then" || token.word == "plus" || token.word == "but";
}

/// Words that may follow a head without being one.
bool is_adverb(std::string_view word) {
  return word == "again" || word == "please" || word == "everywhere" || word == "today" || word == "now" || word == "too" ||
         word == "asap" || word == "first" || word == "up" || word == "out" || word == "properly" || word == "accordingly" ||
         word == "afterwards" || word == "once" || word == "only" || word == "here" || word == "there" || word == "instead";
}

bool tells_time(std::string_view word) {
  return word == "before" || word == "after" || word == "until" || word == "during" || word == "between";
}

struct FileRow {
  std::string_view part;
  Topic topic;
};
constexpr FileRow k_file_topics[] = {
    {".github/workflows", Topic::cicd}, {".gitlab-ci", Topic::cicd},      {"jenkinsfile", Topic::cicd},
    {"azure-pipelines", Topic::cicd},   {".circleci", Topic::cicd},       {"dockerfile", Topic::cicd},
    {"docker-compose", Topic::cicd},    {"codeowners", Topic::inventory}, {".test.", Topic::testing},
    {".spec.", Topic::testing},         {"_test.", Topic::testing},       {"test_", Topic::testing},
};

Topic topic_of_file(std::string_view path) {
  const std::string lower = text::lower(path);
  for (const FileRow& row : k_file_topics)
    if (lower.find(row.part) != std::string::npos) return row.topic;
  if (lower.ends_with(".md") || lower.ends_with(".rst") || lower.starts_with("docs/")) return Topic::documentation;
  return Topic::none;
}

void read_file_head(NounPhrase& phrase, const Token& head) {
  phrase.topic = topic_of_file(head.word);
  phrase.strength = phrase.topic == Topic::none ? 0 : 4;
}

struct Found {
  Noun noun;
  std::size_t begin;
};

/// The noun that ends at `at`: a name of two words if there is one, else the word.
std::optional<Found> noun_ending_at(Tokens tokens, std::size_t begin, std::size_t at) {
  if (at > begin && tokens[at - 1].kind == TokenKind::word)
    if (auto noun = find_noun(tokens[at - 1].word, tokens[at].word)) return Found{*noun, at - 1};
  if (auto noun = find_noun(tokens[at].word)) return Found{*noun, at};
  return std::nullopt;
}

/// "dependency", "repository": inventory only where somebody lists or looks for them.
bool only_in_context(const Noun& noun) { return noun.kind == NounKind::light && noun.topic == Topic::inventory; }

void read_modifiers(Tokens tokens, NounPhrase& phrase, std::size_t first, std::size_t head) {
  for (std::size_t at = head; at-- > first;) {
    if (tokens[at].kind != TokenKind::word) continue;
    const auto found = noun_ending_at(tokens, first, at);
    if (!found || found->noun.topic == Topic::none || found->noun.topic == Topic::development) continue;
    if (only_in_context(found->noun)) {
      if (phrase.strength == 0) phrase.topic = Topic::inventory, phrase.strength = 1;
      continue;
    }
    phrase.topic = found->noun.topic;
    phrase.strength = 3;
    return;
  }
}

bool names_code(std::string_view word) {
  return word == "function" || word == "class" || word == "method" || word == "variable" || word == "constant" || word == "flag";
}

void read_head(Tokens tokens, NounPhrase& phrase, std::size_t first, std::size_t head) {
  phrase.head = tokens[head].word;
  phrase.is_pronoun = first == head && is_pronoun(phrase.head);
  if (tokens[head].kind == TokenKind::file) return read_file_head(phrase, tokens[head]);
  if (head > first && names_code(tokens[head - 1].word)) {  // "the function deploy"
    phrase.topic = Topic::development;
    phrase.strength = 3;
    phrase.is_code = true;
    return;
  }
  const auto found = noun_ending_at(tokens, first, head);
  if (found && !only_in_context(found->noun) && found->noun.kind != NounKind::light) {
    phrase.topic = found->noun.topic;
    phrase.strength = 4;
    phrase.is_work = found->noun.kind == NounKind::work;
    phrase.is_code = found->noun.kind == NounKind::code;
    if (phrase.is_code) phrase.strength = 3;
    return;
  }
  if (found && only_in_context(found->noun)) phrase.topic = Topic::inventory, phrase.strength = 1;
  read_modifiers(tokens, phrase, first, head);
  const bool judging = phrase.head == "scan" || phrase.head == "review" || phrase.head == "assessment" || phrase.head == "check";
  phrase.is_work = judging && phrase.strength == 3 && phrase.topic == Topic::security;
}

const NounPhrase* first_with_topic(const std::vector<NounPhrase>& phrases, int strength, std::string_view preposition = {}) {
  for (const NounPhrase& phrase : phrases)
    if (phrase.topic != Topic::none && phrase.topic != Topic::development && phrase.strength >= strength &&
        (preposition.empty() || phrase.preposition == preposition))
      return &phrase;
  return nullptr;
}

Judgement of(const NounPhrase& phrase) { return {phrase.topic, std::max(3, phrase.strength)}; }

bool speaks_of(const std::vector<NounPhrase>& phrases, Topic topic, int strength) {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](const NounPhrase& phrase) { return phrase.topic == topic && phrase.strength >= strength; });
}

bool speaks_of_secret(const std::vector<NounPhrase>& phrases) {
  return std::any_of(phrases.begin(), phrases.end(), [](const NounPhrase& phrase) { return phrase.is_secret; });
}

/// One releases a version, but also a lock.
bool is_program_resource(std::string_view head) {
  for (std::string_view word :
       {"lock", "locks", "memory", "connection", "connections", "resource", "resources", "mutex", "handle", "handles", "event",
        "events", "message", "messages", "article", "post", "posts", "buffer"})
    if (head == word) return true;
  return false;
}

Judgement judge_audit(std::string_view verb, const std::vector<NounPhrase>& phrases) {
  if (speaks_of(phrases, Topic::security, 3) || speaks_of_secret(phrases)) return {Topic::security, 4};
  if (speaks_of(phrases, Topic::inventory, 3)) return {Topic::inventory, 4};
  for (const NounPhrase& phrase : phrases)
    if (phrase.preposition == "for" && verb == "scan" && phrase.strength == 0 && !find_noun(phrase.head))
      return {Topic::development, 3};  // "for dead links"
  for (const NounPhrase& phrase : phrases)
    if (phrase.head == "accessibility" || phrase.head == "performance") return {Topic::development, 3};
  return {Topic::security, 4};
}

Judgement judge_test(const std::vector<NounPhrase>& phrases) {
  if (phrases.front().topic == Topic::cicd && phrases.front().strength == 4) return {Topic::cicd, 4};
  if (phrases.front().topic == Topic::security && phrases.front().strength == 4) return {Topic::security, 4};
  if (const NounPhrase* aim = first_with_topic(phrases, 3, "for"); aim != nullptr && aim->topic == Topic::security)
    return {Topic::security, 4};
  return {Topic::testing, 4};
}

Judgement judge_catalog(std::string_view verb, const std::vector<NounPhrase>& phrases) {
  const NounPhrase& object = phrases.front();
  if (verb == "list" && object.strength >= 3 && object.topic != Topic::none && !object.is_code) return of(object);
  return {Topic::inventory, 4};
}

Judgement judge_look(const std::vector<NounPhrase>& phrases) {
  if (const NounPhrase* strong = first_with_topic(phrases, 3)) return of(*strong);
  if (speaks_of_secret(phrases)) return {Topic::security, 3};
  if (!phrases.front().is_code && speaks_of(phrases, Topic::inventory, 1)) return {Topic::inventory, 3};
  return {Topic::development, 2};
}

Judgement judge_check(const std::vector<NounPhrase>& phrases) {
  if (const NounPhrase* aim = first_with_topic(phrases, 3, "for")) return of(*aim);
  if (speaks_of_secret(phrases)) return {Topic::security, 3};
  if (const NounPhrase* any = first_with_topic(phrases, 3)) return of(*any);
  return {Topic::development, 2};
}

Judgement judge_design(const NounPhrase& object) {
  if (object.strength >= 3 && object.topic != Topic::none && object.topic != Topic::testing) return of(object);
  return {Topic::development, 3};
}

/// build, change, fix, none: the head decides, then what describes it, then what it belongs to.
Judgement judge_making(Act act, const std::vector<NounPhrase>& phrases) {
  const NounPhrase& object = phrases.front();
  if (object.is_code) return {Topic::development, 3};
  if (object.strength >= 3) return of(object);
  const bool lists =
      object.head == "list" || object.head == "overview" || object.head == "spreadsheet" || object.head == "matrix";
  if (lists && phrases.size() > 1 && phrases[1].preposition == "of" && phrases[1].topic == Topic::inventory)
    return {Topic::inventory, 3};
  for (const NounPhrase& phrase : phrases) {
    if (phrase.preposition.empty() || phrase.preposition == "with" || phrase.preposition == "by") continue;
    if (phrase.is_code) break;
    // "the color of the release banner", "a dashboard for the security team" say little; "a report of all licenses" does.
    const bool belongs = phrase.preposition == "of" || (phrase.preposition == "for" && act != Act::fix);
    if (phrase.strength >= 3 && phrase.topic != Topic::none && !(belongs && !find_noun(object.head))) return of(phrase);
  }
  return {Topic::development, act == Act::change || act == Act::none ? 1 : 3};
}

}  // namespace

NounPhrase read_noun_phrase(Tokens tokens, std::size_t begin, std::size_t end) {
  NounPhrase phrase;
  std::size_t first = begin;
  while (first + 1 < end && tokens[first].kind == TokenKind::word && is_determiner(tokens[first].word)) ++first;
  std::size_t stop = first;
  while (stop < end && !ends_phrase(tokens[stop])) ++stop;
  phrase.begin = first;
  phrase.end = stop;
  std::size_t head = stop;
  while (head > first && (tokens[head - 1].kind == TokenKind::number || tokens[head - 1].kind == TokenKind::quoted ||
                          (head - 1 > first && is_adverb(tokens[head - 1].word))))
    --head;
  if (head == first) return phrase;
  for (std::size_t at = first; at < head; ++at) phrase.is_secret |= is_secret(tokens[at].word);
  read_head(tokens, phrase, first, head - 1);
  return phrase;
}

std::vector<NounPhrase> read_noun_phrases(Tokens tokens, std::size_t begin, std::size_t end, bool with_subclauses) {
  std::vector<NounPhrase> phrases;
  phrases.push_back(read_noun_phrase(tokens, begin, end));
  for (std::size_t at = phrases.front().end; at < end;) {
    const Token& token = tokens[at];
    const bool subclause = token.kind == TokenKind::word && opens_subclause(token.word);
    if (subclause && !with_subclauses) break;
    if (token.kind != TokenKind::word ||
        !(subclause || is_preposition(token.word) || token.word == "and" || token.word == "or")) {
      ++at;
      continue;
    }
    NounPhrase phrase = read_noun_phrase(tokens, at + 1, end);
    if (tells_time(token.word)) {  // "before the release"
      at = std::max(phrase.end, at + 1);
      continue;
    }
    phrase.preposition = subclause || is_preposition(token.word) ? std::string_view(token.word) : phrases.back().preposition;
    at = std::max(phrase.end, at + 1);
    phrases.push_back(phrase);
  }
  return phrases;
}

Judgement judge(Act act, std::string_view verb, const std::vector<NounPhrase>& phrases) {
  const NounPhrase& object = phrases.front();
  switch (act) {
    case Act::document: return {Topic::documentation, 4};
    case Act::deploy: return is_program_resource(object.head) ? Judgement{Topic::development, 3} : Judgement{Topic::cicd, 4};
    case Act::audit: return judge_audit(verb, phrases);
    case Act::secure:
      return verb == "rotate" && !speaks_of_secret(phrases) ? Judgement{Topic::development, 2} : Judgement{Topic::security, 4};
    case Act::test: return judge_test(phrases);
    case Act::catalog: return judge_catalog(verb, phrases);
    case Act::look: return judge_look(phrases);
    case Act::check: return judge_check(phrases);
    case Act::operate:
      if (const NounPhrase* any = first_with_topic(phrases, 3)) return of(*any);
      return {verb == "restart" || verb == "stop" ? Topic::cicd : Topic::development, 2};
    case Act::design: return judge_design(object);
    case Act::need:
    case Act::none:
    case Act::build:
    case Act::change:
    case Act::fix: return judge_making(act, phrases);
  }
  return {};
}

Work work_of(Act act, Topic topic, const NounPhrase& object) {
  if (act == Act::design) return Work::design;
  switch (topic) {
    case Topic::testing: return Work::test;
    case Topic::documentation: return Work::document;
    case Topic::inventory: return Work::catalog;
    case Topic::security:
      return act == Act::build || act == Act::change || act == Act::fix || act == Act::secure
                 ? (object.is_work ? Work::audit : Work::implement)
                 : Work::audit;
    case Topic::cicd: {
      const bool brings_out = object.head == "deployment" || object.head == "rollout" || object.head == "release";
      const bool makes = act == Act::build || act == Act::change || act == Act::fix;
      return makes && !brings_out ? Work::implement : Work::deploy;
    }
    case Topic::none:
    case Topic::development: break;
  }
  return Work::implement;
}

std::string_view worker_type(Work work) {
  switch (work) {
    case Work::design: return "planner";
    case Work::catalog: return "catalog";
    case Work::implement: return "implementation";
    case Work::test: return "test";
    case Work::audit: return "audit";
    case Work::document: return "documentation";
    case Work::deploy: return "deployment";
  }
  return "implementation";
}

}  // namespace baton::core
