#include "service/layout.h"

#include <algorithm>

#include "base/ids.h"
#include "base/text.h"
#include "protocol/paths.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;
using platform::Notice;

namespace {
constexpr std::int64_t k_wait_ms = 1'000;
const std::string k_gone = "incomplete";  // attention
const std::string k_ignore = ".gitignore";
}  // namespace

void Layout::notice(const Notice& notice) {
  const std::string& folder = notice.folder;
  const bool lost = notice.what == Notice::What::folder_lost || notice.what == Notice::What::list_all;
  const bool top = folder.empty() && (notice.name == k_ignore || notice.is_folder);
  if (lost || top || folder == paths::k_orchestrator || folder == paths::k_playbooks || folder == paths::k_masters)
    look_ms_ = world_.now.boot_ms + k_wait_ms;
}

bool Layout::has_any(const std::string& folder, std::string_view ending) const {
  const auto entries = world_.files.list(folder);
  return entries && std::ranges::any_of(*entries, [&](const platform::Entry& entry) {
           return ending.empty() ? entry.type == platform::FileType::directory && is_master_name(entry.name)
                                 : entry.name.ends_with(ending) && paths::is_playbook_name(entry.name);
         });
}

void Layout::look() {
  look_ms_.reset();
  const std::string config(paths::k_config);
  std::vector<std::string> gone;
  const auto part = [&](const std::string& name, bool there) {
    if (there)
      seen_.insert(name);
    else if (seen_.contains(name))
      gone.push_back(name);
  };
  part(k_ignore, world_.files.stat(k_ignore).has_value());
  part(config, world_.files.stat(config).has_value());
  part(std::string(paths::k_playbooks), has_any(std::string(paths::k_playbooks), ".json"));
  part(std::string(paths::k_masters), has_any(std::string(paths::k_masters), ""));
  if (gone.empty()) return world_.remarks.clear(k_gone);
  const std::string message = text::join(gone, ", ") + (gone.size() == 1 ? " is" : " are") +
                              " gone from the coordination folder: `baton init` lays down what is missing";
  if (world_.remarks.raise(k_gone, message)) log::warn({message});
}

void Layout::look_when_due() {
  if (look_ms_ && world_.now.boot_ms >= *look_ms_) look();
}

}  // namespace baton::service
