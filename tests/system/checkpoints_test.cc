// Checkpoints with real commands: what passes, what comes back to be mended, and what is left of a daemon that was killed.
#include <doctest/doctest.h>

#include <sys/resource.h>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "system/sandbox.h"

using baton::test::json;
using baton::test::Sandbox;

namespace fs = std::filesystem;

namespace {

json task_with(const json& checkpoint) { return {{"title", "Fix typo in README.md"}, {"checkpoint", checkpoint}}; }

json shell(const std::string& script) { return json::array({"sh", "-c", script}); }

/// A file outside of the coordination folder, beside it: where commands run.
std::string beside(const Sandbox& box, const std::string& name) { return box.path("../" + name); }

bool is_there(const std::string& path) { return std::ifstream(path).good(); }

std::string first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

json report(Sandbox& box, const std::string& id) {
  box.require_eventually("the report", [&] { return box.exists("orchestrator/reports/" + id + ".json"); });
  return box.document("orchestrator/reports/" + id + ".json")["subtasks"][0];
}

bool is_alive(const std::string& pid) {
  std::ifstream stat("/proc/" + pid + "/stat");
  std::string words;
  return std::getline(stat, words) && words.find(") Z ") == std::string::npos;
}

/// The soft limit of open files of a process.
std::string descriptor_limit(int pid) {
  std::ifstream limits("/proc/" + std::to_string(pid) + "/limits");
  const std::string label = "Max open files";
  std::string soft;
  for (std::string line; std::getline(limits, line);)
    if (line.starts_with(label)) std::istringstream(line.substr(label.size())) >> soft;
  return soft;
}

}  // namespace

