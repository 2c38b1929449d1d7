// A prompt read as Markdown: which files it names and in which sense, and the code that it shows. Headings and "Files to change:"
// give their sense to what is listed under them. Of fenced code only what names a file is read: "# File: src/x.py".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "front/analysis/clause.h"
#include "front/analysis/repository.h"

namespace baton::front {

struct Snippet {
  std::string language;   // of the fence, lower case: "py", "typescript"; "" when it does not say
  std::string file;       // that a comment before it names; "" when none does
  std::string_view code;  // in the text
};

struct Reading {
  std::vector<Named> names;
  std::vector<Snippet> snippets;
};

/// The text has to live as long as the reading. Linear in the text.
Reading read_prompt(std::string_view text, const RepositoryIndex& repository);

}  // namespace baton::front
