// Help texts, made from the table of verbs.
#pragma once

#include <string>

#include "front/output.h"
#include "front/verb.h"

namespace baton::front {

/// What `baton` alone says: the five commands somebody new needs.
std::string short_help();
/// All verbs in their groups.
std::string full_help();
/// Usage, operands, options and examples of one verb.
std::string help_of(const Verb& verb);
/// The same two on standard output, in words or as an envelope.
void say_full_help(Output& out);
void say_help(Output& out, const Verb& verb);
/// "baton submit TITLE [options]"
std::string usage_of(const Verb& verb);

}  // namespace baton::front
