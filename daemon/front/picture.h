// One moment of `baton watch` as lines: the tasks, or the plan of one, and below it the newest events, which always keep their
// place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "front/folder.h"
#include "front/output.h"
#include "front/views.h"

namespace baton::front {

/// `plan`: nullptr = everything. `recent`: lines of the feed. At most `rows` lines.
std::string picture(const Output& like, const Folder& folder, const PlanView* plan, const std::vector<std::string>& recent,
                    std::size_t rows);

/// "many2" before "many10".
bool natural_less(std::string_view a, std::string_view b);

}  // namespace baton::front
