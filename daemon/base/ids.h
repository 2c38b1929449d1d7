// The grammar of names (docs/protocol.md, "Layout"). What does not fit it never becomes part of a path.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace baton {

inline constexpr std::size_t k_max_id = 96;  // task, subtask and worker ids
inline constexpr std::size_t k_max_master = 32;
inline constexpr std::size_t k_max_handoff_id = 160;

/// [A-Za-z0-9][A-Za-z0-9._-]{0,95} without "..": subtask and worker ids.
bool is_record_id(std::string_view text);
/// A record id that does not start with "orch-".
bool is_task_id(std::string_view text);
/// [a-z0-9][a-z0-9_-]{0,31}
bool is_master_name(std::string_view text);

/// Cuts what exceeds k_max_id to end in "-" and 8 hex digits of the hash of the whole.
std::string shorten_id(std::string_view id);
/// Makes any text fit is_task_id: other characters become '-', runs of '-' one; an "orch-" in front is dropped; "task" if nothing
/// is left. A text that fits already stays as it is.
std::string fit_task_id(std::string_view text);

/// XXH3 of the bytes as 32 hex digits: the identity of content, equal on every machine.
std::string content_hash(std::string_view bytes);

}  // namespace baton
