#include "front/analysis/source_tokens.h"

#include <algorithm>
#include <cctype>

namespace baton::front {
namespace {

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

class Cutter {
 public:
  Cutter(std::string_view source, const SourceStyle& style) : source_(source), style_(style) {}

  std::vector<SourceToken> run() {
    while (at_ < source_.size()) step();
    return std::move(tokens_);
  }

 private:
  bool sees(std::string_view what) const { return !what.empty() && source_.substr(at_).starts_with(what); }

  void step() {
    const char c = source_[at_];
    if (c == '\n') begins_line_ = true;
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++at_;
    } else if (sees(style_.line_comment)) {
      at_ = std::min(source_.find('\n', at_), source_.size());
    } else if (sees(style_.comment_begin)) {
      at_ = behind(style_.comment_end, at_ + style_.comment_begin.size());
    } else if (style_.triple_quotes && (sees("\"\"\"") || sees("'''"))) {
      const std::size_t end = behind(source_.substr(at_, 3), at_ + 3);
      add(SourceToken::Kind::string, at_ + 3, std::max(at_ + 3, end - 3), end);
    } else if (style_.quotes.find(c) != std::string_view::npos || style_.long_quotes.find(c) != std::string_view::npos) {
      string(c, style_.long_quotes.find(c) != std::string_view::npos);
    } else if (c == '\'') {
      character();
    } else if (is_word_character(c)) {
      std::size_t end = at_;
      while (end < source_.size() && is_word_character(source_[end])) ++end;
      add(SourceToken::Kind::word, at_, end, end);
    } else {
      add(SourceToken::Kind::mark, at_, at_ + 1, at_ + 1);
    }
  }

  std::size_t behind(std::string_view what, std::size_t from) const {
    const std::size_t found = source_.find(what, from);
    return found == std::string_view::npos ? source_.size() : found + what.size();
  }

  void string(char quote, bool goes_on) {
    std::size_t end = at_ + 1;
    while (end < source_.size() && source_[end] != quote && (goes_on || source_[end] != '\n'))
      end += source_[end] == '\\' && end + 1 < source_.size() ? 2 : 1;
    end = std::min(end, source_.size());
    add(SourceToken::Kind::string, at_ + 1, end, std::min(end + 1, source_.size()));
  }

  /// 'x', '\n', '"'; else a lifetime of Rust or a separator of digits in C++.
  void character() {
    const std::string_view rest = source_.substr(at_);
    const std::size_t length = rest.size() > 1 && rest[1] == '\\' ? 4 : 3;
    if (rest.size() >= length && rest[length - 1] == '\'')
      return add(SourceToken::Kind::string, at_ + 1, at_ + length - 1, at_ + length);
    ++at_;
  }

  void add(SourceToken::Kind kind, std::size_t begin, std::size_t end, std::size_t next) {
    tokens_.push_back({kind, source_.substr(begin, end - begin), begins_line_});
    begins_line_ = false;
    at_ = next;
  }

  std::string_view source_;
  const SourceStyle& style_;
  std::size_t at_ = 0;
  bool begins_line_ = true;
  std::vector<SourceToken> tokens_;
};

}  // namespace

std::vector<SourceToken> source_tokens(std::string_view source, const SourceStyle& style) { return Cutter(source, style).run(); }

}  // namespace baton::front
