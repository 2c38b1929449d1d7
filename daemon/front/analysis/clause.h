// What a sentence says of the files that it names: that they change, are only read, or are to be left alone. Knows English words,
// and the order that they come in; knows neither Markdown nor the repository.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::front {

/// When a file is named more than once, the last of these counts.
enum class Sense {
  read,        // "see docs/api.md"
  background,  // no word says anything, but the section does: "Context"
  plain,       // no word says anything
  leave,       // "do not touch src/x.c"
  change,
};

struct Named {
  std::string path;  // as written
  Sense sense = Sense::plain;
  bool glob = false;
  bool outside = false;
};

class Clause {
 public:
  explicit Clause(Sense base) : base_(base), sense_(base) {}

  void word(std::string_view lower);
  void name(Named named);  // its sense comes from the words; `read` is kept
  void comma();
  void open();  // what is said in brackets ends with them
  void close();

  /// What it says of whatever is listed beneath it, as a heading or before a colon does. Nothing: it does not say.
  std::optional<Sense> label() const;
  /// Ends it. What follows a name counts too: "src/x.c must stay as it is".
  std::vector<Named> take();

 private:
  struct Entry {
    Named named;
    bool after_verb = false;
  };
  bool noun(std::string_view word) const;
  void verb();
  void settle(std::string_view word);
  // Each answers whether it knows the word.
  bool turns(std::string_view word);
  bool holds_off(std::string_view word);
  bool acts(std::string_view word);
  bool points(std::string_view word);
  void passive(Sense sense);

  Sense base_;
  Sense sense_;
  std::vector<Entry> names_;
  std::size_t settled_ = 0;  // of names_: what a word after them has been said about
  std::string last_, before_last_;
  bool last_is_name_ = false;
  bool negated_ = false;
  bool negated_verb_last_ = false;
  bool using_ = false;
  bool comma_ = false;
  bool verb_seen_ = false;
  bool needs_ = false;  // it says what this work depends on
  bool read_noun_ = false, background_noun_ = false, change_noun_ = false;
  int since_verb_ = 99;  // words
  std::optional<Sense> outside_brackets_;
};

}  // namespace baton::front
