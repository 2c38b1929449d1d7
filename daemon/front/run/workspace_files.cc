#include "front/run/workspace_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/text.h"
#include "front/work/workshop.h"

namespace baton::front {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t k_largest_source = 1 << 20;  // bytes; what is larger was generated

bool is_hidden(const fs::path& path) { return path.filename().native().starts_with('.'); }

std::optional<std::string> read_source(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(path, error)) || fs::file_size(path, error) > k_largest_source || error)
    return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file && bytes.empty()) return std::nullopt;
  return bytes;
}

RepositoryFiles readable_in(const std::string& workspace) {
  RepositoryFiles files;
  files.read = [top = fs::path(workspace)](const std::string& path) { return read_source(top / path); };
  return files;
}

RepositoryFiles files_in(const std::string& workspace, const std::string& but) {
  RepositoryFiles files = readable_in(workspace);
  std::error_code error;
  fs::recursive_directory_iterator at(workspace, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator() && files.paths.size() < k_most_found; at.increment(error)) {
    if (is_hidden(at->path()) || at->path() == but)
      at.disable_recursion_pending();
    else if (at->is_regular_file(error) && !at->is_symlink(error))
      files.paths.push_back(at->path().lexically_relative(workspace).string());
  }
  std::ranges::sort(files.paths);
  return files;
}

RepositoryFiles files_at(const Place& place, const std::string& commit) {
  RepositoryFiles files = readable_in(place.workspace);
  const auto names = place.git->ask({"ls-tree", "-r", "-z", "--name-only", "--full-tree", commit});
  if (names) files.paths = text::split(*names, '\0');
  std::erase(files.paths, "");
  std::ranges::sort(files.paths);
  return files;
}

}  // namespace

Result<RepositoryFiles> files_of(const Place& place, const std::string& base) {
  if (place.git) {
    TRY_VALUE(const std::string commit, base_commit(*place.git, base));
    return files_at(place, commit);
  }
  std::error_code ignored;
  if (base.empty()) return files_in(place.workspace, fs::weakly_canonical(place.folder_path(), ignored).string());
  return fail(ErrorCode::refused, "there is no base to begin with: " + place.workspace + " is in no git repository",
              "leave out --base");
}

}  // namespace baton::front
