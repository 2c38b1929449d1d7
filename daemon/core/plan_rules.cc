// The rules that every plan has to pass, and the defaults that it gets. docs/protocol.md, "Rules of a plan". Each message names
// the subtask, the rule, and what to do.
#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/ids.h"
#include "base/text.h"
#include "core/conflicts.h"
#include "core/estimate.h"
#include "core/planning.h"
#include "core/routing.h"
#include "core/steps.h"

namespace baton::core {
namespace {

// What planners aim at. spec: "Subtask Design Principles", "Best Practices".
constexpr std::size_t k_few = 3, k_many = 10;
constexpr int k_long_minutes = 20;
constexpr std::int64_t k_large_tokens = 20'000;
constexpr std::size_t k_wide_files = 3;
// Beyond these an estimate is a slip of the pen, and sums could overflow.
constexpr int k_max_minutes = 100'000;
constexpr std::int64_t k_max_tokens = 1'000'000'000;

std::string quoted(std::string_view text) { return "\"" + text::printable(text) + "\""; }

tl::unexpected<Error> broken(const std::string& subtask, const std::string& rule, std::string hint, Place place) {
  return fail(ErrorCode::invalid, "subtask " + quoted(subtask) + " " + rule, std::move(hint), std::move(place));
}

class Maker {
 public:
  Maker(const TaskSpec& spec, PlannerKind planner, std::vector<SubtaskSpec> subtasks, Analysis analysis,
        const Catalogue& catalogue)
      : spec_(spec), catalogue_(catalogue), subtasks_(std::move(subtasks)) {
    plan_.planner = planner;
    plan_.analysis = std::move(analysis);
  }

  Result<Plan> run() {
    TRY(check_count());
    give_ids();
    last_dependent_.assign(subtasks_.size(), -1);
    TRY(check_ids());
    for (SubtaskSpec& subtask : subtasks_) {
      TRY(check_text(subtask));
      TRY(check_estimates(subtask));
      TRY(check_master(subtask));
      TRY(check_files(subtask));
      TRY(check_dependencies(subtask));
    }
    TRY(set_stages());
    plan_.conflicts = write_conflicts(plan_.subtasks);
    plan_.estimate = estimate_plan(plan_.subtasks, dependencies_, plan_.conflicts, spec_.mode);
    say_what_exceeds();
    return std::move(plan_);
  }

 private:
  /// In the document that brought the subtasks; what our own planners made stands in none.
  Place at(const std::string& pointer) const {
    const bool written = plan_.planner == PlannerKind::given || plan_.planner == PlannerKind::command;
    return {written ? "/subtasks" + pointer : "", 0, 0};
  }
  Place at_member(const SubtaskSpec& subtask, const std::string& member) const {
    return at("/" + std::to_string(&subtask - subtasks_.data()) + (member.empty() ? "" : "/" + member));
  }

  Result<> check_count() const {
    const auto most = static_cast<std::size_t>(std::clamp(catalogue_.settings.max_subtasks, 1, k_max_subtasks_bound));
    if (subtasks_.empty()) return fail(ErrorCode::invalid, "the plan has no subtasks", "give at least one", at(""));
    if (subtasks_.size() > most)
      return fail(ErrorCode::invalid,
                  "the plan has " + std::to_string(subtasks_.size()) + " subtasks, at most " + std::to_string(most),
                  "break the task down, or raise max_subtasks (up to " + std::to_string(k_max_subtasks_bound) + ")", at(""));
    return {};
  }

  void give_ids() {
    std::unordered_set<std::string> used;
    for (const SubtaskSpec& subtask : subtasks_) used.insert(subtask.id);
    std::string slug;
    for (std::size_t at = 0; at < subtasks_.size(); ++at) {
      SubtaskSpec& subtask = subtasks_[at];
      if (!subtask.id.empty()) continue;
      if (slug.empty()) slug = slug_of(subject_of(read_request(spec_), spec_));
      std::size_t number = at + 1;
      do {
        subtask.id = subtask_id(slug, number++, defaults_of(subtask.worker_type).role);
      } while (!used.insert(subtask.id).second);
    }
  }

  Result<> check_ids() {
    for (std::size_t at = 0; at < subtasks_.size(); ++at) {
      const std::string& id = subtasks_[at].id;
      if (!is_record_id(id))
        return broken(text::ellipsis(id, k_max_id), "has an id that does not fit",
                      "an id is up to 96 letters, digits, '.', '_', '-', begins with a letter or digit and has no \"..\"",
                      at_member(subtasks_[at], "subtask_id"));
      if (!index_.emplace(id, static_cast<int>(at)).second)
        return broken(id, "occurs twice in the plan", "ids are unique within a plan", at_member(subtasks_[at], "subtask_id"));
    }
    return {};
  }

