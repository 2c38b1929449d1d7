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

/// What notices do: every change of plans and subtasks is told.
void notice_own(Run& run) {
  for (const char* folder : {"orchestrator/tasks", "orchestrator/subtasks"})
    for (const std::string& name : run.workshop.list(folder)) run.views.noticed(std::string(folder) + "/" + name);
}

/// The pass at which put-backs are due.
std::size_t put_back(Run& run, std::int64_t wait_ms) {
  run.world.now.boot_ms -= wait_ms;
  service::Turn turn(run.world);
  REQUIRE(run.views.write({}, turn).has_value());
  return turn.changes.effects.size();
}

}  // namespace

TEST_CASE("a task has its plan under both names, its subtasks, and at the end its report") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1", {"a", "b<a"});
  CHECK(run.views.owes());
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
  CHECK_FALSE(run.views.owes());
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

TEST_CASE("after a start, plans of live tasks that differ are written again") {
  Workshop workshop;
  {
    Run run(workshop);
    run.task("t-1");
    run.task("t-2");
    run.write_views();
  }
  const std::string good = workshop.get(k_plan);
  const auto untouched = workshop.identity("orchestrator/tasks/orch-t-2.json");
  workshop.drop(k_plan, "{}");
  Run run(workshop);
  service::Turn turn(run.world);
  REQUIRE(run.views.next_deadline().has_value());
  REQUIRE(run.views.write({}, turn).has_value());
  CHECK(workshop.get(k_plan) == good);
  CHECK(workshop.identity("orchestrator/tasks/orch-t-2.json") == untouched);
}

TEST_CASE("what somebody edits in a view is put back and reported, at most once a minute") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  run.write_views();
  notice_own(run);
  CHECK(put_back(run, 0) == 0);
  const std::string good = workshop.get(k_plan);
  run.world.now.boot_ms -= 10'000;  // so that the pause before putting back has passed
  for (const std::string& path : {k_plan, std::string("orchestrator/subtasks/t-1.json")}) {
    const std::string before = workshop.get(path);
    workshop.drop(path, "{\"status\": \"completed\"}");
    run.views.noticed(path);
    CHECK(put_back(run, 0) == 1);
    CHECK(workshop.get(path) == before);
    run.views.noticed(path);  // our own rename
  }
  workshop.drop(k_plan, "{}");
  run.views.noticed(k_plan);
  CHECK(put_back(run, 0) == 0);
  CHECK(workshop.get(k_plan) == "{}");
  const auto next = run.views.next_deadline();
  REQUIRE(next.has_value());
  run.claim("t-1");  // with the next change
  run.write_views();
  CHECK(workshop.document(k_plan)["orchestration_id"] == "orch-t-1");
}

TEST_CASE("a view of an ended task is put back from the journal; a file that is no view stays") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  run.claim("t-1");
  run.complete("t-1");
  run.write_views();
  notice_own(run);
  const std::string good = workshop.get(k_plan);
  run.world.now.boot_ms -= 10'000;
  workshop.drop(k_plan, "");
  workshop.drop("orchestrator/tasks/mine.json", "{}");
  run.views.noticed(k_plan);
  run.views.noticed("orchestrator/tasks/mine.json");
  CHECK(put_back(run, 0) == 1);
  CHECK(workshop.get(k_plan) == good);
  CHECK(workshop.get("orchestrator/tasks/mine.json") == "{}");
}

TEST_CASE("many views are written in slices, and what fails stays due") {
  Workshop workshop;
  Run run(workshop);
  for (int i = 0; i < 5; ++i) run.task("t-" + std::to_string(i));
  workshop.files.restart_count();
  workshop.files.fail(3, Error{ErrorCode::no_space, "no space left", {}, {}});
  service::Turn turn(run.world);
  const auto written = run.views.write({}, turn);
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().code == ErrorCode::no_space);
  CHECK(run.views.owes());
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
  REQUIRE(run.views.write(view, turn).has_value());
  const json state = workshop.document("orchestrator/state/current.json");
  CHECK(state["daemon"]["pid"] == 77);
  CHECK(state["active_orchestrations"] == 1);
  CHECK(state["seq"] == run.feed.last_seq());
}
