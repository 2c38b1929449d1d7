// The tokens of a JSON text that is known to be valid, and the members of an object with the places of their bytes. This is how
// documents are changed without being written anew: simdjson says that a text is valid, this says where its parts lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace baton::protocol {

enum class TokenKind : std::uint8_t { open, close, string, scalar, comma, colon, end };

struct Token {
  TokenKind kind = TokenKind::end;
  std::size_t offset = 0;
  std::size_t length = 0;  // with the quotes of a string
};

/// REQUIRES: `text` is valid JSON from `offset` on. Text that is not never leads outside of it, but to tokens without meaning.
class JsonTokens {
 public:
  explicit JsonTokens(std::string_view text, std::size_t offset = 0) : text_(text), at_(offset) {}
  Token next();
  /// The end of the value that begins at or after the present place; afterwards the next token is what follows it.
  std::size_t skip_value();

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// One member of an object: where key (with quotes) and value lie.
struct JsonMember {
  std::string key;  // unescaped
  std::size_t key_begin = 0, key_end = 0;
  std::size_t value_begin = 0, value_end = 0;
};

/// In the order of the text, duplicates included. Empty when the text is no object.
std::vector<JsonMember> object_members(std::string_view object);
bool is_object_text(std::string_view json);

/// The text that a string token (with its quotes) stands for.
std::string unescape_string(std::string_view token);

/// The bytes of the value that a JSON pointer names; of members with one name the last. Empty when there is none.
std::string_view value_at(std::string_view json, std::string_view pointer);
/// The same tokens without white space between them.
std::string compact(std::string_view json);

/// Levels of nesting; 0 = a scalar.
std::size_t nesting_depth(std::string_view json);

}  // namespace baton::protocol
