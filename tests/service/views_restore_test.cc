// Views among people and broken places: what cannot be written, what is put back, what is compared.
#include <doctest/doctest.h>
#include <poll.h>

#include "platform/loop.h"
#include "service/views.h"
#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_plan = "orchestrator/tasks/orch-t-1.json";
const std::string k_link = "orchestrator/tasks/t-1.json";

/// What notices do: every change of plans and subtasks is told.
void notice_own(Run& run) {
  for (const char* folder : {"orchestrator/tasks", "orchestrator/subtasks"})
    for (const std::string& name : run.workshop.list(folder)) run.views.noticed(std::string(folder) + "/" + name);
}

/// The pass at which put-backs are due.
std::size_t put_back(Run& run, std::int64_t wait_ms) {
  run.world.now.boot_ms -= wait_ms;
  service::Turn turn(run.world);
  run.write_due({}, turn);
  return turn.changes.effects.size();
}

}  // namespace

TEST_CASE("a place that cannot be written holds back neither other views nor the state, and is told once") {
  Workshop workshop;
  Run run(workshop);
  workshop.folder.folder(k_plan);
  workshop.folder.folder("orchestrator/reports/t-2.json");
  for (const char* id : {"t-1", "t-2", "t-3"}) run.task(id);
  run.claim("t-2");
  run.complete("t-2");
  service::Turn turn(run.world);
  run.write_due({}, turn);
  CHECK(run.views.backlog() == 0);
  CHECK(workshop.document("orchestrator/subtasks/t-1.json").is_object());
  CHECK(workshop.document("orchestrator/tasks/orch-t-3.json").is_object());
  CHECK(workshop.document("orchestrator/tasks/orch-t-2.json")["status"] == "completed");
  CHECK(workshop.has("orchestrator/reports/t-2.md"));
  CHECK(workshop.document("orchestrator/state/current.json").is_object());
  CHECK(workshop.list("orchestrator/tasks", true).size() == workshop.list("orchestrator/tasks").size());
  REQUIRE(run.world.remarks.attention().size() == 1);
  CHECK(run.world.remarks.attention()[0].reason == "view_unwritable");
  CHECK(run.world.remarks.take_news().size() == 1);

  run.complete("t-1");  // what happens meanwhile is part of the next attempt
  workshop.remove(k_plan);
  workshop.remove("orchestrator/reports/t-2.json");
  const auto eventually_written = [&] {
    return workshop.has("orchestrator/reports/t-1.json") && workshop.has("orchestrator/reports/t-2.json");
  };
  for (int n = 0; n < 10'000 && !eventually_written(); ++n) {
    ::poll(nullptr, 0, 1);
    run.write_due({}, turn);
  }
  CHECK(workshop.document(k_plan)["status"] == "completed");
  CHECK(workshop.document("orchestrator/reports/t-2.json").is_object());
  CHECK(run.world.remarks.attention().empty());
  CHECK(run.world.remarks.take_news().size() == 1);
}

TEST_CASE("views of ended tasks that could not be written are still due after a start") {
  Workshop workshop;
  workshop.folder.folder("orchestrator/reports/t-1.json");
  {
    Run run(workshop);
    run.task("t-1");
    run.claim("t-1");
    run.complete("t-1");
    run.write_views();
    static_cast<void>(run.turn([](service::Turn&) {}));
  }
  workshop.remove("orchestrator/reports/t-1.json");
  Run run(workshop);
  CHECK(run.loaded.views_due == std::vector<std::string>{"t-1"});
  run.write_views();
  CHECK(workshop.document("orchestrator/reports/t-1.json").is_object());
}

