#include "front/analysis/prerequisites.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "front/analysis/repository.h"
#include "front/analysis/words.h"

namespace baton::front {
namespace {

constexpr std::size_t k_max_title_words = 16;
constexpr std::size_t k_max_line = 2000;  // bytes; a longer line is no sentence that names a prompt
constexpr std::string_view k_after[] = {"after",         "depend",       "depends",  "depending", "depends_on", "depends-on",
                                        "dependency",    "dependencies", "requires", "require",   "required",   "prerequisite",
                                        "prerequisites", "blocked",      "once",     "needs"};
constexpr std::string_view k_before[] = {"before", "blocks", "precedes"};
constexpr std::string_view k_negations[] = {"not", "no", "never", "independent", "without", "doesn't", "don't", "nor"};

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("_-./'").find(c) != std::string_view::npos ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

struct Word {
  std::string text;   // lower case
  bool ends = false;  // the sentence
};

std::vector<Word> words_of(std::string_view line) {
  std::vector<Word> words;
  for (std::size_t at = 0; at < line.size();) {
    if (!is_word_character(line[at])) {
      if (line[at] == ';' && !words.empty()) words.back().ends = true;
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < line.size() && is_word_character(line[at])) ++at;
    std::string_view word = line.substr(begin, at - begin);
    const bool stop = word.ends_with('.');
    while (!word.empty() && std::string_view(".'-/").find(word.back()) != std::string_view::npos) word.remove_suffix(1);
    while (!word.empty() && (word.front() == '\'' || word.front() == '-')) word.remove_prefix(1);
    if (word.starts_with("./")) word.remove_prefix(2);
    if (!word.empty()) words.push_back({text::lower(word), stop});
  }
  return words;
}

std::string title_key(std::string_view title) {
  std::string key;
  std::size_t count = 0;
  for (const Word& word : words_of(title)) {
    if (++count > k_max_title_words) return {};
    key += (key.empty() ? "" : " ") + word.text;
  }
  return count >= 2 ? key : std::string();
}

}  // namespace

void PromptNames::add(Names& names, std::string name, std::size_t prompt) {
  if (name.empty()) return;
  const auto [at, fresh] = names.try_emplace(std::move(name), prompt);
  if (!fresh && at->second != prompt) at->second = std::nullopt;
}

PromptNames::PromptNames(const std::vector<Prompt>& prompts) {
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    const std::string file = text::lower(prompts[i].file);
    const std::string name(base_name(file));
    const std::string stem = name.substr(0, name.size() - std::min(name.size(), extension_of(name).size() + 1));
    add(files_, file.starts_with("./") ? file.substr(2) : file, i);
    add(files_, name, i);
    if (stem.find_first_of("-_0123456789") != std::string::npos && stem.size() > 2) add(files_, stem, i);
    add(stems_, stem, i);
    add(titles_, title_key(prompts[i].title), i);
  }
}

class PrerequisiteReader {
 public:
  explicit PrerequisiteReader(const PromptNames& names) : names_(names) {}

  std::vector<PromptNames::Mention> read(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      take(text.substr(at, end - at));
      at = end + 1;
    }
    return std::move(found_);
  }

 private:
  /// A heading or a line that ends with ':' says what the list beneath it is about.
  void take(std::string_view line) {
    const std::string_view body = text::trim(line);
    if (body.starts_with("```") || body.starts_with("~~~")) fenced_ = !fenced_;
    if (fenced_ || body.empty() || body.size() > k_max_line) return;
    const bool heading = body.starts_with('#');
    const bool item = body.starts_with("- ") || body.starts_with("* ") || body.starts_with("+ ") ||
                      std::isdigit(static_cast<unsigned char>(body.front())) != 0;
    if (!item) listed_ = false;
    sentences(words_of(body));
    if (heading || text::trim(body.substr(0, body.find_last_not_of("*_ ") + 1)).ends_with(':')) {
      listed_ = cue_ != Cue::none;
      listed_cue_ = cue_;
      listed_words_ = words_;
    }
  }

  void sentences(const std::vector<Word>& words) {
    begin();
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string& word = words[i].text;
      negated_ |= is_one_of(word, k_negations);
      const bool after = is_one_of(word, k_after), before = is_one_of(word, k_before);
      if (after || before) {
        cue_ = negated_ ? Cue::none : after ? Cue::after : Cue::before;
        words_ =
            word +
            (i + 1 < words.size() && (words[i + 1].text == "on" || words[i + 1].text == "by") ? " " + words[i + 1].text : "");
      } else if (cue_ != Cue::none) {
        look(words, i);
      }
      if (words[i].ends && i + 1 < words.size()) begin();
    }
  }

  void begin() {
    negated_ = false;
    cue_ = listed_ ? listed_cue_ : Cue::none;
    words_ = listed_ ? listed_words_ : "";
  }

  void look(const std::vector<Word>& words, std::size_t at) {
    if (find(names_.files_, words[at].text)) return;
    if (at + 1 < words.size() && (words[at + 1].text == "prompt" || words[at + 1].text == "task") &&
        find(names_.stems_, words[at].text))
      return;
    std::string title = words[at].text;
    for (std::size_t next = at + 1; next < std::min(words.size(), at + k_max_title_words); ++next)
      if (find(names_.titles_, title += ' ' + words[next].text)) return;
  }

  bool find(const PromptNames::Names& names, std::string_view name) {
    const auto at = names.find(name);
    if (at == names.end() || !at->second) return false;
    found_.push_back({*at->second, cue_ == Cue::after, words_});
    return true;
  }

  enum class Cue { none, after, before };
  const PromptNames& names_;
  std::vector<PromptNames::Mention> found_;
  Cue cue_ = Cue::none, listed_cue_ = Cue::none;
  std::string words_, listed_words_;
  bool listed_ = false;
  bool negated_ = false;
  bool fenced_ = false;
};

std::vector<PromptNames::Mention> PromptNames::needed_by(std::string_view text) const {
  return PrerequisiteReader(*this).read(text);
}

}  // namespace baton::front
