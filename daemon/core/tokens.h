// A request cut into words, files and punctuation. Knows nothing of what the words mean.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace baton::core {

enum class TokenKind {
  word,
  number,
  file,    // a path or a name with a known extension
  code,    // "deploy()": a name from a program, whatever the word means
  quoted,  // "...", '...' or `...`: somebody's literal text, never read
  comma,
  colon,
  semicolon,
  stop,   // end of a sentence
  arrow,  // → -> =>
  item,   // a bullet or the number of a list
  line,   // a line break that ends a sentence: blank line, or the next line begins anew
  open,
  close,
};

struct Token {
  TokenKind kind = TokenKind::word;
  std::string word;       // lower case; of a file as written
  std::size_t begin = 0;  // in the text, in bytes
  std::size_t end = 0;
};

std::vector<Token> tokenise(std::string_view text);

/// A file that holds a program, by its extension: "src/invoice.ts", not "deploy.yaml".
bool is_source_file(std::string_view path);

}  // namespace baton::core
