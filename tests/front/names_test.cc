// Ids as people write them: short forms, subtasks in the place of tasks, what was archived, and folders that are none.
#include <unistd.h>

#include "front/picture.h"
#include "front_fixture.h"

using namespace baton;
using namespace baton::front;

namespace {

void add_task(const Coordination& coordination, const std::string& id, const std::string& status,
              const std::string& where = "orchestrator") {
  coordination.write(where + "/tasks/orch-" + id + ".json",
                     R"({"orchestration_id":"orch-)" + id + R"(","parent_task_id":")" + id + R"(","task_title":"T","status":")" +
                         status + R"(","subtasks":[{"subtask_id":")" + id + R"(-001-design","parent_task_id":")" + id +
                         R"(","title":"Design","assigned_to":"development","status":"handed_off","epoch":1,"stage":1},)" +
                         R"({"subtask_id":")" + id + R"(-002-tests","parent_task_id":")" + id +
                         R"(","title":"Tests","assigned_to":"development","status":"pending","stage":2}]})");
  for (const char* part : {"001-design", "002-tests"})
    coordination.write(where + "/subtasks/" + id + "-" + part + ".json",
                       R"({"subtask_id":")" + id + "-" + part + R"(","parent_task_id":")" + id +
                           R"(","title":"Part","assigned_to":"development","epoch":1,"status":")" +
                           (part == std::string("001-design") ? "handed_off" : "pending") + "\"}");
}

class WorkingFolder {
 public:
  explicit WorkingFolder(const std::string& path) : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(path);
  }
  ~WorkingFolder() { std::filesystem::current_path(before_); }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;

 private:
  std::filesystem::path before_;
};

}  // namespace

TEST_CASE("a beginning or an end that names one task is enough") {
  const Coordination coordination;
  add_task(coordination, "task-20251105-180000-k3x9", "completed");
  add_task(coordination, "task-20251105-180000-aaaa", "failed");
  CHECK(coordination.run({"status", "k3x9"}).code == 0);
  CHECK(coordination.run({"status", "task-20251105-180000-a"}).code == 1);
  const Ran several = coordination.run({"status", "task-2025"});
  CHECK(several.code == 5);
  CHECK(contains(several.err, "names 2 tasks: task-20251105-180000-aaaa, task-20251105-180000-k3x9"));
  CHECK(coordination.run({"status", "k3"}).code == 3);  // too short to be meant
}

TEST_CASE("a whole id is never a short form of another") {
  const Coordination coordination;
  add_task(coordination, "auth", "completed");
  add_task(coordination, "auth-2", "failed");
  CHECK(coordination.run({"status", "auth"}).code == 0);
  coordination.write("task-queue.d/aut.json", "{}");
  CHECK(contains(coordination.run({"status", "aut"}).err, "task aut is handed in, but not planned yet"));
}

TEST_CASE("subtasks in the place of tasks") {
  const Coordination coordination;
  add_task(coordination, "auth", "completed");
  coordination.write("orchestrator/reports/auth.md", "# Auth\n");
  const Ran report = coordination.run({"report", "auth-001-design"});
  CHECK(report.code == 0);
  CHECK(report.out == "# Auth\n");
  CHECK(contains(report.err, "auth-001-design is a subtask of auth"));
  CHECK(contains(coordination.run({"show", "auth-002"}).out, "auth-002-tests of auth"));
  CHECK(contains(coordination.run({"status", "auth-001-design"}).out, "handed out, waits for development"));
  CHECK(coordination.run({"wait", "auth-001-design"}).code == 0);
  CHECK(contains(coordination.run({"watch", "auth-001-design"}).err, "is a subtask of auth"));
}

