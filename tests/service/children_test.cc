// Child tasks: made once for each try, whatever is killed in between, and never given an id that is taken.
#include "service/children.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "protocol/paths.h"
#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace paths = protocol::paths;

namespace {

std::vector<const core::Task*> children(const Run& run) {
  std::vector<const core::Task*> found;
  run.core.for_each_task([&](const core::Task& task) {
    if (core::is_child(task)) found.push_back(&task);
  });
  return found;
}

/// All that is handed out of the only child task is answered.
void do_child(Run& run) {
  REQUIRE(children(run).size() == 1);
  const std::string id = children(run).front()->spec.id;
  for (const core::Task* task = run.core.task(id); task != nullptr; task = run.core.task(id)) {
    const auto out = std::ranges::find_if(task->subtasks, [](const core::Subtask& each) { return core::is_handed_out(each); });
    REQUIRE(out != task->subtasks.end());
    run.complete(std::string(out->spec.id));
  }
}

}  // namespace

TEST_CASE("an orchestrated subtask becomes a task with a plan of its own, and has its result") {
  Workshop workshop;
  Run run(workshop);
  run.task("p", {"p-1!", "p-2<p-1"});
  CHECK(run.children.more());
  run.take();
  const core::Task* child = run.core.task("p-1.task");
  REQUIRE(child != nullptr);
  const auto is_out = [&](const std::string& id) {
    return workshop.has(paths::join(paths::handoffs("development"), paths::handoff_name("development", id)));
  };
  CHECK_FALSE(is_out("p-1"));
  CHECK(is_out(child->subtasks.front().spec.id));
  CHECK(child->spec.parent_subtask_id == "p-1");
  CHECK(child->planner == core::PlannerKind::rules);
  CHECK(json::parse(child->spec.context)["parent"]["task_id"] == "p");
  run.write_views();
  CHECK(workshop.document(paths::plan("p-1.task"))["parent_orchestration"] == "orch-p");
  CHECK(workshop.document(paths::subtask("p-1"))["child_task"] == "p-1.task");
  CHECK(workshop.document(paths::subtask("p-1"))["waits_for"][0]["reason"] == "child_task");
  do_child(run);
  CHECK(run.core.subtask("p-1")->status == core::SubtaskStatus::completed);
  CHECK(run.core.subtask("p-1")->outcome.summary.starts_with("p-1.task: 1 of 1 subtasks completed."));
  CHECK(run.core.subtask("p-2")->status == core::SubtaskStatus::handed_off);
  run.complete("p-2");
  CHECK(run.core.task("p") == nullptr);
  run.write_views();
  CHECK(workshop.document(paths::report_json("p"))["subtasks"][0]["child_report"] == paths::report_json("p-1.task"));
  CHECK(workshop.has(paths::report_json("p-1.task")));
  CHECK_FALSE(workshop.has(std::string(paths::k_queue)));  // none of them came from there
}

TEST_CASE("killed anywhere, a subtask has one child task, and that is finished once") {
  const int stops = crash_everywhere([](Workshop&) {},
                                     [](Run& run) {
                                       run.task("p", {"p-1!", "p-2<p-1"});
                                       run.take();
                                       do_child(run);
                                     },
                                     [](Run& run) {
                                       if (run.core.task("p") == nullptr) return;  // killed before it was taken
                                       run.take();
                                       if (!core::is_done_by_child(*run.core.subtask("p-1"))) {
                                         CHECK(run.core.subtask("p-1")->status == core::SubtaskStatus::completed);
                                         CHECK(children(run).empty());
                                       } else {
                                         do_child(run);
                                       }
                                       CHECK(run.core.subtask("p-1")->tries == 1);
                                       CHECK(run.core.totals().tasks == 2);
                                       CHECK(run.core.subtask("p-2")->status == core::SubtaskStatus::handed_off);
                                     });
  CHECK(stops > 10);
}

TEST_CASE("a child task gets an id that nobody has, or ever had") {
  Workshop workshop;
  Run run(workshop);
  run.task("p-1.task");
  run.complete("p-1.task");
  run.task("p-1.task-2");
  run.task("q", {"p-1.task-3", "q-2"});
  run.task("p", {"p-1!", "p-2"});
  run.take();
  REQUIRE(children(run).size() == 1);
  CHECK(children(run)[0]->spec.id == "p-1.task-4");
}

TEST_CASE("many at once are made over several turns") {
  Workshop workshop;
  Run run(workshop);
  std::vector<std::string> subtasks;
  for (int i = 0; i < 49; ++i) subtasks.push_back("a-" + std::to_string(i) + "!");
  run.task("a", subtasks);
  for (std::string& id : subtasks) id[0] = 'b';
  run.task("b", subtasks);
  static_cast<void>(run.turn([&](service::Turn& turn) { run.children.take(turn); }));
  const std::size_t first = children(run).size();
  CHECK(first > 0);
  CHECK(first <= 10);  // others wait meanwhile
  for (std::size_t turns = 0; turns < 98 && run.children.more(); ++turns) run.take();
  CHECK(children(run).size() == 98);
}

TEST_CASE("a result for a subtask that a child task does is refused with a reason, and nothing of it changes") {
  Workshop workshop;
  Run run(workshop);
  run.task("p", {"p-1!", "p-2<p-1"});
  run.take();
  const std::string name = paths::result_name("development", "p-1");
  const std::string handoffs = paths::handoffs("development");
  workshop.drop(paths::join(handoffs, name), R"({"status": "completed", "epoch": 1})");
  run.intake.look_again(paths::join(handoffs, name));
  run.take();
  CHECK(core::is_done_by_child(*run.core.subtask("p-1")));
  CHECK(workshop.has(paths::join(paths::stale("development"), name)));
  const json reason = workshop.document(paths::join(paths::stale("development"), paths::error_name(name)));
  CHECK(reason["message"] == "p-1 is done by its child task p-1.task: it takes no result");
  CHECK(run.core.attention().empty());
}

TEST_CASE("a handoff or a worker that names such a subtask changes nothing of it") {
  Workshop workshop;
  Run run(workshop);
  run.task("p", {"p-1!", "p-2<p-1"});
  run.take();
  const std::string handoffs = paths::handoffs("development");
  const std::string name = paths::handoff_name("development", "p-1");
  workshop.drop(paths::join(handoffs, name), R"({"handoff_id": "x", "subtask_id": "p-1", "status": "claimed"})");
  run.intake.look_again(paths::join(handoffs, name));
  run.take();
  CHECK(core::is_done_by_child(*run.core.subtask("p-1")));
  const std::string active(paths::k_workers_active);
  workshop.drop(paths::join(active, "w1.json"), R"({"subtask_id": "p-1"})");
  run.intake.look_again(paths::join(active, "w1.json"));
  run.take();
  CHECK(core::is_done_by_child(*run.core.subtask("p-1")));
  CHECK(run.core.subtask("p-1")->worker_id.empty());
  CHECK(workshop.has("worker-specs/stale/w1.json"));
  CHECK_FALSE(workshop.has("worker-specs/active/w1.json"));
}
