#include "core/request.h"

#include <algorithm>

#include "base/text.h"
#include "core/enumeration.h"
#include "core/graph.h"
#include "core/judgement.h"
#include "core/makeup.h"
#include "core/ordering.h"
#include "core/pieces.h"
#include "core/spelling.h"

namespace baton::core {
namespace {

constexpr std::size_t k_max_title = 4 * 1024;         // bytes of a title that are read
constexpr std::size_t k_max_description = 16 * 1024;  // and of a description; a longer one says no more
constexpr std::size_t k_max_pieces = 100;             // more than anybody would plan in one go
constexpr std::size_t k_max_files = 500;

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

/// "Build new feature: design → implement": what stands before the colon is not a label but what the list is about.
struct Header {
  Piece piece;
  std::size_t end = 0;  // where the list begins; 0 = there is no header
  bool makes = false;
  bool is_makeup = false;
  std::size_t list_end = 0;
  std::vector<std::size_t> listed;  // where the objects of its verb begin
};

std::size_t first_colon(Tokens tokens) {
  for (std::size_t at = 0; at < tokens.size(); ++at)
    if (tokens[at].kind == TokenKind::colon) return at + 1;
  return 0;
}

bool lists_work(Tokens tokens, const std::vector<Segment>& segments) {
  const auto is_work = [&](const Segment& segment) {
    return verb_at(tokens, segment.begin, segment.end) || read_noun_phrase(tokens, segment.begin, segment.end).is_work;
  };
  return segments.size() >= 2 && std::count_if(segments.begin(), segments.end(), is_work) >= 2;
}

/// "Build a chat comprising a server and …", "We need accounts: sign-up, login, …"
Header header_of(const Passage& source, const MakeUp& makeup) {
  Header header{read_piece(source, makeup.thing), makeup.begin, true, true, makeup.end, makeup.parts};
  if (makeup.is_wish) {
    header.piece.act = Act::build;
    header.piece.verb = "build";
  }
  return header;
}

Header read_header(const Passage& source) {
  const Tokens tokens = source.tokens;
  if (const MakeUp makeup = makeup_of(source.text, tokens); !makeup.parts.empty()) return header_of(source, makeup);
  const std::size_t colon = first_colon(tokens);
  if (colon <= 1 || colon >= tokens.size()) return {};
  const Segment first{0, colon - 1, Link::first, false, 0, false, Act::none, {}};
  Header header{read_piece(source, first), colon, false, false, tokens.size(), {}};
  header.makes = header.piece.own_verb && header.piece.act == Act::build;
  std::vector<std::size_t> objects = listed_objects(tokens, colon, tokens.size());
  const bool are_work = !objects.empty() && std::all_of(objects.begin(), objects.end(), [&](std::size_t at) {
    return read_noun_phrase(tokens, at, tokens.size()).is_work;
  });
  if (header.makes || (are_work && header.piece.own_verb)) header.listed = std::move(objects);
  return !header.listed.empty() || lists_work(tokens, cut(tokens, colon, tokens.size())) ? header : Header{};
}

/// "Develop the API: tests, docs": the list adds to what the header asks for. What is thought out or found first stays before it.
void add_header(std::vector<Piece>& pieces, Piece header) {
  const auto prepares = [](const Piece& piece) { return piece.work == Work::design || piece.work == Work::catalog; };
  const auto at = std::find_if_not(pieces.begin(), pieces.end(), prepares);
  header.link = Link::also;
  if (at == pieces.begin()) {
    header.link = Link::first;
    if (!pieces.empty() && pieces.front().link == Link::first)
      pieces.front().link = pieces.front().own_verb ? Link::also : Link::tail;
  }
  pieces.insert(at, std::move(header));
}

/// "[security] …", "EUI Dashboard: …"
struct Label {
  std::size_t end = 0;  // where the text begins
  Judgement judgement;
};

Label read_label(Request& request, const Passage& source) {
  const Tokens tokens = source.tokens;
  const std::size_t after = after_label(tokens);
  if (after == 0 || !starts_sentence_with_verb(tokens, after, tokens.size())) return {};
  const std::size_t begin = tokens[0].kind == TokenKind::open ? 1 : 0;
  request.label = words_between(source, begin, after - 1);
  return {after, judge(Act::none, "", read_noun_phrases(tokens, begin, after - 1))};
}

/// What a label says of the field, unless the first piece is sure of its own.
void apply_label(Piece& first, const Judgement& label) {
  const bool decides = label.strength >= 3 && label.topic != Topic::development && label.topic != Topic::none;
  if (!decides || (first.topic != Topic::development && first.strength >= 3)) return;
  first.topic = label.topic;
  first.strength = label.strength;
  if (label.topic == Topic::documentation) first.work = Work::document;
  if (label.topic == Topic::testing) first.work = Work::test;
}

/// "A shop with a product catalog", "an API with API keys": what a thing is made up of is built, whatever field its name is from.
void build_part(Piece& part) {
  if (part.topic != Topic::security && part.topic != Topic::inventory) return;
  const auto tokens = tokenise(part.object);
  if (read_noun_phrase(tokens, 0, tokens.size()).is_work) return;
  part.topic = Topic::development;
  part.strength = 3;
  part.work = Work::implement;
  part.cue.clear();
}

void take_piece(Request& request, const Passage& source, const Segment& segment, const Header* header = nullptr) {
  if (request.pieces.size() >= k_max_pieces) {
    request.is_cut = true;
    return;
  }
  Piece piece = read_piece(source, segment);
  if (!source.title && !piece.own_verb && piece.strength < 3) return;
  if (request.pieces.empty() && header != nullptr && !piece.own_verb) share_verb(piece, header->piece);
  if (header != nullptr && header->is_makeup && piece.is_listed) build_part(piece);
  add_piece(request.pieces, std::move(piece));
}

void read_title(Request& request, const Passage& source) {
  const Tokens tokens = source.tokens;
  Header header = read_header(source);
  const Label label = header.end == 0 ? read_label(request, source) : Label{};
  request.lists_makeup = header.is_makeup;
  const std::size_t end = header.end > 0 ? header.list_end : tokens.size();
  for (const Segment& segment : cut(tokens, std::max(header.end, label.end), end, header.listed))
    if (!segment.negated) take_piece(request, source, segment, header.end > 0 ? &header : nullptr);
  const std::string subject = header.piece.object.empty() ? header.piece.text : header.piece.object;
  const bool adds = std::none_of(request.pieces.begin(), request.pieces.end(),
                                 [](const Piece& piece) { return piece.work == Work::implement; });
  put_in_order(request.pieces, 0);
  if (header.makes && adds && header.piece.work == Work::implement) add_header(request.pieces, std::move(header.piece));
  if (request.pieces.empty()) return;
  Piece& first = request.pieces.front();
  if (first.object.empty()) first.object = subject;
  apply_label(first, label.judgement);
  for (std::size_t at = 1; at < request.pieces.size(); ++at)
    if (Piece& piece = request.pieces[at]; piece.object.empty())
      piece.object = !subject.empty() ? subject : first.about.empty() ? first.object : first.about;
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
  const std::size_t first = request.pieces.size();
  std::size_t sentence = static_cast<std::size_t>(-1);
  for (const Segment& segment : cut(tokens, 0, tokens.size())) {
    if (segment.sentence != sentence) {
      sentence = segment.sentence;
      asked = false;
      if (segment.link != Link::item) report = false;
    }
    if (opens_report(tokens, segment.begin, segment.end)) report = true;
    const auto verb = verb_at(tokens, segment.begin, segment.end);
    const bool asks = !segment.verb.empty() ||
                      (verb && !(verb->verb.also_noun && verb->after < segment.end &&
                                 tokens[verb->after].kind == TokenKind::word && is_preposition(tokens[verb->after].word)));
    if (asks && (segment.link != Link::also || !asked)) asked = true;
    const NounPhrase noun = read_noun_phrase(tokens, segment.begin, segment.end);
    const bool listed = segment.link == Link::item && noun.is_work && noun.end == segment.end;  // "- security review"
    if (segment.negated || report ||
        !(asks || listed || (asked && segment.link == Link::tail) || (asked && segment.link == Link::also)))
      continue;
    take_piece(request, source, segment);
  }
  put_in_order(request.pieces, first);
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

/// The task's own, and those that its words name; a path in words that leads out of the workspace is no file of it.
std::vector<std::string> files_of(const Request& request, const TaskSpec& spec) {
  std::vector<std::string> files;
  const auto add = [&](std::string file) {
    if (files.size() < k_max_files && std::find(files.begin(), files.end(), file) == files.end())
      files.push_back(std::move(file));
  };
  for (const std::string& file : spec.files_affected) {
    auto path = normalise_path(file);
    add(path ? std::move(*path) : file);
  }
  for (const auto* tokens : {&request.title, &request.description})
    for (const Token& token : *tokens)
      if (token.kind == TokenKind::file)
        if (auto path = normalise_path(token.word)) add(std::move(*path));
  return files;
}

/// At most `limit` bytes, cut where a character begins.
std::string_view first_bytes(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return text.substr(0, limit);
}

bool word_matches(std::string_view word, std::string_view pattern) {
  if (!pattern.empty() && pattern.back() == '*') return !word.empty() && word.starts_with(pattern.substr(0, pattern.size() - 1));
  return word == pattern;
}

}  // namespace

Request read_request(const TaskSpec& spec) {
  Request request;
  std::string_view title = text::trim(spec.title);
  std::string_view description = text::trim(spec.description);
  const std::size_t asked = title.size() + description.size();
  if (title.empty()) {
    title = first_bytes(description.substr(0, description.find('\n')), k_max_title);
    description.remove_prefix(title.size());
  }
  title = first_bytes(title, k_max_title);
  description = first_bytes(description, k_max_description);
  const bool says_nothing_more = description == title;
  request.is_cut = title.size() + description.size() < asked;
  const std::string mended = mend_spelling(title, request.slips);
  title = mended;
  request.title = tokenise(title);
  request.description = says_nothing_more ? std::vector<Token>{} : tokenise(description);
  read_title(request, {title, request.title, true});
  read_description(request, {description, request.description, false});
  add_words(request.title, request.title_words);
  request.words = request.title_words;
  request.words.emplace_back();
  add_words(request.description, request.words);
  request.files = files_of(request, spec);
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
