// Subtasks that become tasks of their own, over the real program. docs/protocol.md, "Child tasks".
#include "system/agent.h"

using namespace baton::test;

namespace {

/// Whatever is called a module is built by a task of its own, and told of.
const json k_playbook{{"match_any", {"module"}},
                      {"steps",
                       {{{"role", "core"}, {"title", "Build the core module"}, {"master", "development"}, {"orchestrate", true}},
                        {{"role", "docs"}, {"title", "Document it"}, {"master", "security"}, {"dependencies", {"core"}}}}}};

const json k_shop{{"title", "Build the shop"},
                  {"execution_mode", "sequential"},
                  {"subtasks",
                   {{{"subtask_id", "shop-1"},
                     {"title", "Build the shop module"},
                     {"assigned_to", "development"},
                     {"orchestration_prompt", "All of it, with tests."}},
                    {{"subtask_id", "shop-2"}, {"title", "Open the shop"}, {"assigned_to", "development"}}}}};

void start(Sandbox& box) {
  box.configure(short_waits());
  box.put("orchestrator/playbooks/module.json", k_playbook.dump());
  box.start();
  box.drop("shop.json", k_shop);
}

/// Empty as long as it has no document.
json subtask(const Sandbox& box, const std::string& id) {
  const json document = box.document("orchestrator/subtasks/" + id + ".json");
  return document.is_object() ? document : json::object();
}

/// The child task of this subtask, once there is one.
std::string require_child(Sandbox& box, const std::string& subtask_id) {
  std::string child;
  box.require_eventually("the child task of " + subtask_id, [&] {
    child = subtask(box, subtask_id).value("child_task", "");
    return !child.empty() && !box.status(child).empty();
  });
  return child;
}

/// The subtask of this task whose role is so.
std::string part(const Sandbox& box, const std::string& task_id, const std::string& role) {
  const json plan = box.plan(task_id);
  for (const json& each : plan.at("subtasks"))
    if (each["subtask_id"].get<std::string>().find(role) != std::string::npos) return each["subtask_id"];
  return {};
}

std::string out_of(Sandbox& box, const std::vector<std::string>& args) { return box.run(args).output; }

}  // namespace

TEST_CASE("three levels of child tasks, killed in the middle, complete and tell what they did") {
  Sandbox box;
  start(box);
  const std::string second = require_child(box, "shop-1");
  box.kill9();
  box.start();
  const std::string core = part(box, second, "core");
  const std::string third = require_child(box, core);
  box.kill9_and_start();
  CHECK(box.plan(third)["parent_subtask_id"] == core);
  CHECK(box.plan(second)["parent_orchestration"] == "orch-shop");
  // On the last level nobody is orchestrated: its part is handed out.
  const std::string deepest = part(box, third, "core");
  box.require_handoff("development", deepest);
  CHECK_FALSE(subtask(box, deepest).contains("orchestrate"));
  CHECK(says(box.plan(third)["analysis"]["reasons"], "child tasks nest up to 3 levels"));
  CHECK(box.document(Sandbox::handoff_path("development", deepest))["task"]["context"]["parent"]["task_id"] == second);
  CHECK_FALSE(box.exists(Sandbox::handoff_path("development", "shop-1")));
  CHECK_FALSE(box.exists(Sandbox::handoff_path("development", "shop-2")));
  CHECK(out_of(box, {"explain", "shop-1"}).find("its child task " + second + " does it") != std::string::npos);
  CHECK(out_of(box, {"status", second}).find("does     shop-1 of task shop") != std::string::npos);
  box.require_eventually("listed", [&] { return out_of(box, {"list"}).find("(of shop)") != std::string::npos; });
  CHECK(box.run({"complete", "shop-1"}).code == 5);

  box.play([&] { return box.status("shop") == "completed"; });
  for (const std::string& id : {second, third}) box.require_status(id, "completed");
  box.require_eventually("reports", [&] { return box.exists("orchestrator/reports/shop.json"); });
  const json report = box.document("orchestrator/reports/shop.json");
  CHECK(report["subtasks"][0]["child_report"] == "orchestrator/reports/" + second + ".json");
  CHECK(says(report["subtasks"][0]["summary"], "2 of 2 subtasks completed"));
  CHECK(report["totals"]["completed"] == 2);
  CHECK(box.feed("subtask_delegated").size() == 2);
  CHECK(box.feed("task_received").size() == 3);
  CHECK(box.feed("orchestration_completed").size() == 3);
  box.check_seq();
  box.check_documents();
  CHECK_FALSE(box.exists("task-queue.json"));
}

