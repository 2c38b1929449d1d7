// Lists of things to make: "create the schema, the endpoints and the pages" asks for three.
#pragma once

#include <cstddef>
#include <vector>

#include "core/phrase.h"

namespace baton::core {

/// Where each object of the list at `begin` starts. Empty when there are fewer than three, when the list stands inside an object
/// ("a form with name, mail and phone"), or when its words only describe a common head ("name, mail and phone fields").
std::vector<std::size_t> listed_objects(Tokens tokens, std::size_t begin, std::size_t end);
/// The same of any list of nouns, however few and whatever they say. "Sync engine" is one of them, although one can sync.
std::vector<std::size_t> objects_of_list(Tokens tokens, std::size_t begin, std::size_t end);
/// "a", "an", "the"
bool has_article(Tokens tokens, std::size_t at, std::size_t end);

}  // namespace baton::core
