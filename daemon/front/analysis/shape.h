// Whether a word of a text looks like a path of the repository. Judges the word alone; what the sentence says of it stands
// elsewhere.
#pragma once

#include <string>
#include <string_view>

#include "front/analysis/repository.h"

namespace baton::front {

enum class Shape {
  none,
  path,  // a file, or a folder
  glob,
  outside,  // absolute, in a home, or above the top
};

constexpr std::size_t k_max_path_word = 512;  // bytes; a longer word is no path

/// The path in it as somebody wrote it: without what Markdown and sentences put around, without line numbers and anchors.
std::string path_in(std::string_view word);
/// Rather what a program reads or writes than what somebody writes: "events.jsonl".
bool is_data(std::string_view path);
/// `marked`: it stands in backticks, as the target of a link or in a comment that names a file, so it is meant as code.
Shape shape_of(std::string_view path, bool marked, const RepositoryIndex& repository);

}  // namespace baton::front