TEST_CASE("the daemon may hold a descriptor for each of many workers, what it runs has the limit of before") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  REQUIRE(before.rlim_max > 256);
  rlimit few = before;
  few.rlim_cur = 256;
  Sandbox box;
  box.configure({{"checkpoints", {{"few files", json::array({shell("ulimit -Sn")})}}}});
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  box.launch();
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  box.drop("t.json", task_with("few files"));
  box.require_handoff("development", "t");
  CHECK(descriptor_limit(box.pid()) == std::to_string(std::min<rlim_t>(before.rlim_max, 65'536)));
  box.complete("development", "t");
  CHECK(report(box, "t")["checkpoint_result"]["output"].get<std::string>().ends_with("256\n"));
}

TEST_CASE("whoever mends what did not pass is shown what the check printed; a person is told how to let it pass") {
  Sandbox box;
  box.configure({{"checkpoints", {{"tests", json::array({shell("echo 'looked for ok.txt,'; echo '```'; exit 3")})}}},
                 {"max_attempts", 2},
                 {"retry_backoff", "0s"}});
  box.start();
  box.drop("t.json", task_with("tests"));
  box.require_handoff("development", "t");
  box.complete("development", "t");
  box.require_eventually("it comes back", [&] {
    const json handoff = box.document(Sandbox::handoff_path("development", "t"));
    return handoff.is_object() && handoff.value("epoch", 0) == 2;
  });
  const auto claimed = box.run({"claim", "--master", "development", "--prompt", "-"});
  CHECK(claimed.code == 0);
  CHECK(claimed.output.find("What the check printed:\n\n    looked for ok.txt,\n    ```\n") != std::string::npos);
  box.complete("development", "t");
  box.require_status("t", "blocked");
  const auto explained = box.run({"explain", "t"});
  CHECK(explained.output.find("baton skip t --reason \"...\"") != std::string::npos);
}

TEST_CASE("a checkpoint that passes: verified, with its command, in the workspace") {
  Sandbox box;
  box.configure({{"checkpoints", {{"tests pass", json::array({shell("pwd; echo all 3 passed")})}}}});
  box.start();
  box.drop("t.json", task_with("tests pass"));
  box.require_handoff("development", "t");
  CHECK(box.document(Sandbox::handoff_path("development", "t"))["task"]["checkpoint"] == "tests pass");
  box.complete("development", "t");
  const json done = report(box, "t");
  CHECK(done["verified"] == true);
  CHECK(done["checkpoint_result"]["passed"] == true);
  CHECK(done["checkpoint_result"]["exit_code"] == 0);
  CHECK(done["checkpoint_result"]["output"].get<std::string>().ends_with("\nall 3 passed\n"));
  CHECK(box.read("orchestrator/reports/t.md").find("Checked with `sh -c pwd; echo all 3 passed`: passed") != std::string::npos);
  CHECK(box.feed("checkpoint_started").size() == 1);
  CHECK(box.feed("checkpoint_passed").size() == 1);
}

TEST_CASE("a checkpoint that fails comes back to be mended, with command, exit code and output") {
  Sandbox box;
  box.configure({{"retry_backoff", "0s"}});
  box.start();
  box.drop("t.json",
           task_with({{"commands", json::array({json::array({"true"}), shell("echo it is broken; test -e mended || exit 3")})}}));
  box.require_handoff("development", "t");
  box.complete("development", "t");
  box.require_feed("subtask_handed_off", 2);
  box.require_handoff("development", "t");
  const json handoff = box.document(Sandbox::handoff_path("development", "t"));
  CHECK(handoff["epoch"] == 2);
  CHECK(handoff["attempt"] == 2);
  CHECK(handoff["task"]["worker_type"] == "fix-executor");
  CHECK(handoff["retry"]["last_check"]["exit_code"] == 3);
  CHECK(handoff["retry"]["last_check"]["reason"] == "exit_code");
  CHECK(handoff["retry"]["last_check"]["output"] == "it is broken\n");
  std::ofstream(beside(box, "mended")) << "yes";
  box.complete("development", "t", "mended");
  const json done = report(box, "t");
  CHECK(done["verified"] == true);
  CHECK(done["attempts"] == 2);
  box.check_seq();
}

TEST_CASE("a checkpoint that never passes needs a person, and a reason") {
  Sandbox box;
  box.configure({{"max_attempts", 1}});
  box.start();
  box.drop("t.json", task_with({{"commands", json::array({json::array({"sleep", "1000"})})}, {"timeout", "1s"}}));
  box.require_handoff("development", "t");
  box.complete("development", "t");
  box.require_status("t", "blocked");
  box.require_eventually("the escalation", [&] { return box.exists("orchestrator/escalations/t.json"); });
  const json evidence = box.document("orchestrator/escalations/t.json")["evidence"];
  CHECK(evidence["cause"] == "checkpoint");
  CHECK(evidence["checkpoint_result"]["reason"] == "time_limit");
  CHECK(evidence["checkpoint_result"]["command"] == json::array({"sleep", "1000"}));
  CHECK(box.run({"skip", "t"}).code == 2);
  box.put("orchestrator/commands/skip.json", json{{"command", "skip"}, {"task_id", "t"}}.dump());
  box.require_eventually("the answer", [&] { return box.exists("orchestrator/commands/done/skip.json"); });
  CHECK(box.document("orchestrator/commands/done/skip.json")["ok"] == false);
  box.require_status("t", "blocked");
  CHECK(box.run({"skip", "t", "--reason", "looked at it myself"}).code == 0);
  box.require_eventually("the report", [&] { return box.exists("orchestrator/reports/t.json"); });
  CHECK(box.read("orchestrator/reports/t.md").find("did not pass") != std::string::npos);
  CHECK(box.read("orchestrator/reports/t.md").find("looked at it myself") != std::string::npos);
}

TEST_CASE("what was broken down is validated as a whole, after its last stage; what that finds is mended") {
  Sandbox box;
  box.configure({{"retry_backoff", "0s"}});
  box.start();
  json task = task_with({{"commands", json::array({shell("echo it is broken; test -e mended || exit 3")})}});
  task["subtasks"] = json::array({{{"subtask_id", "a"}, {"title", "Build it"}, {"worker_type", "implementation"}},
                                  {{"subtask_id", "b"}, {"title", "Test it"}, {"dependencies", json::array({"a"})}}});
  box.drop("t.json", task);
  box.require_handoff("development", "a");
  box.complete("development", "a");
  box.require_handoff("development", "b");
  CHECK(box.feed("checkpoint_started").empty());
  box.complete("development", "b");
  box.require_handoff("development", "t-fix-1");
  const json handoff = box.document(Sandbox::handoff_path("development", "t-fix-1"));
  CHECK(handoff["task"]["worker_type"] == "fix-executor");
  CHECK(handoff["retry"]["last_check"]["exit_code"] == 3);
  CHECK(handoff["retry"]["last_check"]["output"] == "it is broken\n");
  std::ofstream(beside(box, "mended")) << "yes";
  box.complete("development", "t-fix-1");
  box.require_eventually("the report", [&] { return box.exists("orchestrator/reports/t.json"); });
  box.require_eventually("the report", [&] { return box.exists("orchestrator/reports/t.json"); });
  const json done = box.document("orchestrator/reports/t.json");
  CHECK(done["validated"] == true);
  CHECK(done["final_validation"]["exit_code"] == 3);
  CHECK(done["subtasks"][2]["checkpoint_result"]["passed"] == true);
  CHECK(box.read("orchestrator/reports/t.md").find("The final validation") != std::string::npos);
  box.check_seq();
}

TEST_CASE("the daemon is killed while a task is validated as a whole: it is validated again, and nothing is handed out twice") {
  Sandbox box;
  box.start();
  json task = task_with(
      {{"commands", json::array({shell("test -e second && exit 0; echo $$ > pid.tmp; mv pid.tmp first; exec sleep 1000")})}});
  task["subtasks"] = json::array({{{"subtask_id", "a"}, {"title", "Build it"}}, {{"subtask_id", "b"}, {"title", "Test it"}}});
  box.drop("t.json", task);
  for (const char* id : {"a", "b"}) {
    box.require_handoff("development", id);
    box.complete("development", id);
  }
  box.require_eventually("the check runs", [&] { return is_there(beside(box, "first")); });
  box.require_eventually("it is said", [&] { return box.run({"explain", "t"}).output.find("checkpoint") != std::string::npos; });
  box.kill9();
  std::ofstream(beside(box, "second")) << "yes";
  box.start();
  box.require_eventually("the report", [&] { return box.exists("orchestrator/reports/t.json"); });
  CHECK(box.document("orchestrator/reports/t.json")["validated"] == true);
  CHECK(box.feed("subtask_handed_off").size() == 2);
  box.check_seq();
}

TEST_CASE("how long subtasks took is remembered, shown, and what later plans are estimated by") {
  Sandbox box;
  box.start();
  for (const char* id : {"t1", "t2", "t3"}) {
    box.drop(std::string(id) + ".json", {{"title", "Fix typo in README.md"}});
    box.require_handoff("development", id);
    box.claim("development", id);
    box.require_feed("subtask_claimed", id[1] - '0');
    box.complete("development", id);
    box.require_eventually("the report", [&] { return box.exists("orchestrator/reports/" + std::string(id) + ".json"); });
  }
  box.require_eventually("the estimates", [&] {
    return box.exists("orchestrator/state/estimates.json") &&
           box.document("orchestrator/state/estimates.json")["estimates"][0]["samples"] == 3;
  });
  CHECK(box.document("orchestrator/state/estimates.json")["estimates"][0]["estimated_duration_minutes"] == 5);
  CHECK(box.run({"plan", "Fix typo in README.md"}).output.find("what finished subtasks of the kind took") != std::string::npos);
  box.kill9();
  box.start();
  box.drop("t4.json", {{"title", "Fix typo in README.md"}});
  box.require_handoff("development", "t4");
  CHECK(box.document(Sandbox::handoff_path("development", "t4"))["task"]["estimated_duration_minutes"] == 5);
}

TEST_CASE("the daemon is killed while a check runs: its processes are ended, and it runs again") {
  Sandbox box;
  box.start();
  box.drop("t.json",
           task_with({{"commands",
                       json::array({shell("test -e second && exit 0; echo $$ > pid.tmp; mv pid.tmp first; exec sleep 1000")})}}));
  box.require_handoff("development", "t");
  box.complete("development", "t");
  box.require_eventually("the check runs", [&] { return is_there(beside(box, "first")); });
  const std::string pid = first_line(beside(box, "first"));
  REQUIRE(is_alive(pid));
  box.kill9();
  std::ofstream(beside(box, "second")) << "yes";
  box.start();
  CHECK(report(box, "t")["verified"] == true);
  CHECK_FALSE(is_alive(pid));
  CHECK(box.feed("checkpoint_started").size() == 1);
  CHECK(box.feed("subtask_handed_off").size() == 1);  // a restart uses no attempt
}

TEST_CASE("cancel ends a check that runs") {
  Sandbox box;
  box.start();
  box.drop("t.json", task_with({{"commands", json::array({shell("echo $$ > pid.tmp; mv pid.tmp first; exec sleep 1000")})}}));
  box.require_handoff("development", "t");
  box.complete("development", "t");
  box.require_eventually("the check runs", [&] { return is_there(beside(box, "first")); });
  box.require_eventually("it is said", [&] {
    return box.run({"explain", "t"}).output.find("its checkpoint is run") != std::string::npos;
  });
  CHECK(box.run({"cancel", "t"}).code == 0);
  box.require_eventually("it is ended", [&] { return !is_alive(first_line(beside(box, "first"))); });
}

TEST_CASE("a checkpoint that has failed does not pass because it went from the settings") {
  Sandbox box;
  box.configure({{"retry_backoff", "0s"}, {"checkpoints", {{"tests pass", json::array({shell("exit 3")})}}}});
  box.start();
  box.drop("t.json", task_with("tests pass"));
  box.require_handoff("development", "t");
  box.complete("development", "t");
  box.require_feed("subtask_handed_off", 2);
  box.require_handoff("development", "t");
  box.configure({{"retry_backoff", "0s"}});
  box.require_feed("config_reloaded");
  box.complete("development", "t");
  box.require_feed("orchestration_blocked");
  const json blocked = box.feed("orchestration_blocked").back();
  CHECK(blocked["failure_reason"].get<std::string>().find("has no checkpoint \"tests pass\" any more: put it back and retry") !=
        std::string::npos);
  CHECK(box.feed("subtask_completed").empty());
}

TEST_CASE("what was a program's when it was planned is not taken for words because it went from the settings") {
  Sandbox box;
  box.configure({{"retry_backoff", "0s"}, {"checkpoints", {{"tests pass", json::array({shell("exit 3")})}}}});
  box.start();
  box.drop("t.json", task_with("tests pass"));
  box.require_handoff("development", "t");
  box.configure({{"retry_backoff", "0s"}});
  box.require_feed("config_reloaded");
  box.kill9();
  box.start();
  box.complete("development", "t");
  box.require_feed("orchestration_blocked");
  CHECK(box.feed("orchestration_blocked")[0]["failure_reason"].get<std::string>().find(
            "has no checkpoint \"tests pass\" any more") != std::string::npos);
  CHECK(box.feed("subtask_completed").empty());
}

TEST_CASE("nothing is begun before what it builds upon has passed its checkpoint, in any mode") {
  for (const std::string mode : {"staged", "sequential", "eager"}) {
    CAPTURE(mode);
    Sandbox box;
    box.configure({{"retry_backoff", "0s"}});
    box.start();
    const json check{{"commands", json::array({shell("test -e a.ok")})}};
    json next{{"subtask_id", "b"}, {"title", "Fix typo in b.md"}, {"assigned_to", "security"}};
    if (mode != "sequential") next["dependencies"] = {"a"};
    const json first{{"subtask_id", "a"}, {"title", "Fix typo in a.md"}, {"assigned_to", "development"}, {"checkpoint", check}};
    box.drop("t.json", {{"title", "Two steps"}, {"execution_mode", mode}, {"subtasks", {first, next}}});
    box.require_handoff("development", "a");
    box.complete("development", "a");
    box.require_feed("checkpoint_failed");
    box.require_feed("subtask_handed_off", 2);
    box.pass_by();
    CHECK_FALSE(box.exists(Sandbox::handoff_path("security", "b")));
    CHECK(box.feed("subtask_completed").empty());
    std::ofstream(beside(box, "a.ok")) << "yes";
    box.complete("development", "a");
    box.require_handoff("security", "b");
    box.require_feed("checkpoint_passed");
    box.require_feed("subtask_handed_off", 4);  // one passed by
    CHECK(box.feed("checkpoint_passed")[0]["seq"] < box.feed("subtask_handed_off").back()["seq"]);
    CHECK(box.feed("subtask_handed_off").back()["subtask_id"] == "b");
  }
}

TEST_CASE("commands of a document that somebody else may have written are not run") {
  Sandbox box;
  fs::permissions(box.root(), fs::perms::group_write, fs::perm_options::add);
  box.start();
  box.drop("t.json", task_with({{"commands", json::array({shell("touch ran")})}}));
  const json reason = box.require_refusal("t.json");
  CHECK(reason.dump().find("these commands are not run") != std::string::npos);
  box.pass_by();
  CHECK_FALSE(is_there(beside(box, "ran")));
}
