#include "core/segments.h"

#include <algorithm>

#include "core/condition.h"
#include "core/enumeration.h"
#include "core/judgement.h"

namespace baton::core {
namespace {

bool is_word(const Token& token, std::string_view word) { return token.kind == TokenKind::word && token.word == word; }

bool says_after(std::string_view word) {
  return word == "then" || word == "afterwards" || word == "subsequently" || word == "finally" || word == "lastly" ||
         word == "next" || word == "eventually";
}

/// "with", "including", ...: what follows comes on top of the object. How many words it takes; 0 = not one.
std::size_t tail_opener(Tokens tokens, std::size_t at, std::size_t end) {
  const std::string& word = tokens[at].word;
  if (word == "with" || word == "including" || word == "plus" || word == "alongside") return 1;
  if (at + 1 < end && word == "along" && is_word(tokens[at + 1], "with")) return 2;
  if (at + 1 < end && word == "together" && is_word(tokens[at + 1], "with")) return 2;
  if (at + 2 < end && word == "as" && is_word(tokens[at + 1], "well") && is_word(tokens[at + 2], "as")) return 3;
  return 0;
}

/// Verbs whose "with" names a means or a partner, not more work: "replace X with Y", "test with Docker".
bool takes_tail(Act act, std::string_view verb) {
  return (act == Act::build || act == Act::fix || act == Act::none || act == Act::need || act == Act::change ||
          act == Act::design || act == Act::deploy) &&
         verb != "replace" && verb != "integrate" && verb != "sync" && verb != "swap";
}

/// Objects of these verbs are made: a list of them is a list of work. "rename the tests and the docs" is not.
bool makes_its_objects(Act act, std::string_view verb) {
  if (act == Act::build || act == Act::need || act == Act::none || act == Act::design) return true;
  return verb == "update" || verb == "fix" || verb == "improve" || verb == "adjust" || verb == "run";
}

/// A noun after which the verb-like word before it is no verb: "release notes", "test suite".
bool makes_compound(std::string_view verb, std::string_view next) {
  for (std::string_view word : {"notes",     "suite",     "suites",      "case",     "cases", "coverage", "data",    "files",
                                "pipeline",  "pipelines", "job",         "jobs",     "step",  "steps",    "log",     "logs",
                                "trail",     "report",    "reports",     "results",  "plan",  "process",  "branch",  "candidate",
                                "checklist", "runner",    "environment", "view",     "page",  "folder",   "folders", "script",
                                "comments",  "button",    "output",      "system",   "doc",   "docs",     "layer",   "limits",
                                "endpoints", "service",   "services",    "settings", "pages", "tables",   "models"})
    if (next == word)
      return !(verb == "run" || verb == "update" || verb == "fix" || verb == "release" || verb == "check" || verb == "review" ||
               verb == "document") ||
             next == "notes";
  return false;
}

class Cutter {
 public:
  Cutter(Tokens tokens, std::size_t begin, std::size_t end, std::vector<std::size_t> listed)
      : tokens_(tokens), at_(begin), end_(end), listed_(std::move(listed)) {}

  std::vector<Segment> run() {
    open(at_, Link::first, false);
    while (at_ < end_) step();
    close(end_);
    return std::move(segments_);
  }

 private:
  void open(std::size_t at, Link link, bool negated) {
    at_ = skip_leads(at, link);
    if (!negated) take_conditions(link);
    if (at_ < end_ && tokens_[at_].kind == TokenKind::word && is_negation(tokens_[at_].word)) negated = true;
    current_ = {at_, at_, link, negated, sentence_, is_listed(at_), Act::none, {}};
    in_subclause_ = in_infinitive_ = false;
    clause_end_ = k_nowhere;
    act_ = Act::none;
    verb_.clear();
    if (const auto verb = verb_of(at_)) {
      act_ = verb->verb.act;
      verb_ = tokens_[verb->begin].word;
      at_ = verb->after;
      if (act_ == Act::build && !negated) listed_ = listed_objects(tokens_, at_, end_);
      current_.is_listed = !listed_.empty() && listed_.front() == at_;
    } else if (at_ < end_ && is_negation(tokens_[at_].word)) {
      ++at_;
    }
  }

  /// "sync engine": what is listed as a thing asks for nothing by itself.
  std::optional<VerbAt> verb_of(std::size_t at) const {
    const auto verb = verb_at(tokens_, at, end_);
    return verb && verb->verb.also_noun && is_listed(at) ? std::nullopt : verb;
  }

  bool is_listed(std::size_t at) const { return std::binary_search(listed_.begin(), listed_.end(), at); }

  void close(std::size_t at) {
    current_.end = std::min(at, clause_end_);
    if (const std::size_t length = says_first(current_.end); length > 0) {
      current_.end -= length;
      const bool follows = !segments_.empty() && segments_.back().sentence == current_.sentence;
      if (follows && current_.link != Link::item) current_.link = Link::earlier;
    }
    if (current_.end > current_.begin || !current_.verb.empty()) segments_.push_back(current_);
  }

