#include "protocol/markdown.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/text.h"

namespace baton::protocol::markdown {
namespace {

constexpr std::string_view k_special = "\\`*[]<>|&~";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (k_special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

constexpr std::size_t k_least_fence = 3;
constexpr std::size_t k_most_hashes = 6;        // of a heading
constexpr std::size_t k_most_indent = 3;        // more would be a code block
constexpr std::size_t k_most_list_indent = 12;  // of an item in a list in a list

bool is_wordy(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80; }
bool is_punctuation(char c) { return std::ispunct(static_cast<unsigned char>(c)) != 0; }

/// How often the first character stands at the beginning.
std::size_t run_of(std::string_view text) { return std::min(text.find_first_not_of(text.substr(0, 1)), text.size()); }

/// "&lt;", "&#60;"
bool is_entity(std::string_view text) {
  const std::size_t end = text.find_first_not_of("#", 1);
  const std::size_t semicolon = text.find(';');
  return semicolon != std::string_view::npos && end < semicolon &&
         std::ranges::all_of(text.substr(end, semicolon - end), [](char c) { return is_wordy(c); });
}

/// A line of running text: code, strong text and escapes stay; what could begin HTML, a link or an image is escaped, and so is
/// what plain texts hold more often than Markdown.
class Inline {
 public:
  explicit Inline(std::string_view text) : text_(text) {}
  std::string take() {
    while (at_ < text_.size()) step();
    return std::move(out_);
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }
  char next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\0'; }
  void keep(std::size_t count) {
    out_ += rest().substr(0, count);
    at_ += count;
  }
  void escape(std::size_t count = 1) {
    for (const char c : rest().substr(0, count)) out_.append(1, '\\').append(1, c);
    at_ += count;
  }
  void step() {
    switch (text_[at_]) {
      case '`': return code_span();
      case '\\': return is_punctuation(next()) ? keep(2) : at_ + 1 == text_.size() ? escape() : keep(1);
      case '*': return stars();
      case '_': return at_ > 0 && is_wordy(text_[at_ - 1]) && is_wordy(next()) ? keep(1) : escape();
      case ']': return closing_bracket();
      case '[': return next() == '!' ? escape() : keep(1);
      case '&': return is_entity(rest()) ? escape() : keep(1);
      case '<':
      case '~': return escape();
      default: return keep(1);
    }
  }
  /// Code stays as it is; a run of backticks that nothing on this line closes begins none.
  void code_span() {
    const std::size_t run = run_of(rest());
    for (std::size_t end = at_ + run; (end = text_.find('`', end)) != std::string_view::npos;) {
      const std::size_t other = run_of(text_.substr(end));
      if (other == run) return keep(end + run - at_);
      end += other;
    }
    escape(run);
  }
  /// The mark of a list, or **strong**; a single one is a wildcard more often than not.
  void stars() {
    const std::size_t run = run_of(rest());
    return run == 2 || (at_ == 0 && next() == ' ') ? keep(run) : escape(run);
  }
  /// No link, image or definition of one; "[x]" may stay.
  void closing_bracket() {
    const char after = next();
    keep(1);
    if (after == '(' || after == ':') out_ += '\\';
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
};

/// A heading would be one of the report's: it becomes strong.
std::string heading(std::string_view body) {
  std::string_view title = text::trim(body.substr(run_of(body)));
  if (const auto end = title.find_last_not_of('#'); end == std::string_view::npos || title[end] == ' ')
    title = text::trim(title.substr(0, end + 1));
  const bool plain = !title.empty() && title.find('*') == std::string_view::npos;
  return plain ? "**" + Inline(title).take() + "**" : "\\" + Inline(body).take();
}

bool is_heading(std::string_view body) {
  const std::size_t run = run_of(body);
  return body.front() == '#' && run <= k_most_hashes && (run == body.size() || body[run] == ' ');
}

bool is_list_item(std::string_view body) {
  const std::size_t mark = std::min(body.find_first_not_of("0123456789"), body.size());
  const std::string_view marks = mark > 0 ? ".)" : "-*+";
  return mark + 1 < body.size() && marks.find(body[mark]) != std::string_view::npos && body[mark + 1] == ' ';
}

std::string paragraph_line(std::string_view shown, std::string_view body) {
  const std::size_t most = is_list_item(body) ? k_most_list_indent : k_most_indent;
  const std::string indent(std::min(shown.find(body.front()), most), ' ');
  // Rules and underlined headings take their meaning from the whole line.
  if (body.find_first_not_of("-=_* ") == std::string_view::npos) return indent + "\\" + std::string(body);
  return indent + (is_heading(body) ? heading(body) : Inline(body).take());
}

/// The characters of a line that opens fenced code; "" = it does not.
std::string_view fence_of(std::string_view body) {
  const std::size_t run = body.starts_with('`') || body.starts_with('~') ? run_of(body) : 0;
  const bool opens = run >= k_least_fence && (body.front() == '~' || body.find('`', run) == std::string_view::npos);
  return body.substr(0, opens ? run : 0);
}

/// Lines of a quotation. Fenced code goes as it is: nothing in it means anything, and it ends with the quotation at the latest.
class Quotation {
 public:
  void add(std::string_view raw) {
    const std::string shown = text::printable(raw);
    const std::string_view body = text::trim(shown);
    if (!fence_.empty()) return add_code(shown, body);
    fence_ = fence_of(body);
    if (!fence_.empty()) return put(fence_ + language_of(body.substr(fence_.size())));
    put(body.empty() ? "" : paragraph_line(shown, body));
  }
  std::string take() {
    if (!fence_.empty()) put(fence_);
    return std::move(out_);
  }

 private:
  void add_code(std::string_view shown, std::string_view body) {
    const bool closes = body.size() >= fence_.size() && body.find_first_not_of(fence_.front()) == std::string_view::npos;
    put(closes ? std::exchange(fence_, {}) : std::string(body.empty() ? body : shown));
  }
  static std::string language_of(std::string_view words) {
    const std::string_view word = text::trim(words);
    return std::ranges::all_of(word, [](char c) { return is_wordy(c) || c == '+' || c == '-' || c == '#'; }) ? std::string(word)
                                                                                                             : "";
  }
  void put(const std::string& line) { out_ += (line.empty() ? ">" : "> ") + line + "\n"; }

  std::string out_;
  std::string fence_;  // the one that is open
};

/// Four columns each: a tab would be shown as one blank.
std::string without_tabs(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\t' ? std::string(4, ' ') : std::string(1, c);
  return out;
}

}  // namespace

std::string line(std::string_view text) {
  const std::string shown = text::printable(text);
  const std::string_view body = text::trim(shown);
  return (body.starts_with('#') ? "\\" : "") + escaped(body);
}

std::string quote(std::string_view text) {
  if (text::trim(text).empty()) return {};
  Quotation quotation;
  for (const std::string& line : text::split(without_tabs(text::trim(text)), '\n')) quotation.add(line);
  return quotation.take();
}

std::string code(std::string_view text) {
  const std::string shown = text::printable(text);
  std::size_t longest = 0, run = 0;
  for (const char c : shown) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
  const std::string fence(longest + 1, '`');
  const std::string_view pad = longest > 0 ? " " : "";
  return fence + std::string(pad) + shown + std::string(pad) + fence;
}

}  // namespace baton::protocol::markdown
