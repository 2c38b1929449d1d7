#include "protocol/json_write.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/result.h"
#include "base/text.h"
#include "base/time.h"
#include "protocol/door.h"
#include "protocol/json_fault.h"
#include "protocol/redact.h"

namespace baton::protocol {
namespace {

constexpr std::size_t k_line_of_list = 100;       // bytes of a list that still stands on one line
constexpr std::size_t k_max_carried_depth = 128;  // leaves room below k_max_depth for what is put around it

constexpr std::size_t k_first_room = 1024;  // bytes: most documents fit

constexpr bool is_plain(unsigned char c) { return c >= 0x20 && c != '"' && c != '\\' && c != 0x7F; }

void append_escape(std::string& out, unsigned char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += digits[c >> 4U];
      out += digits[c & 15U];
  }
}

// The length of the UTF-8 character at the front, 0 when there is none.
std::size_t character_length(std::string_view bytes) {
  for (std::size_t length = 1; length <= 4 && length <= bytes.size(); ++length) {
    if (text::is_utf8(bytes.substr(0, length))) return length;
  }
  return 0;
}

std::string replace_invalid(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const std::size_t length = character_length(bytes);
    if (length == 0)
      out += "\uFFFD";
    else
      out += bytes.substr(0, length);
    bytes.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

void append_valid(std::string& out, std::string_view text) {
  std::size_t from = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (is_plain(c)) continue;
    out += text.substr(from, at - from);
    append_escape(out, c);
    from = at + 1;
  }
  out += text.substr(from);
}

// Nearly all strings; one pass instead of three.
bool is_plain_ascii(std::string_view text) {
  static constexpr auto k_plain = [] {
    std::array<bool, 256> plain{};
    for (unsigned c = 0; c < 0x80; ++c) plain[c] = is_plain(static_cast<unsigned char>(c));
    return plain;
  }();
  for (const char c : text)
    if (!k_plain[static_cast<unsigned char>(c)]) return false;
  return true;
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  if (is_plain_ascii(text))
    out += text;
  else if (text::is_utf8(text))
    append_valid(out, text);
  else
    append_valid(out, replace_invalid(text));
  out += '"';
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_string(out, text);
  return out;
}

void JsonWriter::line_break() {
  if (!layout_.indented) return;
  text_ += layout_.newline;
  text_ += layout_.margin;
  for (std::size_t i = 0; i < depth_; ++i) text_ += layout_.unit;
}

void JsonWriter::before_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (depth_ == 0) return;
  if (!first_) text_ += ',';
  line_break();
}

void JsonWriter::open(char bracket) {
  if (text_.empty()) text_.reserve(k_first_room);
  before_value();
  text_ += bracket;
  ++depth_;
  first_ = true;
}

void JsonWriter::close(char bracket) {
  BATON_ASSERT(depth_ > 0 && !after_key_);
  --depth_;
  secret_ = false;
  if (!first_) line_break();
  text_ += bracket;
  first_ = false;
}

void JsonWriter::key(std::string_view name) {
  BATON_ASSERT(depth_ > 0 && !after_key_);
  before_value();
  append_string(text_, name);
  text_ += layout_.indented ? ": " : ":";
  first_ = false;
  after_key_ = true;
  secret_ = layout_.redacted && is_secret_name(name);
}

void JsonWriter::text(std::string_view text) {
  if (!layout_.redacted) return append_string(text_, text);
  append_string(text_, secret_ ? std::string(k_redacted) : redacted(text));
}

void JsonWriter::token(std::string_view text) {
  before_value();
  text_ += text;
  first_ = false;
}

void JsonWriter::integer(std::int64_t number) {
  std::array<char, 24> digits{};
  token({digits.data(), std::to_chars(digits.begin(), digits.end(), number).ptr});
}

void JsonWriter::natural(std::uint64_t number) {
  std::array<char, 24> digits{};
  token({digits.data(), std::to_chars(digits.begin(), digits.end(), number).ptr});
}

void JsonWriter::real(double number) {
  BATON_ASSERT(std::isfinite(number));
  std::array<char, 32> digits{};
  token({digits.data(), std::to_chars(digits.begin(), digits.end(), number).ptr});
}

void JsonWriter::value(std::string_view string) {
  before_value();
  text(string);
  first_ = false;
}

void JsonWriter::value(const std::vector<std::string>& list) {
  std::size_t bytes = 0;
  for (const std::string& item : list) bytes += item.size() + 4;
  if (!layout_.indented || bytes > k_line_of_list) {
    begin_array();
    for (const std::string& item : list) value(item);
    end_array();
    return;
  }
  before_value();
  text_ += '[';
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) text_ += ", ";
    text(list[i]);
  }
  text_ += ']';
  first_ = false;
}

void JsonWriter::carried(std::string_view json) {
  json = without_bom(json);
  if (!check_json(json) || nesting_depth(json) > k_max_carried_depth)
    value(json);
  else
    copy_tokens(json);
}

void JsonWriter::copy_tokens(std::string_view json) {
  JsonTokens tokens(json);
  for (Token now = tokens.next(); now.kind != TokenKind::end; now = tokens.next()) {
    const std::string_view bytes = json.substr(now.offset, now.length);
    switch (now.kind) {
      case TokenKind::open: open(bytes.front()); break;
      case TokenKind::close: close(bytes.front()); break;
      case TokenKind::colon:
        text_ += layout_.indented ? ": " : ":";
        after_key_ = true;
        break;
      case TokenKind::string: copy_string(bytes, tokens); break;
      case TokenKind::scalar: token(bytes); break;
      case TokenKind::comma:
      case TokenKind::end: break;
    }
  }
}

// Keys stay as they are; `after` tells whether this is one.
void JsonWriter::copy_string(std::string_view bytes, JsonTokens after) {
  if (!layout_.redacted) return token(bytes);
  const std::string string = unescape_string(bytes);
  if (after.next().kind != TokenKind::colon) return value(string);
  secret_ = is_secret_name(string);
  token(bytes);
}

void JsonWriter::time_if(std::string_view name, std::int64_t wall_ms) {
  if (wall_ms != 0) member(name, format_utc(wall_ms));
}

std::string JsonWriter::take() {
  BATON_ASSERT(depth_ == 0 && !after_key_);
  first_ = true;
  return std::exchange(text_, {});
}

std::string JsonWriter::take_line() {
  text_ += '\n';
  return take();
}

}  // namespace baton::protocol
