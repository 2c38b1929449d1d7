// A task on its way into the core: its plan and what history knows of its ids are looked up beforehand, because the core itself
// holds live tasks only.
#pragma once

#include <string>
#include <vector>

#include "core/effect.h"
#include "core/event.h"
#include "protocol/readers.h"
#include "service/world.h"

namespace baton::service {

/// Without its input, subtask and master. `written_at`: wall clock, when its author wrote it; durations in it count from then.
core::ResultArrived arriving_result(protocol::ResultIn in, std::int64_t written_at, std::int64_t now_wall_ms);
core::ArrivedTask arriving_task(World& world, core::TaskSpec spec);
/// What was understood in the task, but hardly meant like that, as entries of the feed. `path`: of its document.
std::vector<core::FeedEntry> warnings_about(const World& world, const protocol::TaskIn& in, const std::string& path);
/// Hint and place of a refusal as fields of its feed entry.
void add_place(core::FeedEntry& entry, const Error& error);
/// Of the ids of the plan, of those that would be taken instead, and of the task's own, those that any record ever used.
std::vector<std::string> taken_ids(World& world, const std::string& task_id, const core::Plan& plan);
/// Those of `ids`.
std::vector<std::string> taken_ids(World& world, const std::vector<std::string>& ids);

}  // namespace baton::service
