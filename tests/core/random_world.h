// Makes random events that fit what is alive now more often than not.
#pragma once

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/child_task.h"
#include "core/orchestrator.h"
#include "core/parts.h"

namespace baton::core {

inline constexpr std::array k_masters{"development", "security", "inventory"};

class World {
 public:
  explicit World(std::uint32_t seed) : random_(seed) {
    RecoverySettings& recovery = catalogue_.settings.recovery;
    recovery.breaker_failures = static_cast<std::int64_t>(pick(4));  // 0: none
    recovery.breaker_reset_ms = 1'000 * (1 + static_cast<std::int64_t>(pick(120)));
  }

  Event next(const Orchestrator& core) {
    const std::int64_t by = static_cast<std::int64_t>(pick(8'000));
    now_ = {now_.wall_ms + by, now_.mono_ms + by, now_.boot_ms + by};
    subtasks_.clear();
    unplanned_.clear();
    splitting_.clear();
    validating_.clear();
    validated_as_a_whole_.clear();
    in_flight_.clear();
    unborn_.clear();
    core.for_each_task([this](const Task& task) {
      if (!task.planned) unplanned_.push_back(task.spec.id);
      if (task.validating) validated_as_a_whole_.push_back(task.spec.id);
      for (const Subtask& subtask : task.subtasks) {
        subtasks_.push_back({task.spec.id, &subtask});
        if (is_in_flight(subtask)) in_flight_.push_back(&subtask);
        if (subtask.spec.orchestrate && subtask.status == SubtaskStatus::ready) unborn_.push_back(&subtask);
        if (subtask.splitting) splitting_.push_back(&subtask);
        if (subtask.status == SubtaskStatus::validating) validating_.push_back(&subtask);
      }
    });
    auto happened = what(core);
    return {now_, std::move(happened), chance()};
  }
  Event catalogue(bool at_start) { return {now_, CatalogueChanged{catalogue_, at_start}, chance()}; }
  const Moment& now() const { return now_; }
  const Catalogue& settings() const { return catalogue_; }
  std::size_t pick(std::size_t below) { return random_() % below; }
  std::uint32_t chance() { return static_cast<std::uint32_t>(random_()); }

 private:
  decltype(Event::what) what(const Orchestrator& core) {
    const std::size_t dice = pick(100);  // the later ones fall through to commands
    if (subtasks_.empty() || (dice < 12 && core.live_tasks() < 40)) return arrival(core);
    if (dice < 15) return change_catalogue();
    if (dice < 18) return planner_answer();
    if (dice < 20) return Tick{};
    if (dice < 23 && !splitting_.empty()) return parts();
    if (dice < 28 && !unborn_.empty()) return child(core);
    if (dice < 34) return HandoffClaimed{any(), epoch(), "renamed"};
    if (dice < 38) return HandoffReleased{any(), epoch()};
    if (dice < 42) return HandoffDelivery{any(), epoch(), pick(2) == 0, "read-only"};
    if (dice < 52) return WorkerSeen{"w" + std::to_string(pick(5)), any(), epoch(), static_cast<int>(pick(120)) - 10, ""};
    if (dice < 56 && !validated_as_a_whole_.empty()) return final_check();
    if (dice < 64 && !validating_.empty()) return check();
    if (dice < 80) return result();
    return command(core);
  }

  PlannerAnswered planner_answer() {
    const std::string stray = "t" + std::to_string(pick(next_task_ + 1));
    const std::string task_id = unplanned_.empty() || pick(8) == 0 ? stray : unplanned_[pick(unplanned_.size())];
    // Every answer has its own ids: the history that would rename them is not asked here.
    const std::string prefix = "p" + std::to_string(next_answer_++) + "-";
    const Plan fallback = random_plan(prefix, pick(4));
    if (pick(2) == 0) return {task_id, fail(ErrorCode::timed_out, "it ran for too long"), fallback, {}};
    return {task_id, random_plan(prefix, pick(6)), fallback, {}};
  }

  CheckFinished check() {
    const Subtask& checked = *validating_[pick(validating_.size())];
    CheckFinished finished{checked.spec.id, pick(8) == 0 ? checked.epoch - 1 : checked.epoch, {}, {}};
    finished.result.passed = pick(4) != 0;
    if (!finished.result.passed) finished.result.reason = "time_limit";
    return finished;
  }

  CheckFinished final_check() {
    CheckFinished finished{validated_as_a_whole_[pick(validated_as_a_whole_.size())], 0, {}, {}};
    finished.result.passed = pick(3) != 0;
    if (!finished.result.passed) finished.result.reason = "exit_code";
    if (pick(8) == 0) finished.taken_ids = {finished.subject + "-fix-1"};
    return finished;
  }

  SplitProposed parts() {
    const Subtask& whole = *splitting_[pick(splitting_.size())];
    SplitProposed proposed{whole.spec.id, whole.epoch, halves_of(whole.spec), {}};
    if (pick(4) == 0) proposed.taken_ids = {whole.spec.id + "-a"};
    if (pick(8) == 0) proposed.parts.first.files_affected = {"elsewhere"};
    return proposed;
  }

  ChildProposed child(const Orchestrator& core) {
    const Subtask& parent = *unborn_[pick(unborn_.size())];
    ChildProposed proposed{parent.spec.id, pick(8) == 0 ? parent.epoch - 1 : parent.epoch, {}};
    const std::string id = "c" + std::to_string(next_child_++);
    proposed.task.spec = child_spec(*core.task(parent.task_id), parent);
    proposed.task.spec.id = id;
    proposed.task.spec.mode = static_cast<ExecutionMode>(pick(3));
    const std::size_t kind = pick(10);
    if (kind == 0) return proposed;  // the planner command is asked
    if (kind == 1)
      proposed.task.plan = fail(ErrorCode::invalid, "nobody could");
    else
      proposed.task.plan = random_plan(id + "-", 1 + pick(4));
    return proposed;
  }

  std::string any() {
    const auto& [task_id, subtask] = subtasks_[pick(subtasks_.size())];
    chosen_ = subtask;
    return pick(30) == 0 ? "nobody" : subtask->spec.id;
  }
  int epoch() {
    const std::size_t dice = pick(10);
    if (dice < 5 || chosen_ == nullptr) return 0;
    return dice < 9 ? chosen_->epoch : static_cast<int>(pick(4));
  }
  /// Mostly of something that is in flight, so that plans get anywhere.
  ResultArrived result() {
    ResultArrived event;
    event.subtask_id = any();
    if (!in_flight_.empty() && pick(6) != 0) {
      chosen_ = in_flight_[pick(in_flight_.size())];
      event.subtask_id = chosen_->spec.id;
    }
    event.input = {1, "r.json"};
    event.epoch = epoch();
    event.master = pick(10) == 0 ? "inventory" : pick(2) == 0 ? chosen_->spec.assigned_to : "";
    event.completed = pick(5) != 0;
    event.outcome.summary = std::to_string(pick(3));
    event.error = event.completed ? "" : "error " + std::to_string(pick(2));
    const std::size_t how = pick(12);
    event.failure_class = how == 0 ? FailureClass::permanent : how < 2 ? FailureClass::rate_limited : FailureClass::transient;
    event.retry_after_ms = static_cast<std::int64_t>(pick(60'000));
    return event;
  }
  CommandArrived command(const Orchestrator& core) {
    CommandArrived event;
    event.input = {1, "c.json"};
    if (pick(3) != 0) return helpful(core);
    event.verb = static_cast<Verb>(pick(8));
    if (event.verb == Verb::cancel && pick(3) != 0) event.verb = Verb::retry;
    const std::string subtask_id = any();
    event.subject = pick(2) == 0 ? subtask_id : chosen_->task_id;
    if (pick(40) == 0) event.subject.clear();
    event.reason = pick(2) == 0 ? "because" : "";
    return event;
  }

  /// What a person would do who looks at what stands still; otherwise a world soon comes to rest.
  CommandArrived helpful(const Orchestrator& core) {
    CommandArrived event;
    event.input = {1, "c.json"};
    event.verb = Verb::resume;
    if (core.paused()) return event;
    event.subject = subtasks_[pick(subtasks_.size())].first;
    const Task& task = *core.task(event.subject);
    event.reason = "because";
    if (task.status == PlanStatus::blocked) event.verb = pick(2) == 0 ? Verb::retry : Verb::skip;
    if (task.status == PlanStatus::awaiting_approval) event.verb = Verb::approve;
    if (task.status == PlanStatus::planning && !task.awaits.empty()) event.verb = pick(2) == 0 ? Verb::cancel : Verb::pause;
    return event;
  }

  TasksArrived arrival(const Orchestrator& core) {
    TasksArrived event;
    event.input = {1, "t.json"};
    const std::size_t count = 1 + pick(3);
    for (std::size_t i = 0; i < count; ++i) event.tasks.push_back(task(core));
    return event;
  }
  ArrivedTask task(const Orchestrator& core) {
    ArrivedTask arrived;
    TaskSpec& spec = arrived.spec;
    // Now and then an id that is taken; history is not asked here, so only one that is alive.
    const std::string old = "t" + std::to_string(pick(next_task_ + 1));
    spec.id = pick(10) == 0 && core.task(old) != nullptr ? old : "t" + std::to_string(next_task_++);
    spec.content_hash = pick(20) == 0 ? "other" : spec.id;
    spec.priority = static_cast<Priority>(pick(4));
    spec.mode = static_cast<ExecutionMode>(pick(3));
    spec.approval_required = pick(8) == 0;
    if (pick(5) == 0) spec.checkpoint = R"({"commands":[["make","test"]]})";
    for (std::size_t i = pick(3); i > 0; --i) {
      const std::string other = "t" + std::to_string(pick(next_task_ + 1));  // at times one that never comes, or itself
      if (core.task(other) != nullptr || pick(6) == 0) spec.depends_on.push_back(other);
    }
    const std::size_t kind = pick(10);
    if (kind == 0) return arrived;  // the planner command is asked
    arrived.plan = kind < 4 ? simple_plan(spec.id) : random_plan(spec.id + "-", 2 + pick(6));
    return arrived;
  }
  SubtaskSpec subtask_spec(const std::string& id) {
    SubtaskSpec spec;
    spec.id = id;
    spec.assigned_to = k_masters[pick(k_masters.size())];
    if (pick(6) == 0) spec.checkpoint = R"({"commands":[["true"]]})";
    static constexpr std::array k_files{"src", "src/a.js", "src/b.js", "docs/x.md", "lib/y", "."};
    for (std::size_t i = pick(3); i > 0; --i) spec.files_affected.push_back(k_files[pick(pick(8) == 0 ? 6 : 5)]);
    return spec;
  }
  Plan simple_plan(const std::string& id) {
    Plan plan;
    plan.subtasks.push_back({subtask_spec(id), 1, 1, ""});
    return plan;
  }
  Plan random_plan(const std::string& prefix, std::size_t count) {
    Plan plan;
    plan.planner = PlannerKind::given;
    for (std::size_t i = 0; i < count; ++i) {
      PlannedSubtask planned{subtask_spec(prefix + std::to_string(i)), 1, static_cast<int>(i) + 1, ""};
      planned.spec.orchestrate = pick(10) == 0;
      for (std::size_t j = 0; j < i; ++j)
        if (pick(3) == 0) {
          planned.spec.dependencies.push_back(plan.subtasks[j].spec.id);
          planned.stage = std::max(planned.stage, plan.subtasks[j].stage + 1);
        }
      plan.subtasks.push_back(planned);
    }
    for (std::size_t i = 1; i < count; ++i)
      if (plan.subtasks[i - 1].stage == plan.subtasks[i].stage && pick(3) == 0)
        plan.conflicts.push_back({"f", {plan.subtasks[i - 1].spec.id, plan.subtasks[i].spec.id}});
    return plan;
  }
  CatalogueChanged change_catalogue() {
    catalogue_.masters.clear();
    for (const char* master : k_masters)
      if (pick(6) != 0) catalogue_.masters[master] = {master, "", {}, {}, static_cast<int>(pick(4))};
    catalogue_.settings.max_active_subtasks = static_cast<int>(pick(3) == 0 ? 0 : 1 + pick(8));
    catalogue_.settings.max_active_orchestrations = static_cast<int>(pick(3) == 0 ? 0 : 1 + pick(8));
    return {catalogue_, false};
  }

  std::mt19937 random_;
  Moment now_{1'700'000'000'000, 1'000, 1'000};
  Catalogue catalogue_ = [] {
    Catalogue all;
    for (const char* master : k_masters) all.masters[master] = {master, "", {}, {}, 0};
    return all;
  }();
  std::vector<std::pair<std::string, const Subtask*>> subtasks_;
  std::vector<std::string> unplanned_;
  std::vector<const Subtask*> in_flight_;
  std::vector<const Subtask*> splitting_;
  std::vector<const Subtask*> unborn_;
  std::vector<const Subtask*> validating_;
  std::vector<std::string> validated_as_a_whole_;
  const Subtask* chosen_ = nullptr;
  std::size_t next_task_ = 0;
  std::size_t next_answer_ = 0;
  std::size_t next_child_ = 0;
};

}  // namespace baton::core
