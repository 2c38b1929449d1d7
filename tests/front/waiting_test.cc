// What list and status say of work that waits, and that explain has heard of what was just decided.
#include "front/waiting.h"

#include "base/time.h"
#include "front_fixture.h"

using namespace baton;
using namespace baton::front;

namespace {

const std::int64_t k_noon = parse_timestamp("2025-11-05T12:00:00Z")->wall_ms;

PlanView waits_for(const std::string& reason, const std::string& subject, const std::string& status = "ready") {
  PlanView plan;
  plan.id = "t";
  plan.status = "in_progress";
  SubtaskView subtask;
  subtask.id = "t";
  subtask.status = status;
  subtask.waits_for.push_back({reason, subject});
  plan.subtasks.push_back(subtask);
  return plan;
}

std::string words(const std::string& reason, const std::string& subject) { return waiting(waits_for(reason, subject), k_noon); }

/// A live task of the state with nothing out, and its plan.
std::string row(const std::string& id, const std::string& status) {
  return R"({"orchestration_id":"orch-)" + id + R"(","status":")" + status + R"(","active_subtasks":[],"title":"T"})";
}
void add_plan(const Coordination& coordination, const std::string& id, const std::string& status, const std::string& waits) {
  coordination.write("orchestrator/tasks/orch-" + id + ".json",
                     R"({"parent_task_id":")" + id + R"(","task_title":"T","status":")" + status +
                         R"(","subtasks":[{"subtask_id":")" + id + R"(","status":"ready","waits_for":[)" + waits + "]}]}");
}
void add_state(const Coordination& coordination, const std::string& rows, const std::string& more = "") {
  coordination.write("orchestrator/state/current.json", R"({"current_orchestrations":[)" + rows + "]" + more + "}");
}

/// This program waits for files to change.
bool somebody_watches() {
  std::error_code ignored;
  for (const auto& fd : std::filesystem::directory_iterator("/proc/self/fd"))
    if (std::filesystem::read_symlink(fd, ignored) == "anon_inode:inotify") return true;
  return false;
}

}  // namespace

TEST_CASE("each reason in two or three words") {
  CHECK(words("retry", "2025-11-05T12:00:40Z") == "retry in 40s");
  CHECK(words("retry", "2025-11-05T11:59:00Z") == "retry is due");
  CHECK(words("task", "x") == "waits for task x");
  CHECK(words("file", "auth-002") == "waits: file of auth-002");
  CHECK(words("approval", "t") == "waits: approval");
  CHECK(words("parked", "security") == "parked: master security");
  CHECK(words("limit", "max_active_subtasks") == "waits: max_active_subtasks");
  CHECK(words("turn", "t") == "goes out next");
  CHECK(words("a reason of a later version", "x").empty());
}

TEST_CASE("what waits for its own plan only says nothing; what is ready goes before what is pending") {
  PlanView plan = waits_for("dependency", "a", "pending");
  CHECK(waiting(plan, k_noon).empty());
  plan.subtasks.push_back(waits_for("paused", "", "pending").subtasks.front());
  CHECK(waiting(plan, k_noon) == "paused");
  plan.subtasks.push_back(waits_for("file", "b").subtasks.front());
  CHECK(waiting(plan, k_noon) == "waits: file of b");
}

TEST_CASE("a plan as a whole") {
  PlanView plan = waits_for("turn", "t");
  plan.status = "awaiting_approval";
  CHECK(waiting(plan, k_noon) == "waits: approval");
  plan.status = "blocked";
  plan.blocking_subtask = "auth-002";
  CHECK(waiting(plan, k_noon) == "blocked: auth-002");
  plan.blocking_subtask = "t";
  CHECK(waiting(plan, k_noon) == "blocked: it failed");
  CHECK(waiting(waits_for("blocked", "x", "pending"), k_noon) == "blocked: x");  // a task it depends on
  plan.status = "failed";
  CHECK(waiting(plan, k_noon).empty());
  plan = {};
  plan.status = "planning";
  CHECK(waiting(plan, k_noon) == "waits for a plan");
}

TEST_CASE("list and status say why nothing is out") {
  const Coordination coordination;
  add_state(coordination, row("a", "awaiting_approval") + "," + row("b", "in_progress") + "," + row("c", "planning") + "," +
                              row("gone", "in_progress"));
  add_plan(coordination, "b", "in_progress", R"({"reason":"retry","subject":"2999-01-01T00:00:00Z"})");
  add_plan(coordination, "c", "planning", R"({"reason":"task","subject":"x"})");
  const std::string list = coordination.run({"list"}).out;
  CHECK(contains(list, "T      waits: approval\n"));
  CHECK(contains(list, "retry in "));
  CHECK(contains(list, "waits for task x\n"));
  const std::string status = coordination.run({"status"}).out;
  CHECK(contains(status, "\n  a: waits: approval\n"));
  CHECK(contains(status, "\n  c: waits for task x\n"));
  CHECK(!contains(status, "gone"));
  CHECK(contains(coordination.run({"status", "c"}).out, "now      waits for task x\n"));
}

TEST_CASE("status names what is at work before what waits, and not all of many") {
  const Coordination coordination;
  std::string rows;
  for (int i = 0; i < 12; ++i) rows += row("w" + std::to_string(10 + i), "awaiting_approval") + ",";
  add_state(coordination, rows + R"({"orchestration_id":"orch-t","status":"in_progress","simple":true,"active_subtasks":["t"]})");
  coordination.write("orchestrator/subtasks/t.json", R"({"subtask_id":"t","assigned_to":"cicd","status":"in_progress"})");
  const std::string status = coordination.run({"status"}).out;
  CHECK(contains(status, "\n  t: cicd at work\n  w10: waits: approval\n"));
  CHECK(contains(status, "w18: "));
  CHECK(!contains(status, "w19: "));
  CHECK(contains(status, "... see: baton list"));
}

TEST_CASE("explain waits for the state that knows of the feed's last line") {
  const Coordination coordination;
  add_plan(coordination, "t", "in_progress", "");
  add_state(coordination, row("t", "awaiting_approval"),
            R"(,"seq":1,"attention":[{"task_id":"t","reason":"awaiting_approval","message":"the plan of t waits"}])");
  coordination.write("dashboard-events.jsonl", "{\"type\":\"command_applied\",\"seq\":2}\n");
  const PlayedDaemon daemon(coordination, [&] {
    if (!somebody_watches()) return false;
    coordination.write("orchestrator/state/.new", R"({"seq":2,"current_orchestrations":[],"attention":[]})");
    std::filesystem::rename(coordination.at("orchestrator/state/.new"), coordination.at("orchestrator/state/current.json"));
    return true;
  });
  const Ran ran = coordination.run({"explain", "t"});
  CHECK(ran.code == 0);
  CHECK(!contains(ran.out, "the plan of t waits"));
}
