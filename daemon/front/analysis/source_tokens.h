// Source text cut into words, strings and marks, without its comments: as far as finding what a file imports needs it, in
// languages that look alike. Knows no grammar.
#pragma once

#include <string_view>
#include <vector>

namespace baton::front {

struct SourceStyle {
  std::string_view line_comment;   // "//"
  std::string_view comment_begin;  // "/*"; "" when there is none
  std::string_view comment_end;    // "*/"
  std::string_view quotes;         // of strings that end with their line
  std::string_view long_quotes;    // of strings that go on over lines: "`"
  bool triple_quotes = false;      // """...""" and '''...'''
};

struct SourceToken {
  enum class Kind { word, string, mark } kind = Kind::mark;
  std::string_view text;  // of a string: what is in it, as written
  bool begins_line = false;
};

/// Words hold letters, digits, '_' and '$'; each other character is a mark. 'x' is a string where ' is no quote, a lone '
/// nothing.
std::vector<SourceToken> source_tokens(std::string_view source, const SourceStyle& style);

}  // namespace baton::front
