// Properties that hold whatever happens: thousands of random events, legal or not.
#include "core/orchestrator.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <sstream>

#include "core/child_task.h"
#include "core/graph.h"
#include "core/random_world.h"
#include "core/recovery.h"
#include "core/scheduler.h"
#include "core/script.h"
#include "rounds.h"

namespace baton::core {
namespace {

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
      running += task.status == PlanStatus::in_progress && !is_child(task);
      check_task(core, task, in_flight);
      check_family(core, task);
    });
    check_files(in_flight);
    check_gates(core, changes, in_flight);
    check_kept(core, world.now());
    check_turns(core, changes, world.settings());
    check_told(core, changes);
    check_limits(in_flight, running, world.settings(), person_asked);
    const Totals totals = core.totals();
    CHECK(totals.tasks == static_cast<std::int64_t>(core.live_tasks()) + totals.completed + totals.failed + totals.cancelled);
  }
  std::int64_t handoffs() const { return handoffs_; }
  std::int64_t kept() const { return kept_; }

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
      if ((master->parked_until != 0 && !master->on_trial) || master->breaker == Breaker::open)
        FAIL_CHECK(subtask->spec.id << " went to " << master->name << ", which is given nothing");
      const auto at_once =
          std::ranges::count_if(in_flight, [&](const Subtask* each) { return each->spec.assigned_to == master->name; });
      if ((master->breaker != Breaker::closed || master->on_trial) && at_once > 1)
        FAIL_CHECK(subtask->spec.id << " went to " << master->name << ", which is given one at a time");
    }
  }
  /// What waits because its master is given less waits for something that comes: a moment that is known, or the end of what this
  /// master has.
  void check_kept(const Orchestrator& core, const Moment& now) {
    std::map<std::string, int> at_work;
    core.for_each_task([&](const Task& task) {
      for (const Subtask& subtask : task.subtasks) at_work[subtask.spec.assigned_to] += is_in_flight(subtask);
    });
    const auto due = core.next_deadline(now);
    core.for_each_task([&](const Task& task) {
      for (const Subtask& subtask : task.subtasks) {
        if (subtask.status != SubtaskStatus::ready) continue;
        const WaitsFor wait = core.waits_for(subtask.spec.id).front();
        if (wait.reason != "breaker" && wait.reason != "parked") continue;
        kept_ += wait.reason == "breaker";
        const MasterRecord* master = core.master(wait.subject);
        REQUIRE(master != nullptr);
        const bool parked = master->parked_until != 0;
        const bool shut = master->breaker == Breaker::open || (parked && !master->on_trial);
        const std::int64_t until = wait.reason == "parked" ? master->parked_until : master->open_until;
        if (!shut && at_work[wait.subject] == 0)
          FAIL_CHECK(subtask.spec.id << " waits for " << wait.subject << ", which has nothing");
        if (!due || *due - now.boot_ms > std::max<std::int64_t>(0, until - now.wall_ms))
          FAIL_CHECK(subtask.spec.id << " waits for " << wait.subject << " longer than it has to");
      }
    });
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
      if (is_handed_out(subtask) != out_.contains(subtask.spec.id)) FAIL_CHECK(subtask.spec.id << " and its handoff disagree");
      if (subtask.status != SubtaskStatus::validating) late_.erase(subtask.spec.id);
      if (is_in_flight(subtask) && !late_.contains(subtask.spec.id)) in_flight.push_back(&subtask);
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
  /// Every child task does what nobody else does, and all that is to be done by one is.
  void check_family(const Orchestrator& core, const Task& task) {
    int level = 1;
    for (const Task* child = &task; is_child(*child); child = core.task(child->spec.parent_task_id)) {
      const Subtask* parent = core.subtask(child->spec.parent_subtask_id);
      REQUIRE(parent != nullptr);
      if (!is_done_by_child(*parent) || parent->child_task != child->spec.id)
        FAIL_CHECK(child->spec.id << " works for " << parent->spec.id << ", which does not wait for it");
      CHECK(parent->task_id == child->spec.parent_task_id);
      CHECK(parent->progress_percent == progress_percent(*child));
      ++level;
    }
    CHECK(level <= k_max_levels);
    for (const Subtask& subtask : task.subtasks) {
      if (!subtask.spec.orchestrate) continue;
      if (level == k_max_levels) FAIL_CHECK(subtask.spec.id << " would nest too deep");
      if (is_handed_out(subtask.status) && !is_done_by_child(subtask)) FAIL_CHECK(subtask.spec.id << " was handed out");
      if (is_done_by_child(subtask) && core.task(subtask.child_task) == nullptr) FAIL_CHECK(subtask.spec.id << " is an orphan");
    }
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
        if (ready.spec.orchestrate) continue;
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
  std::int64_t kept_ = 0;
};

/// Without what is kept in memory only.
std::string lasting(const Changes& changes) {
  std::istringstream in(describe(changes));
  std::string kept;
  for (std::string line; std::getline(in, line);)
    if (!line.starts_with("feed subtask_progress") && !line.starts_with("ask planner") && !line.starts_with("propose a split") &&
        !line.starts_with("propose a child task") && !line.starts_with("run check") && line != "nothing" &&
        line.find("unclaimed") == std::string::npos)
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

/// How often something was seen to wait for a breaker.
std::int64_t run_world(std::uint32_t seed, int events) {
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
  return observer.kept();
}

}  // namespace

TEST_CASE("random worlds: nothing is in two places, no barrier is passed, no limit broken, the same again gives the same") {
  if (const char* seed = std::getenv("BATON_SEED")) {
    run_world(static_cast<std::uint32_t>(std::stoul(seed)), 5'000);
    return;
  }
  std::int64_t kept = 0;
  const auto worlds = static_cast<std::uint32_t>(test::rounds(4, 200));
  for (std::uint32_t seed = 1; seed <= worlds; ++seed) kept += run_world(seed, 250);
  CHECK(kept > 30);
}

}  // namespace baton::core
