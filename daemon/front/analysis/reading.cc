#include "front/analysis/reading.h"

#include <algorithm>

#include "base/text.h"
#include "front/analysis/sentence.h"
#include "front/analysis/words.h"

namespace baton::front {
namespace {

constexpr std::size_t k_max_heading_level = 6;
constexpr std::size_t k_max_label = 200;  // bytes of a line that can be a label: "Files to change:"
// What a comment may say before the file's name.
constexpr std::string_view k_file_words[] = {"file",   "filename", "path", "source", "location", "create",
                                             "modify", "update",   "edit", "new",    "in",       "add"};
constexpr std::string_view k_plain_fences[] = {"", "text", "txt", "plaintext", "plain", "files"};

std::size_t indent_of(std::string_view line) {
  std::size_t columns = 0;
  for (const char c : line) {
    if (c == '\t') {
      columns += 4 - columns % 4;
    } else if (c == ' ') {
      ++columns;
    } else {
      break;
    }
  }
  return columns;
}

/// The bullet or number of a list and what follows it: "- ", "12. ", "* [ ] ". 0: it is no item.
std::size_t bullet_of(std::string_view body) {
  std::size_t length = 0;
  if (!body.empty() && std::string_view("-*+").find(body.front()) != std::string_view::npos) {
    length = 1;
  } else {
    while (length < body.size() && length < 9 && body[length] >= '0' && body[length] <= '9') ++length;
    if (length == 0 || length == body.size() || (body[length] != '.' && body[length] != ')')) return 0;
    ++length;
  }
  if (length == body.size() || body[length] != ' ') return 0;
  ++length;
  const std::string_view rest = body.substr(length);
  if (rest.starts_with("[ ] ") || rest.starts_with("[x] ") || rest.starts_with("[X] ")) length += 4;
  return length;
}

std::size_t heading_level(std::string_view body) {
  const std::size_t level = std::min(body.find_first_not_of('#'), body.size());
  return level > 0 && level <= k_max_heading_level && (level == body.size() || body[level] == ' ') ? level : 0;
}

/// What a comment says; nothing when the line is none.
std::optional<std::string_view> comment_in(std::string_view line) {
  line = text::trim(line);
  for (const std::string_view opening : {"<!--", "//", "/*", "--", "#", ";;", "%"}) {
    if (!line.starts_with(opening)) continue;
    line = line.substr(opening.size());
    for (const std::string_view closing : {"-->", "*/"})
      if (line.ends_with(closing)) line.remove_suffix(closing.size());
    return text::trim(line);
  }
  return std::nullopt;
}

/// "Files to change:", or a line that is bold as a whole.
bool is_label(std::string_view line) {
  if (line.size() > k_max_label) return false;
  const std::size_t last = line.find_last_not_of("*_ ");
  if (last != std::string_view::npos && line[last] == ':') return true;
  line = text::trim(line);
  return line.size() > 4 && line.starts_with("**") && line.find("**", 2) == line.size() - 2;
}

class Reader {
 public:
  Reader(std::string_view text, const RepositoryIndex& repository) : text_(text), repository_(repository) {}

  Reading run() {
    while (at_ < text_.size()) {
      const std::size_t begin = at_;
      const std::size_t end = std::min(text_.find('\n', begin), text_.size());
      at_ = std::min(end + 1, text_.size());
      std::string_view line = text_.substr(begin, end - begin);
      if (line.ends_with('\r')) line.remove_suffix(1);
      take(line, begin);
    }
    if (!fence_.empty()) close_fence(text_.size());
    end_clause();
    return std::move(reading_);
  }

 private:
  struct Label {
    std::ptrdiff_t indent = 0;  // of the item that it stands in; a paragraph is above the list that follows it
    Sense sense = Sense::plain;
  };

  void take(std::string_view line, std::size_t begin) {
    const std::string_view body = text::trim(line);
    const auto indent = static_cast<std::ptrdiff_t>(indent_of(line));
    if (!fence_.empty()) return in_fence(body, line, begin);
    if (body.empty()) {
      end_clause();
      after_blank_ = true;
      return;
    }
    if (body.starts_with("```") || body.starts_with("~~~")) return open_fence(body, indent);
    if (indent >= 4 && after_blank_ && !in_list_) return code_line(line);  // indented code
    if (const std::size_t level = heading_level(body); level > 0 && indent < 4) return heading(body.substr(level), level);
    if (const std::size_t length = bullet_of(body); length > 0) {
      leave_labels(indent);
      in_list_ = true;
      begin_clause();
      sentences(body.substr(length), indent);
    } else if (body.starts_with('|')) {
      begin_clause();
      sentences(body, indent);
      end_clause();
    } else {
      if (after_blank_ || !in_list_) paragraph(indent);
      sentences(body, indent - 1);
    }
    after_blank_ = false;
  }

  void paragraph(std::ptrdiff_t indent) {
    if (after_blank_) {
      leave_labels(indent - 1);
      in_list_ = in_list_ && indent > 0;
    }
    if (!clause_open_) begin_clause();
  }

