#include "core/request.h"

#include <algorithm>

#include "base/text.h"
#include "core/segments.h"

namespace baton::core {
namespace {

constexpr std::size_t k_max_read = 16 * 1024;  // bytes of a description that are read; a longer one says no more

bool starts_sentence_with_verb(Tokens tokens, std::size_t begin, std::size_t end) {
  while (begin < end && tokens[begin].kind == TokenKind::word && is_lead(tokens[begin].word)) ++begin;
  return verb_at(tokens, begin, end).has_value();
}

/// Where the text after "label:" begins; 0 = no label. A label is short and followed by words.
std::size_t after_label(Tokens tokens) {
  for (std::size_t at = 0; at + 1 < tokens.size() && at < 6; ++at) {
    if (tokens[at].kind == TokenKind::close && at <= 4 && tokens[0].kind == TokenKind::open) return at + 1;  // "[security] …"
    if (tokens[at].kind == TokenKind::colon) return at + 1;
    if (tokens[at].kind != TokenKind::word && tokens[at].kind != TokenKind::number && tokens[at].kind != TokenKind::open &&
        tokens[at].kind != TokenKind::close)
      return 0;
  }
  return 0;
}

struct Passage {
  std::string_view text;
  Tokens tokens;
  bool title = true;
};

std::string words_between(const Passage& source, std::size_t begin, std::size_t end) {
  if (begin >= end) return {};
  return std::string(
      text::trim(source.text.substr(source.tokens[begin].begin, source.tokens[end - 1].end - source.tokens[begin].begin)));
}

/// Trailing connectors of a segment belong to the next one.
std::size_t trimmed_end(Tokens tokens, std::size_t begin, std::size_t end) {
  while (end > begin) {
    const Token& last = tokens[end - 1];
    const bool connector = last.kind == TokenKind::comma || last.kind == TokenKind::colon || last.kind == TokenKind::open ||
                           (last.kind == TokenKind::word && (last.word == "and" || last.word == "then" || last.word == "also"));
    if (!connector) break;
    --end;
  }
  return end;
}

bool refers_back(Tokens tokens, std::size_t begin, std::size_t end) {
  for (std::size_t at = begin; at < end; ++at) {
    const std::string& word = tokens[at].word;
    if (tokens[at].kind != TokenKind::word) continue;
    if (is_pronoun(word) && (at + 1 == end || is_preposition(tokens[at + 1].word))) return true;
    if (word == "findings" || word == "results" || word == "issues" || word == "found" || word == "breaks" || word == "what" ||
        word == "broken")
      return true;
  }
  return false;
}

/// "have it audited", "needs to be deployed": what is asked for is in the participle.
Act act_of_participle(Tokens tokens, std::size_t begin, std::size_t end) {
  for (std::size_t at = begin; at < end; ++at)
    if (tokens[at].kind == TokenKind::word)
      if (const auto verb = find_participle(tokens[at].word)) return verb->act;
  return Act::need;
}

Piece read_piece(const Passage& source, const Segment& segment) {
  const Tokens tokens = source.tokens;
  const std::size_t end = trimmed_end(tokens, segment.begin, segment.end);
  Piece piece;
  piece.link = segment.link;
  piece.in_title = source.title;
  std::size_t object = segment.begin;
  if (const auto verb = verb_at(tokens, segment.begin, end)) {
    piece.act = verb->verb.act;
    piece.own_verb = true;
    object = verb->after;
  } else if (segment.begin < end && segment.link == Link::after) {
    if (const auto gerund = find_gerund(tokens[segment.begin].word)) {
      piece.act = gerund->act;
      piece.own_verb = true;
      object = segment.begin + 1;
    }
  }
  piece.is_bare = piece.own_verb && object >= end;
  if (piece.own_verb) piece.verb = tokens[segment.begin].word;
  if (piece.act == Act::need) piece.act = act_of_participle(tokens, object, end);
  const bool no_object = object < end && tokens[object].kind == TokenKind::word && opens_subclause(tokens[object].word);
  if (no_object && piece.act == Act::change) piece.act = Act::look;  // "show which teams …"
  const bool asks = no_object || piece.act == Act::look || piece.act == Act::check || piece.act == Act::catalog;
  const auto phrases = read_noun_phrases(tokens, object, end, asks);
  const Judgement judgement = judge(piece.act, piece.verb, phrases);
  piece.topic = judgement.topic;
  piece.strength = judgement.strength;
  piece.work = work_of(piece.act, piece.topic, phrases.front());
  piece.refers_back = refers_back(tokens, object, end);
  if (phrases.front().is_pronoun && piece.act != Act::build && piece.topic == Topic::development) piece.strength = 0;
  piece.text = words_between(source, segment.begin, end);
  piece.object = words_between(source, phrases.front().begin, std::min(end, phrases.front().end));
  for (std::size_t at = segment.begin; at < segment.end; ++at)
    if (tokens[at].kind == TokenKind::file) piece.files.push_back(tokens[at].word);
  return piece;
}

/// "Catalog and document all owners": the first verb has no object of its own, they share one and its field.
void join_shared_object(std::vector<Piece>& pieces, Piece& next) {
  if (pieces.empty()) return;
  Piece& previous = pieces.back();
  if (next.link != Link::also || !previous.own_verb || !next.own_verb || !previous.is_bare) return;
  if (previous.act == Act::document || previous.act == Act::deploy || previous.act == Act::test || previous.act == Act::design)
    return;
  if (previous.act == Act::catalog || previous.act == Act::look) {
    const auto tokens = tokenise(next.object);
    const auto phrases = read_noun_phrases(tokens, 0, tokens.size());
    previous.topic = phrases.front().topic == Topic::inventory ? Topic::inventory : previous.topic;
    if (next.act == Act::document || next.act == Act::look) {
      next.topic = previous.topic;
      next.work = work_of(previous.act, previous.topic, phrases.front());
      previous.work = next.work;
    }
  }
  previous.object = next.object;
}

/// A piece that says nothing of its field belongs to the field of the one before it.
void inherit(Piece& piece, const Piece& previous) {
  if (piece.strength >= 3 || previous.topic == Topic::none) return;
  const bool makes = piece.act == Act::fix || piece.act == Act::change || piece.act == Act::build;
  if (previous.topic == Topic::inventory && piece.own_verb && makes) {  // who catalogs does not change what was found
    piece.strength = 3;
    return;
  }
  if (piece.topic == Topic::none || piece.strength == 0 ||
      (piece.topic == Topic::development && previous.topic != Topic::testing && previous.topic != Topic::documentation)) {
    const bool cicd = previous.topic == Topic::cicd;
    piece.topic = previous.topic;
    if (makes)
      piece.work = Work::implement;
    else
      piece.work = cicd ? Work::deploy : previous.work;
  }
}

/// "update clients and the pipeline": a list of objects under one verb. To change a pipeline is not to deploy.
void share_verb(Piece& piece, const Piece& previous) {
  piece.verb = previous.verb;
  piece.act = previous.act;
  if (piece.topic != Topic::cicd || (piece.act != Act::build && piece.act != Act::change && piece.act != Act::fix)) return;
  const auto tokens = tokenise(piece.object);
  piece.work = work_of(piece.act, piece.topic, read_noun_phrase(tokens, 0, tokens.size()));
}

void add_piece(Request& request, Piece piece) {
  if (!request.pieces.empty()) {
    const Piece& previous = request.pieces.back();
    if (!piece.own_verb) share_verb(piece, previous);
    join_shared_object(request.pieces, piece);
    inherit(piece, previous);
  }
  request.pieces.push_back(std::move(piece));
}

/// "Build new feature: design → implement": the list says how; what stands before the colon is its subject.
bool is_header(Tokens tokens, std::size_t colon_after, const std::vector<Segment>& rest) {
  if (rest.size() < 2) return false;
  int verbs = 0;
  for (const Segment& segment : rest)
    verbs += verb_at(tokens, segment.begin, segment.end) || read_noun_phrase(tokens, segment.begin, segment.end).is_work ? 1 : 0;
  return colon_after > 1 && verbs >= 2;
}

std::size_t first_colon(Tokens tokens) {
  for (std::size_t at = 0; at < tokens.size(); ++at)
    if (tokens[at].kind == TokenKind::colon) return at + 1;
  return 0;
}

void read_title(Request& request, const Passage& source) {
  const Tokens tokens = source.tokens;
  std::size_t begin = 0;
  std::string subject;
  Judgement label;
  const std::size_t colon = first_colon(tokens);
  const std::vector<Segment> rest =
      colon > 0 && colon < tokens.size() ? cut(tokens, colon, tokens.size()) : std::vector<Segment>{};
  if (colon > 0 && is_header(tokens, colon, rest)) {
    Segment header{0, colon - 1, Link::first, false, 0};
    const Piece head = read_piece(source, header);
    subject = head.object.empty() ? head.text : head.object;
    begin = colon;
  } else if (const std::size_t after = after_label(tokens);
             after > 0 && starts_sentence_with_verb(tokens, after, tokens.size())) {
    request.label = words_between(source, tokens[0].kind == TokenKind::open ? 1 : 0, after - 1);
    const auto phrases = read_noun_phrases(tokens, tokens[0].kind == TokenKind::open ? 1 : 0, after - 1);
    label = judge(Act::none, "", phrases);
    begin = after;
  }
  for (const Segment& segment : cut(tokens, begin, tokens.size()))
    if (!segment.negated) add_piece(request, read_piece(source, segment));
  if (request.pieces.empty()) return;
  Piece& first = request.pieces.front();
  if (first.object.empty()) first.object = subject;
  const bool label_decides = label.strength >= 3 && label.topic != Topic::development && label.topic != Topic::none;
  if (label_decides && (first.topic == Topic::development || first.strength < 3)) {
    first.topic = label.topic;
    first.strength = label.strength;
    if (label.topic == Topic::documentation) first.work = Work::document;
    if (label.topic == Topic::testing) first.work = Work::test;
  }
  for (std::size_t at = 1; at < request.pieces.size(); ++at)
    if (request.pieces[at].object.empty()) request.pieces[at].object = subject.empty() ? first.object : subject;
}

/// Steps to reproduce, and what was seen, are no work.
bool opens_report(Tokens tokens, std::size_t begin, std::size_t end) {
  for (std::size_t at = begin; at < end; ++at) {
    const std::string& word = tokens[at].word;
    if (word == "reproduce" || word == "reproduction" || word == "repro" || word == "expected" || word == "actual" ||
        word == "example")
      return true;
  }
  return false;
}

/// Only what is asked for with a verb of its own, or hangs on one. The rest of a description describes.
void read_description(Request& request, const Passage& source) {
  const Tokens tokens = source.tokens;
  bool asked = false;
  bool report = false;
  std::size_t sentence = static_cast<std::size_t>(-1);
  for (const Segment& segment : cut(tokens, 0, tokens.size())) {
    if (segment.sentence != sentence) {
      sentence = segment.sentence;
      asked = false;
      if (segment.link != Link::item) report = false;
    }
    if (opens_report(tokens, segment.begin, segment.end)) report = true;
    const auto verb = verb_at(tokens, segment.begin, segment.end);
    const bool asks = verb && !(verb->verb.also_noun && verb->after < segment.end &&
                                tokens[verb->after].kind == TokenKind::word && is_preposition(tokens[verb->after].word));
    if (asks && (segment.link != Link::also || !asked)) asked = true;
    const NounPhrase noun = read_noun_phrase(tokens, segment.begin, segment.end);
    const bool listed = segment.link == Link::item && noun.is_work && noun.end == segment.end;  // "- security review"
    if (segment.negated || report ||
        !(asks || listed || (asked && segment.link == Link::tail) || (asked && segment.link == Link::also)))
      continue;
    Piece piece = read_piece(source, segment);
    if (!piece.own_verb && piece.strength < 3) continue;
    add_piece(request, std::move(piece));
  }
}

void add_words(const Tokens tokens, std::vector<std::string>& words) {
  bool refused = false;
  for (const Token& token : tokens) {
    if (token.kind != TokenKind::word && token.kind != TokenKind::number) {
      if (token.kind != TokenKind::file && token.kind != TokenKind::quoted)
        refused = false, words.emplace_back();  // phrases end here
      continue;
    }
    if (is_negation(token.word)) refused = true;
    if (token.word == "but" || token.word == "then") refused = false;
    if (!refused) words.push_back(token.word);
  }
}

void add_file(std::vector<std::string>& files, const std::string& file) {
  if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
}

bool word_matches(std::string_view word, std::string_view pattern) {
  if (!pattern.empty() && pattern.back() == '*') return !word.empty() && word.starts_with(pattern.substr(0, pattern.size() - 1));
  return word == pattern;
}

}  // namespace

Request read_request(const TaskSpec& spec) {
  Request request;
  std::string_view title = text::trim(spec.title);
  std::string_view description = std::string_view(spec.description).substr(0, k_max_read);
  if (title.empty()) {
    description = text::trim(description);
    const std::size_t line = std::min(description.find('\n'), description.size());
    title = description.substr(0, line);
    description.remove_prefix(line);
  }
  request.title = tokenise(title);
  request.description = text::trim(description) == title ? std::vector<Token>{} : tokenise(description);
  read_title(request, {title, request.title, true});
  read_description(request, {description, request.description, false});
  add_words(request.title, request.title_words);
  request.words = request.title_words;
  request.words.emplace_back();
  add_words(request.description, request.words);
  for (const auto* tokens : {&request.title, &request.description})
    for (const Token& token : *tokens)
      if (token.kind == TokenKind::file) add_file(request.files, token.word);
  for (const std::string& file : spec.files_affected) add_file(request.files, file);
  return request;
}

bool contains_phrase(const std::vector<std::string>& words, std::string_view phrase) {
  for (std::size_t start = 0; start < words.size(); ++start) {
    std::size_t at = start;
    std::string_view rest = phrase;
    while (!rest.empty() && at < words.size()) {
      const std::size_t space = std::min(rest.find(' '), rest.size());
      if (!word_matches(words[at], rest.substr(0, space))) break;
      rest.remove_prefix(std::min(space + 1, rest.size()));
      ++at;
    }
    if (rest.empty() && !phrase.empty()) return true;
  }
  return false;
}

}  // namespace baton::core
