#include "core/tokens.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"

namespace baton::core {
namespace {

constexpr std::array<std::string_view, 62> k_extensions = {
    "js",     "ts",   "tsx",    "jsx",   "mjs",   "cjs",  "py",      "go",    "rs",  "c",      "cc",  "cpp",  "cxx",
    "h",      "hh",   "hpp",    "java",  "kt",    "rb",   "php",     "cs",    "md",  "mdx",    "rst", "json", "yaml",
    "yml",    "toml", "ini",    "cfg",   "conf",  "env",  "txt",     "sh",    "sql", "html",   "css", "scss", "vue",
    "svelte", "xml",  "gradle", "proto", "tf",    "lock", "csv",     "ipynb", "ex",  "exs",    "lua", "pl",   "scala",
    "dart",   "svg",  "swift",  "tmpl",  "cmake", "bats", "service", "log",   "png", "graphql"};
// Those of them that hold a program.
constexpr std::array<std::string_view, 31> k_source_extensions = {
    "js",   "ts", "tsx", "jsx", "mjs", "cjs", "py",     "go", "rs",  "c",   "cc", "cpp",   "cxx",  "h",     "hh", "hpp",
    "java", "kt", "rb",  "php", "cs",  "vue", "svelte", "ex", "exs", "lua", "pl", "scala", "dart", "swift", "css"};
// Products that only look like files.
constexpr std::array<std::string_view, 13> k_products = {"node.js",  "next.js",   "vue.js",    "react.js", "express.js",
                                                         "nest.js",  "d3.js",     "three.js",  "nuxt.js",  "chart.js",
                                                         "ember.js", "moment.js", "angular.js"};
constexpr std::array<std::string_view, 15> k_top_folders = {"src",      "lib",    "docs",    "tests",   "test",
                                                            "app",      "config", "scripts", ".github", "packages",
                                                            "internal", "pkg",    "infra",   "cmd",     "daemon"};

template <class Words>
bool is_one_of(std::string_view word, const Words& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool has_known_extension(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot != std::string_view::npos && dot + 1 < name.size() && is_one_of(name.substr(dot + 1), k_extensions);
}

bool looks_like_file(std::string_view lower) {
  if (lower.find("://") != std::string_view::npos || is_one_of(lower, k_products)) return false;
  if (lower.starts_with('/') || lower.starts_with('@')) return false;  // a route, a scoped package
  const std::size_t slash = lower.find('/');
  if (slash == std::string_view::npos) return has_known_extension(lower) && lower.size() > 2;
  if (has_known_extension(lower) || lower.back() == '/') return true;
  return is_one_of(lower.substr(0, slash), k_top_folders) || std::count(lower.begin(), lower.end(), '/') >= 2;
}

class Tokeniser {
 public:
  explicit Tokeniser(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    while (at_ < text_.size()) step();
    return std::move(tokens_);
  }

 private:
  bool at_line_start() const { return tokens_.empty() || line_start_; }
  bool sees(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  char peek(std::size_t offset) const { return at_ + offset < text_.size() ? text_[at_ + offset] : '\0'; }

  void add(TokenKind kind, std::size_t length) {
    tokens_.push_back({kind, {}, at_, at_ + length});
    at_ += length;
    line_start_ = false;
  }

  void step() {
    const char c = text_[at_];
    if (c == '\n') return line_break();
    if (is_space(c)) {
      ++at_;
      return;
    }
    if (symbol() || marker() || quoted()) return;
    switch (c) {
      case ',': return add(TokenKind::comma, 1);
      case ':': return add(TokenKind::colon, 1);
      case ';': return add(TokenKind::semicolon, 1);
      case '(':
      case '[': return add(TokenKind::open, 1);
      case ')':
      case ']': return add(TokenKind::close, 1);
      case '.':
      case '!':
      case '?':
        if (c != '.' || peek(1) == '\0' || is_space(peek(1))) return add(TokenKind::stop, 1);
        break;
      case '"':
      case '\'':
      case '`':
      case '{':
      case '}':
      case '<':
      case '>':
      case '|':
      case '*':
      case '=': ++at_; return;
      default: break;
    }
    word();
  }

  /// A blank line, a list item or a capital after the break ends the sentence; else it only wraps.
  void line_break() {
    std::size_t next = at_ + 1;
    bool blank = false;
    while (next < text_.size() && is_space(text_[next])) blank |= text_[next++] == '\n';
    const bool anew = next >= text_.size() || blank || std::isalpha(static_cast<unsigned char>(text_[next])) == 0 ||
                      std::isupper(static_cast<unsigned char>(text_[next])) != 0;
    if (anew) tokens_.push_back({TokenKind::line, {}, at_, next});
    at_ = next;
    line_start_ = true;
  }

  /// Arrows, dashes and the bullets of UTF-8. Most characters begin none of them.
  bool symbol() {
    if (std::string_view("-=*+&#\xe2").find(text_[at_]) == std::string_view::npos) return false;
    for (std::string_view arrow : {"→", "⇒", "➜", "->", "=>", "-->", "==>"})
      if (sees(arrow)) return add(TokenKind::arrow, arrow.size()), true;
    if (sees("•")) return add(TokenKind::item, 3), true;
    for (std::string_view dash : {"—", "–"})
      if (sees(dash)) return add(TokenKind::comma, dash.size()), true;
    if (sees("…")) return add(TokenKind::stop, 3), true;
    if (text_[at_] == '&' || (text_[at_] == '+' && is_space(peek(1)))) {
      add(TokenKind::word, 1);
      tokens_.back().word = "and";
      return true;
    }
    if ((text_[at_] == '-' || text_[at_] == '*') && is_space(peek(1)) && text_.substr(at_ + 2).starts_with("[ ] ") &&
        at_line_start())
      return add(TokenKind::item, 5), true;  // a box that nobody has ticked; what is ticked is done
    if ((text_[at_] == '-' || text_[at_] == '*') && is_space(peek(1)))
      return add(at_line_start() ? TokenKind::item : TokenKind::comma, 1), true;
    if (text_[at_] == '#' && at_line_start()) {
      std::size_t length = 1;
      while (peek(length) == '#') ++length;
      return add(TokenKind::line, length), true;
    }
    return false;
  }

  /// "1)", "(1)", "1." at the start of a line, after punctuation or where the list is at that number, "step 1:".
  bool marker() {
    std::size_t length = text_[at_] == '(' ? 1 : 0;
    const std::size_t digits = length;
    while (is_digit(peek(length)) && length < digits + 2) ++length;
    if (length == digits) return false;
    const bool bracket = peek(length) == ')' && is_space(peek(length + 1));
    const int number = std::stoi(std::string(text_.substr(at_ + digits, length - digits)));
    const bool dot = digits == 0 && peek(length) == '.' && is_space(peek(length + 1)) &&
                     (at_line_start() || tokens_.back().kind != TokenKind::word || (number > 1 && number == number_ + 1));
    const bool step = digits == 0 && (peek(length) == ':' || peek(length) == '.') && !tokens_.empty() &&
                      (tokens_.back().word == "step" || tokens_.back().word == "phase");
    if (!bracket && !dot && !step) return false;
    if (step) tokens_.pop_back();
    number_ = number;
    return add(TokenKind::item, length + 1), true;
  }

  bool quoted() {
    const char quote = text_[at_];
    if (quote != '"' && quote != '`' && quote != '\'') return false;
    if (quote == '\'' && at_ > 0 && !is_space(text_[at_ - 1])) return false;
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos || end == at_ + 1 || end - at_ > 200) return false;
    const std::string_view inner = text_.substr(at_ + 1, end - at_ - 1);
    const bool one_word = inner.find(' ') == std::string_view::npos;
    const TokenKind kind = one_word && inner.ends_with("()")                 ? TokenKind::code
                           : one_word && looks_like_file(text::lower(inner)) ? TokenKind::file
                                                                             : TokenKind::quoted;
    tokens_.push_back({kind, std::string(inner), at_, end + 1});
    at_ = end + 1;
    line_start_ = false;
    return true;
  }

  bool ends_word(std::size_t at) const {
    const char c = text_[at];
    if (c >= 'a' && c <= 'z') return false;
    if (is_space(c) || std::string_view(",;()[]{}<>\"`|=!?").find(c) != std::string_view::npos) return true;
    if (c != '\xe2') return false;
    const std::string_view rest = text_.substr(at);
    return rest.starts_with("→") || rest.starts_with("—") || rest.starts_with("…");
  }

  void word() {
    std::size_t end = at_;
    while (end < text_.size() && !ends_word(end)) {
      if (text_[end] == ':' && (end + 1 == text_.size() || is_space(text_[end + 1]))) break;
      ++end;
    }
    if (end > at_ && text_.substr(end).starts_with("()")) return call(end + 2);
    std::size_t stop = end;
    while (stop > at_ + 1 && (text_[stop - 1] == '.' || text_[stop - 1] == '\'' || text_[stop - 1] == '*')) --stop;
    std::string_view raw = text_.substr(at_, stop - at_);
    if (raw.ends_with("'s")) raw.remove_suffix(2);
    Token token{TokenKind::word, text::lower(raw), at_, stop};
    classify(token, raw);
    tokens_.push_back(std::move(token));
    at_ = stop == at_ ? at_ + 1 : stop;
    line_start_ = false;
  }

  /// "deploy()"
  void call(std::size_t end) {
    tokens_.push_back({TokenKind::code, std::string(text_.substr(at_, end - at_)), at_, end});
    at_ = end;
    line_start_ = false;
  }

  static void classify(Token& token, std::string_view raw) {
    std::string_view path = token.word;
    if (const std::size_t colon = path.find(':'); colon != std::string_view::npos && is_digit(path.back()))
      path = path.substr(0, colon);  // src/user.ts:42
    if (looks_like_file(path)) {
      token.kind = TokenKind::file;
      token.word = raw.substr(0, path.size());
    } else if (is_digit(token.word.front()) || (token.word.front() == '~' && token.word.size() > 1)) {
      token.kind = TokenKind::number;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool line_start_ = true;
  int number_ = 0;  // of the last numbered item
  std::vector<Token> tokens_;
};

}  // namespace

bool is_source_file(std::string_view path) {
  const std::string name = text::lower(path);
  const std::size_t dot = name.rfind('.');
  return dot != std::string::npos && is_one_of(std::string_view(name).substr(dot + 1), k_source_extensions);
}

std::vector<Token> tokenise(std::string_view text) { return Tokeniser(text).run(); }

}  // namespace baton::core
