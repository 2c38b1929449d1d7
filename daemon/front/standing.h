// What a subtask does at this moment, in a few words: nobody has taken it yet, or somebody is at work, how far and for how long.
#pragma once

#include <cstdint>
#include <string>

#include "front/folder.h"
#include "front/views.h"

namespace baton::front {

/// Progress and step from the spec of its worker, which is newer than the view.
void add_worker(const Folder& folder, SubtaskView& subtask);
void add_workers(const Folder& folder, PlanView& plan);

/// "handed out, waits for cicd, 12m", "cicd at work, 40%, writing tests, 3m"; its status for all others.
std::string standing(const SubtaskView& subtask, std::int64_t now_wall_ms);

/// The same of the subtasks that a live task has handed out, as the state names them: the first few, by their last part.
std::string standing_of(const Folder& folder, const TaskRow& task, std::int64_t now_wall_ms);

}  // namespace baton::front
