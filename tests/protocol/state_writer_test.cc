#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "protocol/state_writer.h"
#include "protocol/validate.h"
#include "sample_task.h"

using Json = nlohmann::ordered_json;
using baton::protocol::Kind;
using baton::protocol::StateView;
using baton::protocol::StateWriter;
using namespace baton::core;

namespace {

Json state(std::vector<Task> live, Totals totals, bool paused = false,
           const StateView& view = {12, sample::k_created, "0.1.0", 4711, sample::k_created, "running", ""}) {
  Orchestrator core;
  core.restore({.live = std::move(live), .totals = totals, .paused = paused});
  const std::string text = StateWriter().write(core, view);
  for (const auto& problem : baton::protocol::problems(Kind::state, nlohmann::json::parse(text)))
    FAIL_CHECK(problem.pointer, ": ", problem.message);
  return Json::parse(text);
}

Task renamed(Task task, const std::string& id) {
  task.spec.id = id;
  for (Subtask& subtask : task.subtasks) {
    subtask.task_id = id;
    subtask.spec.id = id + "." + subtask.spec.id;
    for (std::string& dependency : subtask.spec.dependencies) dependency = id + "." + dependency;
  }
  return task;
}

}  // namespace

TEST_CASE("the state has the seed's fields first, in the seed's order") {
  const Json document = state({sample::task()}, {15, 13, 1, 0});
  const std::vector<std::string> expected = {"active_orchestrations", "total_orchestrations",   "completed_orchestrations",
                                             "failed_orchestrations", "current_orchestrations", "last_update"};
  std::vector<std::string> keys;
  for (auto item = document.begin(); keys.size() < expected.size(); ++item) keys.push_back(item.key());
  CHECK(keys == expected);
  CHECK(document["active_orchestrations"] == 1);
  CHECK(document["total_orchestrations"] == 15);
  CHECK(document["completed_orchestrations"] == 13);
  CHECK(document["failed_orchestrations"] == 1);
  const Json& current = document["current_orchestrations"][0];
  CHECK(current["orchestration_id"] == "orch-task-1");
  CHECK(current["status"] == "in_progress");
  CHECK(current["current_stage"] == 2);
  CHECK(current["active_subtasks"] == Json{"auth-002-backend", "auth-003-frontend"});
  CHECK(current["health"] == "healthy");
  CHECK(current["masters"] == Json{"development", "security"});
  CHECK(document["last_update"] == "2025-11-05T18:00:00Z");
  CHECK(document["seq"] == 12);
  CHECK(document["daemon"] ==
        Json::parse(R"({"version": "0.1.0", "pid": 4711, "started_at": "2025-11-05T18:00:00Z", "state": "running"})"));
  CHECK(document["counts"]["tasks"] == Json::parse(R"({"in_progress": 1})"));
}

TEST_CASE("the load of each master") {
  Task task = sample::task();
  task.subtasks[1].status = SubtaskStatus::in_progress;
  const Json masters = state({task}, {1, 0, 0, 0})["masters"];
  CHECK(masters["development"]["queued"] == 1);
  CHECK(masters["development"]["active"] == 1);
  CHECK(masters["security"]["active"] == 0);
}

TEST_CASE("a zombie holds its place, and a master that is well has a closed breaker") {
  Task task = sample::task();
  task.subtasks[1].status = SubtaskStatus::zombie;
  task.subtasks[2].status = SubtaskStatus::validating;
  const Json masters = state({task}, {1, 0, 0, 0})["masters"];
  CHECK(masters["development"]["active"] == 2);
  CHECK(masters["development"]["queued"] == 0);
  CHECK(masters["development"]["breaker"] == "closed");
}