  /// "…, but run the tests first", "… before that": how many words say so. What begins its sentence is where it belongs.
  std::size_t says_first(std::size_t end) const {
    if (end >= current_.begin + 2 && (is_word(tokens_[end - 1], "first") || is_word(tokens_[end - 1], "beforehand"))) return 1;
    const bool that = end >= current_.begin + 3 && (is_word(tokens_[end - 1], "that") || is_word(tokens_[end - 1], "this"));
    return that && is_word(tokens_[end - 2], "before") ? 2 : 0;
  }

  /// "once the tests pass, deploy": the clause is a segment if it asks for work, and is passed over if it only tells a time. One
  /// that no verb follows ("after the upgrade, the login fails") reports, and stays.
  void take_conditions(Link& link) {
    if (claims_a_state(at_)) return take_claim(link);
    const auto clause = condition_at(tokens_, at_, end_);
    if (!clause || !ends_before_work(clause->after)) return;
    if (clause->act != Act::none) {
      segments_.push_back(asked_by(*clause, segments_.empty() || link == Link::item ? link : Link::after));
      link = clause->before ? Link::earlier : Link::after;
    }
    at_ = skip_leads(clause->after, link);
  }

  bool ends_before_work(std::size_t at) const {
    Link unused = Link::also;
    const std::size_t next = skip_leads(at, unused);
    const bool separated = at < end_ && (tokens_[at].kind == TokenKind::comma || is_word(tokens_[at], "then"));
    return separated && next < end_ && (verb_at(tokens_, next, end_) || read_noun_phrase(tokens_, next, end_).is_work);
  }

  Segment asked_by(const Condition& clause, Link link) const {
    return {clause.begin, clause.end, link, false, sentence_, false, clause.act, clause.verb};
  }

  /// "make sure (that) the tests pass"; the words before it were skipped as leads.
  bool claims_a_state(std::size_t at) const {
    std::size_t before = at;
    return before >= 2 && is_word(tokens_[before - 1], "sure") && is_word(tokens_[before - 2], "make") &&
           !verb_at(tokens_, at, end_);
  }

  void take_claim(Link& link) {
    const std::size_t first = at_ < end_ && is_word(tokens_[at_], "that") ? at_ + 1 : at_;
    const Condition clause = read_clause(tokens_, first, end_);
    if (clause.act == Act::none) return;
    const bool but = at_ >= 3 && is_word(tokens_[at_ - 3], "but");  // "release it, but make sure the tests pass"
    segments_.push_back(asked_by(clause, but && !segments_.empty() ? Link::earlier : link));
    link = Link::also;
    at_ = clause.after;
  }

  void cut(std::size_t at, std::size_t next, Link link, bool negated = false) {
    close(at);
    open(next, link, negated);
  }

  /// "after that, …" says "then". How many words it takes; 0 = it does not stand there.
  std::size_t after_that(std::size_t at) const {
    if (at + 2 >= end_ || !is_word(tokens_[at], "after") ||
        !(is_word(tokens_[at + 1], "that") || is_word(tokens_[at + 1], "this")))
      return 0;
    return tokens_[at + 2].kind == TokenKind::comma || verb_at(tokens_, at + 2, end_) ? 2 : 0;
  }

  /// Past "please", "we need to", ... A "then" among them makes the link one of sequence.
  std::size_t skip_leads(std::size_t at, Link& link) const {
    while (at < end_ && tokens_[at].kind == TokenKind::word) {
      const std::string& word = tokens_[at].word;
      if (const std::size_t length = after_that(at); length > 0) {
        if (!segments_.empty() && link != Link::earlier) link = Link::after;
        at += length;
        continue;
      }
      if (says_after(word) && !segments_.empty() && link != Link::earlier) link = Link::after;
      const bool verb_too = word == "test" || (word == "make" && !(at + 1 < end_ && is_word(tokens_[at + 1], "sure")));
      if (!(is_lead(word) || says_after(word)) || verb_too || is_negation(word)) break;
      ++at;
    }
    while (at < end_ && tokens_[at].kind == TokenKind::comma) ++at;
    return at;
  }

  void step() {
    const Token& token = tokens_[at_];
    switch (token.kind) {
      case TokenKind::stop:
      case TokenKind::line: ++sentence_; return cut(at_, at_ + 1, Link::also);
      case TokenKind::semicolon: return cut(at_, at_ + 1, Link::also);
      case TokenKind::arrow: return cut(at_, at_ + 1, Link::after);
      case TokenKind::item: ++sentence_; return cut(at_, at_ + 1, Link::item);
      case TokenKind::open: return skip_brackets();
      case TokenKind::comma: return maybe_next(true);
      case TokenKind::word: return step_word(token.word);
      default: ++at_; return;
    }
  }

