#include "service/views.h"

#include <doctest/doctest.h>

#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_plan = "orchestrator/tasks/orch-t-1.json";
const std::string k_link = "orchestrator/tasks/t-1.json";

void fail_subtask(Run& run, const std::string& id) {
  core::ResultArrived result;
  result.subtask_id = id;
  result.error = "the build is broken";
  result.failure_class = core::FailureClass::permanent;
  static_cast<void>(run.tell(std::move(result)));
}

}  // namespace

TEST_CASE("a task has its plan under both names, its subtasks, and at the end its report") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1", {"a", "b<a"});
  CHECK_FALSE(workshop.has(k_plan));
  run.write_views();
  CHECK(workshop.document(k_plan)["status"] == "in_progress");
  CHECK(std::filesystem::read_symlink(workshop.folder / k_link) == "orch-t-1.json");
  CHECK(workshop.document("orchestrator/subtasks/a.json")["status"] == "handed_off");
  CHECK(workshop.document("orchestrator/subtasks/b.json")["status"] != "handed_off");
  CHECK_FALSE(workshop.has("orchestrator/reports/t-1.json"));
  run.claim("a");
  run.complete("a");
  run.claim("b");
  run.complete("b");
  CHECK(run.views.backlog() == 1);
  run.write_views();
  CHECK(workshop.document(k_plan)["status"] == "completed");
  CHECK(workshop.document("orchestrator/subtasks/b.json")["status"] == "completed");
  CHECK(workshop.document("orchestrator/reports/t-1.json").is_object());
  CHECK(workshop.get("orchestrator/reports/t-1.md").find("t-1") != std::string::npos);
}

TEST_CASE("only what changed is written") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1", {"a", "b<a"});
  run.write_views();
  const auto before = workshop.identity("orchestrator/subtasks/b.json");
  workshop.files.restart_count();
  run.claim("a");
  run.write_views();
  CHECK(workshop.document("orchestrator/subtasks/a.json")["status"] == "in_progress");
  CHECK(workshop.identity("orchestrator/subtasks/b.json") == before);
}

TEST_CASE("the second name of a new plan is made where it belongs, not beside") {
  Workshop workshop;
  Run run(workshop);
  workshop.files.count_only([](Primitive primitive, const std::string& path) {
    return primitive == Primitive::symlink || (primitive == Primitive::rename && path.find("t-1.json") != std::string::npos);
  });
  run.task("t-1");
  workshop.files.restart_count();
  run.write_views();
  int symlinks = 0;
  for (const auto& step : workshop.files.steps()) {
    CHECK(step.other != k_link);
    symlinks += step.primitive == Primitive::symlink && step.path == k_link;
  }
  CHECK(symlinks == 1);
}

TEST_CASE("an escalation that an earlier run left is taken back; of a task that was never blocked none is looked for") {
  Workshop workshop;
  const std::string escalation = "orchestrator/escalations/t-1.json";
  workshop.put(escalation, "{}");
  Run run(workshop);
  run.task("t-1");
  run.write_views();
  CHECK_FALSE(workshop.has(escalation));
  workshop.files.count_only([](Primitive primitive, const std::string&) { return primitive == Primitive::remove; });
  workshop.files.restart_count();
  run.task("t-2");
  run.write_views();
  CHECK(workshop.files.count() == 0);
}

TEST_CASE("where symlinks fail the second name is a copy that keeps up") {
  Workshop workshop;
  Run run(workshop);
  workshop.files.count_only([](Primitive primitive, const std::string&) { return primitive == Primitive::symlink; });
  workshop.files.fail_all(Error{ErrorCode::refused, "this filesystem has no symlinks", {}, {}});
  run.task("t-1");
  run.write_views();
  CHECK_FALSE(std::filesystem::is_symlink(workshop.folder / k_link));
  CHECK(workshop.get(k_link) == workshop.get(k_plan));
  run.claim("t-1");
  run.write_views();
  CHECK(workshop.document(k_link)["subtasks"][0]["status"] == "in_progress");
  run.complete("t-1");
  run.write_views();
  CHECK(workshop.document(k_link)["status"] == "completed");
}

TEST_CASE("what a subtask waits for is shown as it is, although nothing of its own has changed") {
  const auto waits = [](Workshop& workshop, const std::string& id) {
    const json subtask = workshop.document("orchestrator/subtasks/" + id + ".json");
    return subtask.contains("waits_for") ? subtask["waits_for"].dump() : "nothing";
  };
  Workshop workshop;
  Run run(workshop);
  run.task("t-1", {"a", "b<a", "c<a"});
  run.write_views();
  CHECK(waits(workshop, "c") == R"([{"reason":"dependency","subject":"a"},{"reason":"stage","subject":"1"}])");
  static_cast<void>(run.tell(core::CommandArrived{{}, core::Verb::pause, "", "", {}}));
  run.complete("a");
  run.write_views();
  CHECK(waits(workshop, "c") == R"([{"reason":"paused","subject":""}])");
  static_cast<void>(run.tell(core::CommandArrived{{}, core::Verb::pause, "t-1", "", {}}));
  run.write_views();
  static_cast<void>(run.tell(core::CommandArrived{{}, core::Verb::resume, "", "", {}}));
  run.write_views();
  CHECK(waits(workshop, "c") == R"([{"reason":"paused","subject":"t-1"}])");
}

