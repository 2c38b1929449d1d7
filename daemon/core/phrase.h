// Reads noun phrases: where they begin and end, and what their heads and modifiers say.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/request.h"

namespace baton::core {

/// "the [deployment pipeline]": from `begin` to `end` (indices of tokens), with what its head says.
struct NounPhrase {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view preposition;  // that stands before it; empty = the direct object
  std::string_view head;
  std::string cue;  // the word or two that gave its topic
  Topic topic = Topic::none;
  int strength = 0;      // 4 the head says so, 3 what describes it, 1 only in an inventory's context
  bool is_work = false;  // its head is a piece of work
  bool is_code = false;
  bool is_source = false;     // a file that holds a program
  bool is_described = false;  // the head is a word of the user's own; only what describes it has a topic
  bool is_secret = false;
  bool is_pronoun = false;
};

using Tokens = std::span<const Token>;

NounPhrase read_noun_phrase(Tokens tokens, std::size_t begin, std::size_t end);
/// All of tokens[begin, end), the direct object first (it may be empty). Subordinate clauses are read only when asked for.
std::vector<NounPhrase> read_noun_phrases(Tokens tokens, std::size_t begin, std::size_t end, bool with_subclauses = false);

}  // namespace baton::core
