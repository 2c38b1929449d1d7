// A command written as one line → program and arguments. There is no shell: what only a shell understands is refused.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace baton::protocol {

/// "pytest -k 'a b'" → {"pytest", "-k", "a b"}: white space, quotes and backslashes as in a shell. The error names the character
/// that only a shell understands and says how to ask for one.
Result<std::vector<std::string>> split_command(std::string_view line);

}  // namespace baton::protocol
