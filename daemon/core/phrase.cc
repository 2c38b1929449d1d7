#include "core/phrase.h"

#include <algorithm>

#include "base/text.h"

namespace baton::core {
namespace {

bool ends_phrase(const Token& token) {
  if (token.kind != TokenKind::word)
    return token.kind != TokenKind::number && token.kind != TokenKind::file && token.kind != TokenKind::quoted &&
           token.kind != TokenKind::code;
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
  if (phrase.topic != Topic::none) phrase.cue = head.word;
  phrase.is_source = phrase.topic == Topic::none && is_source_file(head.word);
}

struct Found {
  Noun noun;
  std::size_t begin;
};

/// "every service": one of many, as one speaks of them in the plural.
bool stands_for_all(Tokens tokens, std::size_t at) {
  return at > 0 && (tokens[at - 1].word == "every" || tokens[at - 1].word == "each");
}

/// The noun that ends at `at`: a name of two words if there is one, else the word.
std::optional<Found> noun_ending_at(Tokens tokens, std::size_t begin, std::size_t at) {
  if (at == begin && stands_for_all(tokens, at))
    if (auto noun = find_noun(tokens[at].word + "s")) return Found{*noun, at};
  if (at > begin && tokens[at - 1].kind == TokenKind::word)
    if (auto noun = find_noun(tokens[at - 1].word, tokens[at].word)) return Found{*noun, at - 1};
  if (auto noun = find_noun(tokens[at].word)) return Found{*noun, at};
  return std::nullopt;
}

std::string words_of(Tokens tokens, const Found& found, std::size_t at) {
  return found.begin == at ? tokens[at].word : tokens[found.begin].word + " " + tokens[at].word;
}

/// "dependency", "repository": inventory only where somebody lists or looks for them.
bool only_in_context(const Noun& noun) { return noun.kind == NounKind::light && noun.topic == Topic::inventory; }

void read_modifiers(Tokens tokens, NounPhrase& phrase, std::size_t first, std::size_t head) {
  for (std::size_t at = head; at-- > first;) {
    if (tokens[at].kind != TokenKind::word) continue;
    const auto found = noun_ending_at(tokens, first, at);
    if (found && found->noun.topic == Topic::development) at = found->begin;  // "audit log entry" is about no audit
    if (!found || found->noun.topic == Topic::none || found->noun.topic == Topic::development) continue;
    if (only_in_context(found->noun)) {
      if (phrase.strength == 0) phrase.topic = Topic::inventory, phrase.strength = 1, phrase.cue = words_of(tokens, *found, at);
      continue;
    }
    phrase.cue = words_of(tokens, *found, at);
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
    phrase.cue = words_of(tokens, *found, head);
    phrase.topic = found->noun.topic;
    phrase.strength = 4;
    phrase.is_work = found->noun.kind == NounKind::work;
    phrase.is_code = found->noun.kind == NounKind::code;
    if (phrase.is_code) phrase.strength = 3;
    return;
  }
  if (found && only_in_context(found->noun))
    phrase.topic = Topic::inventory, phrase.strength = 1, phrase.cue = words_of(tokens, *found, head);
  read_modifiers(tokens, phrase, first, head);
  phrase.is_described = !found && phrase.strength == 3;
  const bool judging = phrase.head == "scan" || phrase.head == "review" || phrase.head == "assessment" || phrase.head == "check";
  phrase.is_work = judging && phrase.strength == 3 && phrase.topic == Topic::security;
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
  if (std::any_of(tokens.begin() + static_cast<std::ptrdiff_t>(first), tokens.begin() + static_cast<std::ptrdiff_t>(stop),
                  [](const Token& token) { return token.kind == TokenKind::code; })) {  // "the deploy() method"
    phrase.topic = Topic::development;
    phrase.strength = 3;
    phrase.is_code = true;
    return phrase;
  }
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

}  // namespace baton::core
