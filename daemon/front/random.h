// Names that nobody else makes: time and random characters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace baton::front {

/// Lower-case letters and digits from the kernel's random source.
std::string random_word(std::size_t length);
/// task-YYYYMMDD-HHMMSS-xxxx, UTC.
std::string new_task_id(std::int64_t wall_ms);

}  // namespace baton::front
