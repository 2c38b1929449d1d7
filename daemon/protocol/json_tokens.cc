#include "protocol/json_tokens.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace baton::protocol {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool ends_scalar(char c) {
  return is_space(c) || c == ',' || c == ']' || c == '}' || c == ':' || c == '[' || c == '{' || c == '"';
}

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return std::min(at, text.size());
}

// `at` is the opening quote; the place behind the closing one.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

std::size_t end_of_scalar(std::string_view text, std::size_t at) {
  while (at < text.size() && !ends_scalar(text[at])) ++at;
  return at;
}

TokenKind kind_of(char first) {
  switch (first) {
    case '{':
    case '[': return TokenKind::open;
    case '}':
    case ']': return TokenKind::close;
    case ',': return TokenKind::comma;
    case ':': return TokenKind::colon;
    case '"': return TokenKind::string;
    default: return TokenKind::scalar;
  }
}

// One step of a JSON pointer: "a~1b" → "a/b".
std::string unescape_step(std::string_view step) {
  std::string name;
  for (std::size_t at = 0; at < step.size(); ++at) {
    const bool escaped = step[at] == '~' && at + 1 < step.size();
    if (escaped) ++at;
    name += !escaped ? step[at] : step[at] == '1' ? '/' : '~';
  }
  return name;
}

std::string_view member_value(std::string_view object, std::string_view name) {
  std::string_view value;
  for (const JsonMember& member : object_members(object))
    if (member.key == name) value = object.substr(member.value_begin, member.value_end - member.value_begin);
  return value;
}

std::string_view item_value(std::string_view array, std::string_view index) {
  std::size_t wanted = 0;
  const auto parsed = std::from_chars(index.data(), index.data() + index.size(), wanted);
  JsonTokens tokens(array);
  if (const Token first = tokens.next(); parsed.ec != std::errc() || first.kind != TokenKind::open) return {};
  for (std::size_t at = 0;; ++at) {
    JsonTokens ahead = tokens;
    const Token item = ahead.next();
    if (item.kind == TokenKind::close || item.kind == TokenKind::end) return {};
    const std::size_t end = tokens.skip_value();
    if (at == wanted) return array.substr(item.offset, end - item.offset);
    tokens.next();  // the comma
  }
}

}  // namespace

Token JsonTokens::next() {
  at_ = skip_space(text_, at_);
  if (at_ == text_.size()) return {TokenKind::end, at_, 0};
  const std::size_t begin = at_;
  const TokenKind kind = kind_of(text_[begin]);
  if (kind == TokenKind::string)
    at_ = end_of_string(text_, begin);
  else if (kind == TokenKind::scalar)
    at_ = end_of_scalar(text_, begin);
  else
    ++at_;
  return {kind, begin, at_ - begin};
}

std::size_t JsonTokens::skip_value() {
  std::size_t depth = 0;
  while (true) {
    const Token token = next();
    if (token.kind == TokenKind::end) break;
    if (token.kind == TokenKind::open) ++depth;
    if (token.kind == TokenKind::close && depth > 0) --depth;
    if (depth == 0) break;
  }
  return at_;
}

std::vector<JsonMember> object_members(std::string_view object) {
  std::vector<JsonMember> members;
  JsonTokens tokens(object);
  if (const Token first = tokens.next(); first.kind != TokenKind::open || object[first.offset] != '{') return members;
  for (Token token = tokens.next(); token.kind == TokenKind::string || token.kind == TokenKind::comma; token = tokens.next()) {
    if (token.kind == TokenKind::comma) continue;
    JsonMember member;
    member.key_begin = token.offset;
    member.key_end = token.offset + token.length;
    member.key = unescape_string(object.substr(token.offset, token.length));
    const Token colon = tokens.next();
    member.value_begin = skip_space(object, colon.offset + colon.length);
    member.value_end = tokens.skip_value();
    members.push_back(std::move(member));
  }
  return members;
}

bool is_object_text(std::string_view json) {
  const std::size_t first = skip_space(json, 0);
  return first < json.size() && json[first] == '{';
}

std::string unescape_string(std::string_view token) {
  if (token.find('\\') == std::string_view::npos)
    return token.size() < 2 ? std::string() : std::string(token.substr(1, token.size() - 2));
  const auto value = nlohmann::json::parse(token.begin(), token.end(), nullptr, /*allow_exceptions=*/false);
  return value.is_string() ? value.get<std::string>() : std::string(token);
}

std::string_view value_at(std::string_view json, std::string_view pointer) {
  while (!pointer.empty() && !json.empty()) {
    pointer.remove_prefix(1);
    const std::string_view step = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(step.size());
    json = is_object_text(json) ? member_value(json, unescape_step(step)) : item_value(json, step);
  }
  return json;
}

std::string compact(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  JsonTokens tokens(json);
  for (Token token = tokens.next(); token.kind != TokenKind::end; token = tokens.next())
    out += json.substr(token.offset, token.length);
  return out;
}

std::size_t nesting_depth(std::string_view json) {
  std::size_t depth = 0, deepest = 0;
  JsonTokens tokens(json);
  for (Token token = tokens.next(); token.kind != TokenKind::end; token = tokens.next()) {
    if (token.kind == TokenKind::open) deepest = std::max(deepest, ++depth);
    if (token.kind == TokenKind::close && depth > 0) --depth;
  }
  return deepest;
}

}  // namespace baton::protocol