TEST_CASE("complete: what is not handed out yet, and what names several") {
  const Coordination coordination;
  add_task(coordination, "auth", "in_progress");
  const Ran pending = coordination.run({"complete", "auth-002"});
  CHECK(pending.code == 5);
  CHECK(contains(pending.err, "subtask auth-002-tests is pending: it has not been handed out"));
  const Ran several = coordination.run({"complete", "auth-00"});
  CHECK(several.code == 5);
  CHECK(contains(several.err, "\"auth-00\" names 2 subtasks: auth-001-design, auth-002-tests"));
  const Ran unknown = coordination.run({"complete", "auth-003"});
  CHECK(unknown.code == 3);
  CHECK(contains(unknown.err, "no subtask \"auth-003\""));
}

TEST_CASE("what was archived is found") {
  const Coordination coordination;
  add_task(coordination, "old", "completed", "orchestrator/archive/2025-10");
  coordination.write("orchestrator/archive/2025-10/reports/old.md", "# Old\n");
  coordination.write("task-queue.d/accepted/old.json", "{}");
  CHECK(coordination.run({"report", "old"}).out == "# Old\n");
  CHECK(contains(coordination.run({"show", "old"}).out, "[completed]"));
  CHECK(coordination.run({"wait", "old"}).code == 0);
  CHECK(contains(coordination.run({"status", "old-001-design"}).out, "old-001-design of old"));
}

TEST_CASE("what was archived is found by a beginning or an end, where nothing else is called like that") {
  const Coordination coordination;
  add_task(coordination, "billing", "completed", "orchestrator/archive/2025-09");
  add_task(coordination, "login-old", "completed", "orchestrator/archive/2025-10");
  add_task(coordination, "login-new", "in_progress");
  coordination.write("orchestrator/archive/2025-09/reports/billing.md", "# Billing\n");
  CHECK(coordination.run({"report", "bill"}).out == "# Billing\n");
  CHECK(contains(coordination.run({"show", "billing-001"}).out, "billing-001-design of billing"));
  CHECK(contains(coordination.run({"status", "login"}).out, "login-new"));
  const Ran several = coordination.run({"show", "billing-00"});
  CHECK(several.code == 5);
  CHECK(contains(several.err, "names 2 subtasks: billing-001-design, billing-002-tests"));
}

TEST_CASE("a file in accepted/ alone is no task, and one that was refused says why") {
  const Coordination coordination;
  coordination.write("task-queue.d/accepted/lost.json", "{}");
  const Ran lost = coordination.run({"wait", "lost"});
  CHECK(lost.code == 3);
  CHECK(contains(lost.err, "task lost was taken in, but no plan of that name stands here"));
  coordination.write("task-queue.d/rejected/bad.json", "{}");
  coordination.write("task-queue.d/rejected/bad.json.error.json", R"({"code":"invalid","message":"a title is missing"})");
  const Ran bad = coordination.run({"wait", "bad"});
  CHECK(bad.code == 8);
  CHECK(contains(bad.err, "the daemon refused the task: a title is missing"));
}

TEST_CASE("an empty or unknown subject pauses nothing") {
  const Coordination coordination;
  const PlayedDaemon daemon(coordination, nullptr);
  CHECK(coordination.run({"pause", ""}).code == 2);
  CHECK(coordination.run({"pause", "nothing-of-that-name"}).code == 3);
  CHECK(coordination.run({"pause", "--master", ""}).code == 2);
  CHECK(coordination.run({"pause", "--master", "security", "auth"}).code == 2);
  CHECK(coordination.run({"retry"}).code == 2);
  CHECK(coordination.names("orchestrator/commands") == std::vector<std::string>{"done"});
}

TEST_CASE("any folder is no coordination folder") {
  const Coordination coordination;
  const std::string parent = std::filesystem::path(coordination.root()).parent_path().string();
  Ran ran = run_words({"--coordination", parent, "list"});
  CHECK(ran.code == 3);
  CHECK(contains(ran.err, "did you mean " + coordination.root() + "?"));
  CHECK(run_words({"--coordination", parent, "daemon"}).code == 3);
  const TemporaryFolder empty;
  ran = run_words({"--coordination", empty.path(), "submit", "x"});
  CHECK(ran.code == 3);
  CHECK(contains(ran.err, empty.path() + " is no coordination folder: task-queue.d/ and masters/ are missing"));
  CHECK(std::filesystem::is_empty(empty.path()));
}

