// From an id that somebody typed to the document that it names.
#pragma once

#include <string>
#include <string_view>

#include "front/folder.h"
#include "front/views.h"

namespace baton::front {

/// orchestrator/state/current.json. not_found: no daemon has ever run here.
Result<StateView> load_state(const Folder& folder);

struct Loaded {
  std::string bytes;  // the document
  PlanView plan;
};
/// The plan of a task: `id` is a task id or "orch-<task id>". not_found, with the nearest known id.
Result<Loaded> load_plan(const Folder& folder, std::string_view id);

struct LoadedSubtask {
  std::string bytes;
  SubtaskView subtask;
};
/// One subtask by its whole id. not_found.
Result<LoadedSubtask> load_subtask(const Folder& folder, std::string_view id);

/// What an id names.
enum class Named { nothing, task, subtask, queued };  // queued: a dropped file that has no plan yet
Named what_is(const Folder& folder, std::string_view id);

/// completed, failed, cancelled: nothing more will happen to the task.
bool is_final_status(std::string_view plan_status);
/// The exit code that tells how a task stands: 0 completed or under way, 1 failed or cancelled, 6 waiting for a human.
int exit_code_of_status(std::string_view plan_status);

}  // namespace baton::front
