// Which files of the repository a source file imports. A table of languages, each with how its imports are written and where they
// lead; what leads out of the repository (libraries) is left out.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "front/analysis/repository.h"

namespace baton::front {

/// Bytes; larger sources are skipped: nobody imports by hand there.
constexpr std::size_t k_max_source = 512UL * 1024;

class Imports {
 public:
  using Read = std::function<std::optional<std::string>(const std::string& path)>;
  /// Both have to outlive it. `read` is asked for every go.mod, once.
  Imports(const RepositoryIndex& files, const Read& read);

  /// Sorted, without `path` itself. A folder, with '/' at its end, stands for the files right in it. `language`: as a fence
  /// names it ("python"); "" takes the extension of `path`.
  std::vector<std::string> of(std::string_view path, std::string_view source, std::string_view language = "") const;
  /// Whether `of` can read such a file at all.
  static bool knows(std::string_view path);

 private:
  const RepositoryIndex& files_;
  std::map<std::string, std::string, std::less<>> go_modules_;  // name → folder
};

}  // namespace baton::front