TEST_CASE("in a linked worktree of git the main worktree's folder is found") {
  const Coordination coordination;
  const std::string main = std::filesystem::path(coordination.root()).parent_path().string();
  std::filesystem::create_directories(main + "/.git/worktrees/side");
  std::ofstream(main + "/.git/worktrees/side/commondir") << "../..\n";
  const TemporaryFolder side;
  std::filesystem::create_directories(side.path() + "/src");
  std::ofstream(side.path() + "/.git") << "gitdir: " + main + "/.git/worktrees/side\n";
  const WorkingFolder here(side.path() + "/src");
  const Ran ran = run_words({"config"});
  INFO(ran.err);
  CHECK(ran.code == 0);
  CHECK(contains(ran.out, coordination.at("orchestrator/state")));
}

TEST_CASE("explain: a task that nobody has handed in, and the figures of a limit") {
  const Coordination coordination;
  coordination.write(
      "orchestrator/tasks/orch-b.json",
      R"({"parent_task_id":"b","status":"planning","simple":true,"subtasks":[{"subtask_id":"b","assigned_to":"cicd","status":"pending",
    "waits_for":[{"reason":"task","subject":"a"},{"reason":"limit","subject":"max_active_subtasks"},{"reason":"master_limit","subject":"cicd"}]}]})");
  coordination.write(
      "orchestrator/state/current.json",
      R"({"limits":{"max_active_orchestrations":9,"max_active_subtasks":3},"masters":{"cicd":{"queued":1,"active":2,"max_active":2}}})");
  const Ran ran = coordination.run({"explain", "b"});
  CHECK(contains(ran.out, "the task waits for task a, which nobody has handed in"));
  CHECK(contains(ran.out, "baton submit TITLE --id a"));
  CHECK(contains(ran.out, "the limit max_active_subtasks of 3 is reached"));
  CHECK(contains(ran.out, "master cicd is at its max_active of 2"));
}

TEST_CASE("progress comes from the worker's spec") {
  const Coordination coordination;
  coordination.write(
      "orchestrator/tasks/orch-p.json",
      R"({"parent_task_id":"p","task_title":"T","status":"in_progress","subtasks":[{"subtask_id":"p","assigned_to":"cicd","title":"T",
    "status":"in_progress","worker_id":"w-1","stage":1}]})");
  coordination.write("worker-specs/active/w-1.json",
                     R"({"subtask_id":"p","progress_percent":40,"current_step":"writing tests"})");
  CHECK(contains(coordination.run({"show", "p"}).out, "(cicd at work, 40%, writing tests)"));
  CHECK(contains(coordination.run({"status", "p"}).out, "cicd at work, 40%, writing tests"));
}

TEST_CASE("numbers in names count") {
  CHECK(natural_less("many2", "many10"));
  CHECK(!natural_less("many10", "many2"));
  CHECK(natural_less("a", "ab"));
  CHECK(natural_less("a2b", "a02c"));
  CHECK(!natural_less("same1", "same1"));
}

TEST_CASE("complete takes its summary from a file") {
  const Coordination coordination;
  write_handoff(coordination, "cicd", "c-1", "low", "2025-11-05T18:00:00Z");
  REQUIRE(coordination.run({"claim", "--master", "cicd"}).code == 0);
  coordination.write("answer.txt", "\nTwo lines,\n\"quoted\"\n");
  CHECK(coordination.run({"complete", "c-1", "--summary", "x", "--summary-file", coordination.at("answer.txt")}).code == 2);
  REQUIRE(coordination.run({"complete", "c-1", "--summary-file", coordination.at("answer.txt")}).code == 0);
  CHECK(
      contains(coordination.read("masters/cicd/handoffs/from-cicd-subtask-c-1.json"), R"("summary": "Two lines,\n\"quoted\"")"));
}
