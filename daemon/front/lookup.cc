#include "front/lookup.h"

#include "base/ids.h"
#include "base/text.h"
#include "core/model.h"
#include "front/await.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::string_view k_json = ".json";
constexpr std::int64_t k_patience_ms = 300;  // for a view of what was handed in a moment ago

/// The ids that a folder of documents names, for suggestions.
std::vector<std::string> ids_in(const Folder& folder, std::string_view where) {
  std::vector<std::string> ids;
  for (const std::string& name : folder.names(std::string(where)))
    if (name.ends_with(k_json)) ids.push_back(paths::task_of_orchestration(name.substr(0, name.size() - k_json.size())));
  return ids;
}

tl::unexpected<Error> unknown(const Folder& folder, std::string_view what, std::string_view id, std::string_view where) {
  return fail(ErrorCode::not_found,
              "no " + std::string(what) + " \"" + text::printable(id) + "\"" + text::did_you_mean(id, ids_in(folder, where)),
              "see: baton list --all");
}

bool is_dropped(const Folder& folder, std::string_view id) {
  for (const std::string_view where : {paths::k_drop, paths::k_accepted})
    for (const char* suffix : {".json", ".md"})
      if (folder.exists(paths::join(where, std::string(id) + suffix))) return true;
  return false;
}

}  // namespace

Result<StateView> load_state(const Folder& folder) {
  auto bytes = folder.read(std::string(paths::k_state));
  if (!bytes && bytes.error().code == ErrorCode::not_found)
    return fail(ErrorCode::not_found, "no daemon has run in " + folder.root() + " yet", "start it with: baton daemon");
  if (!bytes) return tl::make_unexpected(std::move(bytes).error());
  return read_state(*bytes);
}

Result<Loaded> load_plan(const Folder& folder, std::string_view id) {
  const std::string task_id = paths::task_of_orchestration(id);
  if (!is_task_id(task_id)) return unknown(folder, "task", id, paths::k_plans);
  auto bytes = folder.read(paths::plan(task_id));
  if (!bytes && bytes.error().code == ErrorCode::not_found && folder.daemon()) {  // it may be on its way
    static_cast<void>(
        await(folder, {std::string(paths::k_plans)}, k_patience_ms, [&] { return folder.exists(paths::plan(task_id)); }));
    bytes = folder.read(paths::plan(task_id));
  }
  if (!bytes && bytes.error().code == ErrorCode::not_found) {
    if (is_dropped(folder, task_id))
      return fail(ErrorCode::not_found, "task " + task_id + " is handed in, but not planned yet",
                  folder.daemon() ? "the daemon will get to it" : "start the daemon: baton daemon");
    return unknown(folder, "task", id, paths::k_plans);
  }
  if (!bytes) return tl::make_unexpected(std::move(bytes).error());
  TRY_VALUE(PlanView plan, read_plan(*bytes));
  return Loaded{std::move(*bytes), std::move(plan)};
}

Result<LoadedSubtask> load_subtask(const Folder& folder, std::string_view id) {
  if (!is_record_id(id)) return unknown(folder, "subtask", id, paths::k_subtasks);
  auto bytes = folder.read(paths::subtask(id));
  if (!bytes && bytes.error().code == ErrorCode::not_found) return unknown(folder, "subtask", id, paths::k_subtasks);
  if (!bytes) return tl::make_unexpected(std::move(bytes).error());
  TRY_VALUE(SubtaskView subtask, read_subtask(*bytes));
  return LoadedSubtask{std::move(*bytes), std::move(subtask)};
}

Named what_is(const Folder& folder, std::string_view id) {
  const std::string task_id = paths::task_of_orchestration(id);
  if (is_task_id(task_id) && folder.exists(paths::plan(task_id))) return Named::task;
  if (is_record_id(id) && folder.exists(paths::subtask(id))) return Named::subtask;
  if (is_task_id(task_id) && is_dropped(folder, task_id)) return Named::queued;
  return Named::nothing;
}

bool is_final_status(std::string_view plan_status) {
  const auto status = core::parse<core::PlanStatus>(plan_status);
  return status && core::is_final(*status);
}

int exit_code_of_status(std::string_view plan_status) {
  const auto status = core::parse<core::PlanStatus>(plan_status);
  if (status == core::PlanStatus::failed || status == core::PlanStatus::cancelled) return exit_code::k_no;
  if (status == core::PlanStatus::blocked || status == core::PlanStatus::awaiting_approval) return exit_code::k_waiting;
  return exit_code::k_ok;
}

}  // namespace baton::front
