// Turns a piece of a request into a subtask; shared by the rules and by playbooks that have to add what they lack.
#pragma once

#include <string>
#include <vector>

#include "core/request.h"
#include "core/settings.h"

namespace baton::core {

struct WorkDefaults {
  std::string_view role;  // last part of the id
  int phase;              // design comes before implementation, implementation before tests, …
  int minutes;
  std::int64_t tokens;
  std::string_view success;
};
const WorkDefaults& defaults_of(Work);
/// By a worker type's name; those of an implementation for a word of the plan's own.
const WorkDefaults& defaults_of(std::string_view worker_type);

/// "<slug>-<nnn>-<role>", within the limit of an id.
std::string subtask_id(std::string_view slug, std::size_t number, std::string_view role);
/// What the request is about: the object of `piece` (by default its first) without "new", "complete".
std::string subject_of(const Request& request, const TaskSpec& spec, const Piece* piece = nullptr);
/// A short slug of it; "task" when nothing is left.
std::string slug_of(std::string_view subject);

/// How many subtasks the planners here make at most: 10, or fewer when `max_subtasks` says so.
std::size_t most_steps(const Catalogue& catalogue);
/// Shares `room` out: everybody gets one, nobody more than wanted, and who wants most gets more.
std::vector<std::size_t> share_out(const std::vector<std::size_t>& wanted, std::size_t room);

/// Without id and dependencies.
SubtaskSpec step_of(const Piece& piece, const TaskSpec& spec, const Catalogue& catalogue);
/// Title as it is written down.
std::string title_of(const Piece& piece);

/// How many steps these files should be spread over. spec: "File-Scoped: Modifies ≤3 files".
std::size_t parts_wanted(std::size_t files);
/// Side by side, each with its share of the files, "part 1 of 2" in the title; one part is the step itself.
std::vector<SubtaskSpec> split_by_files(SubtaskSpec step, std::size_t parts);

}  // namespace baton::core
