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
/// What the request is about: the object of its first piece without "new", "complete".
std::string subject_of(const Request& request, const TaskSpec& spec);
/// A short slug of it; "task" when nothing is left.
std::string slug_of(std::string_view subject);

/// Without id and dependencies.
SubtaskSpec step_of(const Piece& piece, const TaskSpec& spec, const Catalogue& catalogue);

}  // namespace baton::core
