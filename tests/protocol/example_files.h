// Reads the examples and the corpus for tests.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace baton::test {

inline std::filesystem::path examples_folder() { return std::filesystem::path(BATON_SOURCE_DIR) / "tests/protocol/examples"; }
inline std::filesystem::path corpus_folder() { return std::filesystem::path(BATON_SOURCE_DIR) / "../shared/corpus/real"; }

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// Regular files of a folder by name; empty when there is no such folder.
inline std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder, const std::string& ending = "") {
  std::vector<std::filesystem::path> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    if (entry.is_regular_file() && entry.path().string().ends_with(ending)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace baton::test
