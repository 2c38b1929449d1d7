// One line of a Markdown text, cut into words, names of files and punctuation for the clause that they stand in.
#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include "front/analysis/clause.h"
#include "front/analysis/repository.h"

namespace baton::front {

/// Typographic quotes and dashes become their ASCII forms.
std::string plain_punctuation(std::string_view line);
/// The file that `word` names, when it does.
std::optional<Named> named_by(std::string_view word, bool marked, const RepositoryIndex& repository);
/// `ended` is called at the end of each sentence; a line's end is none.
void read_sentences(std::string_view line, Clause& clause, const RepositoryIndex& repository, const std::function<void()>& ended);

}  // namespace baton::front
