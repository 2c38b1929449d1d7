// Where the coordination folder is.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "front/verb.h"

namespace baton::front {

/// What `baton run` makes where there is none, beneath the top of a repository.
inline constexpr std::string_view k_made_by_run = ".baton/coordination";

/// --coordination, else $BATON_COORDINATION, else the nearest `coordination/` (or k_made_by_run) upwards from the working
/// directory, else that of the repository's main worktree. Absolute. not_found.
Result<std::string> locate(const Globals& globals);

/// It has what no other folder has.
bool is_coordination(const std::string& path);
/// A folder inside of one; "" = it is in none.
std::string coordination_around(const std::string& path);
/// " (did you mean DIR/coordination?)", when that is one.
std::string hint_below(const std::string& path);

/// A relative path made absolute against the working directory; "." and ".." resolved by their names.
std::string absolute_path(const std::string& path);

}  // namespace baton::front
