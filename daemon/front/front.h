// The command line as a whole: the first words, the verb, its exit code.
#pragma once

#include <string>
#include <vector>

#include "front/output.h"

namespace baton::front {

/// `words`: the arguments of the program without its name.
int run(const std::vector<std::string>& words, const Streams& streams);

}  // namespace baton::front
