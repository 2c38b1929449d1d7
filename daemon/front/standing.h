// What a subtask does at this moment, in a few words: nobody has taken it yet, or somebody is at work, how far and for how long.
#pragma once

#include <cstdint>
#include <string>

#include "front/folder.h"
#include "front/views.h"

namespace baton::front {

/// Progress, step and last sign of life from the files of its worker, which are newer than the view.
void add_worker(const Folder& folder, SubtaskView& subtask);
void add_workers(const Folder& folder, PlanView& plan);

/// handed_off, in_progress, validating or zombie.
bool is_in_flight(const SubtaskView& subtask);

/// "handed out, waits for cicd, 12m", "cicd at work, 40%, writing tests, 3m", "cicd at work, silent, 25m"; its status for all
/// others.
std::string standing(const SubtaskView& subtask, std::int64_t now_wall_ms);

/// "dev-1 (process 4711) is working, heard of 4s ago"; empty: nothing is known of a worker.
std::string worker_words(const SubtaskView& subtask, std::int64_t now_wall_ms);

/// The same as standing() of the subtasks that a live task has handed out, as the state names them: the first few, by their last
/// part. Of a task that has nothing out, why (front/waiting.h).
std::string standing_of(const Folder& folder, const TaskRow& task, std::int64_t now_wall_ms);

}  // namespace baton::front
