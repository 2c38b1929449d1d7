#include "core/pieces.h"

#include <algorithm>

#include "base/text.h"
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

/// "have it audited", "needs to be deployed": what is asked for is in the participle.
Act act_of_participle(Tokens tokens, std::size_t begin, std::size_t end) {
  for (std::size_t at = begin; at < end; ++at)
    if (tokens[at].kind == TokenKind::word)
      if (const auto verb = find_participle(tokens[at].word)) return verb->act;
  return Act::need;
}

std::string words_of(const Passage& source, const NounPhrase& phrase, std::size_t end) {
  return words_between(source, phrase.begin, std::min(end, phrase.end));
}

/// What a later "it" means: the object; of "tests for the parser" the parser. Empty: what the piece before is about.
std::string about(const Passage& source, const std::vector<NounPhrase>& phrases, std::size_t end) {
  const NounPhrase& object = phrases.front();
  if (!object.is_work) return object.is_pronoun ? std::string() : words_of(source, object, end);
  for (std::size_t at = 1; at < phrases.size(); ++at)
    if (phrases[at].preposition == "for" || phrases[at].preposition == "of") return words_of(source, phrases[at], end);
  return {};
}

/// "set up", "deploy"; of a two-word name that opens the request ("penetration test the login") both words.
std::string verb_words(Tokens tokens, std::size_t begin, std::size_t after) {
  std::string words = tokens[begin].word;
  for (std::size_t at = begin + 1; at < after; ++at) words += " " + tokens[at].word;
  return words;
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
    piece.topic = previous.topic;
    if (makes)
      piece.work = Work::implement;
    else
      piece.work = cicd ? Work::deploy : previous.work;
  }
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
  piece.in_title = source.title;
  piece.is_listed = segment.is_listed;
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
  if (piece.own_verb) piece.verb = verb_words(tokens, segment.begin, object);
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
  if (!pieces.empty()) {
    const Piece& previous = pieces.back();
    if (!piece.own_verb) share_verb(piece, previous);
    join_shared_object(pieces, piece);
    inherit(piece, previous);
    if (piece.is_listed) piece.strength = std::max(piece.strength, 3);
    if (piece.about.empty()) piece.about = previous.about;
    if (piece.object.empty() && piece.refers_back && !piece.is_bare) piece.object = previous.about;
  }
  pieces.push_back(std::move(piece));
}

}  // namespace baton::core
