#include "front/analysis/sentence.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "front/analysis/shape.h"

namespace baton::front {
namespace {

constexpr std::string_view k_blank = " \t\r";
constexpr std::string_view k_ends_word = " \t\r()[]<>\"|;`";
constexpr std::string_view k_shortened[] = {"e.g.", "i.e.", "etc.", "vs.", "cf.", "approx.", "incl."};

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

class Line {
 public:
  Line(std::string_view text, Clause& clause, const RepositoryIndex& repository, const std::function<void()>& ended)
      : text_(text), clause_(clause), repository_(repository), ended_(ended) {}

  void read() {
    while (at_ < text_.size()) step();
  }

 private:
  char peek(std::size_t offset) const { return at_ + offset < text_.size() ? text_[at_ + offset] : '\0'; }

  void step() {
    switch (text_[at_]) {
      case '`': return code();
      case ']':
        if (peek(1) == '(') return link();
        break;
      case '(': clause_.open(); break;
      case ')': clause_.close(); break;
      case ',': clause_.comma(); break;
      case ';': ended_(); break;
      default:
        if (!is_one_of(text_[at_], k_ends_word)) return word();
    }
    ++at_;
  }

  /// `src/a.py`, `src/a.py, src/b.py`; but `pytest tests/a.py` is a command, which changes nothing that it names.
  void code() {
    std::size_t begin = at_;
    while (peek(0) == '`') ++at_;
    const std::size_t end = text_.find('`', at_);
    if (end == std::string_view::npos) return;
    const std::string_view inner = text::trim(text_.substr(at_, end - at_));
    at_ = end;
    while (peek(0) == '`') ++at_;
    const bool image = begin > 0 && text_[begin - 1] == '!';
    if (inner.find_first_of(k_blank) == std::string_view::npos) {
      mark(inner, image ? Sense::read : Sense::plain);
    } else {
      several(inner);
    }
    end_after(at_);
  }

  void several(std::string_view inner) {
    std::vector<Named> names;
    bool command = false;
    for (std::string_view rest = inner; !rest.empty();) {
      const std::size_t length = std::min(rest.find_first_of(" \t,"), rest.size());
      if (length > 0) {
        auto named = named_by(rest.substr(0, length), true, repository_);
        command |= !named;
        if (named) names.push_back(std::move(*named));
      }
      rest.remove_prefix(std::min(length + 1, rest.size()));
    }
    for (Named& named : names) {
      if (command) named.sense = Sense::read;
      clause_.name(std::move(named));
    }
    if (names.empty()) clause_.word("");
  }

  /// [text](target): behind the text.
  void link() {
    const std::string_view near = text_.substr(at_ + 2, k_max_path_word);
    const std::size_t end = near.find(')');
    at_ += 2;
    if (end == std::string_view::npos) return;
    std::string_view target = near.substr(0, std::min(near.find(' '), end));  // [x](path "title")
    if (target.starts_with('<') && target.ends_with('>')) target = target.substr(1, target.size() - 2);
    mark(target, Sense::plain);
    at_ += end + 1;
    end_after(at_);
  }

  void mark(std::string_view word, Sense sense) {
    if (auto named = named_by(word, true, repository_)) {
      named->sense = sense;
      clause_.name(std::move(*named));
    } else {
      clause_.word(text::lower(word.substr(0, k_max_path_word)));
    }
  }

  /// "app/[id]/page.tsx", "app/(auth)/page.tsx": behind the bracket that opens at `at`, or 0.
  std::size_t bracketed(std::size_t at) const {
    constexpr std::size_t k_max_bracketed = 64;
    if (at == at_ || text_[at - 1] != '/' || !is_one_of(text_[at], "[(")) return 0;
    const std::string_view near = text_.substr(at + 1, k_max_bracketed);
    const std::size_t close = near.find_first_of(" \t[](),");
    return close != std::string_view::npos && close > 0 && is_one_of(near[close], "])") ? at + close + 2 : 0;
  }

  std::size_t word_end() const {
    std::size_t end = at_;
    int braces = 0;  // "*.{ts,js}"
    while (end < text_.size()) {
      if (const std::size_t close = bracketed(end); close > 0) {
        end = close;
        continue;
      }
      if (is_one_of(text_[end], k_ends_word)) break;
      if (text_[end] == '{') ++braces;
      if (text_[end] == '}') --braces;
      if (text_[end] == ',' && braces <= 0) break;
      ++end;
    }
    return end;
  }

  void word() {
    const std::size_t end = word_end();
    const std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    if (word.size() <= k_max_path_word) {
      if (auto named = named_by(word, false, repository_)) {
        clause_.name(std::move(*named));
      } else {
        const std::size_t first = word.find_first_not_of("*_'#~:.!?-");
        const std::size_t last = word.find_last_not_of("*_'~:.!?-");
        if (first != std::string_view::npos && first <= last) clause_.word(text::lower(word.substr(first, last + 1 - first)));
      }
    }
    std::string_view tail = word;
    while (!tail.empty() && is_one_of(tail.back(), "*_'\"")) tail.remove_suffix(1);
    if (!tail.empty() && is_one_of(tail.back(), ".!?") &&
        std::ranges::find(k_shortened, text::lower(tail)) == std::end(k_shortened)) {
      if (end == text_.size() || is_one_of(text_[end], " \t\r)\"")) ended_();
    }
  }

  /// "`src/a.py`. Then": the stop stands alone behind the name.
  void end_after(std::size_t at) {
    if (at < text_.size() && is_one_of(text_[at], ".!?") && (at + 1 == text_.size() || is_one_of(text_[at + 1], k_blank))) {
      ended_();
      ++at_;
    }
  }

  std::string_view text_;
  Clause& clause_;
  const RepositoryIndex& repository_;
  const std::function<void()>& ended_;
  std::size_t at_ = 0;
};

}  // namespace

std::string plain_punctuation(std::string_view line) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> k_forms = {
      {{"’", "'"}, {"‘", "'"}, {"“", "\""}, {"”", "\""}, {"—", " - "}, {"–", " - "}, {"…", "..."}, {"→", " - "}, {"•", "- "}}};
  std::string plain;
  plain.reserve(line.size());
  while (!line.empty()) {
    const auto* const form = line.front() != '\xe2'
                                 ? k_forms.end()
                                 : std::ranges::find_if(k_forms, [&](const auto& one) { return line.starts_with(one.first); });
    plain += form == k_forms.end() ? line.substr(0, 1) : form->second;
    line.remove_prefix(form == k_forms.end() ? 1 : form->first.size());
  }
  return plain;
}

std::optional<Named> named_by(std::string_view word, bool marked, const RepositoryIndex& repository) {
  if (word.find_first_of("./~") == std::string_view::npos && (!marked && word.find("file") == std::string_view::npos))
    return std::nullopt;
  std::string path = path_in(word);
  const Shape shape = shape_of(path, marked, repository);
  if (shape == Shape::none) return std::nullopt;
  return Named{std::move(path), Sense::plain, shape == Shape::glob, shape == Shape::outside};
}

void read_sentences(std::string_view line, Clause& clause, const RepositoryIndex& repository,
                    const std::function<void()>& ended) {
  Line(line, clause, repository, ended).read();
}

}  // namespace baton::front