  Result<> check_text(SubtaskSpec& subtask) const {
    if (!text::trim(subtask.title).empty()) return {};
    if (text::trim(subtask.description).empty())
      return broken(subtask.id, "has neither a title nor a description", "say what is to be done", at_member(subtask, {}));
    subtask.title = text::ellipsis(text::printable(text::ellipsis(text::trim(subtask.description), 400)), 80);
    return {};
  }

  Result<> check_estimates(SubtaskSpec& subtask) const {
    if (subtask.estimated_minutes < 0 || subtask.estimated_minutes > k_max_minutes)
      return broken(subtask.id, "is estimated at " + std::to_string(subtask.estimated_minutes) + " minutes",
                    "give 0 (not estimated) to " + std::to_string(k_max_minutes),
                    at_member(subtask, "estimated_duration_minutes"));
    if (subtask.estimated_tokens < 0 || subtask.estimated_tokens > k_max_tokens)
      return broken(subtask.id, "is estimated at " + std::to_string(subtask.estimated_tokens) + " tokens",
                    "give 0 (not estimated) to " + std::to_string(k_max_tokens), at_member(subtask, "estimated_tokens"));
    return {};
  }

  /// Master and worker type by what the plan says, else by what the subtask's own words say.
  Result<> check_master(SubtaskSpec& subtask) {
    const bool known_type = topic_of_type(subtask.worker_type) != Topic::none;
    if (subtask.assigned_to.empty() || subtask.worker_type.empty()) {
      TaskSpec own;
      own.title = subtask.title;
      const Request request = read_request(own);
      const Piece piece = request.pieces.empty() ? Piece{} : request.pieces.front();
      if (subtask.assigned_to.empty()) {
        const bool by_type = known_type && subtask.worker_type != "implementation" && subtask.worker_type != "planner";
        subtask.assigned_to = by_type ? master_for_domain(subtask.worker_type, catalogue_) : route(piece, catalogue_).master;
      }
      if (subtask.worker_type.empty()) subtask.worker_type = worker_type(piece.work);
    }
    auto master = resolve_master(subtask.assigned_to, catalogue_);
    if (!master)
      return broken(subtask.id, "names a master that does not exist: " + master.error().message, master.error().hint,
                    at_member(subtask, "assigned_to"));
    subtask.assigned_to = std::move(*master);
    const WorkDefaults& defaults = defaults_of(subtask.worker_type);
    estimate_minutes(subtask);
    if (subtask.estimated_tokens == 0) subtask.estimated_tokens = defaults.tokens;
    return {};
  }

  /// What whoever made the plan says, unless that was us: then what such subtasks took before.
  void estimate_minutes(SubtaskSpec& subtask) {
    const bool made_elsewhere = plan_.planner == PlannerKind::given || plan_.planner == PlannerKind::command;
    if (made_elsewhere && subtask.estimated_minutes > 0) return;
    const auto learned = learned_minutes(catalogue_.durations, {subtask.worker_type, subtask.assigned_to});
    learned_ += learned.has_value();
    if (learned)
      subtask.estimated_minutes = *learned;
    else if (subtask.estimated_minutes == 0)
      subtask.estimated_minutes = k_default_minutes;
  }

  Result<> check_files(SubtaskSpec& subtask) const {
    std::vector<std::string> files;
    std::unordered_set<std::string> known;
    for (const std::string& file : subtask.files_affected) {
      auto path = normalise_path(file);
      if (!path)
        return broken(subtask.id, "affects a file outside: " + path.error().message, path.error().hint,
                      at_member(subtask, "files_affected"));
      if (known.insert(*path).second) files.push_back(std::move(*path));
    }
    subtask.files_affected = std::move(files);
    return {};
  }

  Result<> check_dependencies(SubtaskSpec& subtask) {
    std::vector<int> indices;
    std::vector<std::string> kept;
    for (const std::string& id : subtask.dependencies) {
      const auto found = index_.find(id);
      if (found == index_.end()) {
        std::vector<std::string> ids;
        for (const auto& [known, at] : index_) ids.push_back(known);
        std::sort(ids.begin(), ids.end());
        return broken(subtask.id, "depends on " + quoted(id) + ", which is not in the plan" + text::did_you_mean(id, ids),
                      "dependencies are ids of subtasks of the same plan; other tasks go into the task's depends_on",
                      at_member(subtask, "dependencies/" + std::to_string(&id - subtask.dependencies.data())));
      }
      int& named_by = last_dependent_[static_cast<std::size_t>(found->second)];
      const int self = static_cast<int>(dependencies_.size());
      if (std::exchange(named_by, self) == self) continue;
      indices.push_back(found->second);
      kept.push_back(id);
    }
    subtask.dependencies = std::move(kept);
    dependencies_.push_back(std::move(indices));
    return {};
  }

