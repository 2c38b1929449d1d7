// The files of a repository, by path, by folder, by the end of their path and by glob. Knows paths only, never what is in a file.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace baton::front {

/// Without "." and empty parts, and ".." carried out; '/' at the end stays. Nothing when it leads out of the top, or is the top.
std::optional<std::string> normal_path(std::string_view path);
std::string_view without_slash(std::string_view folder);  // at its end
std::string_view folder_of(std::string_view path);        // without '/' at the end; "" is the top
std::string_view base_name(std::string_view path);        // of "src/auth/": "auth"
std::string_view extension_of(std::string_view path);     // lower or upper case as written, without the dot; of ".env": ""
std::string joined(std::string_view folder, std::string_view name);

/// '*' and '?' stay within a part, "**" stands for any number of folders, [a-z] for one character, {a,b} for one of them.
class Glob {
 public:
  explicit Glob(std::string_view pattern);
  bool fits(std::string_view path) const;
  /// The folder that everything it fits lies in; "" is the top.
  const std::string& folder() const { return folder_; }

 private:
  std::vector<std::vector<std::string>> alternatives_;  // each as its parts
  std::string folder_;
};
bool is_glob(std::string_view word);

class RepositoryIndex {
 public:
  /// May be in any order and hold one twice.
  explicit RepositoryIndex(std::vector<std::string> paths);

  bool has_file(std::string_view path) const;
  bool has_folder(std::string_view folder) const;  // with or without '/' at the end
  std::span<const std::string> inside(std::string_view folder) const;

  struct Ending {
    const std::string* path = nullptr;  // the first of them
    bool only = false;
  };
  /// The files whose path is `ending`, or ends with it after a '/'.
  Ending ending_with(std::string_view ending) const;
  /// Sorted. A glob without '/' fits names in any folder.
  std::vector<std::string> fitting(std::string_view glob) const;

 private:
  std::vector<std::string> paths_;   // sorted
  std::vector<std::size_t> by_end_;  // places in paths_, sorted by the paths read from right to left
};

}  // namespace baton::front
