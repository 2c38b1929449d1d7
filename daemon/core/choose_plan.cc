// Which planner makes the plan of a task: explicit, playbook, planner command or rules, by the first that applies.
#include "base/text.h"
#include "core/orchestrator_state.h"
#include "core/planning.h"

namespace baton::core {
namespace {

Result<const Playbook*> wanted_playbook(const TaskSpec& spec, const Catalogue& catalogue) {
  if (!spec.playbook.empty()) {
    if (const auto found = catalogue.playbooks.find(spec.playbook); found != catalogue.playbooks.end()) return &found->second;
    std::vector<std::string> names;
    for (const auto& [name, playbook] : catalogue.playbooks) names.push_back(name);
    return fail(ErrorCode::invalid, "there is no playbook called " + spec.playbook + text::did_you_mean(spec.playbook, names),
                "orchestrator/playbooks/ holds the ones there are", {"/playbook", 0, 0});
  }
  if (!spec.planner.empty() && spec.planner != "playbook") return nullptr;
  return matching_playbook(spec, catalogue);
}

/// A whole decomposition was asked for by name; otherwise the analysis decides.
bool must_decompose(const TaskSpec& spec, const Analysis& analysis) {
  if (spec.orchestration_required) return *spec.orchestration_required;
  return analysis.complex || !spec.playbook.empty() || !spec.planner.empty();
}

Result<Plan> plan_by_rules(const TaskSpec& spec, const Analysis& analysis, const Catalogue& catalogue) {
  std::vector<SubtaskSpec> steps = expand_rules(spec, analysis, catalogue);
  if (steps.size() < 2 && spec.orchestration_required != true) return make_simple_plan(spec, analysis, catalogue);
  return make_plan(spec, PlannerKind::rules, std::move(steps), analysis, catalogue);
}

/// Nothing: the planner command has to be asked.
std::optional<Result<Plan>> choose(const TaskSpec& spec, const Catalogue& catalogue, bool command) {
  if (!spec.assigned_to.empty())
    if (const auto master = resolve_master(spec.assigned_to, catalogue); !master) return tl::make_unexpected(master.error());
  Analysis analysis = analyse(spec, catalogue);
  if (!spec.subtasks.empty()) return make_plan(spec, PlannerKind::given, spec.subtasks, std::move(analysis), catalogue);
  if (spec.planner == "explicit")
    return fail(ErrorCode::invalid, "the planner is \"explicit\", and there are no subtasks",
                "add subtasks, or leave the planner out", {"/subtasks", 0, 0});
  if (!must_decompose(spec, analysis)) return make_simple_plan(spec, std::move(analysis), catalogue);

  const Result<const Playbook*> playbook = wanted_playbook(spec, catalogue);
  if (!playbook) return tl::make_unexpected(playbook.error());
  if (*playbook != nullptr) {
    Result<Plan> plan = make_plan(spec, PlannerKind::playbook, expand_playbook(**playbook, spec, catalogue), analysis, catalogue);
    if (plan) plan->planner_name = (*playbook)->name;
    if (plan || !spec.playbook.empty()) return plan;
    analysis.reasons.push_back("the playbook " + (*playbook)->name +
                               " fits, but its plan does not hold: " + plan.error().message);
  }
  if (command && catalogue.settings.has_planner_command && spec.planner != "rules") return std::nullopt;
  return plan_by_rules(spec, analysis, catalogue);
}

}  // namespace

std::optional<Result<Plan>> Orchestrator::plan(const TaskSpec& spec) const { return choose(spec, state_->catalogue, true); }

Result<Plan> Orchestrator::plan_without_command(const TaskSpec& spec) const { return *choose(spec, state_->catalogue, false); }

}  // namespace baton::core
