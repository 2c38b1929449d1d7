// Why nothing of a live task is handed out, in a few words for a table: "waits: approval", "retry in 40s", "blocked: auth-002".
// `baton explain` says more. Empty: nothing is known, or what holds it is its own plan.
#pragma once

#include <cstdint>
#include <string>

#include "front/folder.h"
#include "front/views.h"

namespace baton::front {

std::string waiting(const SubtaskView& subtask, std::int64_t now_wall_ms);
std::string waiting(const PlanView& plan, std::int64_t now_wall_ms);
/// Of a row of the state; reads at most one document.
std::string waiting_of(const Folder& folder, const TaskRow& task, std::int64_t now_wall_ms);

}  // namespace baton::front
