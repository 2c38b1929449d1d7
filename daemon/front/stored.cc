#include "front/stored.h"

#include "protocol/paths.h"

namespace baton::front {

namespace paths = protocol::paths;

std::optional<std::string> place_of(const Folder& folder, const std::string& path) {
  if (folder.exists(path)) return path;
  const std::string tail = path.substr(paths::k_orchestrator.size() + 1);
  for (const std::string& month : folder.names(std::string(paths::k_archive)))
    if (std::string place = paths::join(paths::join(paths::k_archive, month), tail); folder.exists(place)) return place;
  return std::nullopt;
}

std::vector<std::string> archived_names(const Folder& folder, std::string_view path) {
  std::vector<std::string> names;
  const std::string_view tail = path.substr(paths::k_orchestrator.size() + 1);
  for (const std::string& month : folder.names(std::string(paths::k_archive)))
    for (std::string& name : folder.names(paths::join(paths::join(paths::k_archive, month), tail)))
      names.push_back(std::move(name));
  return names;
}

bool is_stored(const Folder& folder, const std::string& path) { return place_of(folder, path).has_value(); }

Result<std::string> read_stored(const Folder& folder, const std::string& path) {
  auto bytes = folder.read(path);
  if (bytes || bytes.error().code != ErrorCode::not_found) return bytes;
  const auto place = place_of(folder, path);
  return place ? folder.read(*place) : bytes;
}

}  // namespace baton::front
