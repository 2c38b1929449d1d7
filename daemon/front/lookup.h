// From an id that somebody typed to the document that it names.
#pragma once

#include <string>
#include <string_view>

#include "front/folder.h"
#include "front/views.h"

namespace baton::front {

/// orchestrator/state/current.json. no_daemon: none has ever run here.
Result<StateView> load_state(const Folder& folder);

struct Loaded {
  std::string bytes;  // the document
  PlanView plan;
};
/// The plan of a task by its whole id, also from the archive. not_found.
Result<Loaded> load_plan(const Folder& folder, const std::string& task_id);

struct LoadedSubtask {
  std::string bytes;
  SubtaskView subtask;
};
/// One subtask by its whole id, also from the archive. not_found.
Result<LoadedSubtask> load_subtask(const Folder& folder, const std::string& subtask_id);

/// What an id names.
enum class Named { task, subtask, queued };  // queued: a file in the drop folder, which nobody has looked at yet
struct Subject {
  Named what = Named::task;
  std::string id;    // in full
  std::string task;  // a subtask's task; else the id
};

/// `words`: a task's or subtask's id, "orch-<task id>", or a beginning or end of one id, of at least three characters. What was
/// handed in a moment ago is waited for. not_found, with the nearest id; refused: it names several; the words of the refusal when
/// such a document was refused.
Result<Subject> find_subject(const Folder& folder, std::string_view words);
/// The same, but a subtask stands for its task. `task`: who says that it was one.
Result<Subject> find_task(const Folder& folder, std::string_view words, Output& out);
/// Among subtasks alone.
Result<std::string> find_subtask(const Folder& folder, std::string_view words);

/// The plan of a task that nobody has looked at yet: not_found, in words.
tl::unexpected<Error> not_planned(const Folder& folder, const std::string& task_id);

/// Why task-queue.d/`name` was refused.
Error refusal(const Folder& folder, const std::string& name);
/// "the ids a, b, c and 3 more"
std::string some_of(const std::vector<std::string>& names);

/// completed, failed, cancelled: nothing more will happen to the task.
bool is_final_status(std::string_view plan_status);
/// The exit code that tells how a task stands: 0 completed or under way, 1 failed or cancelled, 6 waiting for a human.
int exit_code_of_plan(const PlanView& plan);
int exit_code_of_subtask(const SubtaskView& subtask);

}  // namespace baton::front
