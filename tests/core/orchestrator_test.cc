// Properties that hold whatever happens: thousands of random events, legal or not.
#include "core/orchestrator.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <sstream>

#include "core/graph.h"
#include "core/parts.h"
#include "core/recovery.h"
#include "core/scheduler.h"
#include "core/script.h"

namespace baton::core {
namespace {

constexpr std::array k_masters{"development", "security", "inventory"};

/// Makes random events that fit what is alive now more often than not.
class World {
 public:
  explicit World(std::uint32_t seed) : random_(seed) {}

  Event next(const Orchestrator& core) {
    const std::int64_t by = static_cast<std::int64_t>(pick(8'000));
    now_ = {now_.wall_ms + by, now_.mono_ms + by, now_.boot_ms + by};
    subtasks_.clear();
    unplanned_.clear();
    splitting_.clear();
    validating_.clear();
    validated_as_a_whole_.clear();
    in_flight_.clear();
    core.for_each_task([this](const Task& task) {
      if (!task.planned) unplanned_.push_back(task.spec.id);
      if (task.validating) validated_as_a_whole_.push_back(task.spec.id);
      for (const Subtask& subtask : task.subtasks) {
        subtasks_.push_back({task.spec.id, &subtask});
        if (is_in_flight(subtask.status)) in_flight_.push_back(&subtask);
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
    if (dice < 26 && !splitting_.empty()) return parts();
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
  std::vector<const Subtask*> validating_;
  std::vector<std::string> validated_as_a_whole_;
  const Subtask* chosen_ = nullptr;
  std::size_t next_task_ = 0;
  std::size_t next_answer_ = 0;
};

/// Follows the effects as the world outside would see them.
class Observer {
 public:
  void check(const Orchestrator& core, const Changes& changes, const World& world, bool person_asked) {
    for (const Effect& effect : changes.effects) {
      if (const auto* publish = std::get_if<PublishHandoff>(&effect)) published(*publish);
      if (const auto* check = std::get_if<RunCheck>(&effect); check != nullptr && !out_.contains(check->subject))
        late_.insert(check->subject);
      if (const auto* retire = std::get_if<RetireHandoff>(&effect)) retired(*retire);
    }
    for (const auto& task : changes.ended) {
      CHECK(core.task(task->spec.id) == nullptr);
      CHECK(is_final(task->status));
      for (const Subtask& subtask : task->subtasks) {
        CHECK(is_final(subtask.status));
        CHECK_FALSE(out_.contains(subtask.spec.id));
        CHECK(core.subtask(subtask.spec.id) == nullptr);
      }
    }
    std::vector<const Subtask*> in_flight;
    int running = 0;
    core.for_each_task([&](const Task& task) {
      running += task.status == PlanStatus::in_progress;
      check_task(core, task, in_flight);
    });
    check_files(in_flight);
    check_gates(core, changes, in_flight);
    check_turns(core, changes, world.settings());
    check_told(core, changes);
    check_limits(in_flight, running, world.settings(), person_asked);
    const Totals totals = core.totals();
    CHECK(totals.tasks == static_cast<std::int64_t>(core.live_tasks()) + totals.completed + totals.failed + totals.cancelled);
  }
  std::int64_t handoffs() const { return handoffs_; }

 private:
  /// Nothing new goes to a master that is parked or whose breaker is open, and one at a time to one that is tried.
  void check_gates(const Orchestrator& core, const Changes& changes, const std::vector<const Subtask*>& in_flight) {
    for (const Effect& effect : changes.effects) {
      const auto* publish = std::get_if<PublishHandoff>(&effect);
      const Subtask* subtask = publish == nullptr ? nullptr : core.subtask(publish->subtask_id);
      if (subtask == nullptr || publish->epoch != subtask->epoch || subtask->undelivered) continue;
      if (subtask->attempt < 1) FAIL_CHECK(subtask->spec.id << " goes out without an attempt");
      const MasterRecord* master = core.master(subtask->spec.assigned_to);
      if (master == nullptr) continue;
      if (master->parked_until != 0 || master->breaker == Breaker::open)
        FAIL_CHECK(subtask->spec.id << " went to " << master->name << ", which is given nothing");
      const auto at_once =
          std::ranges::count_if(in_flight, [&](const Subtask* each) { return each->spec.assigned_to == master->name; });
      if (master->breaker != Breaker::closed && at_once > 1)
        FAIL_CHECK(subtask->spec.id << " went to " << master->name << ", which is given one at a time");
    }
  }
  void published(const PublishHandoff& publish) {
    const bool again = out_.contains(publish.subtask_id);  // one that could not be written
    const int expected = epochs_[publish.subtask_id] + (again ? 0 : 1);
    CHECK(publish.epoch == expected);
    epochs_[publish.subtask_id] = publish.epoch;
    out_.insert(publish.subtask_id);
    ++handoffs_;
  }
  void retired(const RetireHandoff& retire) {
    CHECK(out_.erase(retire.subtask_id) == 1);
    CHECK(retire.epoch == epochs_[retire.subtask_id]);
  }

  void check_task(const Orchestrator& core, const Task& task, std::vector<const Subtask*>& in_flight) {
    CHECK_FALSE(is_final(task.status));
    int busy = 0;
    for (const Subtask& subtask : task.subtasks) {
      if (core.subtask(subtask.spec.id) != &subtask) FAIL_CHECK(subtask.spec.id << " is in two places");
      if (is_handed_out(subtask.status) != out_.contains(subtask.spec.id))
        FAIL_CHECK(subtask.spec.id << " and its handoff disagree");
      if (subtask.status != SubtaskStatus::validating) late_.erase(subtask.spec.id);
      if (is_in_flight(subtask.status) && !late_.contains(subtask.spec.id)) in_flight.push_back(&subtask);
      if (subtask.status == SubtaskStatus::pending || is_final(subtask.status)) continue;
      ++busy;
      if (task.started_at == 0) FAIL_CHECK(subtask.spec.id << " began before its task");
      if (task.spec.mode == ExecutionMode::staged && subtask.stage != current_stage(task))
        FAIL_CHECK(subtask.spec.id << " passed the stage barrier");
      for (const std::string& dependency : subtask.spec.dependencies)
        if (!is_final(core.subtask(dependency)->status)) FAIL_CHECK(subtask.spec.id << " did not wait for " << dependency);
      // Nothing that could go out is forgotten.
      if (subtask.status == SubtaskStatus::ready && core.waits_for(subtask.spec.id).front().reason == "turn")
        FAIL_CHECK(subtask.spec.id << " could go out and does not");
    }
    if (task.spec.mode == ExecutionMode::sequential && busy > 1) FAIL_CHECK(task.spec.id << " does two things at once");
    if (task.validating && busy > 0) FAIL_CHECK(task.spec.id << " is validated before it is done");
    if (task.status == PlanStatus::in_progress && busy == 0 && !task.validating) FAIL_CHECK(task.spec.id << " stands still");
  }
  /// Nothing goes out before something more urgent that wants the same files and could be given to somebody.
  void check_turns(const Orchestrator& core, const Changes& changes, const Catalogue& catalogue) {
    if (core.paused()) return;
    std::vector<const Subtask*> out;
    for (const Effect& effect : changes.effects)
      if (const auto* publish = std::get_if<PublishHandoff>(&effect))
        if (const Subtask* subtask = core.subtask(publish->subtask_id); subtask != nullptr && !subtask->undelivered)
          out.push_back(subtask);
    core.for_each_task([&](const Task& task) {
      if (task.paused || task.status != PlanStatus::in_progress) return;
      for (const Subtask& ready : task.subtasks) {
        if (ready.status != SubtaskStatus::ready || !catalogue.masters.contains(ready.spec.assigned_to)) continue;
        if (ready.retry_at != 0 || ready.splitting) continue;
        const MasterRecord* master = core.master(ready.spec.assigned_to);
        if (master != nullptr && (master->parked_until != 0 || master->breaker == Breaker::open)) continue;
        for (const Subtask* other : out)
          if (key(core, ready) < key(core, *other) && overlap(ready, *other))
            FAIL_CHECK(other->spec.id << " went out before " << ready.spec.id);
      }
    });
  }
  static std::int64_t key(const Orchestrator& core, const Subtask& subtask) {
    return urgency(core.task(subtask.task_id)->spec.priority, subtask.ready_at);
  }
  static bool overlap(const Subtask& a, const Subtask& b) {
    for (const std::string& left : a.spec.files_affected)
      for (const std::string& right : b.spec.files_affected)
        if (paths_overlap(left, right)) return true;
    return false;
  }

  /// Who rewrites what it is told to rewrite always has what is true.
  void check_told(const Orchestrator& core, const Changes& changes) {
    std::set<std::string> told = changes.tasks;
    told.insert(changes.waiting.begin(), changes.waiting.end());
    core.for_each_task([&](const Task& task) {
      std::string now;
      for (const Subtask& subtask : task.subtasks)
        for (const WaitsFor& wait : core.waits_for(subtask.spec.id))
          now += subtask.spec.id + " " + wait.reason + " " + wait.subject + "\n";
      std::string& shown = shown_[task.spec.id];
      if (told.contains(task.spec.id)) shown = now;
      if (shown != now) FAIL_CHECK(task.spec.id << " shows\n" << shown << "but waits for\n" << now);
    });
    std::erase_if(shown_, [&](const auto& each) { return core.task(each.first) == nullptr; });
  }

  void check_files(const std::vector<const Subtask*>& in_flight) {
    bool overlap = false;
    for (std::size_t i = 0; i < in_flight.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        for (const std::string& a : in_flight[i]->spec.files_affected)
          for (const std::string& b : in_flight[j]->spec.files_affected) overlap = overlap || paths_overlap(a, b);
    CHECK_FALSE(overlap);
  }
  /// A limit may be lowered under what is running; it must not be passed by anything new.
  void check_limits(const std::vector<const Subtask*>& in_flight, int running, const Catalogue& catalogue, bool person_asked) {
    const auto within = [](int limit, int before, int count) { return limit == 0 || count <= std::max(limit, before); };
    const int active = static_cast<int>(in_flight.size());
    CHECK(within(catalogue.settings.max_active_subtasks, active_, active));
    if (!person_asked) CHECK(within(catalogue.settings.max_active_orchestrations, running_, running));
    std::map<std::string, int> by_master;
    for (const Subtask* subtask : in_flight) ++by_master[subtask->spec.assigned_to];
    for (const auto& [name, count] : by_master) {
      const auto master = catalogue.masters.find(name);
      if (master == catalogue.masters.end())
        CHECK(count <= by_master_[name]);
      else
        CHECK(within(master->second.max_active, by_master_[name], count));
    }
    active_ = active;
    running_ = running;
    by_master_ = by_master;
  }

  std::map<std::string, int> epochs_;
  std::set<std::string> out_;
  std::set<std::string> late_;  // validated although they had been given up: they were not chosen, and hold no limit
  std::map<std::string, std::string> shown_;  // task → what its documents say
  std::map<std::string, int> by_master_;
  int active_ = 0;
  int running_ = 0;
  std::int64_t handoffs_ = 0;
};

/// Without what is kept in memory only.
std::string lasting(const Changes& changes) {
  std::istringstream in(describe(changes));
  std::string kept;
  for (std::string line; std::getline(in, line);)
    if (!line.starts_with("feed subtask_progress") && !line.starts_with("ask planner") && !line.starts_with("propose a split") &&
        !line.starts_with("run check") && line != "nothing" && line.find("unclaimed") == std::string::npos)
      kept += line + "\n";
  return kept;
}

/// The same of the whole core. Of several that something waits for, any may be named.
std::string lasting(const Orchestrator& core) {
  std::istringstream in(describe(core));
  std::string kept;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("attention unclaimed")) continue;
    for (std::size_t at = line.find("waits=file:"); at != std::string::npos; at = line.find("waits=file:", at + 1))
      line.erase(at, line.find(' ', at) - at);
    kept += line + "\n";
  }
  return kept;
}

bool anything_undelivered(const Orchestrator& core) {
  for (const Attention& attention : core.attention())
    if (attention.reason == "undelivered") return true;
  return false;
}

Orchestrator restarted(const Orchestrator& core) {
  Remembered remembered;
  core.for_each_task([&remembered](const Task& task) { remembered.live.push_back(task); });
  for (const char* name : k_masters)
    if (const MasterRecord* record = core.master(name)) remembered.masters.push_back(*record);
  remembered.totals = core.totals();
  remembered.paused = core.paused();
  Orchestrator fresh;
  fresh.restore(std::move(remembered));
  return fresh;
}

void run_world(std::uint32_t seed, int events) {
  CAPTURE(seed);
  World world(seed);
  Observer observer;
  Orchestrator core;
  Orchestrator twin;
  Orchestrator restarting;
  const Event start = world.catalogue(true);
  for (Orchestrator* each : {&core, &twin, &restarting}) each->step(start);
  for (int i = 0; i < events; ++i) {
    CAPTURE(i);
    if (world.pick(50) == 0 && !anything_undelivered(core)) {
      restarting = restarted(restarting);
      const Event again = world.catalogue(true);
      const Changes changes = core.step(again);
      CHECK(describe(changes) == describe(twin.step(again)));
      CHECK(lasting(changes) == lasting(restarting.step(again)));
    }
    const Event event = world.next(core);
    const Changes changes = core.step(event);
    REQUIRE(describe(changes) == describe(twin.step(event)));
    REQUIRE(lasting(changes) == lasting(restarting.step(event)));
    if (i % 20 == 0) REQUIRE(lasting(core) == lasting(restarting));
    observer.check(core, changes, world, std::holds_alternative<CommandArrived>(event.what));
    const std::optional<std::int64_t> due = core.next_deadline(world.now());
    if (anything_undelivered(core)) CHECK(due.has_value());
    // What is due was done: a look at it that changes nothing would come back at once, for ever.
    if (std::holds_alternative<Tick>(event.what) && due) CHECK(*due > world.now().boot_ms);
  }
  CHECK(observer.handoffs() > events / 10);
  CHECK(core.totals().completed > events / 100);
}

}  // namespace

TEST_CASE("random worlds: nothing is in two places, no barrier is passed, no limit broken, the same again gives the same") {
  if (const char* seed = std::getenv("BATON_SEED")) return run_world(static_cast<std::uint32_t>(std::stoul(seed)), 5'000);
  for (std::uint32_t seed = 1; seed <= 12; ++seed) run_world(seed, 600);
}

}  // namespace baton::core
