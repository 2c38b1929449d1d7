#include "front/lookup.h"

#include "base/ids.h"
#include "base/text.h"
#include "core/model.h"
#include "front/await.h"
#include "front/request.h"
#include "front/stored.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::int64_t k_first_state_ms = 2'000;  // a daemon that has just started writes it with its first turn

}  // namespace

Result<StateView> load_state(const Folder& folder) {
  const std::string path(paths::k_state);
  auto bytes = folder.read(path);
  if (!bytes && bytes.error().code == ErrorCode::not_found && folder.daemon()) {
    TRY(await(folder, {std::string(paths::k_state_folder)}, k_first_state_ms, [&] { return folder.exists(path); }));
    bytes = folder.read(path);
  }
  if (!bytes && bytes.error().code == ErrorCode::not_found)
    return fail(ErrorCode::no_daemon, "no daemon has run in " + folder.root() + " yet", "start it with: baton daemon");
  if (!bytes) return tl::make_unexpected(std::move(bytes).error());
  auto state = read_state(*bytes);
  if (!state)
    return fail(ErrorCode::invalid, folder.root() + "/" + path + ": " + state.error().message,
                "the daemon writes it anew with its next change; without a daemon, remove it: baton daemon makes a new one");
  return state;
}

Result<Loaded> load_plan(const Folder& folder, const std::string& task_id) {
  if (!is_task_id(task_id)) return fail(ErrorCode::not_found, "\"" + text::printable(task_id) + "\" is not the id of a task");
  TRY_VALUE(std::string bytes, read_stored(folder, paths::plan(task_id)));
  TRY_VALUE(PlanView plan, read_plan(bytes));
  return Loaded{std::move(bytes), std::move(plan)};
}

Result<LoadedSubtask> load_subtask(const Folder& folder, const std::string& subtask_id) {
  if (!is_record_id(subtask_id))
    return fail(ErrorCode::not_found, "\"" + text::printable(subtask_id) + "\" is not the id of a subtask");
  TRY_VALUE(std::string bytes, read_stored(folder, paths::subtask(subtask_id)));
  TRY_VALUE(SubtaskView subtask, read_subtask(bytes));
  return LoadedSubtask{std::move(bytes), std::move(subtask)};
}

tl::unexpected<Error> not_planned(const Folder& folder, const std::string& task_id) {
  return fail(ErrorCode::not_found, "task " + task_id + " is handed in, but not planned yet",
              folder.daemon() ? "the daemon will get to it: baton wait " + task_id : "start the daemon: baton daemon");
}

Error refusal(const Folder& folder, const std::string& name) {
  const std::string path = paths::join(paths::k_rejected, paths::error_name(name));
  Error error{ErrorCode::refused, "the daemon refused the task", "see " + path, {}};
  auto bytes = folder.read(path);
  if (!bytes) return error;
  auto reason = read_reason(*bytes);
  if (!reason) return error;
  error.code = reason->code == word_of(ErrorCode::invalid) ? ErrorCode::invalid : ErrorCode::refused;
  error.message = "the daemon refused the task: " + text::printable(reason->message);
  if (!reason->hint.empty()) error.hint = text::printable(reason->hint);
  error.place = {reason->pointer, reason->line, reason->column};
  return error;
}

bool is_final_status(std::string_view plan_status) {
  const auto status = core::parse<core::PlanStatus>(plan_status);
  return status && core::is_final(*status);
}

int exit_code_of_plan(const PlanView& plan) {
  const auto status = core::parse<core::PlanStatus>(plan.status);
  if (status == core::PlanStatus::failed || status == core::PlanStatus::cancelled) return exit_code::k_no;
  if (status == core::PlanStatus::blocked || status == core::PlanStatus::awaiting_approval) return exit_code::k_waiting;
  return plan.left_to_person() != nullptr || !plan.blocked_below().empty() ? exit_code::k_waiting : exit_code::k_ok;
}

int exit_code_of_subtask(const SubtaskView& subtask) {
  if (subtask.needs_person() || !subtask.blocked_below().empty()) return exit_code::k_waiting;
  return subtask.status == "failed" || subtask.status == "cancelled" ? exit_code::k_no : exit_code::k_ok;
}

}  // namespace baton::front
