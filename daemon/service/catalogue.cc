#include "service/catalogue.h"

#include <algorithm>

#include "base/ids.h"
#include "protocol/paths.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {
constexpr std::size_t k_max_settings_bytes = 1 << 20;
}

// That is no reason to forget what was there: the last good version counts until it can be read again.
void CatalogueReader::not_read(const std::string& path, const Error& error, std::vector<CatalogueProblem>& problems) {
  const auto before = unreadable_before_.find(path);
  if (before == unreadable_before_.end() || before->second != error) problems.push_back({path, error});
  unreadable_[path] = error;
}

bool CatalogueReader::unreadable() const {
  return std::ranges::any_of(unreadable_, [](const auto& each) { return each.second.code != ErrorCode::invalid; });
}

/// What was listed last when the folder cannot be listed now.
std::vector<platform::Entry> CatalogueReader::list(std::string_view folder, std::vector<CatalogueProblem>& problems) {
  const std::string path(folder);
  auto entries = files_.list(path);
  if (entries) return listed_[path] = std::move(*entries);
  if (entries.error().code == ErrorCode::not_found) return listed_[path] = {};
  not_read(path, entries.error(), problems);
  return listed_[path];
}

// `value` is changed only by a document that is new and good, or by one that is gone.
template <class Value, class Read>
void CatalogueReader::read_one(const std::string& path, Value& value, const Value& missing, Read read,
                               std::vector<CatalogueProblem>& problems) {
  auto content = files_.read(path, k_max_settings_bytes);
  if (!content && content.error().code == ErrorCode::not_found) {
    seen_.erase(path);
    sound_.push_back(path);
    value = missing;
    return;
  }
  if (!content) return not_read(path, content.error(), problems);
  const auto known = seen_.find(path);
  if (known != seen_.end() && known->second == content->stat.identity) return;
  seen_[path] = content->stat.identity;
  Result<Value> fresh = read(content->bytes);
  if (!fresh) return problems.push_back({path, std::move(fresh).error()});
  value = std::move(*fresh);
  sound_.push_back(path);
}

// A playbook that is gone is found by what was said against it.
void CatalogueReader::note_gone(const std::vector<platform::Entry>& playbooks) {
  for (const platform::Entry& entry : playbooks) {
    if (!paths::is_error_name(entry.name)) continue;
    const bool stands =
        std::ranges::any_of(playbooks, [&](const platform::Entry& each) { return paths::error_name(each.name) == entry.name; });
    if (!stands)
      sound_.push_back(paths::join(paths::k_playbooks, entry.name.substr(0, entry.name.size() - paths::k_error_ending.size())));
  }
}

core::Catalogue CatalogueReader::read(protocol::Config& config, std::vector<CatalogueProblem>& problems) {
  const auto seen_before = seen_;
  unreadable_before_ = std::exchange(unreadable_, {});
  sound_.clear();
  read_one(
      std::string(paths::k_config), config, {}, [](std::string_view bytes) { return protocol::read_config(bytes); }, problems);
  core::Catalogue fresh;
  fresh.settings = config.core;
  for (const platform::Entry& entry : list(paths::k_masters, problems)) {
    if (entry.type != platform::FileType::directory || !is_master_name(entry.name)) continue;
    core::Master missing;
    missing.name = entry.name;
    core::Master master = last_.masters.contains(entry.name) ? last_.masters[entry.name] : missing;
    read_one(
        paths::master_config(entry.name), master, missing,
        [&](std::string_view bytes) { return protocol::read_master(entry.name, bytes); }, problems);
    fresh.masters[entry.name] = std::move(master);
  }
  const std::vector<platform::Entry> playbooks = list(paths::k_playbooks, problems);
  note_gone(playbooks);
  for (const platform::Entry& entry : playbooks) {
    if (!paths::is_playbook_name(entry.name)) continue;
    const std::string name = entry.name.substr(0, entry.name.size() - 5);
    core::Playbook playbook = last_.playbooks.contains(name) ? last_.playbooks[name] : core::Playbook{};
    read_one(
        paths::join(paths::k_playbooks, entry.name), playbook, {},
        [&](std::string_view bytes) { return protocol::read_playbook(name, bytes); }, problems);
    if (!playbook.steps.empty()) fresh.playbooks[name] = std::move(playbook);
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