TEST_CASE("a plan that is only looked at says what is done by a task of its own") {
  Sandbox box;
  const json task = {{"title", "Two steps"},
                     {"subtasks",
                      {{{"subtask_id", "a"}, {"title", "Build the shop"}, {"assigned_to", "development"}, {"orchestrate", true}},
                       {{"subtask_id", "b"}, {"title", "Fix the sign"}, {"assigned_to", "development"}}}}};
  box.put("task.json", task.dump());
  const auto shown = box.run({"plan", box.path("task.json")});
  CHECK(shown.code == 0);
  CHECK(shown.output.find("Build the shop (by a task of its own)") != std::string::npos);
  CHECK(shown.output.find("Fix the sign (by") == std::string::npos);
}

TEST_CASE("a child task that is cancelled blocks its parent, a retry makes another one, and the parent's end is theirs") {
  Sandbox box;
  start(box);
  const std::string first = require_child(box, "shop-1");
  CHECK(box.run({"release", "shop-1"}).code == 5);
  CHECK(box.run({"cancel", first, "--reason", "wrong way"}).code == 0);
  box.require_status("shop", "blocked");
  box.require_eventually("escalation", [&] { return box.exists("orchestrator/escalations/shop.json"); });
  CHECK(says(box.document("orchestrator/escalations/shop.json"), "its child task " + first + " ended as cancelled: wrong way"));
  CHECK(box.run({"retry", "shop-1"}).code == 0);
  std::string second;
  box.require_eventually("another child task", [&] {
    second = subtask(box, "shop-1").value("child_task", "");
    return !second.empty() && second != first && box.status(second) == "in_progress";
  });
  const std::string third = require_child(box, part(box, second, "core"));
  const std::string deepest = part(box, third, "core");
  box.require_handoff("development", deepest);
  CHECK(box.run({"cancel", "shop"}).code == 0);
  for (const std::string& id : {std::string("shop"), second, third}) box.require_status(id, "cancelled");
  box.require_eventually("withdrawn", [&] { return !box.exists(Sandbox::handoff_path("development", deepest)); });
  box.check_documents();
}

TEST_CASE("a child task that is blocked holds its parent, which says so, until it is resolved") {
  Sandbox box;
  start(box);
  const std::string second = require_child(box, "shop-1");
  const std::string third = require_child(box, part(box, second, "core"));
  const std::string deepest = part(box, third, "core");
  box.require_handoff("development", deepest);
  box.claim("development", deepest);
  box.answer("development", deepest, {{"status", "failed"}, {"error", "no compiler"}, {"failure_class", "permanent"}});
  box.require_status(third, "blocked");
  const auto waiting = box.run({"wait", "shop", "--timeout", "60s"});
  CHECK(waiting.code == 6);
  CHECK(waiting.output.find("its child task " + third + " is blocked") != std::string::npos);
  CHECK(box.status("shop") == "in_progress");
  box.require_eventually("health", [&] {
    const json state = box.document("orchestrator/state/current.json");
    for (const json& each : state.value("current_orchestrations", json::array()))
      if (each["orchestration_id"] == "orch-shop") return each["health"] == "degraded";
    return false;
  });
  CHECK(box.run({"retry", deepest}).code == 0);
  box.play([&] { return box.status("shop") == "completed"; });
  CHECK(box.run({"wait", "shop"}).code == 0);
}
