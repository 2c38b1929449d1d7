#include "front/assignment.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/text.h"
#include "base/time.h"
#include "core/model.h"
#include "front/await.h"
#include "front/lookup.h"
#include "front/settle.h"
#include "front/views.h"
#include "platform/loop.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::int64_t k_filing_ms = 2'000;

struct Found {
  std::string master;
  std::string subtask_id;
  std::string path;
};

/// A claimed handoff by its name: in claimed/, or marked as processed where it lay. Handoffs that nobody claimed come last.
std::vector<Found> handoffs_of(const Folder& folder, const std::string& master) {
  std::vector<Found> found;
  for (const std::string& where : {paths::claimed(master), paths::handoffs(master)})
    for (const std::string& name : folder.names(where)) {
      const auto kind = paths::classify_handoff(name, master);
      if (kind.kind == paths::NameKind::handoff || kind.kind == paths::NameKind::processed_handoff)
        found.push_back({master, kind.subtask_id, paths::join(where, name)});
    }
  return found;
}

constexpr std::size_t k_least_beginning = 3;  // of an id, in letters

/// The handoff of that subtask; nothing = nobody holds one. A beginning that names one of those handed out ("auth-002") is
/// enough.
Result<std::optional<Found>> search(const Folder& folder, std::string_view subtask) {
  std::vector<Found> close;
  std::vector<std::string> ids;
  for (const std::string& master : folder.masters())
    for (Found& found : handoffs_of(folder, master)) {
      if (found.subtask_id == subtask) return std::optional(std::move(found));
      if (subtask.size() < k_least_beginning || !found.subtask_id.starts_with(std::string(subtask) + "-")) continue;
      if (std::find(ids.begin(), ids.end(), found.subtask_id) != ids.end()) continue;
      ids.push_back(found.subtask_id);
      close.push_back(std::move(found));
    }
  if (close.empty()) return std::optional<Found>{};
  if (close.size() == 1) return std::optional(std::move(close.front()));
  return fail(ErrorCode::refused,
              "\"" + text::printable(subtask) + "\" names " + std::to_string(ids.size()) + " subtasks: " + some_of(ids),
              "write more of the id");
}

Result<Assignment> from_handoff(const Folder& folder, const Found& found) {
  TRY_VALUE(const std::string bytes, folder.read(found.path));
  TRY_VALUE(const HandoffView handoff, read_handoff_view(bytes));
  return Assignment{found.master, found.subtask_id, paths::task_of_orchestration(handoff.orchestration_id), handoff.epoch,
                    handoff.attempt};
}

Result<Assignment> from_record(const Folder& folder, const std::string& id) {
  TRY_VALUE(const LoadedSubtask loaded, load_subtask(folder, id));
  const SubtaskView& subtask = loaded.subtask;
  const auto status = core::parse<core::SubtaskStatus>(subtask.status);
  const std::string name = "subtask " + subtask.id;
  if (subtask.orchestrate)
    return fail(ErrorCode::refused,
                name + " is done by a child task" + (subtask.child_task.empty() ? "" : ", " + subtask.child_task),
                "answer the subtasks of that task: baton explain " + subtask.id);
  if (status && core::is_final(*status))
    return fail(ErrorCode::refused, name + " has ended already: it is " + text::printable(subtask.status));
  if (!status || !core::is_handed_out(*status))
    return fail(ErrorCode::refused, name + " is " + text::printable(subtask.status) + ": it has not been handed out",
                "see: baton explain " + subtask.id);
  return Assignment{subtask.master, subtask.id, subtask.task_id, subtask.epoch, subtask.attempt};
}

enum class Filed { no, done, stale };

/// Looks where the file with this inode went: filing is a rename, which keeps it.
Filed where_is(const Folder& folder, const Assignment& assignment, const std::string& name, std::uint64_t inode,
               std::string& path) {
  const auto is = [&](const std::string& where, const std::string& entry) {
    path = paths::join(where, entry);
    const auto stat = folder.files().stat(path);
    return stat && stat->identity.inode == inode;
  };
  const auto holds = [&](const std::string& where) {
    return std::ranges::any_of(folder.names(where),
                               [&](const std::string& entry) { return entry.starts_with(name) && is(where, entry); });
  };
  const std::string done = paths::done(assignment.master);
  if (is(done, name) || holds(done)) return Filed::done;  // the folder may hold thousands
  return holds(paths::stale(assignment.master)) ? Filed::stale : Filed::no;
}