TEST_CASE("a task suffers from what happens to a master that it needs now, or to the machine") {
  Orchestrator core;
  Task task = sample::task();  // backend and frontend are out, at development; security comes later
  core.restore({.live = {task}, .totals = {1, 0, 0, 0}});
  const StateView view{12, sample::k_created, "0.1.0", 4711, sample::k_created, "running", ""};
  StateWriter writer;
  const auto health = [&] {
    const std::string text = writer.write(core, view);
    CHECK(text == StateWriter().write(core, view));  // who was told only what changed says the same
    return Json::parse(text)["current_orchestrations"][0]["health"].get<std::string>();
  };
  std::int64_t at = 0;
  const auto tell = [&](auto what) {
    const Changes changes = core.step({{sample::k_created + at, at, at}, std::move(what)});
    for (const std::string& id : changes.tasks) writer.changed(id);
  };
  CatalogueChanged start;
  start.at_start = true;
  for (const char* name : {"development", "security"}) start.catalogue.masters[name].name = name;
  tell(start);
  CHECK(health() == "healthy");
  at = start.catalogue.settings.recovery.claim_timeout_ms;
  tell(Tick{});
  CHECK(core.attention().size() == 1);
  CHECK(health() == "degraded");  // nobody takes what lies there
  tell(HandoffClaimed{"auth-002-backend", 0, "renamed"});
  CHECK(health() == "healthy");
  ResultArrived limited;
  limited.subtask_id = "auth-002-backend";
  limited.failure_class = FailureClass::rate_limited;
  limited.retry_after_ms = 60'000;
  tell(limited);
  CHECK(health() == "degraded");  // it is parked
  at += 60'000;
  tell(MachineSeen{"memory", "80 % of the time"});
  tell(Tick{});
  CHECK(core.subtask("auth-002-backend")->status == SubtaskStatus::ready);
  CHECK(health() == "degraded");  // it goes again, but nothing new is handed off
  tell(MachineSeen{});
  CHECK(health() == "healthy");
}

TEST_CASE("a secret in what a person should look at is blacked out") {
  baton::protocol::StateView view;
  view.attention = {{"task-1", "", "blocked", "it failed: token=hunter3 bad"}};
  const std::string text = StateWriter().write(Orchestrator(), view);
  CHECK(text.find("hunter3") == std::string::npos);
  CHECK(text.find("it failed: ") != std::string::npos);
}

TEST_CASE("health is computed from what happened, not claimed") {
  Task blocked = renamed(sample::task(), "a");
  blocked.status = PlanStatus::blocked;
  blocked.blocking_subtask = "a.auth-002-backend";
  blocked.subtasks[1].status = SubtaskStatus::failed;
  Task undelivered = renamed(sample::task(), "b");
  undelivered.subtasks[2].undelivered = true;
  const Json list = state({blocked, undelivered, renamed(sample::task(), "c")}, {3, 0, 0, 0})["current_orchestrations"];
  REQUIRE(list.size() == 3);
  CHECK(list[0]["health"] == "blocked");
  CHECK(list[1]["health"] == "degraded");
  CHECK(list[2]["health"] == "healthy");
}

TEST_CASE("nothing to do, everything paused, and a daemon in trouble") {
  const Json document =
      state({}, {}, true,
            {0, sample::k_created, "0.1.0", 1, sample::k_created, "out_of_space", "cannot write: No space left on device"});
  CHECK(document["current_orchestrations"] == Json::array());
  CHECK(document["paused"] == true);
  CHECK(document["daemon"]["state"] == "out_of_space");
  CHECK(document["daemon"]["message"] == "cannot write: No space left on device");
}

TEST_CASE("a writer that was told what changed writes what a new one would") {
  Orchestrator core;
  std::vector<Task> live;
  for (const char* id : {"a", "b", "c"}) live.push_back(renamed(sample::task(), id));
  core.restore({.live = live, .totals = {3, 0, 0, 0}});
  const StateView view{12, sample::k_created, "0.1.0", 4711, sample::k_created, "running", ""};
  StateWriter writer;
  const auto same = [&] { return writer.write(core, view) == StateWriter().write(core, view); };
  CHECK(same());
  const auto tell = [&](auto what) {
    const Changes changes = core.step({{sample::k_created, 0, 0}, std::move(what)});
    for (const std::string& id : changes.tasks) writer.changed(id);
    for (const std::string& id : changes.subtasks)
      if (const Subtask* subtask = core.subtask(id)) writer.changed(subtask->task_id);
  };
  tell(CommandArrived{{}, Verb::pause, "a", "", {}});
  CHECK(same());
  tell(HandoffDelivery{"b.auth-002-backend", 0, false, "no space"});
  CHECK(writer.write(core, view).find("degraded") != std::string::npos);
  CHECK(same());
  ResultArrived failed;
  failed.subtask_id = "b.auth-003-frontend";
  failed.failure_class = FailureClass::permanent;
  tell(failed);
  CHECK(writer.write(core, view).find("\"blocked\"") != std::string::npos);
  CHECK(same());
  tell(CommandArrived{{}, Verb::cancel, "b", "", {}});
  tell(CommandArrived{{}, Verb::resume, "a", "", {}});
  CHECK(nlohmann::json::parse(writer.write(core, view))["current_orchestrations"].size() == 2);
  CHECK(same());
}
