#include "front/catalogue.h"

#include <functional>

#include "base/ids.h"
#include "embedded/coordination_template.h"
#include "protocol/paths.h"
#include "protocol/readers.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

using Read = std::function<Result<std::string>(const std::string& path)>;

constexpr std::string_view k_json = ".json";

void add_config(LoadedCatalogue& loaded, const Read& read) {
  const std::string path(paths::k_config);
  auto bytes = read(path);
  if (!bytes && bytes.error().code == ErrorCode::not_found) return;
  auto config = bytes ? protocol::read_config(*bytes) : Result<protocol::Config>(tl::make_unexpected(bytes.error()));
  if (config)
    loaded.config = std::move(*config);
  else
    loaded.problems.push_back({path, std::move(config).error()});
  loaded.catalogue.settings = loaded.config.core;
}

void add_master(LoadedCatalogue& loaded, const std::string& name, const Read& read) {
  const std::string path = paths::master_config(name);
  core::Master master;
  master.name = name;
  auto bytes = read(path);
  if (bytes) {
    if (auto described = protocol::read_master(name, *bytes))
      master = std::move(*described);
    else
      loaded.problems.push_back({path, std::move(described).error()});
  } else if (bytes.error().code != ErrorCode::not_found) {
    loaded.problems.push_back({path, std::move(bytes).error()});
  }
  loaded.catalogue.masters.emplace(name, std::move(master));
}

void add_playbook(LoadedCatalogue& loaded, const std::string& file_name, const Read& read) {
  if (!paths::is_playbook_name(file_name)) return;
  const std::string name = file_name.substr(0, file_name.size() - k_json.size());
  const std::string path = paths::join(paths::k_playbooks, file_name);
  auto bytes = read(path);
  auto playbook = bytes ? protocol::read_playbook(name, *bytes) : Result<core::Playbook>(tl::make_unexpected(bytes.error()));
  if (playbook)
    loaded.catalogue.playbooks.emplace(name, std::move(*playbook));
  else
    loaded.problems.push_back({path, std::move(playbook).error()});
}

void add_durations(LoadedCatalogue& loaded, const Read& read) {
  const std::string path(paths::k_estimates);
  auto bytes = read(path);
  if (!bytes && bytes.error().code == ErrorCode::not_found) return;
  auto durations = bytes ? protocol::read_estimates(*bytes) : Result<core::Durations>(tl::make_unexpected(bytes.error()));
  if (durations)
    loaded.catalogue.durations = std::move(*durations);
  else
    loaded.problems.push_back({path, std::move(durations).error()});
}

/// "masters/security/master.json" → "security"; "" for all other paths.
std::string master_in(std::string_view path) {
  const std::string prefix = std::string(paths::k_masters) + "/";
  if (!path.starts_with(prefix)) return {};
  path.remove_prefix(prefix.size());
  return std::string(path.substr(0, path.find('/')));
}

}  // namespace

LoadedCatalogue load_catalogue(const Folder& folder) {
  LoadedCatalogue loaded;
  const Read read = [&](const std::string& path) { return folder.read(path); };
  add_config(loaded, read);
  for (const std::string& name : folder.masters()) add_master(loaded, name, read);
  for (const std::string& name : folder.names(std::string(paths::k_playbooks))) add_playbook(loaded, name, read);
  add_durations(loaded, read);
  return loaded;
}

LoadedCatalogue template_catalogue() {
  LoadedCatalogue loaded;
  const auto files = embedded::coordination_template::files();
  const Read read = [&](const std::string& path) -> Result<std::string> {
    for (const auto& file : files)
      if (file.path == path) return std::string(file.content);
    return fail(ErrorCode::not_found, path);
  };
  add_config(loaded, read);
  const std::string playbooks = std::string(paths::k_playbooks) + "/";
  for (const auto& file : files) {
    if (const std::string master = master_in(file.path); is_master_name(master)) add_master(loaded, master, read);
    if (file.path.starts_with(playbooks)) add_playbook(loaded, std::string(file.path.substr(playbooks.size())), read);
  }
  return loaded;
}

}  // namespace baton::front
