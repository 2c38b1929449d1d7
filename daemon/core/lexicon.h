// What the words of developers mean: verbs with the act they ask for, nouns with the field they belong to. Tables only;
// how they combine is decided in request.cc. Looking a word up allocates nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baton::core {

/// The fields of Analysis::domains. `none` = the word says nothing about it.
enum class Topic : std::uint8_t { none, development, testing, documentation, security, inventory, cicd };
std::string_view name(Topic);

enum class Act : std::uint8_t {
  none,
  design,    // think first: design, plan, research
  build,     // make something new or differently: add, implement, migrate
  change,    // small or unspecific changes: update, rename, remove
  fix,       //
  test,      //
  audit,     // judge with suspicion: audit, scan
  secure,    // harden, revoke
  document,  //
  deploy,    // bring out: deploy, release
  catalog,   // list, catalog
  look,      // find, track: its object says what for
  check,     // review, check: its object says what for
  operate,   // run, restart: its object says what
  need,      // "needs tests": what follows is asked for
};

struct WorkVerb {
  Act act = Act::none;
  bool also_noun = false;  // "test", "release": only the context tells
};
/// Base forms only ("deploy", not "deploys"): that is how work is asked for.
std::optional<WorkVerb> find_verb(std::string_view word);
/// "set up", "roll out", ...
std::optional<WorkVerb> find_verb(std::string_view word, std::string_view next);
/// A verb in another form than the one that asks for work.
struct Inflected {
  WorkVerb verb;
  std::string base;  // "deploy"
};
/// "deploying" → deploy; nothing for other words.
std::optional<Inflected> find_gerund(std::string_view word);
/// "audited" → audit, "written" → write.
std::optional<Inflected> find_participle(std::string_view word);

enum class NounKind : std::uint8_t {
  topic,  // belongs to `topic`
  work,   // belongs to `topic`, and is itself a piece of work when asked for: "with tests and docs"
  code,   // a part of a program: development, whatever describes it ("deploy button")
  light,  // says nothing itself: "bug", "step"; what describes it does
};
struct Noun {
  NounKind kind = NounKind::topic;
  Topic topic = Topic::none;
};
/// Singular or plural.
std::optional<Noun> find_noun(std::string_view word);
/// False: with one letter more, anywhere but in front, it is neither the base form of a verb nor a noun, singular or plural. True
/// says nothing.
bool may_lack_letter(std::string_view word);
/// Names of two words: "github actions", "npm audit".
std::optional<Noun> find_noun(std::string_view word, std::string_view next);

bool is_determiner(std::string_view word);    // the, a, all, its, ...
bool is_pronoun(std::string_view word);       // it, them, everything
bool is_preposition(std::string_view word);   // of, in, for, ...
bool opens_subclause(std::string_view word);  // that, which, when, because, ...
bool is_lead(std::string_view word);          // please, also, we, should: what stands before the verb
bool is_negation(std::string_view word);      // without, no, don't
bool is_whole(std::string_view word);         // system, platform, blog: a whole, not a part
bool is_part(std::string_view word);          // api, schema, frontend: parts of a system that are built apart
bool is_secret(std::string_view word);        // key, token, permission: what guards something

}  // namespace baton::core
