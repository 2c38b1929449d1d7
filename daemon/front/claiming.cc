#include "front/claiming.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "base/text.h"
#include "core/model.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

struct Candidate {
  core::Priority priority = core::Priority::medium;
  std::string created_at;
  std::string name;
  bool operator<(const Candidate& other) const {
    return std::tie(priority, created_at, name) < std::tie(other.priority, other.created_at, other.name);
  }
};

std::string file_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// Handoffs that nobody has, the most urgent first, then the oldest.
std::vector<Candidate> candidates(const Folder& folder, const std::string& master, const std::string& task_id) {
  std::vector<Candidate> found;
  const std::string where = paths::handoffs(master);
  for (const std::string& name : folder.names(where)) {
    if (paths::classify_handoff(name, master).kind != paths::NameKind::handoff) continue;
    const auto bytes = folder.read(paths::join(where, name));
    const auto view = bytes ? read_handoff_view(*bytes) : Result<HandoffView>(tl::make_unexpected(bytes.error()));
    if (!view || (!view->status.empty() && view->status != "pending")) continue;
    if (!task_id.empty() && paths::task_of_orchestration(view->orchestration_id) != task_id) continue;
    found.push_back({core::parse<core::Priority>(view->priority).value_or(core::Priority::medium), view->created_at, name});
  }
  std::sort(found.begin(), found.end());
  return found;
}

Result<Claimed> load(const Folder& folder, const std::string& path) {
  TRY_VALUE(std::string bytes, folder.read(path));
  TRY_VALUE(HandoffView handoff, read_handoff_view(bytes));
  return Claimed{path, std::move(bytes), std::move(handoff)};
}

}  // namespace

Result<std::string> find_master(const Folder& folder, const std::string& given, const std::string& example) {
  const std::string wish = text::lower(text::trim(given));
  if (wish.empty()) return fail(ErrorCode::usage, "--master is missing", example);
  const std::vector<std::string> masters = folder.masters();
  if (std::find(masters.begin(), masters.end(), wish) != masters.end()) return wish;
  return fail(ErrorCode::not_found, "no master \"" + text::printable(wish) + "\"" + text::did_you_mean(wish, masters),
              "masters here: " + text::join(masters, ", "));
}

Result<> give_back(const Folder& folder, const std::string& master, const std::string& path) {
  return folder.files().rename(path, paths::join(paths::handoffs(master), file_of(path)), platform::Replace::no);
}

Result<std::optional<Claimed>> claim_next(const Folder& folder, const std::string& master, const std::string& task_id) {
  for (const Candidate& candidate : candidates(folder, master, task_id)) {
    const std::string path = paths::join(paths::claimed(master), candidate.name);
    auto taken = folder.files().rename(paths::join(paths::handoffs(master), candidate.name), path, platform::Replace::no);
    if (!taken && (taken.error().code == ErrorCode::not_found || taken.error().code == ErrorCode::refused)) continue;
    if (!taken) return tl::make_unexpected(std::move(taken).error());
    auto claimed = load(folder, path);
    if (claimed) return std::optional(std::move(*claimed));
    TRY(give_back(folder, master, path));
    return tl::make_unexpected(std::move(claimed).error());
  }
  return std::optional<Claimed>{};
}

Assignment assignment_of(const std::string& master, const Claimed& claimed) {
  const HandoffView& handoff = claimed.handoff;
  const std::string subtask_id = paths::classify_handoff(file_of(claimed.path), master).subtask_id;
  return {master, subtask_id, paths::task_of_orchestration(handoff.orchestration_id), handoff.epoch, handoff.attempt};
}

}  // namespace baton::front
