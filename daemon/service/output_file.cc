#include "service/output_file.h"

#include <filesystem>
#include <string_view>

#include "platform/look_for_changes.h"

namespace baton::service {
namespace {

namespace fs = std::filesystem;

/// `path` as seen from `folder`; nothing: it does not lie there.
std::optional<std::string> within(const std::string& folder, const fs::path& path) {
  const fs::path seen = (path.is_absolute() ? path : fs::path(folder) / path).lexically_normal().lexically_relative(folder);
  if (seen.empty() || seen == "." || *seen.begin() == "..") return std::nullopt;
  return seen.string();
}

/// The feed, the queue file and all of orchestrator/. A worker's own log may lie elsewhere in the coordination folder.
bool is_written_here(const World& world, const std::string& folder, const std::string& path) {
  const auto below = within(world.root, fs::path(folder) / path);
  return below && (below->find('/') == std::string::npos || below->starts_with("orchestrator/"));
}

std::string absolute(const World& world, const std::string& folder) {
  std::string path = (fs::path(world.workspace) / folder).lexically_normal().string();
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

std::optional<std::int64_t> output_bytes(const World& world, const std::string& worktree, const std::string& output_file) {
  if (output_file.empty()) return std::nullopt;
  std::vector<std::string> folders;
  if (!worktree.empty()) folders.push_back(absolute(world, worktree));
  folders.push_back(absolute(world, ""));
  for (const std::string& folder : folders) {
    const auto path = within(folder, output_file);
    if (!path || is_written_here(world, folder, *path)) continue;
    if (const auto bytes = platform::size_beneath(folder, *path)) return bytes;
  }
  return std::nullopt;
}

}  // namespace baton::service
