// baton logs: what is known of the work on a subtask.
#include <doctest/doctest.h>

#include <filesystem>

#include "front/front_fixture.h"

using namespace baton;
using namespace baton::front;

namespace {

void add_subtask(const Coordination& coordination) {
  coordination.write("orchestrator/subtasks/auth-002-backend.json",
                     R"({"subtask_id":"auth-002-backend","parent_task_id":"auth","title":"Backend","status":"failed",
    "assigned_to":"development","worker_id":"w-1",
    "checkpoint_result":{"passed":false,"command":["npm","test"],"message":"exit code 1","exit_code":1,
                         "output":"1 failing\n\u001b[31mexpected 200\n"}})");
  coordination.write("dashboard-events.jsonl.1",
                     "{\"seq\":1,\"timestamp\":\"2025-11-05T18:00:04Z\",\"type\":\"subtask_handed_off\",\"task_id\":\"auth\","
                     "\"subtask_id\":\"auth-002-backend\"}\n");
  coordination.write("dashboard-events.jsonl",
                     "{\"seq\":2,\"timestamp\":\"2025-11-05T18:00:05Z\",\"type\":\"subtask_claimed\",\"task_id\":\"auth\","
                     "\"subtask_id\":\"auth-001-design\"}\n"
                     "{\"seq\":3,\"timestamp\":\"2025-11-05T18:00:06Z\",\"type\":\"checkpoint_failed\",\"task_id\":\"auth\","
                     "\"subtask_id\":\"auth-002-backend\"}\nno event\n");
}

void add_spec(const Coordination& coordination, const std::string& place, const std::string& members) {
  coordination.write("worker-specs/" + place + "/w-1.json",
                     R"({"worker_id":"w-1","subtask_id":"auth-002-backend")" + members + "}");
}

}  // namespace

TEST_CASE("logs: events over rotation, checkpoint and output, without what steers a terminal") {
  const Coordination coordination;
  add_subtask(coordination);
  add_spec(coordination, "failed", R"(,"output_file":"logs/w-1.log")");
  coordination.write("../logs/w-1.log", "compiling\n\x1b[2Jlinking\n");
  const Ran ran = coordination.run({"logs", "backend"});
  CHECK(ran.code == 0);
  CHECK(ran.out ==
        "auth-002-backend: failed\n"
        "\nevents\n"
        "2025-11-05 18:00:04Z  subtask_handed_off      auth-002-backend\n"
        "2025-11-05 18:00:06Z  checkpoint_failed       auth-002-backend\n"
        "\ncheckpoint\nnpm test: did not pass: exit code 1\n1 failing\n[31mexpected 200\n"
        "\noutput of worker w-1: logs/w-1.log\ncompiling\n[2Jlinking\n");
  const Ran json = coordination.run({"logs", "auth-002", "--json"});
  CHECK(contains(json.out, R"("checkpoint_output":"1 failing\n\u001b[31mexpected 200\n")"));
  CHECK(contains(json.out, R"("output":"compiling\n\u001b[2Jlinking\n","output_cut":false)"));
  CHECK(contains(json.out, R"("events":[{"seq":1,)"));
}

TEST_CASE("logs: of much output the end, in whole lines; the worktree comes before the workspace") {
  const Coordination coordination;
  add_subtask(coordination);
  add_spec(coordination, "active", R"(,"output_file":"w.log","worktree":"tree")");
  std::string much;
  for (int n = 0; n < 20'000; ++n) much += "line " + std::to_string(n) + "\n";
  coordination.write("../tree/w.log", much);
  coordination.write("../w.log", "of another\n");
  const Ran ran = coordination.run({"logs", "backend"});
  CHECK(contains(ran.out, "output of worker w-1: w.log (its end)\nline "));
  CHECK(ran.out.ends_with("line 19999\n"));
  CHECK(ran.out.size() < 70'000);
  CHECK(!contains(ran.out, "of another"));
}

TEST_CASE("logs: an output file that leads out, is a link or none is told, and read by nobody") {
  const Coordination coordination;
  add_subtask(coordination);
  coordination.write("../secret", "do not print");
  std::filesystem::create_directories(coordination.at("../tree"));
  std::filesystem::create_symlink("../secret", coordination.at("../tree/link"));
  for (const char* file : {"/etc/passwd", "../../../etc/passwd", "tree/link", "tree", "missing.log"}) {
    CAPTURE(file);
    add_spec(coordination, "stale", std::string(R"(,"output_file":")") + file + "\"");
    const Ran ran = coordination.run({"logs", "backend"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "output of worker w-1: " + std::string(file) + "\n"));
    CHECK(!contains(ran.out, "do not print"));
    CHECK(!contains(ran.out, "root:"));
    CHECK(contains(coordination.run({"logs", "backend", "--json"}).out, "\"output_error\":"));
  }
}

TEST_CASE("logs: without a spec, or with one of another subtask, there is no output; what is unknown is not found") {
  const Coordination coordination;
  add_subtask(coordination);
  CHECK(!contains(coordination.run({"logs", "backend"}).out, "output of"));
  coordination.write("worker-specs/active/w-1.json", R"({"worker_id":"w-1","subtask_id":"other","output_file":"w.log"})");
  CHECK(!contains(coordination.run({"logs", "backend"}).out, "output of"));
  CHECK(coordination.run({"logs", "nope"}).code == 3);
  CHECK(coordination.run({"logs"}).code == 2);
}
