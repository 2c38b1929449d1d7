#include "protocol/redact.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/text.h"

namespace baton::protocol {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) { return is_letter(c) || is_digit(c); }
bool is_token_char(char c) { return is_alphanumeric(c) || c == '_' || c == '-'; }
bool is_opaque_char(char c) { return is_token_char(c) || c == '.' || c == '+' || c == '/' || c == '~' || c == '='; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

using Belongs = bool (*)(char);

std::size_t end_of(std::string_view text, std::size_t at, Belongs belongs) {
  while (at < text.size() && belongs(text[at])) ++at;
  return at;
}

/// Random letters and digits without a break, as words never have them.
bool holds_random_run(std::string_view token, std::size_t length) {
  std::size_t run = 0;
  bool letter = false, digit = false;
  for (const char c : token) {
    if (!is_alphanumeric(c)) {
      run = 0;
      letter = digit = false;
      continue;
    }
    letter = letter || is_letter(c);
    digit = digit || is_digit(c);
    if (++run >= length && letter && digit) return true;
  }
  return false;
}

/// A key that says by its first characters what it is.
struct Shape {
  std::string_view front;
  std::size_t least;  // characters that follow
  bool random;        // words may begin like this too
};
constexpr std::array<Shape, 27> k_shapes{{
    {"AKIA", 16, false},     {"ASIA", 16, false},        {"ABIA", 16, false},    {"AIza", 30, false},
    {"ghp_", 20, false},     {"gho_", 20, false},        {"ghu_", 20, false},    {"ghs_", 20, false},
    {"ghr_", 20, false},     {"github_pat_", 20, false}, {"glpat-", 16, false},  {"npm_", 30, false},
    {"pypi-", 40, false},    {"hf_", 30, false},         {"xoxb-", 10, true},    {"xoxp-", 10, true},
    {"xoxa-", 10, true},     {"xoxr-", 10, true},        {"xoxs-", 10, true},    {"sk_live_", 16, false},
    {"rk_live_", 16, false}, {"sk_test_", 16, false},    {"dop_v1_", 32, false}, {"AGE-SECRET-KEY-", 20, false},
    {"SG.", 30, true},       {"sk-", 20, true},          {"gsk_", 30, false},
}};
constexpr std::size_t k_shortest_key = 11;  // of any shape, up to the first point
constexpr std::size_t k_random_run = 10;    // of those whose front is not enough

/// Where the key that begins here ends; `at` when none does.
std::size_t end_of_key(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  for (const Shape& shape : k_shapes) {
    if (!rest.starts_with(shape.front)) continue;
    const std::size_t begin = at + shape.front.size();
    std::size_t end = end_of(text, begin, is_token_char);
    if (shape.front == "SG.") end = end_of(text, begin, is_opaque_char);
    const bool fits = end - begin >= shape.least;
    if (fits && (!shape.random || holds_random_run(text.substr(begin, end - begin), k_random_run))) return end;
  }
  return at;
}

/// Three parts in base64 with points between them, the first an object: eyJ….eyJ….…
std::size_t end_of_web_token(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("eyJ")) return at;
  std::size_t end = at;
  for (int part = 0; part < 3; ++part) {
    const std::size_t next = end_of(text, end, is_token_char);
    if (next - end < 8 && part < 2) return at;
    end = next;
    if (part == 2) return end;
    if (end >= text.size() || text[end] != '.') return at;
    ++end;
  }
  return end;
}

std::size_t end_of_private_key(std::string_view text, std::size_t at) {
  constexpr std::string_view k_begin = "-----BEGIN ", k_kind = "PRIVATE KEY", k_end = "-----END ", k_dashes = "-----";
  if (!text.substr(at).starts_with(k_begin)) return at;
  const std::size_t line = std::min(text.find(k_dashes, at + k_begin.size()), text.size());
  if (text.substr(at, line - at).find(k_kind) == std::string_view::npos) return at;
  const std::size_t end = text.find(k_end, line);
  if (end == std::string_view::npos) return text.size();  // cut off somewhere: what is there is secret all the same
  const std::size_t close = text.find(k_dashes, end + k_end.size());
  return close == std::string_view::npos ? text.size() : close + k_dashes.size();
}

/// The span of a secret; empty = none.
struct Span {
  std::size_t begin = 0, end = 0;
};

std::size_t end_of_value(std::string_view text, std::size_t at, char quote) {
  while (at < text.size()) {
    const char c = text[at];
    if (quote != '\0' ? c == quote : is_blank(c) || std::string_view("\r\n\"'`,;&)<>\\|").find(c) != std::string_view::npos)
      break;
    at += quote != '\0' && c == '\\' ? 2 : 1;
  }
  return std::min(at, text.size());
}

bool is_reference(char first) { return std::string_view("$%<{[*=(").find(first) != std::string_view::npos; }

/// What is surely no secret: nothing, a reference to one, a word of the language around it.
bool is_harmless(std::string_view value) {
  static constexpr std::array<std::string_view, 9> k_words{"true",      "false",    "null",    "none", "nil",
                                                           "undefined", "required", "missing", "yes"};
  if (value.empty() || is_reference(value.front())) return true;
  return std::ranges::find(k_words, text::lower(value)) != k_words.end();
}

