#include "front/locate.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace fs = std::filesystem;
namespace paths = protocol::paths;

constexpr std::string_view k_name = "coordination";
constexpr std::string_view k_git_pointer = "gitdir: ";  // what a linked worktree has in place of the folder .git

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

/// One that lost some of its folders is found all the same: `baton doctor` says which, `baton init` makes them.
bool looks_like_one(const fs::path& path) { return is_folder(path / paths::k_orchestrator); }

std::optional<fs::path> nearest_upwards(const fs::path& start) {
  for (fs::path at = start;; at = at.parent_path()) {
    if (looks_like_one(at / k_name)) return at / k_name;
    if (looks_like_one(at / k_made_by_run)) return at / k_made_by_run;
    if (at.filename() == k_name && looks_like_one(at)) return at;  // inside of it
    if (at == at.parent_path()) return std::nullopt;
  }
}

std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// ".../.git/" has an empty last part, and its parent is itself.
fs::path without_slash(const fs::path& path) { return path.has_filename() ? path : path.parent_path(); }

/// The repository whose linked worktree this is: .git is a file that names .../.git/worktrees/NAME, and `commondir` in there
/// leads to the .git that all share.
std::optional<fs::path> main_worktree(const fs::path& start) {
  for (fs::path at = start;; at = at.parent_path()) {
    const std::string pointer = first_line(at / ".git");
    if (pointer.starts_with(k_git_pointer)) {
      const fs::path own = at / pointer.substr(k_git_pointer.size());
      const std::string common = first_line(own / "commondir");
      if (common.empty()) return std::nullopt;  // a submodule has none
      return without_slash((own / common).lexically_normal()).parent_path();
    }
    if (at == at.parent_path() || is_folder(at / ".git")) return std::nullopt;
  }
}

Result<std::string> from_here() {
  std::error_code error;
  const fs::path start = fs::current_path(error);
  if (error) return fail(ErrorCode::io, "cannot tell the working directory: " + error.message());
  if (const auto found = nearest_upwards(start)) return found->string();
  if (const auto main = main_worktree(start))
    for (const std::string_view name : {k_name, k_made_by_run})
      if (const fs::path found = *main / name; looks_like_one(found)) return found.string();
  return fail(ErrorCode::not_found, "no coordination folder here or above " + start.string(), "make one with: baton init");
}

}  // namespace

std::string absolute_path(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error).lexically_normal();
  if (error) return path;
  return absolute.has_filename() || absolute == absolute.root_path() ? absolute.string() : absolute.parent_path().string();
}

bool is_coordination(const std::string& path) {
  return is_folder(fs::path(path) / paths::k_drop) && is_folder(fs::path(path) / paths::k_masters);
}

std::string coordination_around(const std::string& path) {
  for (fs::path at = absolute_path(path);; at = at.parent_path()) {
    if (is_coordination(at.string())) return at.string();
    if (at == at.parent_path()) return {};
  }
}

std::string hint_below(const std::string& path) {
  const std::string below = path + "/" + std::string(k_name);
  return is_coordination(below) ? " (did you mean " + below + "?)" : "";
}

Result<std::string> locate(const Globals& globals) {
  if (!globals.coordination.empty()) return absolute_path(globals.coordination);
  const char* variable = std::getenv("BATON_COORDINATION");
  if (variable != nullptr && *variable != '\0') return absolute_path(variable);
  return from_here();
}

}  // namespace baton::front
