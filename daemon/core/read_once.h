// The same questions as in planning.h, of a request that was read already: reading is most of what a plan costs.
#pragma once

#include <string>

#include "core/planning.h"
#include "core/request.h"

namespace baton::core {

Analysis analyse(const Request& request, const TaskSpec& spec, const Catalogue& catalogue);
const Playbook* matching_playbook(const Request& request, const TaskSpec& spec, const Catalogue& catalogue);
Steps expand_playbook(const Playbook& playbook, const Request& request, const TaskSpec& spec, const Catalogue& catalogue);
Steps expand_rules(const Request& request, const TaskSpec& spec, const Analysis& analysis, const Catalogue& catalogue);
/// Why its first master takes a simple task.
std::string why_routed(const Request& request, const Analysis& analysis, const Catalogue& catalogue);
/// A plan of one subtask whose id is the task's. spec: "Simple Task (Direct to Master)".
Result<Plan> make_simple_plan(const Request& request, const TaskSpec& spec, Analysis analysis, const Catalogue& catalogue);

}  // namespace baton::core