  Result<> set_stages() {
    const auto stages = levels(dependencies_);
    if (!stages) {
      std::vector<std::string> ids;
      for (int node : stages.error()) ids.push_back(subtasks_[static_cast<std::size_t>(node)].id);
      std::reverse(ids.begin(), ids.end());
      return fail(ErrorCode::invalid, "the dependencies form a cycle: " + text::join(ids, " → "),
                  "take one of these dependencies out",
                  at_member(subtasks_[static_cast<std::size_t>(stages.error().back())], "dependencies"));
    }
    const int last = *std::max_element(stages->begin(), stages->end());
    if (last > k_max_stages)
      return fail(
          ErrorCode::invalid,
          "the plan has " + std::to_string(last) + " stages, at most " + std::to_string(k_max_stages) + ": break the task down",
          "submit it as several tasks, joined by depends_on", at(""));
    std::vector<int> order(static_cast<std::size_t>(last) + 1, 0);
    for (std::size_t at = 0; at < subtasks_.size(); ++at) {
      const int stage = (*stages)[at];
      plan_.subtasks.push_back({std::move(subtasks_[at]), stage, ++order[static_cast<std::size_t>(stage)], {}});
    }
    return {};
  }

  void add_reason(std::string reason) { plan_.analysis.reasons.push_back(std::move(reason)); }

  /// A plan may be coarser than advised; it says so. How long the steps of a playbook take, and how many there are, is for its
  /// author to decide.
  void say_what_exceeds() {
    if (learned_ > 0)
      add_reason("+0: " + std::to_string(learned_) + (learned_ == 1 ? " estimate is" : " estimates are") +
                 " what finished subtasks of the kind took");
    if (plan_.planner == PlannerKind::routed) return;
    const bool made_elsewhere = plan_.planner == PlannerKind::given || plan_.planner == PlannerKind::command;
    const std::size_t count = plan_.subtasks.size();
    if (made_elsewhere && (count < k_few || count > k_many))
      add_reason("the plan has " + std::to_string(count) + " subtasks; 3 to 10 are advised");
    for (const PlannedSubtask& planned : plan_.subtasks) {
      if (planned.spec.orchestrate) continue;  // it is broken down further
      if (made_elsewhere) say_what_takes_long(planned.spec);
      if (planned.spec.files_affected.size() > k_wide_files)
        add_reason(quoted(planned.spec.id) + " affects " + std::to_string(planned.spec.files_affected.size()) +
                   " files; up to 3 are advised");
    }
    if (plan_.planner == PlannerKind::rules) say_what_was_joined();
  }

  void say_what_was_joined() {
    const auto joined = std::count_if(plan_.subtasks.begin(), plan_.subtasks.end(), [](const PlannedSubtask& planned) {
      return planned.spec.estimated_minutes > k_long_minutes || planned.spec.estimated_tokens > k_large_tokens;
    });
    if (joined == 0) return;
    add_reason("it asks for more than 10 pieces of work: " + std::to_string(joined) +
               " subtasks take on several of one kind, and more than the 20 minutes that are advised");
  }

  void say_what_takes_long(const SubtaskSpec& subtask) {
    if (subtask.estimated_minutes > k_long_minutes)
      add_reason(quoted(subtask.id) + " is estimated at " + std::to_string(subtask.estimated_minutes) +
                 " minutes; up to 20 are advised");
    if (subtask.estimated_tokens > k_large_tokens)
      add_reason(quoted(subtask.id) + " is estimated at " + std::to_string(subtask.estimated_tokens) +
                 " tokens; up to 20000 are advised");
  }

  const TaskSpec& spec_;
  const Catalogue& catalogue_;
  std::vector<SubtaskSpec> subtasks_;
  Plan plan_;
  std::unordered_map<std::string, int> index_;
  Dependencies dependencies_;
  int learned_ = 0;                  // estimates that come from what finished ones took
  std::vector<int> last_dependent_;  // of each subtask: who named it last, so that a dependency counts once
};

}  // namespace

Result<Plan> make_plan(const TaskSpec& spec, PlannerKind planner, std::vector<SubtaskSpec> subtasks, Analysis analysis,
                       const Catalogue& catalogue) {
  return Maker(spec, planner, std::move(subtasks), std::move(analysis), catalogue).run();
}

Result<Plan> make_simple_plan(const Request& request, const TaskSpec& spec, Analysis analysis, const Catalogue& catalogue) {
  SubtaskSpec subtask;
  subtask.id = spec.id;
  subtask.title = spec.title;
  subtask.description = spec.description;
  subtask.success_criteria = spec.success_criteria;
  subtask.files_affected = request.files;
  subtask.checkpoint = spec.checkpoint;
  subtask.time_limit_ms = spec.time_limit_ms;
  subtask.assigned_to = !spec.assigned_to.empty()   ? spec.assigned_to
                        : !analysis.masters.empty() ? analysis.masters.front()
                                                    : std::string();
  return make_plan(spec, PlannerKind::routed, {std::move(subtask)}, std::move(analysis), catalogue);
}

}  // namespace baton::core