  void leave_labels(std::ptrdiff_t indent) {
    while (!labels_.empty() && labels_.back().indent >= indent) labels_.pop_back();
  }

  Sense base() const {
    if (!labels_.empty()) return labels_.back().sense;
    for (auto sense = sections_.rbegin(); sense != sections_.rend(); ++sense)
      if (*sense) return **sense;
    return Sense::plain;
  }

  void begin_clause() {
    end_clause();
    clause_ = Clause(base());
    clause_open_ = true;
  }

  void end_clause() {
    for (Named& named : clause_.take()) reading_.names.push_back(std::move(named));
    clause_open_ = false;
  }

  void sentences(std::string_view body, std::ptrdiff_t label_indent) {
    if (!clause_open_) begin_clause();
    const std::string plain = plain_punctuation(body);
    read_sentences(plain, clause_, repository_, [this] {
      for (Named& named : clause_.take()) reading_.names.push_back(std::move(named));
    });
    if (!is_label(plain)) return;
    if (const auto sense = clause_.label()) labels_.push_back({label_indent, *sense});
  }

  void heading(std::string_view words, std::size_t level) {
    end_clause();
    labels_.clear();
    in_list_ = after_blank_ = false;
    sections_.resize(level - 1);
    clause_ = Clause(base());
    read_sentences(plain_punctuation(words), clause_, repository_, [] {});
    // The title says what is done, not what is done with each file: "Fix the login".
    sections_.push_back(level == 1 ? std::nullopt : clause_.label());
    end_clause();
  }

  void open_fence(std::string_view body, std::ptrdiff_t indent) {
    end_clause();
    leave_labels(indent);
    const std::size_t length = std::min(body.find_first_not_of(body.front()), body.size());
    fence_ = body.substr(0, length);
    std::string_view info = text::trim(body.substr(length));
    language_ = text::lower(info.substr(0, info.find_first_of(" \t:{")));
    fence_begin_ = at_;
    fence_file_.clear();
    // ```python title="src/x.py", ```ts:src/x.ts
    for (info.remove_prefix(language_.size()); !info.empty();) {
      const std::size_t end = std::min(info.find_first_of(" \t:{}=\"'"), info.size());
      if (const auto named = named_by(info.substr(0, end), true, repository_)) fence_name(*named);
      info.remove_prefix(std::min(end + 1, info.size()));
    }
  }

  void in_fence(std::string_view body, std::string_view line, std::size_t begin) {
    const std::size_t run = std::min(body.find_first_not_of(fence_.front()), body.size());
    if (run >= fence_.size() && run == body.size()) return close_fence(begin);
    code_line(line);
  }

  void close_fence(std::size_t end) {
    reading_.snippets.push_back({language_, fence_file_, text_.substr(fence_begin_, end - std::min(fence_begin_, end))});
    fence_ = {};
    after_blank_ = false;
  }

  /// Only what names the file of the code: a comment that is nothing but a path, a line of a diff, a line of a plain list.
  void code_line(std::string_view line) {
    const std::string_view body = text::trim(line);
    std::string_view rest;
    if (const auto comment = comment_in(line); comment && !body.starts_with("---")) {
      rest = *comment;
      for (int words = 0; words < 3; ++words) {
        const std::size_t end = std::min(rest.find_first_of(" :"), rest.size());
        if (end == 0 || !is_one_of(text::lower(rest.substr(0, end)), k_file_words)) break;
        rest = rest.substr(end);
        rest.remove_prefix(std::min(rest.find_first_not_of(" :"), rest.size()));
      }
    } else if (body.starts_with("+++ b/") || body.starts_with("--- a/")) {
      rest = body.substr(6);
    } else if (!fence_.empty() && is_one_of(language_, k_plain_fences)) {
      rest = body.substr(bullet_of(body));
    }
    const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
    const std::string_view after = text::trim(rest.substr(end));
    if (end == 0 || (!after.empty() && !after.starts_with('(') && !after.starts_with("- "))) return;
    if (const auto named = named_by(rest.substr(0, end), true, repository_)) fence_name(*named);
  }

  void fence_name(Named named) {
    fence_file_ = named.path;
    named.sense = base();
    reading_.names.push_back(std::move(named));
  }

  std::string_view text_;
  const RepositoryIndex& repository_;
  std::size_t at_ = 0;
  Reading reading_;
  Clause clause_{Sense::plain};
  bool clause_open_ = false;
  bool after_blank_ = true;
  bool in_list_ = false;
  std::vector<Label> labels_;
  std::vector<std::optional<Sense>> sections_;  // by the level of their heading
  std::string_view fence_;                      // its opening; "" outside
  std::string language_, fence_file_;
  std::size_t fence_begin_ = 0;
};

}  // namespace

Reading read_prompt(std::string_view text, const RepositoryIndex& repository) { return Reader(text, repository).run(); }

}  // namespace baton::front
