// A request read as a list of pieces of work, in the order in which somebody would do them. What is only mentioned ("the deploy
// script", "before the release") or refused ("without docs") is no piece.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/lexicon.h"
#include "core/model.h"
#include "core/tokens.h"

namespace baton::core {

enum class Work : std::uint8_t { design, catalog, implement, test, audit, document, deploy };
/// The worker type that does it: planner, catalog, implementation, test, audit, documentation, deployment.
std::string_view worker_type(Work);

/// How a piece stands to those before it.
enum class Link : std::uint8_t {
  first,
  also,     // comma, "and"
  tail,     // "with tests and docs"
  item,     // of a list
  after,    // "then", an arrow: only when what is before it is done
  earlier,  // "but first": before what stands before it; only until the pieces are put in order
};

struct Piece {
  Work work = Work::implement;
  Topic topic = Topic::development;
  int strength = 0;  // 0..4: how sure the topic is; under 3 it follows its neighbours
  Act act = Act::none;
  Link link = Link::first;
  bool own_verb = false;
  bool is_bare = false;      // a verb alone: "…, and deploy"
  bool refers_back = false;  // "fix what breaks", "document it"
  bool in_title = true;
  bool is_listed = false;          // one of three or more objects of a verb that makes them
  std::size_t sentence = 0;        // of the title or the description
  std::string cue;                 // the word that gave its topic; empty = it follows its neighbours
  std::string text;                // in the request's own words, without connectors
  std::string verb;                // lower case; of a noun piece the verb it shares
  std::string object;              // without determiners, cut at the first preposition; of "it" what that means
  std::string about;               // what a later "it" means: "the parser", also of "tests for the parser"
  std::vector<std::string> files;  // normalised
};

struct Request {
  std::vector<Token> title;        // its first 4 KiB; the first line of the description when there is none
  std::vector<Token> description;  // its first 16 KiB
  bool is_cut = false;             // something was not read: it was too long, or held too many pieces
  std::vector<Piece> pieces;       // title first
  std::vector<std::string> slips;  // of the keyboard in the title, and how they are read
  bool lists_makeup = false;       // the title says what the thing is made up of
  std::string label;               // "EUI Dashboard: ..." gives "EUI Dashboard"
  std::vector<std::string> files;  // all that are named anywhere, each once
  std::vector<std::string> words;  // of title and description without what is refused: what playbooks match
  std::vector<std::string> title_words;
};

Request read_request(const TaskSpec& spec);

/// `phrase` occurs in `words`, word by word; a '*' at the end of a word stands for any ending.
bool contains_phrase(const std::vector<std::string>& words, std::string_view phrase);

}  // namespace baton::core
