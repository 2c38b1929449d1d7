// Ids that nobody else makes: time and random characters.
#pragma once

#include <cstdint>
#include <string>

namespace baton::front {

/// task-YYYYMMDD-HHMMSS-xxxx, UTC.
std::string new_task_id(std::int64_t wall_ms);

}  // namespace baton::front
