#include "protocol/command_words.h"

#include "base/text.h"
#include "protocol/json_write.h"

namespace baton::protocol {
namespace {

constexpr std::string_view k_white = " \t";
constexpr std::string_view k_shell = "|&;<>()$`*?[]{}!\n\r";  // anywhere outside of quotes
constexpr std::string_view k_shell_at_begin = "#~";           // of a word
constexpr std::string_view k_shell_in_quotes = "$`";          // of "..."
constexpr std::string_view k_escaped_in_quotes = "$`\"\\";

bool holds(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

class Splitter {
 public:
  explicit Splitter(std::string_view line) : line_(line) {}

  Result<std::vector<std::string>> split() {
    for (skip_white(); at_ < line_.size(); skip_white()) {
      std::string word;
      TRY(read_word(word));
      if (words_.empty() && word.find('=') != std::string::npos) return refuse("sets a variable");
      words_.push_back(std::move(word));
    }
    if (words_.empty() || words_.front().empty()) return refuse("names no program");
    return std::move(words_);
  }

 private:
  void skip_white() {
    while (at_ < line_.size() && holds(k_white, line_[at_])) ++at_;
  }

  Result<> read_word(std::string& word) {
    if (holds(k_shell_at_begin, line_[at_])) return refuse_letter(line_[at_]);
    while (at_ < line_.size() && !holds(k_white, line_[at_])) {
      const char c = line_[at_++];
      if (c == '\'' || c == '"') {
        TRY(read_quoted(c, word));
      } else if (c == '\\') {
        if (at_ == line_.size()) return refuse("ends with a backslash");
        word += line_[at_++];
      } else if (holds(k_shell, c)) {
        return refuse_letter(c);
      } else {
        word += c;
      }
    }
    return {};
  }

  Result<> read_quoted(char quote, std::string& word) {
    while (at_ < line_.size()) {
      char c = line_[at_++];
      if (c == quote) return {};
      if (quote == '"' && holds(k_shell_in_quotes, c)) return refuse_letter(c);
      if (quote == '"' && c == '\\' && at_ < line_.size() && holds(k_escaped_in_quotes, line_[at_])) c = line_[at_++];
      word += c;
    }
    return refuse("has a quote without its end");
  }

  tl::unexpected<Error> refuse_letter(char c) const {
    return refuse("holds " + (c == '\n' || c == '\r' ? std::string("a line break") : std::string("\"") + c + "\"") +
                  ", which only a shell understands");
  }

  tl::unexpected<Error> refuse(const std::string& why) const {
    return fail(ErrorCode::invalid, "the command " + why + ": " + text::ellipsis(text::printable(line_), 200),
                "give program and arguments one by one, or ask for a shell: [\"/bin/sh\", \"-c\", " + json_string(line_) + "]");
  }

  std::string_view line_;
  std::size_t at_ = 0;
  std::vector<std::string> words_;
};

}  // namespace

Result<std::vector<std::string>> split_command(std::string_view line) { return Splitter(text::trim(line)).split(); }

}  // namespace baton::protocol