TEST_CASE("how a worker stands is shown when that changes; a heartbeat alone writes nothing") {
  const std::string subtask = "orchestrator/subtasks/t-1.json";
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  run.claim("t-1");
  run.write_views();
  CHECK(workshop.document(subtask)["worker"] == json{{"state", "starting"}});
  const auto heard = [&](int percent) {
    static_cast<void>(run.tell(core::WorkerSeen{"w1", "t-1", 0, percent, {}}));
    run.write_views();
  };
  heard(1);
  CHECK(workshop.document(subtask)["worker"]["worker_id"] == "w1");
  heard(1);
  CHECK(workshop.document(subtask)["worker"]["state"] == "working");
  CHECK(workshop.document(k_plan)["subtasks"][0]["worker"] == workshop.document(subtask)["worker"]);
  const auto before = workshop.identity(subtask);
  const auto plan_before = workshop.identity(k_plan);
  heard(2);
  CHECK(workshop.identity(subtask) == before);
  CHECK(workshop.identity(k_plan) == plan_before);
}

TEST_CASE("an escalation appears when a task is blocked and goes when it is not") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  run.claim("t-1");
  fail_subtask(run, "t-1");
  run.write_views();
  CHECK(workshop.document("orchestrator/escalations/t-1.json").is_object());
  CHECK(workshop.document(k_plan)["status"] == "blocked");
  static_cast<void>(run.tell(core::CommandArrived{{}, core::Verb::retry, "t-1", "", {}}));
  run.write_views();
  CHECK_FALSE(workshop.has("orchestrator/escalations/t-1.json"));
}

TEST_CASE("the last views of an ended task survive a crash at any step") {
  const auto prepare = [](Workshop& workshop) {
    Run run(workshop);
    run.task("t-1");
    run.claim("t-1");
    run.complete("t-1");
  };
  const int stops = crash_everywhere(
      prepare,
      [](Run& run) {
        run.write_views();
        static_cast<void>(run.turn([](service::Turn&) {}));
      },
      [](Run& run) {
        CHECK(run.core.task("t-1") == nullptr);
        run.write_views();
        CHECK(run.workshop.document(k_plan)["status"] == "completed");
        CHECK(run.workshop.document("orchestrator/reports/t-1.json").is_object());
        CHECK(run.workshop.has("orchestrator/reports/t-1.md"));
        CHECK(run.workshop.list("orchestrator/reports", true).size() == 2);
      });
  CHECK(stops > 10);
  Workshop workshop;
  prepare(workshop);
  {
    Run run(workshop);
    CHECK(run.loaded.views_due == std::vector<std::string>{"t-1"});
    run.write_views();
    static_cast<void>(run.turn([](service::Turn&) {}));
  }
  CHECK(Run(workshop).loaded.views_due.empty());
}

TEST_CASE("many views are written in slices, and what fails stays due") {
  Workshop workshop;
  Run run(workshop);
  for (int i = 0; i < 5; ++i) run.task("t-" + std::to_string(i));
  workshop.files.restart_count();
  workshop.files.fail(3, Error{ErrorCode::no_space, "no space left", {}, {}});
  service::Turn turn(run.world);
  const auto written = run.views.write({}, true, turn);
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().code == ErrorCode::no_space);
  workshop.files.clear();
  run.write_views();
  CHECK(workshop.list("orchestrator/tasks").size() == 10);
  CHECK(workshop.list("orchestrator/tasks", true).size() == 10);
}

TEST_CASE("the state is written when it is due, and says what the daemon is") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  service::Turn turn(run.world);
  protocol::StateView view;
  view.daemon_state = "running";
  view.pid = 77;
  view.seq = run.feed.last_seq();
  run.write_due(view, turn);
  const json state = workshop.document("orchestrator/state/current.json");
  CHECK(state["daemon"]["pid"] == 77);
  CHECK(state["active_orchestrations"] == 1);
  CHECK(state["seq"] == run.feed.last_seq());
}

TEST_CASE("a busy loop writes some live tasks per interval, each in its turn, and all ended ones") {
  Workshop workshop;
  workshop.config.view_interval_ms = 1'000'000;  // one interval is all that this test sees
  Run run(workshop);
  for (int n = 100; n < 150; ++n) run.task("t-" + std::to_string(n), {"s-" + std::to_string(n)});
  run.task("done", {"d"});
  run.claim("d");
  run.complete("d");
  service::Turn turn(run.world);
  for (int n = 0; n < 50; ++n) REQUIRE(run.views.write({}, false, turn).has_value());
  const auto plans = [&] {
    std::size_t count = 0;
    for (const std::string& name : workshop.list("orchestrator/tasks")) count += name.starts_with("orch-t-");
    return count;
  };
  CHECK(workshop.has("orchestrator/reports/done.json"));
  CHECK(plans() == 20);
  run.task("late", {"l"});
  run.claim("l");
  run.complete("l");
  REQUIRE(run.views.write({}, false, turn).has_value());
  CHECK(workshop.has("orchestrator/reports/late.json"));  // somebody waits for it
  workshop.config.view_interval_ms = 0;
  run.write_views();
  CHECK(plans() == 50);
}
