// Who makes a plan and which rules every plan has to pass, whoever made it. docs/protocol.md, "Rules of a plan".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/model.h"
#include "core/request.h"
#include "core/settings.h"

namespace baton::core {

// `request` is what read_request() makes of `spec`: reading is most of what a plan costs, so it is read once.

/// Judges a request: score, domains, masters, reasons. spec: "Decision Framework". See analysis.cc for the weights.
Analysis analyse(const Request& request, const TaskSpec& spec, const Catalogue& catalogue);
/// Why its first master takes a simple task.
std::string why_routed(const Request& request, const Analysis& analysis, const Catalogue& catalogue);

/// The master that `wish` names: trimmed, lower-cased, "-master" or "-agent" dropped when only the shorter one exists.
/// The error names the nearest one.
Result<std::string> resolve_master(std::string_view wish, const Catalogue& catalogue);
/// The master for a domain or worker type; the default master (or the first there is) when none says it does that.
std::string master_for_domain(std::string_view domain, const Catalogue& catalogue);

/// The matching playbook with the highest priority (then by name), or nullptr.
const Playbook* matching_playbook(const Request& request, const TaskSpec& spec, const Catalogue& catalogue);
/// What a planner of ours makes of a request.
struct Steps {
  std::vector<SubtaskSpec> subtasks;
  std::map<std::string, std::string> whys;  // id → why it goes to its master
};
Steps expand_playbook(const Playbook& playbook, const Request& request, const TaskSpec& spec, const Catalogue& catalogue);
/// Reads the request itself: enumerations, "then", named files, domains. At least one step; never more than asked for.
Steps expand_rules(const Request& request, const TaskSpec& spec, const Analysis& analysis, const Catalogue& catalogue);

/// Checks the rules, fills in defaults (master, worker_type, ids, estimates), computes stages, order, conflicts and estimate.
Result<Plan> make_plan(const TaskSpec& spec, PlannerKind planner, std::vector<SubtaskSpec> subtasks, Analysis analysis,
                       const Catalogue& catalogue);
/// A plan of one subtask whose id is the task's. spec: "Simple Task (Direct to Master)".
Result<Plan> make_simple_plan(const Request& request, const TaskSpec& spec, Analysis analysis, const Catalogue& catalogue);

/// What a subtask is called when its id is taken: <task_id>.<id>, the n-th of these with -n behind it.
std::string id_instead(const std::string& task_id, const std::string& id, int number = 1);
/// Gives every subtask whose id is in `taken` (or occurs twice) the id <task_id>.<id>; dependencies and conflicts follow.
void rename_taken_ids(Plan& plan, const std::string& task_id, const std::vector<std::string>& taken);

}  // namespace baton::core
