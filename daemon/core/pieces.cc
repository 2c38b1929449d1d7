#include "core/pieces.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "core/delegation.h"
#include "core/graph.h"
#include "core/judgement.h"

namespace baton::core {
namespace {

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

/// "have it audited", "needs to be deployed": what is asked for is in the participle. "before it is released" asks for nothing.
Act act_of_participle(Tokens tokens, std::size_t begin, std::size_t end) {
  for (std::size_t at = begin; at < end && tokens[at].word != "before" && !opens_subclause(tokens[at].word); ++at)
    if (tokens[at].kind == TokenKind::word)
      if (const auto passive = find_participle(tokens[at].word)) return passive->verb.act;
  return Act::need;
}

std::string words_of(const Passage& source, const NounPhrase& phrase, std::size_t end) {
  return words_between(source, phrase.begin, std::min(end, phrase.end));
}

/// As one speaks of it the second time: of "a parser" "the parser", of "SSO" "SSO".
std::string mentioned_again(const Passage& source, const NounPhrase& phrase, std::size_t end) {
  std::string words = words_of(source, phrase, end);
  if (words.empty() || phrase.begin == 0 || source.tokens[phrase.begin - 1].kind != TokenKind::word) return words;
  const std::string& before = source.tokens[phrase.begin - 1].word;
  return before == "a" || before == "an" || before == "the" ? "the " + words : words;
}

/// What a later "it" means: the object; of "tests for the parser" the parser. Empty: what the piece before is about.
std::string about(const Passage& source, const std::vector<NounPhrase>& phrases, std::size_t end) {
  const NounPhrase& object = phrases.front();
  if (!object.is_work) return object.is_pronoun ? std::string() : mentioned_again(source, object, end);
  for (std::size_t at = 1; at < phrases.size(); ++at)
    if (phrases[at].preposition == "for" || phrases[at].preposition == "of") return mentioned_again(source, phrases[at], end);
  return {};
}

/// "set up", "deploy"; of a two-word name that opens the request ("penetration test the login") both words.
std::string verb_words(Tokens tokens, std::size_t begin, std::size_t after) {
  std::string words = tokens[begin].word;
  for (std::size_t at = begin + 1; at < after; ++at) words += " " + tokens[at].word;
  return words;
}

/// "Design, implement and test a plugin system": verbs that begin a sentence without an object of their own share the first one
/// that is named.
void share_object(std::vector<Piece>& pieces, const Piece& next) {
  if (next.link != Link::also || !next.own_verb || next.is_bare || next.refers_back) return;
  const auto in_sentence = [&](const Piece& piece) { return piece.sentence == next.sentence && piece.in_title == next.in_title; };
  auto first = pieces.end();
  while (first != pieces.begin() && in_sentence(*std::prev(first))) --first;
  if (!std::all_of(first, pieces.end(), [](const Piece& piece) { return piece.is_bare; })) return;
  const auto tokens = tokenise(next.text);
  const auto verb = verb_at(tokens, 0, tokens.size());
  if (!verb || verb->after >= tokens.size()) return;
  for (auto piece = first; piece != pieces.end(); ++piece) {
    piece->text += " " + next.text.substr(tokens[verb->after].begin);
    piece->object = next.object;
    piece->about = next.about;
    piece->is_bare = false;
  }
}

/// "Catalog and document all owners": the first verb has no object of its own, they share one and its field.
void join_shared_object(std::vector<Piece>& pieces, Piece& next) {
  if (pieces.empty()) return;
  Piece& previous = pieces.back();
  if (next.link != Link::also || !previous.own_verb || !next.own_verb || !previous.is_bare) return;
  if (previous.act == Act::document || previous.act == Act::deploy || previous.act == Act::test || previous.act == Act::design)
    return;
  const auto tokens = tokenise(next.object);
  const auto phrases = read_noun_phrases(tokens, 0, tokens.size());
  if (const Judgement shared = judge(previous.act, previous.verb, phrases); shared.strength > previous.strength) {
    previous.topic = shared.topic;
    previous.strength = shared.strength;
    previous.cue = shared.cue;
    previous.work = work_of(previous.act, previous.topic, phrases.front());
  }
  if (previous.act == Act::catalog || previous.act == Act::look) {
    previous.topic = phrases.front().topic == Topic::inventory ? Topic::inventory : previous.topic;
    if (next.act == Act::document || next.act == Act::look) {
      next.topic = previous.topic;
      next.work = work_of(previous.act, previous.topic, phrases.front());
      previous.work = next.work;
    }
  }
  previous.object = next.object;
}

/// "We need a report. Please build it", "The key leaked, rotate it": the first only tells what the second is about.
bool does_what_was_told(const std::vector<Piece>& pieces, const Piece& piece) {
  if (pieces.size() != 1 || pieces.front().own_verb || pieces.front().link != Link::first) return false;
  const bool makes = piece.act == Act::build || piece.act == Act::change || piece.act == Act::fix || piece.act == Act::secure;
  return piece.own_verb && makes && piece.refers_back && piece.object.empty() && !piece.is_bare && piece.in_title;
}

void take_over(const Piece& told, Piece& piece) {
  const auto tokens = tokenise(told.text);
  const auto phrases = read_noun_phrases(tokens, 0, tokens.size(), true);
  if (const Judgement judgement = judge(piece.act, piece.verb, phrases); judgement.strength > piece.strength) {
    piece.topic = judgement.topic;
    piece.strength = judgement.strength;
    piece.cue = judgement.cue;
    piece.work = work_of(piece.act, piece.topic, phrases.front());
  }
  piece.link = told.link;
  piece.object = piece.about = told.about;
  piece.refers_back = false;
  piece.files.insert(piece.files.begin(), told.files.begin(), told.files.end());
}

/// A piece that says nothing of its field belongs to the field of the one before it.
void inherit(Piece& piece, const Piece& previous) {
  if (piece.strength >= 3 || previous.topic == Topic::none) return;
  const bool makes = piece.act == Act::fix || piece.act == Act::change || piece.act == Act::build || piece.act == Act::secure;
  if (previous.topic == Topic::inventory && piece.own_verb && makes) {  // who catalogs does not change what was found
    piece.strength = 3;
    return;
  }
  if (piece.topic == Topic::none || piece.strength == 0 ||
      (piece.topic == Topic::development && previous.topic != Topic::testing && previous.topic != Topic::documentation)) {
    const bool cicd = previous.topic == Topic::cicd;
    if (piece.topic != previous.topic) piece.cue.clear();
    piece.topic = previous.topic;
    if (makes)
      piece.work = Work::implement;
    else
      piece.work = cicd ? Work::deploy : previous.work;
  }
}

/// The verb of a piece, and the words that it is called by.
struct Reading {
  std::size_t object = 0;  // where its object begins
  std::size_t object_end = 0;
  Topic field = Topic::none;  // whom it is passed on to
  std::string text;
};

/// "have the login reviewed by security": review the login.
std::string active_text(const Passage& source, std::size_t object, std::size_t passive, std::size_t end,
                        const std::string& base) {
  const Tokens tokens = source.tokens;
  std::string text = base + " " + words_between(source, object, passive);
  if (passive + 1 < end && tokens[passive + 1].word != "by") text += " " + words_between(source, passive + 1, end);
  return text;
}

Reading read_verb(Piece& piece, const Passage& source, const Segment& segment, std::size_t end) {
  const Tokens tokens = source.tokens;
  Reading reading{segment.begin, end, Topic::none, words_between(source, segment.begin, end)};
  const auto take = [&](Act act, std::string verb) {
    piece.own_verb = true;
    piece.act = act;
    piece.verb = std::move(verb);
  };
  const auto gerund = segment.begin < end && segment.link == Link::after ? find_gerund(tokens[segment.begin].word) : std::nullopt;
  if (!segment.verb.empty()) {
    take(segment.act, segment.verb);
    reading.text = segment.verb + (segment.begin < end ? " " + reading.text : "");
  } else if (const auto verb = verb_at(tokens, segment.begin, end); verb && !(segment.is_listed && verb->verb.also_noun)) {
    take(verb->verb.act, verb_words(tokens, verb->begin, verb->after));
    reading.object = verb->after;
    reading.field = verb->field;
    reading.text = words_between(source, verb->begin, end);
    if (const auto passive = passive_at(tokens, verb->begin, end); passive && verb->verb.act == Act::need) {
      auto base = *find_participle(tokens[*passive].word);
      take(base.verb.act, base.base);
      reading.object_end = *passive;
      reading.text = active_text(source, verb->after, *passive, end, base.base);
    }
  } else if (gerund) {
    take(gerund->verb.act, gerund->base);
    reading.object = segment.begin + 1;
    reading.text = gerund->base + (reading.object < end ? " " + words_between(source, reading.object, end) : "");
  }
  if (piece.act == Act::need) piece.act = act_of_participle(tokens, reading.object, end);
  return reading;
}

/// "have [the login] reviewed [by security]"
std::vector<NounPhrase> phrases_of(Tokens tokens, const Reading& reading, std::size_t end, bool with_subclauses) {
  auto phrases = read_noun_phrases(tokens, reading.object, reading.object_end, with_subclauses);
  if (reading.object_end == end) return phrases;
  const auto rest = read_noun_phrases(tokens, reading.object_end + 1, end, with_subclauses);
  phrases.insert(phrases.end(), std::next(rest.begin()), rest.end());
  return phrases;
}

/// What a department is asked to do is its own work, whatever it is done to.
void pass_on(Piece& piece, Topic field, const NounPhrase& object) {
  if (field == Topic::none) return;
  piece.topic = field;
  piece.strength = 4;
  piece.cue = name(field);
  piece.work = work_of(piece.act, field, object);
}

}  // namespace

std::string words_between(const Passage& source, std::size_t begin, std::size_t end) {
  if (begin >= end) return {};
  return std::string(
      text::trim(source.text.substr(source.tokens[begin].begin, source.tokens[end - 1].end - source.tokens[begin].begin)));
}

Piece read_piece(const Passage& source, const Segment& segment) {
  const Tokens tokens = source.tokens;
  const std::size_t end = trimmed_end(tokens, segment.begin, segment.end);
  Piece piece;
  piece.link = segment.link;
  piece.sentence = segment.sentence;
  piece.in_title = source.title;
  piece.is_listed = segment.is_listed;
  Reading reading = read_verb(piece, source, segment, end);
  const std::size_t object = reading.object;
  piece.is_bare = piece.own_verb && object >= end;
  const bool no_object = object < end && tokens[object].kind == TokenKind::word && opens_subclause(tokens[object].word);
  if (no_object && piece.act == Act::change) piece.act = Act::look;  // "show which teams …"
  const bool asks = no_object || piece.act == Act::look || piece.act == Act::check || piece.act == Act::catalog;
  const auto phrases = phrases_of(tokens, reading, end, asks);
  const Judgement judgement = judge(piece.act, piece.verb, phrases);
  piece.topic = judgement.topic;
  piece.strength = judgement.strength;
  piece.cue = judgement.cue;
  piece.work = work_of(piece.act, piece.topic, phrases.front());
  pass_on(piece, reading.field, phrases.front());
  piece.refers_back = refers_back(tokens, object, reading.object_end);
  if (phrases.front().is_pronoun && piece.act != Act::build && piece.topic == Topic::development) piece.strength = 0;
  piece.text = std::move(reading.text);
  if (!phrases.front().is_pronoun) piece.object = words_of(source, phrases.front(), end);
  piece.about = about(source, phrases, end);
  for (std::size_t at = segment.begin; at < segment.end; ++at)
    if (tokens[at].kind == TokenKind::file)
      if (auto path = normalise_path(tokens[at].word)) piece.files.push_back(std::move(*path));
  return piece;
}

/// "update clients and the pipeline": a list of objects under one verb. To change a pipeline is not to deploy.
void share_verb(Piece& piece, const Piece& previous) {
  piece.verb = previous.verb;
  piece.act = previous.act;
  if (piece.topic != Topic::cicd || (piece.act != Act::build && piece.act != Act::change && piece.act != Act::fix)) return;
  const auto tokens = tokenise(piece.object);
  piece.work = work_of(piece.act, piece.topic, read_noun_phrase(tokens, 0, tokens.size()));
}

void add_piece(std::vector<Piece>& pieces, Piece piece) {
  if (does_what_was_told(pieces, piece)) {
    take_over(pieces.back(), piece);
    pieces.back() = std::move(piece);
    return;
  }
  if (!pieces.empty()) {
    const Piece& previous = pieces.back();
    if (!piece.own_verb) share_verb(piece, previous);
    join_shared_object(pieces, piece);
    share_object(pieces, piece);
    inherit(piece, previous);
    if (piece.is_listed) piece.strength = std::max(piece.strength, 3);
    if (piece.about.empty()) piece.about = previous.about;
    if (piece.object.empty() && piece.refers_back && !piece.is_bare) piece.object = previous.about;
  }
  pieces.push_back(std::move(piece));
}

}  // namespace baton::core
