#include "service/catalogue.h"

#include <algorithm>

#include "base/ids.h"
#include "protocol/paths.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {
constexpr std::size_t k_max_settings_bytes = 1 << 20;
}

// `value` is changed only by a document that is new and good.
template <class Value, class Read>
void CatalogueReader::read_one(const std::string& path, Value& value, Read read, std::vector<CatalogueProblem>& problems) {
  auto content = files_.read(path, k_max_settings_bytes);
  if (!content && content.error().code == ErrorCode::not_found) {
    seen_.erase(path);
    return;
  }
  if (content) {
    const auto known = seen_.find(path);
    if (known != seen_.end() && known->second == content->stat.identity) return;
    seen_[path] = content->stat.identity;
  }
  Result<Value> fresh = content ? read(content->bytes) : Result<Value>(tl::make_unexpected(content.error()));
  if (fresh)
    value = std::move(*fresh);
  else
    problems.push_back({path, std::move(fresh).error()});
}

core::Catalogue CatalogueReader::read(protocol::Config& config, std::vector<CatalogueProblem>& problems) {
  const auto seen_before = seen_;
  if (!files_.stat(std::string(paths::k_config))) {
    config = {};
    seen_.erase(std::string(paths::k_config));
  }
  read_one(
      std::string(paths::k_config), config, [](std::string_view bytes) { return protocol::read_config(bytes); }, problems);
  core::Catalogue fresh;
  fresh.settings = config.core;
  if (const auto masters = files_.list(std::string(paths::k_masters))) {
    for (const platform::Entry& entry : *masters) {
      if (entry.type != platform::FileType::directory || !is_master_name(entry.name)) continue;
      const std::string path = paths::master_config(entry.name);
      core::Master master = last_.masters.contains(entry.name) && files_.stat(path) ? last_.masters[entry.name] : core::Master{};
      master.name = entry.name;
      read_one(
          path, master, [&](std::string_view bytes) { return protocol::read_master(entry.name, bytes); }, problems);
      fresh.masters[entry.name] = std::move(master);
    }
  }
  if (const auto playbooks = files_.list(std::string(paths::k_playbooks))) {
    for (const platform::Entry& entry : *playbooks) {
      if (paths::is_private(entry.name) || !entry.name.ends_with(".json")) continue;
      const std::string name = entry.name.substr(0, entry.name.size() - 5);
      core::Playbook playbook = last_.playbooks.contains(name) ? last_.playbooks[name] : core::Playbook{};
      read_one(
          paths::join(paths::k_playbooks, entry.name), playbook,
          [&](std::string_view bytes) { return protocol::read_playbook(name, bytes); }, problems);
      if (!playbook.steps.empty()) fresh.playbooks[name] = std::move(playbook);
    }
  }
  const auto same_names = [](const auto& one, const auto& other) {
    return std::ranges::equal(
        one, other, {}, [](const auto& each) { return each.first; }, [](const auto& each) { return each.first; });
  };
  changed_ = seen_ != seen_before || !same_names(fresh.masters, last_.masters) || !same_names(fresh.playbooks, last_.playbooks);
  last_ = fresh;
  return fresh;
}

}  // namespace baton::service
