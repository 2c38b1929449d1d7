// Mends slips of the keyboard in words that matter: "depoly", "vulnerabilites".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton::core {

/// `text` with such words written right, and a note for each ("\"depoly\" is read as \"deploy\""). Only plain words that mean
/// nothing as they stand are touched: two letters in the wrong order, or, in a long word, one that is missing or doubled.
std::string mend_spelling(std::string_view text, std::vector<std::string>& notes);

}  // namespace baton::core
