// Reading what one wrote: views follow the journal by up to `view_interval` (docs/protocol.md, "Views"), so a verb that changes
// something returns when the files show it. All of these wait at most k_view_ms, and only while a daemon runs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "front/assignment.h"
#include "front/folder.h"
#include "front/views.h"

namespace baton::front {

inline constexpr std::int64_t k_view_ms = 2'000;

using Shows = std::function<bool(const PlanView&)>;

/// Until the plan of the task says so; when that has ended, until its report stands too.
void await_plan(const Folder& folder, const std::string& task_id, const Shows& shows);
/// The report follows the last plan within the same slice of work.
void await_report(const Folder& folder, const std::string& task_id);
/// Until orchestrator/state/current.json is as new as the last line of the feed.
void await_state(const Folder& folder);

/// What a plan shows of a handoff once it is taken, and once it is answered.
Shows shows_claim(const Assignment& assignment);
Shows shows_answer(const Assignment& assignment);
/// What it shows once a command about the task (`subtask_id` empty) or one of its subtasks was carried out. `before`: the plan as
/// it was when the command was given.
Shows shows_command(std::string_view verb, const PlanView& before, const std::string& subtask_id);

}  // namespace baton::front
