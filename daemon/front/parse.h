// Words of a command line → Arguments. The only user of the option parser library, which costs seconds to compile.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "front/verb.h"

namespace baton::front {

/// The options that every verb takes, before or after its name.
std::span<const Option> global_options();

/// usage: an unknown option (with the nearest known one), a missing or repeated value, a missing or superfluous operand. With
/// --help among the words, operands may be missing.
Result<Arguments> parse(const Verb& verb, const std::vector<std::string>& words);

/// What stands before the verb, and the rest from the verb on.
struct Beginning {
  Arguments arguments;
  std::vector<std::string> rest;
};
Result<Beginning> parse_beginning(const std::vector<std::string>& words);

}  // namespace baton::front