tl::unexpected<Error> stale(const Folder& folder, const std::string& path) {
  const auto slash = path.rfind('/');
  const auto bytes = folder.read(paths::join(path.substr(0, slash), paths::error_name(path.substr(slash + 1))));
  const auto reason = bytes ? read_reason(*bytes) : Result<ReasonView>(fail(ErrorCode::not_found, ""));
  const std::string why =
      reason && !reason->message.empty() ? reason->message : "the subtask was answered before, or handed out anew";
  return fail(ErrorCode::refused, "the result does not count: " + text::printable(why), "it lies in " + path);
}

}  // namespace

Result<Assignment> find_assignment(const Folder& folder, std::string_view subtask) {
  if (!is_record_id(subtask)) return fail(ErrorCode::usage, "\"" + text::printable(subtask) + "\" cannot be the id of a subtask");
  TRY_VALUE(std::optional<Found> found, search(folder, subtask));
  if (found && found->subtask_id == subtask) return from_handoff(folder, *found);
  // A beginning must not mean another one tomorrow, when the first has ended: all that there ever were count.
  auto known = find_subtask(folder, subtask);
  const bool means_found = known ? found && *known == found->subtask_id : found && known.error().code == ErrorCode::not_found;
  if (means_found) return from_handoff(folder, *found);
  TRY_VALUE(const std::string id, std::move(known));
  if (id != subtask) {
    TRY_VALUE(found, search(folder, id));
  }
  return found ? from_handoff(folder, *found) : from_record(folder, id);
}

Data result_of(const Assignment& assignment, std::string_view status) {
  Data document;
  document.set("handoff_id", "from-" + assignment.master + "-subtask-" + assignment.subtask_id).set("from", assignment.master);
  document.set("to", "orchestrator").set("subtask_id", assignment.subtask_id);
  if (assignment.epoch > 0) document.set("epoch", assignment.epoch);
  if (assignment.attempt > 0) document.set("attempt", assignment.attempt);
  document.set("status", status).set("completed_at", format_utc(platform::now().wall_ms));
  return document;
}

Result<HandedIn> put_answer(const Folder& folder, const Assignment& assignment, const Data& document) {
  const std::string handoffs = paths::handoffs(assignment.master);
  const std::string name = paths::result_name(assignment.master, assignment.subtask_id);
  auto written = folder.put(handoffs, name, document.document(), platform::Replace::no);
  if (!written && written.error().code == ErrorCode::refused)
    return fail(ErrorCode::refused,
                "an answer for " + assignment.subtask_id + " lies there already: " + paths::join(handoffs, name),
                folder.daemon() ? "" : "the daemon reads it when it starts: baton daemon");
  if (!written) return tl::make_unexpected(std::move(written).error());
  return HandedIn{assignment, written->identity.inode, platform::now().mono_ms};
}

Result<bool> await_filing(const Folder& folder, const HandedIn& answer) {
  if (!folder.daemon()) return false;
  const std::string handoffs = paths::handoffs(answer.assignment.master);
  const std::string name = paths::result_name(answer.assignment.master, answer.assignment.subtask_id);
  Filed filed = Filed::no;
  std::string path;
  const auto look = [&] {
    if (folder.exists(paths::join(handoffs, name))) return false;
    filed = where_is(folder, answer.assignment, name, answer.inode, path);
    return filed != Filed::no;
  };
  const std::int64_t left = answer.at_ms + k_filing_ms - platform::now().mono_ms;
  // It is handed in, whatever keeps us from seeing what becomes of it.
  static_cast<void>(await(folder, {handoffs, paths::done(answer.assignment.master), paths::stale(answer.assignment.master)},
                          std::max<std::int64_t>(left, 0), look));
  if (filed == Filed::stale) return stale(folder, path);
  return filed == Filed::done;
}

Result<bool> file_answer(const Folder& folder, const Assignment& assignment, const Data& document) {
  TRY_VALUE(const HandedIn answer, put_answer(folder, assignment, document));
  return await_filing(folder, answer);
}

Result<bool> hand_in(const Folder& folder, const Assignment& assignment, const Data& document) {
  TRY_VALUE(const bool filed, file_answer(folder, assignment, document));
  if (filed) await_plan(folder, assignment.task_id, shows_answer(assignment));
  return filed;
}

}  // namespace baton::front
