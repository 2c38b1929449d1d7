#include "front/analysis/clause.h"

#include <algorithm>
#include <utility>

#include "front/analysis/words.h"

namespace baton::front {
namespace {

// Stems: "creat" for create, creates, created, creating.
constexpr std::string_view k_change[] = {
    "adapt",   "add",    "adjust",  "alter",     "append", "chang",    "convert",  "creat",  "delet", "edit",   "extend",
    "extract", "fix",    "generat", "implement", "improv", "insert",   "introduc", "migrat", "modif", "mov",    "optimi",
    "patch",   "plac",   "populat", "port",      "put",    "refactor", "register", "remov",  "renam", "replac", "restructur",
    "rewrit",  "rework", "simplif", "split",     "touch",  "updat",    "upgrad",   "wir",    "writ"};
constexpr std::string_view k_endings[] = {"",     "e",   "es", "ed",  "d",    "s",  "ing", "y",    "ies", "ied",
                                          "ying", "ten", "ze", "zes", "zing", "se", "ses", "sing", "ting"};
constexpr std::string_view k_negations[] = {"not",    "never", "don't", "dont",    "doesn't", "mustn't", "shouldn't",
                                            "cannot", "can't", "won't", "without", "avoid",   "no",      "nor"};
// Between a negation and its verb: "do not ever directly modify".
constexpr std::string_view k_fillers[] = {"to",   "be",  "directly", "ever",   "make", "any", "need", "other", "further",
                                          "also", "the", "have",     "please", "or",   "and", "nor",  "being", "allowed"};
constexpr std::string_view k_pointing[] = {
    "see",        "refer",   "refers",    "referring", "described", "documented", "specified", "explained",
    "outlined",   "consult", "similar",   "analogous", "like",      "follow",     "follows",   "following",
    "mirror",     "mirrors", "mirroring", "mimic",     "according", "per",        "based",     "inspired",
    "consistent", "compare", "run",       "running",   "execute",   "rerun",      "cf",        "look"};
// These point to what they are followed by alone: "uses src/db.py", but not "using a cache in src/api.py".
constexpr std::string_view k_using[] = {"use",      "uses",      "using",      "used",      "reuse",   "reuses",    "reusing",
                                        "leverage", "leverages", "leveraging", "import",    "imports", "importing", "imported",
                                        "call",     "calls",     "calling",    "read",      "reads",   "reading",   "require",
                                        "requires", "depend",    "depends",    "depending", "rely",    "relies",    "via",
                                        "against",  "load",      "consume",    "consumes",  "invoke",  "invokes"};
constexpr std::string_view k_joins[] = {"", "and", "or", "nor", "&", "also", "on", "of"};
constexpr std::string_view k_articles[] = {"a",   "an",      "the",    "this",  "each",  "every",
                                           "new", "missing", "unused", "looks", "seems", "would"};
constexpr std::string_view k_verb_follows[] = {"to",   "and",  "it",  "that", "which", "they", "should",
                                               "must", "will", "can", "may",  "then",  "also", ""};
constexpr std::string_view k_keep[] = {"keep", "keeps", "keeping", "leave", "leaves", "leaving"};
constexpr std::string_view k_needs[] = {"depend", "depends", "depending", "require", "requires", "after", "blocked"};
constexpr std::string_view k_patterns[] = {"style", "pattern", "patterns", "convention", "conventions", "example", "structure"};
constexpr std::string_view k_exceptions[] = {"except", "excluding", "besides", "excepting"};
constexpr std::string_view k_modals[] = {"must", "should", "needs", "shall", "will"};
constexpr std::string_view k_unchanged[] = {"unchanged", "untouched", "alone",  "as-is",
                                            "read-only", "readonly",  "intact", "unmodified"};
constexpr std::string_view k_read_nouns[] = {"reference", "references", "read", "reading", "read-only", "resources"};
constexpr std::string_view k_background_nouns[] = {"context",       "background",   "existing",    "current",      "currently",
                                                   "example",       "examples",     "usage",       "verification", "related",
                                                   "prerequisites", "dependencies", "integration", "commands"};
constexpr std::string_view k_change_nouns[] = {"files",       "file",    "targets", "deliverables",
                                               "deliverable", "outputs", "output",  "paths"};

bool is_change(std::string_view word) {
  return std::ranges::any_of(
      k_change, [&](std::string_view stem) { return word.starts_with(stem) && is_one_of(word.substr(stem.size()), k_endings); });
}

}  // namespace

/// The word before makes a noun of a word that could point: "add a check", "fix the imports".
bool Clause::noun(std::string_view word) const {
  if (is_one_of(last_, k_articles)) return true;
  if (word != "run" && !is_one_of(word, k_using)) return false;
  return !last_is_name_ && since_verb_ <= 3 && !is_one_of(last_, k_verb_follows);
}

void Clause::passive(Sense sense) {
  for (; settled_ < names_.size(); ++settled_) {
    Entry& entry = names_[settled_];
    if (!entry.after_verb && entry.named.sense != Sense::read) entry.named.sense = sense;
  }
}

void Clause::verb() {
  if (settled_ < names_.size() && (last_ == "be" || last_ == "being" || last_ == "get")) {
    passive(negated_ ? Sense::leave : Sense::change);
    sense_ = base_;
    negated_ = false;
    return;
  }
  sense_ = negated_ ? Sense::leave : Sense::change;
  negated_verb_last_ = negated_;
  verb_seen_ = true;
  since_verb_ = 0;
  using_ = false;
}

/// "except", "but", "instead": what follows is meant otherwise than what came before.
bool Clause::turns(std::string_view word) {
  const bool exception = is_one_of(word, k_exceptions) || (word == "than" && last_ == "other") ||
                         (word == "from" && last_ == "apart") || (word == "outside" && sense_ == Sense::leave) ||
                         (word == "but" && (last_ == "anything" || last_ == "nothing"));
  if (exception) {
    sense_ = sense_ == Sense::leave || sense_ == Sense::read ? Sense::change : Sense::leave;
  } else if (word == "but" || word == "then") {
    sense_ = base_;
    negated_ = false;
  } else if (word == "instead" || word == "rather") {
    sense_ = Sense::leave;
    negated_ = true;
  } else {
    return false;
  }
  return true;
}

/// "not", "keep", "unchanged".
bool Clause::holds_off(std::string_view word) {
  if (is_one_of(word, k_unchanged)) {
    passive(Sense::leave);
  } else if (is_one_of(last_, k_keep) && (word == "working" || word == "passing")) {
    passive(Sense::read);
  } else if (is_one_of(last_, k_keep) && !is_change(word)) {
    sense_ = Sense::leave;
  } else if (is_one_of(word, k_negations)) {
    negated_ = true;
  } else {
    return false;
  }
  return true;
}

bool Clause::acts(std::string_view word) {
  if (!is_change(word) || last_ == "as") return false;
  if (needs_ && (last_ == "it" || last_ == "which" || last_ == "that")) {
    sense_ = Sense::read;  // "depends on the login, which adds src/auth.py"
  } else {
    verb();
  }
  return true;
}

/// "see", "like", "using".
bool Clause::points(std::string_view word) {
  if (is_one_of(word, k_using) && !noun(word)) {
    using_ = true;
    negated_ = false;
    return true;
  }
  const bool pointing = is_one_of(word, k_pointing) && !noun(word) && !(word == "follows" && last_ == "as");
  const bool used = using_ && (word == "from" || word == "existing" || (word == "the" && !names_.empty()));
  const bool aside = outside_brackets_ && (word == "defined" || word == "declared");
  if (word == "into" && sense_ == Sense::read) {
    sense_ = base_;
  } else if (pointing || used || aside || (word == "of" && is_one_of(last_, k_patterns))) {
    sense_ = Sense::read;
    if (pointing) negated_ = false;
  } else {
    return false;
  }
  return true;
}

/// What ends what the words before have said: a comma before a word, "src/a.py must".
void Clause::settle(std::string_view word) {
  if (!is_one_of(word, k_joins)) {
    if (comma_ && sense_ == Sense::read) sense_ = base_;
    comma_ = false;
    if (last_is_name_) using_ = false;
  }
  if (last_is_name_ && is_one_of(word, k_modals) && names_.back().named.sense == Sense::read) {
    names_.back().named.sense = Sense::plain;
    sense_ = base_;
  }
}

void Clause::word(std::string_view word) {
  ++since_verb_;
  read_noun_ |= is_one_of(word, k_read_nouns) || (word == "scope" && before_last_ == "out");
  background_noun_ |= is_one_of(word, k_background_nouns);
  change_noun_ |= is_one_of(word, k_change_nouns);
  needs_ |= is_one_of(word, k_needs);
  settle(word);
  if (!turns(word) && !holds_off(word) && !acts(word) && !points(word) && !is_one_of(word, k_fillers)) negated_ = false;
  before_last_ = std::exchange(last_, std::string(word));
  last_is_name_ = false;
}

void Clause::name(Named named) {
  const bool used = using_ && (is_one_of(last_, k_using) || is_one_of(last_, k_joins));
  if (named.sense != Sense::read) named.sense = used ? Sense::read : sense_;
  if (is_one_of(last_, k_keep)) named.sense = sense_ = Sense::leave;
  comma_ = false;
  names_.push_back({std::move(named), verb_seen_});
  negated_ = false;
  last_is_name_ = true;
  before_last_ = std::exchange(last_, std::string());
}

void Clause::comma() {
  comma_ = true;
  if (!negated_verb_last_) negated_ = false;
}

void Clause::open() { outside_brackets_ = sense_; }

void Clause::close() {
  if (outside_brackets_) sense_ = *outside_brackets_;
  outside_brackets_.reset();
}

std::optional<Sense> Clause::label() const {
  if (sense_ == Sense::leave || sense_ == Sense::change) return sense_;
  if (read_noun_ || (sense_ == Sense::read && !background_noun_)) return Sense::read;
  if (background_noun_) return Sense::background;
  return change_noun_ ? std::optional(Sense::change) : std::nullopt;
}

std::vector<Named> Clause::take() {
  const bool for_reference = before_last_ == "for" && (last_ == "reference" || last_ == "context");
  if (for_reference) passive(Sense::read);
  std::vector<Named> names;
  for (Entry& entry : names_) names.push_back(std::move(entry.named));
  *this = Clause(base_);
  return names;
}

}  // namespace baton::front