TEST_CASE("at the end all that is owed is written, whatever the pace") {
  Workshop workshop;
  workshop.config.view_interval_ms = 1'000'000;
  Run run(workshop);
  for (int n = 100; n < 150; ++n) run.task("t-" + std::to_string(n), {"s-" + std::to_string(n)});
  run.complete("s-100");
  run.views.pause_until(platform::now().boot_ms + 1'000'000);
  REQUIRE(run.views.write_rest(platform::now().boot_ms + 60'000).has_value());
  CHECK(workshop.has("orchestrator/reports/t-100.json"));
  CHECK(workshop.list("orchestrator/tasks").size() == 100);
}

TEST_CASE("after a start, subtasks and the second name of live tasks are compared, too") {
  Workshop workshop;
  {
    Run run(workshop);
    run.task("t-1", {"a", "b<a"});
    run.write_views();
  }
  const std::string good = workshop.get("orchestrator/subtasks/b.json");
  workshop.drop("orchestrator/subtasks/b.json", "{}");
  std::filesystem::remove(workshop.folder / k_link);
  const auto plan = workshop.identity(k_plan);
  Run run(workshop);
  service::Turn turn(run.world);
  run.write_due({}, turn);
  CHECK(workshop.get("orchestrator/subtasks/b.json") == good);
  CHECK(std::filesystem::read_symlink(workshop.folder / k_link) == "orch-t-1.json");
  CHECK(workshop.identity(k_plan) == plan);
}

TEST_CASE("after a start, a blocked task has its escalation, although its views were not written before") {
  Workshop workshop;
  const std::string escalation = "orchestrator/escalations/t-1.json";
  {
    Run run(workshop);
    run.task("t-1");
    core::ResultArrived result;
    result.subtask_id = "t-1";
    result.error = "the mirror is down";
    result.failure_class = core::FailureClass::permanent;
    static_cast<void>(run.tell(std::move(result)));
  }
  REQUIRE_FALSE(workshop.has(escalation));
  Run run(workshop);
  service::Turn turn(run.world);
  run.write_due({}, turn);
  CHECK(workshop.get(escalation).find("the mirror is down") != std::string::npos);
}

TEST_CASE("the second name is put back as a symlink; a symlink in place of a plan is replaced") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  run.write_views();
  notice_own(run);
  const std::string good = workshop.get(k_plan);
  const auto spoilt_link = [&] {
    std::filesystem::remove(workshop.folder / k_link);
    SUBCASE("taken away") {}
    SUBCASE("edited") { workshop.drop(k_link, "{}"); }
    SUBCASE("a copy") { workshop.drop(k_link, good); }
    SUBCASE("to somewhere else") { std::filesystem::create_symlink("elsewhere.json", workshop.folder / k_link); }
  };
  spoilt_link();
  run.world.now.boot_ms -= 10'000;
  run.views.noticed(k_link);
  CHECK(put_back(run, 0) == 1);
  CHECK(std::filesystem::read_symlink(workshop.folder / k_link) == "orch-t-1.json");

  workshop.move(k_plan, "elsewhere.json");
  std::filesystem::create_symlink("../../elsewhere.json", workshop.folder / k_plan);
  run.views.noticed(k_plan);
  CHECK(put_back(run, 0) == 1);
  CHECK_FALSE(std::filesystem::is_symlink(workshop.folder / k_plan));
  CHECK(workshop.get(k_plan) == good);
}

TEST_CASE("reports and state are put back; a view of an ended task that was taken away stays away") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  run.claim("t-1");
  run.complete("t-1");
  run.write_views();
  service::Turn turn(run.world);
  run.write_due({}, turn);
  const std::string state = "orchestrator/state/current.json";
  REQUIRE(workshop.has(state));
  notice_own(run);
  run.world.now.boot_ms -= 10'000;
  for (const std::string& path : {std::string("orchestrator/reports/t-1.json"), std::string("orchestrator/reports/t-1.md")}) {
    run.views.noticed(path);  // our own
    const std::string good = workshop.get(path);
    workshop.drop(path, "edited");
    run.views.noticed(path);
    CHECK(put_back(run, 0) == 1);
    CHECK(workshop.get(path) == good);
    run.views.noticed(path);
    workshop.remove(path);
    run.views.noticed(path);
    CHECK(put_back(run, 0) == 0);
    CHECK_FALSE(workshop.has(path));
  }
  run.views.noticed(state);  // our own
  workshop.config.view_interval_ms = 0;
  workshop.remove(state);
  run.views.noticed(state);
  const auto again = [&] {
    service::Turn next(run.world);
    run.write_due({}, next);
    return workshop.has(state);
  };
  for (int n = 0; n < 10'000 && !again(); ++n) ::poll(nullptr, 0, 1);
  CHECK(workshop.document(state).is_object());
}

TEST_CASE("when notices were lost everything of live tasks is compared") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  run.write_views();
  run.views.pause_until(0);
  service::Turn turn(run.world);
  run.write_due({}, turn);
  workshop.drop("orchestrator/subtasks/t-1.json", "{}");
  run.views.look_at_all();
  run.views.pause_until(0);
  run.write_due({}, turn);
  CHECK(workshop.document("orchestrator/subtasks/t-1.json")["subtask_id"] == "t-1");
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

TEST_CASE("an edited state is written again and reported, at most once a minute") {
  Workshop workshop;
  workshop.config.view_interval_ms = 0;
  Run run(workshop);
  run.task("t-1");
  const std::string state = "orchestrator/state/current.json";
  const auto write_until = [&](const auto& done) {
    for (int n = 0; n < 10'000 && !done(); ++n) {
      service::Turn turn(run.world);
      run.write_due({}, turn);
      ::poll(nullptr, 0, 1);
    }
    REQUIRE(done());
  };
  const auto is_whole = [&] { return workshop.has(state) && workshop.get(state).find("attention") != std::string::npos; };
  write_until(is_whole);
  write_until([&] { return !run.views.next_deadline(); });
  run.views.noticed(state);  // our own
  run.world.now.boot_ms -= 10'000;
  workshop.drop(state, "{}");
  run.views.noticed(state);
  service::Turn turn(run.world);
  run.write_due({}, turn);
  REQUIRE(turn.changes.effects.size() == 1);
  CHECK(std::get<core::FeedEntry>(turn.changes.effects[0]).type == "view_restored");
  write_until(is_whole);
  run.views.noticed(state);  // our own
  workshop.drop(state, "{}");
  run.views.noticed(state);
  CHECK(put_back(run, 0) == 0);
  CHECK(workshop.get(state) == "{}");
  REQUIRE(run.views.next_deadline().has_value());
  CHECK(*run.views.next_deadline() > run.world.now.boot_ms + 30'000);
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
  run.write_due({}, turn);
  CHECK(workshop.get(k_plan) == good);
  CHECK(workshop.identity("orchestrator/tasks/orch-t-2.json") == untouched);
}
