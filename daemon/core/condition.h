// Clauses that say when something is to be done: "once the tests pass", "before deploying the api".
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "core/lexicon.h"
#include "core/phrase.h"

namespace baton::core {

/// What such a clause asks for. "Before it is released" and "after a user is created" only tell a time; nobody can test what was
/// not run, so "once the tests pass" asks to run them.
struct Condition {
  bool before = false;    // its own work comes after what the rest of the sentence asks for
  Act act = Act::none;    // none: it asks for nothing
  std::string verb;       // "run", "deploy"
  std::size_t begin = 0;  // its object: tokens[begin, end)
  std::size_t end = 0;
  std::size_t after = 0;  // where the clause ends
};

/// The clause whose "once", "before", … stands at `at`; nothing when none begins there.
std::optional<Condition> condition_at(Tokens tokens, std::size_t at, std::size_t end);
/// "the tests pass", "the login is implemented": a clause without its opener.
Condition read_clause(Tokens tokens, std::size_t at, std::size_t end);

}  // namespace baton::core