/// After a name: `=value`, `="value"`, and with the name in quotes `": "value"`.
Span assigned(std::string_view text, std::size_t at) {
  const bool quoted_name = at < text.size() && (text[at] == '"' || text[at] == '\'');
  if (quoted_name) ++at;
  at = quoted_name ? end_of(text, at, is_blank) : at;
  if (at >= text.size() || (text[at] != '=' && !(quoted_name && text[at] == ':'))) return {};
  at = quoted_name ? end_of(text, at + 1, is_blank) : at + 1;
  const bool quoted = at < text.size() && (text[at] == '"' || text[at] == '\'');
  if (quoted_name && !quoted) return {};
  const char quote = quoted ? text[at++] : '\0';
  if (at < text.size() && is_reference(text[at])) return {};
  const Span span{at, end_of_value(text, at, quote)};
  return is_harmless(text.substr(span.begin, span.end - span.begin)) ? Span{} : span;
}

bool is_scheme(std::string_view word) {
  static constexpr std::array<std::string_view, 6> k_schemes{"basic", "bearer", "token", "digest", "negotiate", "apikey"};
  return std::ranges::find(k_schemes, text::lower(word)) != k_schemes.end();
}

/// Behind the blanks at `at`: what no word of a language looks like.
Span opaque(std::string_view text, std::size_t at) {
  constexpr std::size_t k_least = 16;
  at = end_of(text, at, is_blank);
  const Span span{at, end_of(text, at, is_opaque_char)};
  const std::string_view value = text.substr(span.begin, span.end - span.begin);
  return value.size() >= k_least && std::ranges::any_of(value, is_digit) ? span : Span{};
}

/// "Authorization: Basic …", "Bearer …": the word of the scheme stays.
Span credentials(std::string_view text, std::size_t at, std::string_view word) {
  if (at >= text.size()) return {};
  if (is_blank(text[at])) return word.size() == 6 && text::lower(word) == "bearer" ? opaque(text, at) : Span{};
  if ((text[at] != ':' && text[at] != '=') || text::lower(word) != "authorization") return {};
  at = end_of(text, at + 1, is_blank);
  const std::size_t scheme = end_of(text, at, is_letter);
  if (!is_scheme(text.substr(at, scheme - at))) return opaque(text, at);
  const std::size_t begin = end_of(text, scheme, is_blank);
  return {begin, end_of_value(text, begin, '\0')};
}

/// "://user:password@host"
Span address_password(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("://")) return {};
  const std::size_t begin = at + 3;
  const std::size_t end = std::min(text.find_first_of("/?# \t\r\n\"'<>`", begin), text.size());
  const std::string_view authority = text.substr(begin, end - begin);
  const std::size_t host = authority.rfind('@');
  const std::size_t colon = authority.find(':');
  if (host == std::string_view::npos || colon == std::string_view::npos || colon + 1 >= host) return {};
  if (is_harmless(authority.substr(colon + 1, host - colon - 1))) return {};
  return {begin + colon + 1, begin + host};
}

class Redaction {
 public:
  explicit Redaction(std::string_view text) : text_(text) {}

  std::string run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (is_alphanumeric(c))
        word();
      else if (c == ':')
        step(address_password(text_, at_), at_ + 1);
      else if (c == '-' && text_.substr(at_).starts_with("-----B"))
        step({at_, end_of_private_key(text_, at_)}, at_ + 1);
      else
        ++at_;
    }
    if (kept_ == 0) return std::string(text_);
    out_ += text_.substr(kept_);
    return std::move(out_);
  }

 private:
  void word() {
    const std::size_t end = end_of(text_, at_, is_token_char);
    const std::string_view name = text_.substr(at_, end - at_);
    if (name.size() >= k_shortest_key || name == "SG") {
      std::size_t secret = end_of_key(text_, at_);
      if (secret == at_) secret = end_of_web_token(text_, at_);
      if (secret > at_) return step({at_, secret}, secret);
    }
    Span span = credentials(text_, end, name);
    if (span.begin == span.end && opens_value(end) && is_secret_name(name)) span = assigned(text_, end);
    step(span, end);
  }

  bool opens_value(std::size_t at) const {
    return at < text_.size() && (text_[at] == '=' || text_[at] == '"' || text_[at] == '\'');
  }

  void step(Span span, std::size_t otherwise) {
    if (span.begin >= span.end) {
      at_ = otherwise;
      return;
    }
    out_ += text_.substr(kept_, span.begin - kept_);
    out_ += k_redacted;
    at_ = kept_ = span.end;
  }

  std::string_view text_;
  std::string out_;
  std::size_t at_ = 0;
  std::size_t kept_ = 0;  // up to here `out_` has it
};

}  // namespace

bool is_secret_name(std::string_view name) {
  static constexpr std::array<std::string_view, 15> k_ends{
      "password", "passwd",     "passphrase", "pwd",        "secret",    "token",       "apikey",       "api_key",
      "api-key",  "access_key", "access-key", "secret_key", "secretkey", "private_key", "client-secret"};
  constexpr std::size_t k_shortest = 3, k_longest = 64;
  if (name.size() < k_shortest || name.size() > k_longest || name == "PWD" || name == "OLDPWD") return false;
  const std::string lower = text::lower(name);
  return std::ranges::any_of(k_ends, [&](std::string_view end) { return lower.ends_with(end); });
}

std::string redacted(std::string_view text) { return Redaction(text).run(); }

}  // namespace baton::protocol
