// What the choice of a playbook and its expansion share.
#pragma once

#include <string>
#include <vector>

namespace baton::core {

/// One of the phrases occurs in the words; case does not count.
bool asks_for_any(const std::vector<std::string>& phrases, const std::vector<std::string>& words);

}  // namespace baton::core
