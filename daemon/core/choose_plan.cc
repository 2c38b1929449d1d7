// Which planner makes the plan of a task: explicit, playbook, planner command or rules. `playbook` and `planner` of a task force
// one of them; what cannot be done as asked is refused, and a way that was fallen back to is said in the analysis.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "core/orchestrator_state.h"
#include "core/planning.h"

namespace baton::core {
namespace {

std::string quoted(std::string_view text) { return "\"" + text::printable(text) + "\""; }

tl::unexpected<Error> refused(std::string message, std::string hint, std::string pointer) {
  return fail(ErrorCode::invalid, std::move(message), std::move(hint), {std::move(pointer), 0, 0});
}

/// What the task says about how it is to be planned contradicts itself.
Result<> check_wishes(const TaskSpec& spec) {
  const std::string planner = "planner " + quoted(spec.planner);
  if (spec.planner == "explicit" && spec.subtasks.empty())
    return refused("the planner is \"explicit\", and there are no subtasks", "add subtasks, or leave the planner out",
                   "/subtasks");
  if (!spec.subtasks.empty() && !spec.planner.empty() && spec.planner != "explicit")
    return refused("the task brings its own subtasks, and asks for the " + planner, "leave one of the two out", "/planner");
  if (!spec.subtasks.empty() && !spec.playbook.empty())
    return refused("the task brings its own subtasks, and names the playbook " + quoted(spec.playbook),
                   "leave one of the two out", "/playbook");
  if (!spec.playbook.empty() && !spec.planner.empty() && spec.planner != "playbook")
    return refused("the task names the playbook " + quoted(spec.playbook) + ", and asks for the " + planner,
                   "leave one of the two out", "/planner");
  const bool forces = !spec.playbook.empty() || !spec.planner.empty() || !spec.subtasks.empty();
  if (forces && spec.orchestration_required == false)
    return refused("orchestration_required is false, and the task asks for " +
                       (!spec.playbook.empty()  ? "the playbook " + quoted(spec.playbook)
                        : !spec.planner.empty() ? "the " + planner
                                                : std::string("its own subtasks")),
                   "leave one of the two out: false hands the task to one master as it is", "/orchestration_required");
  return {};
}

Result<const Playbook*> wanted_playbook(const Request& request, const TaskSpec& spec, const Catalogue& catalogue) {
  if (!spec.playbook.empty()) {
    if (const auto found = catalogue.playbooks.find(spec.playbook); found != catalogue.playbooks.end()) return &found->second;
    std::vector<std::string> names;
    for (const auto& [name, playbook] : catalogue.playbooks) names.push_back(name);
    return refused("there is no playbook called " + spec.playbook + text::did_you_mean(spec.playbook, names),
                   "orchestrator/playbooks/ holds the ones there are", "/playbook");
  }
  if (!spec.planner.empty() && spec.planner != "playbook") return nullptr;
  const Playbook* playbook = matching_playbook(request, spec, catalogue);
  if (playbook == nullptr && spec.planner == "playbook")
    return refused("the planner is \"playbook\", and no playbook matches",
                   "name one in \"playbook\" (orchestrator/playbooks/ holds the ones there are), or leave the planner out",
                   "/planner");
  return playbook;
}

/// A whole decomposition was asked for by name; otherwise the analysis decides.
bool must_decompose(const TaskSpec& spec, const Analysis& analysis) {
  if (spec.orchestration_required) return *spec.orchestration_required;
  return analysis.complex || !spec.playbook.empty() || !spec.planner.empty();
}

/// One reason for all subtasks that go the same way for the same cause.
void say_masters(Plan& plan, const std::map<std::string, std::string>& whys) {
  struct Way {
    std::string master, why, first;
    int others = 0;
  };
  std::vector<Way> ways;
  for (const PlannedSubtask& planned : plan.subtasks) {
    const auto why = whys.find(planned.spec.id);
    if (why == whys.end()) continue;
    const auto same = std::find_if(ways.begin(), ways.end(), [&](const Way& way) {
      return way.master == planned.spec.assigned_to && way.why == why->second;
    });
    if (same == ways.end())
      ways.push_back({planned.spec.assigned_to, why->second, text::ellipsis(planned.spec.title, 60)});
    else
      ++same->others;
  }
  for (const Way& way : ways)
    plan.analysis.reasons.push_back("+0: " + way.master + " takes " + quoted(way.first) +
                                    (way.others > 0 ? " and " + std::to_string(way.others) + " more" : "") + ": " + way.why);
}

Result<Plan> route_simply(const Request& request, const TaskSpec& spec, Analysis analysis, const Catalogue& catalogue) {
  const std::string why =
      spec.assigned_to.empty() ? why_routed(request, analysis, catalogue) : std::string("the task is addressed to it");
  TRY_VALUE(Plan plan, make_simple_plan(request, spec, std::move(analysis), catalogue));
  plan.analysis.reasons.push_back("+0: " + plan.subtasks.front().spec.assigned_to + " takes it: " + why);
  return plan;
}

Result<Plan> plan_by_rules(const Request& request, const TaskSpec& spec, Analysis analysis, const Catalogue& catalogue) {
  Steps steps = expand_rules(request, spec, analysis, catalogue);
  if (steps.subtasks.size() < 2) analysis.reasons.emplace_back("+0: nothing in the request says how to break it down");
  if (steps.subtasks.size() < 2 && spec.orchestration_required != true)
    return route_simply(request, spec, std::move(analysis), catalogue);
  TRY_VALUE(Plan plan, make_plan(spec, PlannerKind::rules, std::move(steps.subtasks), std::move(analysis), catalogue));
  say_masters(plan, steps.whys);
  return plan;
}

/// What applies after explicit subtasks. Nothing: the planner command has to be asked.
std::optional<Result<Plan>> decompose(const Request& request, const TaskSpec& spec, Analysis analysis, const Catalogue& catalogue,
                                      bool ask) {
  const Result<const Playbook*> playbook = wanted_playbook(request, spec, catalogue);
  if (!playbook) return tl::make_unexpected(playbook.error());
  if (*playbook != nullptr) {
    Steps steps = expand_playbook(**playbook, request, spec, catalogue);
    Result<Plan> plan = make_plan(spec, PlannerKind::playbook, std::move(steps.subtasks), analysis, catalogue);
    if (plan) plan->planner_name = (*playbook)->name;
    if (plan) say_masters(*plan, steps.whys);
    if (plan || !spec.playbook.empty() || spec.planner == "playbook") return plan;
    analysis.reasons.push_back("+0: the playbook " + (*playbook)->name +
                               " fits, but its plan does not hold: " + plan.error().message);
  }
  if (ask && spec.planner != "rules") {
    if (catalogue.settings.has_planner_command) return std::nullopt;
    if (spec.planner == "command")
      return refused("the planner is \"command\", and none is configured",
                     "set \"planner\" in orchestrator/config.json, or leave the planner out", "/planner");
  }
  if (!ask && spec.planner == "command")
    analysis.reasons.emplace_back("+0: by the rules, for want of an answer of the planner command");
  return plan_by_rules(request, spec, std::move(analysis), catalogue);
}

/// `ask`: the planner command may be asked. Else it was, or would be: that the task is to be broken down is settled.
std::optional<Result<Plan>> choose(const TaskSpec& spec, const Catalogue& catalogue, bool ask) {
  if (!spec.assigned_to.empty())
    if (const auto master = resolve_master(spec.assigned_to, catalogue); !master) return tl::make_unexpected(master.error());
  if (const auto wishes = check_wishes(spec); !wishes) return tl::make_unexpected(wishes.error());
  const Request request = read_request(spec);
  Analysis analysis = analyse(request, spec, catalogue);
  if (!spec.subtasks.empty()) return make_plan(spec, PlannerKind::given, spec.subtasks, std::move(analysis), catalogue);
  if (ask && !must_decompose(spec, analysis)) return route_simply(request, spec, std::move(analysis), catalogue);
  return decompose(request, spec, std::move(analysis), catalogue, ask);
}

}  // namespace

std::optional<Result<Plan>> Orchestrator::plan(const TaskSpec& spec) const { return choose(spec, state_->catalogue, true); }

Result<Plan> Orchestrator::plan_without_command(const TaskSpec& spec) const { return *choose(spec, state_->catalogue, false); }

}  // namespace baton::core
