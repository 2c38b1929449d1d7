#include "front/claiming.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "platform/loop.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

std::string file_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool is_free(const HandoffView& view) { return view.status.empty() || view.status == "pending"; }

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

bool HandoffList::Candidate::operator<(const Candidate& other) const {
  return std::tie(priority, created_at, name) < std::tie(other.priority, other.created_at, other.name);
}

/// Nothing: nobody may take it.
std::optional<HandoffList::Candidate> HandoffList::read(const std::string& name) const {
  if (paths::classify_handoff(name, master_).kind != paths::NameKind::handoff) return std::nullopt;
  const auto bytes = folder_.read(paths::join(paths::handoffs(master_), name));
  const auto view = bytes ? read_handoff_view(*bytes) : Result<HandoffView>(tl::make_unexpected(bytes.error()));
  if (!view || !is_free(*view)) return std::nullopt;
  const auto priority = core::parse<core::Priority>(view->priority).value_or(core::Priority::medium);
  return Candidate{priority, view->created_at, name, paths::task_of_orchestration(view->orchestration_id)};
}

const HandoffList::Candidate* HandoffList::known(const std::string& name) {
  if (const auto at = known_.find(name); at != known_.end()) return &at->second;
  auto candidate = read(name);
  return candidate ? &known_.emplace(name, std::move(*candidate)).first->second : nullptr;
}

void HandoffList::list() {
  left_.clear();
  is_stale_ = false;
  listed_at_ = platform::now().mono_ms;
  std::map<std::string, Candidate> there;
  for (const std::string& name : folder_.names(paths::handoffs(master_))) {
    const Candidate* candidate = known(name);
    if (candidate == nullptr) continue;
    there.emplace(name, *candidate);
    if (task_id_.empty() || candidate->task_id == task_id_) left_.push_back(*candidate);
  }
  known_ = std::move(there);
  std::sort(left_.rbegin(), left_.rend());
}

/// Nothing: somebody else was faster, or it says now that it is not to be taken.
Result<std::optional<Claimed>> HandoffList::take(const std::string& name) {
  known_.erase(name);                                // handed out again it may be another one
  if (!read(name)) return std::optional<Claimed>{};  // it may have been marked since it was listed
  const std::string path = paths::join(paths::claimed(master_), name);
  const auto taken = folder_.files().rename(paths::join(paths::handoffs(master_), name), path, platform::Replace::no);
  if (!taken && (taken.error().code == ErrorCode::not_found || taken.error().code == ErrorCode::refused))
    return std::optional<Claimed>{};
  if (!taken) return tl::make_unexpected(taken.error());
  auto claimed = load(folder_, path);
  if (claimed) return std::optional(std::move(*claimed));
  TRY(give_back(folder_, master_, path));
  return tl::make_unexpected(std::move(claimed).error());
}

Result<std::optional<Claimed>> HandoffList::claim() {
  bool listed = false;
  if (is_stale_ && platform::now().mono_ms - listed_at_ >= k_fresh_ms) left_.clear();
  for (;;) {
    if (left_.empty() && std::exchange(listed, true)) return std::optional<Claimed>{};
    if (left_.empty()) list();  // also when all that were known have gone: others may have come
    if (left_.empty()) return std::optional<Claimed>{};
    const std::string name = std::move(left_.back().name);
    left_.pop_back();
    TRY_VALUE(auto claimed, take(name));
    if (claimed) return claimed;
  }
}

Result<std::optional<Claimed>> claim_next(const Folder& folder, const std::string& master) {
  return HandoffList(folder, master).claim();
}

Assignment assignment_of(const std::string& master, const Claimed& claimed) {
  const HandoffView& handoff = claimed.handoff;
  const std::string subtask_id = paths::classify_handoff(file_of(claimed.path), master).subtask_id;
  return {master, subtask_id, paths::task_of_orchestration(handoff.orchestration_id), handoff.epoch, handoff.attempt};
}

}  // namespace baton::front