  void skip_brackets() {
    while (at_ < end_ && tokens_[at_].kind != TokenKind::close) ++at_;
    if (at_ < end_) ++at_;
  }

  void step_word(const std::string& word) {
    if (word == "and" || word == "but") return maybe_next(false);
    if (says_after(word) && word == "then") return cut(at_, at_ + 1, Link::after);
    if (word == "followed" && at_ + 1 < end_ && is_word(tokens_[at_ + 1], "by")) return cut(at_, at_ + 2, Link::after);
    if (at_ > current_.begin &&
        (word == "without" || word == "except" || word == "excluding" || word == "instead" || word == "rather"))
      return cut(at_, at_ + 1, Link::tail, true);
    if (maybe_condition()) return;
    if (const std::size_t length = tail_opener(tokens_, at_, end_); length > 0 && maybe_tail(length)) return;
    if (opens_subclause(word)) in_subclause_ = true, is_finite_ = is_finite(at_), runs_list_ = runs(at_ + 1);
    if (word == "to" && at_ + 1 < end_ && verb_at(tokens_, at_ + 1, end_)) in_infinitive_ = true, ++at_;
    ++at_;
  }

  /// "…, deploy it", "… and the docs": a new piece, if a verb or a piece of work follows.
  void maybe_next(bool comma) {
    std::size_t next = at_;
    bool after = false;
    if (in_subclause_ && runs_list_ && lists_what_runs(at_ + 1)) {
      ++at_;
      return;
    }
    if (comma) in_subclause_ = in_infinitive_ = false;
    bool but = false;
    while (next < end_ && (tokens_[next].kind == TokenKind::comma ||
                           (tokens_[next].kind == TokenKind::word &&
                            (tokens_[next].word == "and" || tokens_[next].word == "but" || tokens_[next].word == "also" ||
                             tokens_[next].word == "please" || says_after(tokens_[next].word))))) {
      if (tokens_[next].kind == TokenKind::comma) in_subclause_ = in_infinitive_ = false;
      if (const std::size_t length = after_that(next + 1); length > 0) after = true, next += length;
      if (says_after(tokens_[next].word)) after = true;
      if (is_word(tokens_[next], "but")) but = true;
      ++next;
    }
    if (next >= end_) {
      at_ = next;
      return;
    }
    if (is_earlier(next, but)) return cut(at_, next + 1, Link::earlier);
    const Link link = after ? Link::after : Link::also;
    if (opens_condition(next)) return cut(at_, next, link);
    const std::size_t opener = tail_opener(tokens_, next, end_);
    if (opener > 0) {
      at_ = next;
      return;  // ", with tests": seen by the next step
    }
    if (current_.negated && !comma && refuses_too(next)) return cut(at_, next, link, true);
    if (is_listed(next) || starts_verb(next) || (tokens_[next].kind == TokenKind::word && is_negation(tokens_[next].word)))
      return cut(at_, next, link);
    if (starts_work(next) || (comma && lists_judgement(next)))
      return cut(at_, next, current_.link == Link::tail && !after ? Link::tail : link, current_.negated && !comma);
    if (after || (current_.negated && comma)) return cut(at_, next, link);
    at_ = next;
  }

  bool runs(std::size_t at) const {
    return at < end_ && (is_word(tokens_[at], "runs") || is_word(tokens_[at], "run") || is_word(tokens_[at], "executes") ||
                         is_word(tokens_[at], "performs") || is_word(tokens_[at], "triggers"));
  }

  /// "a workflow that runs lint, tests and build": names of what runs, not orders; "…, update it" and "… and the docs" are some.
  bool lists_what_runs(std::size_t at) const {
    if (at < end_ && is_word(tokens_[at], "and")) ++at;
    if (at >= end_ || tokens_[at].kind != TokenKind::word || is_determiner(tokens_[at].word)) return false;
    return at + 1 >= end_ || tokens_[at + 1].kind != TokenKind::word || is_word(tokens_[at + 1], "and") ||
           is_preposition(tokens_[at + 1].word);
  }

  /// "rotate what is found and update the docs": a base form does not continue a clause whose verb is finite.
  bool is_finite(std::size_t opener) const {
    if (opener + 1 >= end_ || tokens_[opener + 1].kind != TokenKind::word) return false;
    const std::string& word = tokens_[opener + 1].word;
    if (word == "is" || word == "are" || word == "was" || word == "were" || word == "has") return true;
    return word.ends_with("s") && word.size() > 3 && !is_determiner(word) && !is_preposition(word) &&
           find_verb(word.substr(0, word.size() - 1)).has_value();
  }

