// What lies about and moves nothing any more: refused documents, handoffs and plans that belong to no task.
#include <algorithm>
#include <optional>

#include "base/text.h"
#include "core/model.h"
#include "front/doctor.h"
#include "front/lookup.h"
#include "front/render.h"
#include "front/stored.h"
#include "front/views.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::string_view k_error = ".error.json";
constexpr std::string_view k_json = ".json";

struct Refused {
  std::string reason;  // the path of its reason file
  std::int64_t mtime_ns = 0;
};

std::string shown(const std::vector<std::string>& names) { return text::printable(some_of(names)); }

bool has_ended(const Folder& folder, const std::string& subtask_id) {
  const auto loaded = load_subtask(folder, subtask_id);
  const auto status = loaded ? core::parse<core::SubtaskStatus>(loaded->subtask.status) : std::nullopt;
  return status && core::is_final(*status);
}

/// Somebody has corrected it, moved it away or removed it, or its subtask has come to its end without it.
bool is_resolved(const Folder& folder, const std::string& where, const std::string& name, const std::string& master) {
  const std::string document = name.substr(0, name.size() - k_error.size());
  if (!master.empty()) {
    const auto kind = paths::classify_handoff(document, master);
    if (kind.kind != paths::NameKind::other && has_ended(folder, kind.subtask_id)) return true;
  }
  if (folder.exists(paths::join(where, document))) return false;
  const auto bytes = folder.read(paths::join(where, name));
  const auto reason = bytes ? read_reason(*bytes) : Result<ReasonView>(tl::make_unexpected(bytes.error()));
  // An entry of the queue file has no file of its own; a long name was cut.
  return !reason || reason->file.empty() || !(reason->file == paths::k_queue || folder.exists(paths::join(where, reason->file)));
}

void add_refused(const Folder& folder, const std::string& where, const std::string& master, std::vector<Refused>& all) {
  for (const std::string& name : folder.names(where)) {
    if (!name.ends_with(k_error) || is_resolved(folder, where, name, master)) continue;
    const std::string path = paths::join(where, name);
    if (const auto stat = folder.files().stat(path)) all.push_back({path, stat->identity.mtime_ns});
  }
}

/// Handoffs that wait for somebody, but that no plan knows.
std::vector<std::string> orphaned_handoffs(const Folder& folder) {
  std::vector<std::string> orphans;
  for (const std::string& master : folder.masters())
    for (const std::string& where : {paths::handoffs(master), paths::claimed(master)})
      for (const std::string& name : folder.names(where)) {
        const auto kind = paths::classify_handoff(name, master);
        if (kind.kind == paths::NameKind::handoff && !is_stored(folder, paths::subtask(kind.subtask_id)))
          orphans.push_back(paths::join(where, name));
      }
  return orphans;
}

/// Plans that say they are under way, while the state does not list them.
std::vector<std::string> orphaned_plans(const Folder& folder, const StateView& state) {
  std::vector<std::string> orphans;
  for (const std::string& name : folder.names(std::string(paths::k_plans))) {
    if (!name.starts_with("orch-") || !name.ends_with(k_json)) continue;
    const std::string id = paths::task_of_orchestration(name.substr(0, name.size() - k_json.size()));
    if (std::any_of(state.tasks.begin(), state.tasks.end(), [&](const TaskRow& row) { return row.id == id; })) continue;
    const auto loaded = load_plan(folder, id);
    if (!loaded || !is_final_status(loaded->plan.status)) orphans.push_back(paths::join(paths::k_plans, name));
  }
  return orphans;
}

}  // namespace

void check_refused(const Folder& folder, Checks& checks) {
  std::vector<Refused> all;
  add_refused(folder, std::string(paths::k_rejected), "", all);
  add_refused(folder, std::string(paths::k_workers_stale), "", all);
  for (const std::string& master : folder.masters()) add_refused(folder, paths::stale(master), master, all);
  if (const auto stat = folder.files().stat(std::string(paths::k_queue_error)))
    all.push_back({std::string(paths::k_queue_error), stat->identity.mtime_ns});
  if (all.empty()) return;
  std::sort(all.begin(), all.end(), [](const Refused& a, const Refused& b) { return a.mtime_ns > b.mtime_ns; });
  const auto bytes = folder.read(all.front().reason);
  const auto reason = bytes ? read_reason(*bytes) : Result<ReasonView>(tl::make_unexpected(bytes.error()));
  std::string finding = counted(static_cast<std::int64_t>(all.size()), "document") +
                        " refused and not dealt with; the latest: " + all.front().reason;
  if (reason && !reason->message.empty()) finding += ": " + reason->message;
  checks.push_back(
      {Verdict::warn, "refused", finding,
       "correct it and move it back, or remove it with its reason file (docs/operations.md, \"What a rejection means\")"});
}

void check_orphans(const Folder& folder, Checks& checks) {
  if (const auto handoffs = orphaned_handoffs(folder); !handoffs.empty())
    checks.push_back({Verdict::warn, "orphans",
                      counted(static_cast<std::int64_t>(handoffs.size()), "handoff") + " of no plan: " + shown(handoffs),
                      "an answer to one of them is not taken; move them away"});
  const auto state = folder.daemon() ? load_state(folder) : Result<StateView>(tl::make_unexpected(Error{}));
  if (!state) return;
  if (const auto plans = orphaned_plans(folder, *state); !plans.empty())
    checks.push_back(
        {Verdict::warn, "orphans",
         counted(static_cast<std::int64_t>(plans.size()), "plan") + " that the daemon does not know: " + shown(plans),
         "left by another journal (a backup put back?); hand the task in again, or move the plan away"});
}

}  // namespace baton::front
