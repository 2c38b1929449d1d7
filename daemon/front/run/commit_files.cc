#include "front/run/commit_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/text.h"
#include "runner/git.h"

namespace baton::front {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t k_largest_source = 1 << 20;  // bytes; what is larger was generated

std::optional<std::string> read_source(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(path, error)) || fs::file_size(path, error) > k_largest_source || error)
    return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file && bytes.empty()) return std::nullopt;
  return bytes;
}

}  // namespace

RepositoryFiles files_at(const std::string& workspace, const std::string& commit) {
  RepositoryFiles files;
  files.read = [top = fs::path(workspace)](const std::string& path) { return read_source(top / path); };
  const auto here = runner::Git::find(workspace);
  if (!here) return files;
  const auto names = here->ask({"ls-tree", "-r", "-z", "--name-only", "--full-tree", commit});
  if (names) files.paths = text::split(*names, '\0');
  std::erase(files.paths, "");
  std::ranges::sort(files.paths);
  return files;
}

}  // namespace baton::front