  /// "without docs and audit": a word that may be a noun, with no object, is refused too.
  bool refuses_too(std::size_t at) const {
    const auto verb = verb_at(tokens_, at, end_);
    if (!verb) return true;
    return verb->verb.also_noun && (verb->after >= end_ || tokens_[verb->after].kind != TokenKind::word);
  }

  bool starts_verb(std::size_t at) const {
    const auto found = verb_at(tokens_, at, end_);
    if (!found) return false;
    if (in_infinitive_) return false;
    if (!found->verb.also_noun) return true;
    const bool has_object = found->after < end_ && is_determiner(tokens_[found->after].word);
    if (in_subclause_) return is_finite_ && has_object;
    if (found->after >= end_ || tokens_[found->after].kind != TokenKind::word) return true;
    return !makes_compound(tokens_[at].word, tokens_[found->after].word);
  }

  /// A noun phrase that is itself a piece of work, of another kind than the current one.
  bool starts_work(std::size_t at) const {
    if (in_subclause_ || in_infinitive_ || (current_.link != Link::tail && !makes_its_objects(act_, verb_))) return false;
    const NounPhrase phrase = read_noun_phrase(tokens_, at, end_);
    if (!phrase.is_work) return false;
    const auto object = read_noun_phrases(tokens_, object_begin(), at_);
    return judge(act_, verb_, object).topic != phrase.topic;
  }

  /// "write tests, document the API, security review": in a list of work it is work, whatever verb stands before it.
  bool lists_judgement(std::size_t at) const {
    if (in_subclause_ || in_infinitive_ || segments_.empty() || segments_.back().sentence != sentence_) return false;
    const NounPhrase phrase = read_noun_phrase(tokens_, at, end_);
    return phrase.is_work && phrase.topic == Topic::security;
  }

  std::size_t object_begin() const {
    const auto verb = verb_at(tokens_, current_.begin, end_);
    return verb ? verb->after : current_.begin;
  }

  bool maybe_tail(std::size_t length) {
    if (in_subclause_ || in_infinitive_ || !(takes_tail(act_, verb_) || current_.link == Link::tail)) return false;
    const std::size_t next = at_ + length;
    if (next >= end_ || !read_noun_phrase(tokens_, next, end_).is_work) return false;
    cut(at_, next, Link::tail);
    return true;
  }

  /// "…, but first run the tests".
  bool is_earlier(std::size_t at, bool but) const {
    if (at + 1 >= end_ || !(is_word(tokens_[at], "first") || is_word(tokens_[at], "beforehand"))) return false;
    Link unused = Link::also;
    const std::size_t next = skip_leads(at + 1, unused);
    return next < end_ && (but || current_.begin < at_) && (verb_at(tokens_, next, end_) || claims_a_state(next));
  }

  /// "write the tests, and once they pass, deploy it"
  bool opens_condition(std::size_t at) const {
    const auto clause = in_subclause_ ? std::nullopt : condition_at(tokens_, at, end_);
    return clause && ends_before_work(clause->after);
  }

  /// "scan the image before deploying it", "deploy it once the tests pass": what the clause asks for is work. "Fix the crash
  /// after deploying" says when something went wrong: only what is brought out, judged or run waits for other work.
  bool maybe_condition() {
    if (in_subclause_ || act_ == Act::none || at_ == current_.begin) return false;
    const auto clause = condition_at(tokens_, at_, end_);
    if (!clause || clause->act == Act::none || clause->act == act_) return false;
    const bool waits = act_ == Act::deploy || act_ == Act::document || act_ == Act::audit || act_ == Act::test ||
                       act_ == Act::check || act_ == Act::operate;
    if (!clause->before && !waits) return false;
    close(at_);
    current_ = asked_by(*clause, clause->before ? Link::after : Link::earlier);
    act_ = clause->act;
    verb_ = clause->verb;
    if (clause->end != clause->after) clause_end_ = clause->end;  // what is left of the clause is its predicate
    at_ = clause->after;
    return true;
  }

  Tokens tokens_;
  std::size_t at_;
  std::size_t end_;
  std::vector<Segment> segments_;
  Segment current_;
  std::size_t sentence_ = 0;
  Act act_ = Act::none;
  std::string verb_;
  static constexpr std::size_t k_nowhere = static_cast<std::size_t>(-1);
  std::size_t clause_end_ = k_nowhere;  // where the object of a clause of time ends
  std::vector<std::size_t> listed_;     // where the objects of the last list begin
  bool in_subclause_ = false;
  bool runs_list_ = false;  // "that runs …"
  bool is_finite_ = false;  // the verb of the subclause is: "is found", "breaks"
  bool in_infinitive_ = false;
};

}  // namespace

std::vector<Segment> cut(Tokens tokens, std::size_t begin, std::size_t end, std::vector<std::size_t> listed) {
  return Cutter(tokens, begin, end, std::move(listed)).run();
}

}  // namespace baton::core
