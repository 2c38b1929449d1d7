// `baton work` over the real program, real git and agents that are small shell scripts.
#include <doctest/doctest.h>
#include <signal.h>

#include <filesystem>

#include "platform/process_table.h"
#include "system/project.h"

using namespace baton::test;
namespace fs = std::filesystem;

namespace {

/// A runner whose agent has half of its work done and goes on with `rest`.
baton::platform::Process halfway(Project& box, const std::string& rest, const std::vector<std::string>& options = {}) {
  box.start();
  box.drop_one("t");
  auto runner = box.start_runner("echo half > half.txt; " + rest, options);
  box.require_eventually("the agent is at work", [&] { return box.exists("worktrees/t-a1/half.txt"); });
  return runner;
}

}  // namespace

TEST_CASE("two agents side by side: both works are in one branch, told in the report, and nothing is left lying about") {
  Project box;
  box.start();
  box.drop_two("t");
  const auto exit = box.work(k_own_file);
  REQUIRE_MESSAGE(exit.code == 0, (exit.output + exit.error_output));
  box.require_status("t", "completed");
  CHECK(box.merged("t", "t-a-a1.txt") == "work of t-a-a1");
  CHECK(box.merged("t", "t-b-a1.txt") == "work of t-b-a1");
  CHECK(box.git({"status", "--porcelain", "--untracked-files=no"}).empty());
  const json report = box.document("orchestrator/reports/t.json");
  CHECK(report["subtasks"][0]["summary"] == "made t-a-a1.txt");
  CHECK(report["subtasks"][0]["files_modified"] == json::array({"t-a-a1.txt"}));
  CHECK(box.run({"worktree", "prune"}).code == 0);
  CHECK(box.list("worktrees").empty());
  CHECK(box.list("worker-specs/active").empty());
  CHECK(box.git({"branch", "--list", "--format=%(refname:short)", "baton/*"}) == "baton/t/integration");
  box.check_seq();
}

TEST_CASE("what an agent says that it uses is shown while it is at work") {
  Project box;
  box.start();
  box.drop("t.json", {{"id", "t"}, {"title", "Write t"}, {"assigned_to", "development"}});
  box.require_handoff("development", "t");
  const std::string script =
      R"(echo '{"type":"assistant","message":{"id":"m1","usage":{"input_tokens":100,"output_tokens":20},"content":[{"type":"tool_use","name":"Edit","input":{"file_path":"t.txt"}}]}}'
echo '{"type":"assistant","message":{"id":"m2","usage":{"input_tokens":200,"output_tokens":30},"content":[]}}'
until test -e ../../said; do sleep 0.1; done
echo '{"type":"result","is_error":false,"result":"Done.","total_cost_usd":0.25,"usage":{"input_tokens":400,"output_tokens":50}}'
until test -e ../../go; do sleep 0.1; done; echo t > t.txt)";
  auto runner = box.start_runner(script, {"--once"});
  const auto shows = [&](const char* member, const json& value) {
    const auto exit = box.run({"ps", "--json"});
    const json rows = json::parse(exit.output)["data"]["processes"];
    return rows.size() == 1 && rows[0].contains(member) && rows[0][member] == value;
  };
  box.require_eventually("tokens of its messages", [&] { return shows("tokens_used", 350); });
  CHECK(shows("current_step", "Edit t.txt"));
  CHECK(shows("worktree", box.path("worktrees/t-a1")));
  box.put_plainly("said", "");
  box.require_eventually("tokens and cost of the whole", [&] { return shows("cost_usd", 0.25) && shows("tokens_used", 450); });
  box.put_plainly("go", "");
  CHECK(box.require_end(runner).code == 0);
  box.require_status("t", "completed");
  CHECK(box.document("orchestrator/reports/t.json")["actual"]["tokens"] == 450);
}

TEST_CASE("a later step sees what an earlier one did, and the checkpoint looks at the merged work") {
  Project box;
  box.configure({{"retry_backoff", "0s"},
                 {"checkpoints", {{"both there", {{"commands", json::array({json::array({"test", "-f", "second.txt"})})}}}}}});
  box.start();
  box.drop("t.json", {{"id", "t"},
                      {"title", "Two steps"},
                      {"subtasks", json::array({{{"subtask_id", "t-1"}, {"title", "First"}, {"assigned_to", "development"}},
                                                {{"subtask_id", "t-2"},
                                                 {"title", "Second"},
                                                 {"assigned_to", "development"},
                                                 {"dependencies", json::array({"t-1"})},
                                                 {"checkpoint", "both there"}}})}});
  box.require_handoff("development", "t-1");
  const std::string script =
      "case $(basename $PWD) in t-1-*) echo one > first.txt;; *) test -f first.txt && echo two > second.txt;; esac; echo ok";
  box.work_until(script, [&] { return box.status("t") == "completed"; });
  CHECK(box.merged("t", "second.txt") == "two");
  CHECK(box.feed("checkpoint_passed").size() == 1);
}

TEST_CASE("work whose checkpoint does not pass is not in the branch, and nothing of it is lost") {
  Project box;
  box.configure({{"max_attempts", 1}, {"checkpoints", {{"good", {{"commands", json::array({json::array({"false"})})}}}}}});
  box.start();
  box.drop("t.json", {{"id", "t"}, {"title", "Write w"}, {"assigned_to", "development"}, {"checkpoint", "good"}});
  box.require_handoff("development", "t");
  REQUIRE(box.work("echo bad > w.txt; echo done").code == 0);
  box.require_status("t", "blocked");
  CHECK(box.git({"rev-parse", "baton/t/integration"}) == box.git({"rev-parse", "main"}));
  const std::string rescue = box.git({"for-each-ref", "--format=%(refname)", "refs/baton/rescue"});
  CHECK(box.git({"show", rescue + ":w.txt"}) == "bad");
  CHECK(box.list("worktrees").empty());
}

TEST_CASE("who mends what a checkpoint found goes on with that work") {
  Project box;
  box.configure({{"retry_backoff", "0s"},
                 {"checkpoints", {{"good", {{"commands", json::array({json::array({"grep", "-q", "good", "w.txt"})})}}}}}});
  box.start();
  box.drop("t.json", {{"id", "t"}, {"title", "Write w"}, {"assigned_to", "development"}, {"checkpoint", "good"}});
  box.require_handoff("development", "t");
  box.work_until("if test -f w.txt; then echo good >> w.txt; else echo bad > w.txt; fi; echo done",
                 [&] { return box.status("t") == "completed"; });
  CHECK(box.feed("checkpoint_failed").size() == 1);
  CHECK(box.merged("t", "w.txt") == "bad\ngood");
}

TEST_CASE("a conflict becomes a fix with both sides in the files") {
  Project box;
  box.configure({{"retry_backoff", "0s"}, {"file_conflicts", "off"}});
  box.start();
  box.drop_two("t");
  const std::string script =
      "if grep -q '<<<<<<<' README.md; then grep -v -e '<<<<<<<' -e '=======' -e '>>>>>>>' README.md > r; mv r README.md;"
      " else printf 'one\\nof %s\\nthree\\n' $(basename $PWD) > README.md; fi; echo done";
  box.work_until(script, [&] { return box.status("t") == "completed"; });
  const std::string text = box.merged("t", "README.md");
  CHECK_MESSAGE(text.find("of t-a-a1") != std::string::npos, text);
  CHECK_MESSAGE(text.find("of t-b-a1") != std::string::npos, text);
  const auto failed = box.feed("subtask_failed");
  REQUIRE(failed.size() == 1);
  CHECK(failed[0]["failure_class"] == "conflict");
  CHECK(failed[0]["error"].get<std::string>().find("README.md") != std::string::npos);
}

TEST_CASE("agents that fail or do nothing are told as what they are") {
  Project box;
  box.configure({{"max_attempts", 1}});
  box.start();
  box.drop_one("t");
  std::string script, words;
  SUBCASE("a failure") {
    script = "echo partly > p.txt; echo no disk; exit 3";
    words = "the agent ended with exit code 3: no disk";
  }
  SUBCASE("nothing") {
    script = "true";
    words = "changed nothing";
  }
  SUBCASE("its result file says so") {
    script = "echo '{\"status\":\"failed\",\"error\":\"too hard\"}' > {result_file}";
    words = "too hard";
  }
  SUBCASE("it ends by a signal") {
    script = "kill -KILL $$";
    words = "the agent was ended by SIGKILL";
  }
  REQUIRE(box.work(script).code == 0);
  box.require_status("t", "blocked");
  const std::string error = box.feed("subtask_failed")[0]["error"];
  CHECK_MESSAGE(error.find(words) != std::string::npos, error);
  CHECK(box.list("worktrees").empty());
  if (script.starts_with("echo partly")) {
    const std::string rescue = box.git({"for-each-ref", "--format=%(refname)", "refs/baton/rescue"});
    CHECK(box.git({"show", rescue + ":p.txt"}) == "partly");
  }
}

TEST_CASE("an interrupt gives the handoff back and keeps what was done; no attempt is used") {
  Project box;
  auto runner = halfway(box, "exec sleep 1000");
  box.require_feed("subtask_started");
  REQUIRE(::kill(runner.pid(), SIGINT) == 0);
  CHECK(box.require_end(runner).code == 128 + SIGINT);
  CHECK(box.exists("masters/development/handoffs/to-development-subtask-t.json"));
  const std::string rescue = box.git({"for-each-ref", "--format=%(refname)", "refs/baton/rescue"});
  CHECK(box.git({"show", rescue + ":half.txt"}) == "half");
  REQUIRE(box.work(k_own_file).code == 0);
  box.require_status("t", "completed");
  CHECK(box.document("orchestrator/reports/t.json")["subtasks"][0]["attempts"] == 1);
}

TEST_CASE("kill -9 of the runner: its agent ends with it, the next one begins anew, nothing is done twice") {
  Project box;
  box.start();
  box.drop_one("t");
  auto runner = box.start_runner("echo half > half.txt; sleep 1000 & echo $! > {worktree}/../../child.pid; wait");
  box.require_eventually("the agent is at work", [&] { return !box.read("child.pid").empty(); });
  box.require_feed("subtask_started");
  const pid_t child = std::stoi(box.read("child.pid"));
  REQUIRE(::kill(runner.pid(), SIGKILL) == 0);
  box.require_feed("worker_gone");
  box.require_feed("subtask_handed_off", 2);
  REQUIRE(box.work(k_own_file).code == 0);
  box.require_status("t", "completed");
  const auto left = baton::platform::read_process(child);
  CHECK((!left || left->state == 'Z'));
  CHECK(box.merged("t", "t-a2.txt") == "work of t-a2");
  CHECK(box.git({"for-each-ref", "--format=%(refname)", "refs/baton/rescue"}).find("t-a1") != std::string::npos);
  CHECK(box.feed("subtask_completed").size() == 1);
}

TEST_CASE("what cannot work is said before anything is claimed") {
  Sandbox box;
  box.start();
  box.drop("t.json", {{"id", "t"}, {"title", "Say hello"}, {"assigned_to", "development"}});
  box.require_handoff("development", "t");
  const auto none = box.run({"work", "--master", "development", "--once"});
  CHECK(none.code == 2);
  CHECK(none.error_output.find("no agent is set for development") != std::string::npos);
  const auto plain = box.run({"work", "--master", "development", "--once", "--", "true"});
  CHECK(plain.code != 0);
  CHECK_MESSAGE(plain.error_output.find("is not in a git repository") != std::string::npos, plain.error_output);
  box.put("masters/development/master.json", json{{"worktree", false}}.dump());
  const auto program = box.run({"work", "--master", "development", "--once", "--", "no-such-agent"});
  CHECK_MESSAGE(program.error_output.find("there is no program \"no-such-agent\"") != std::string::npos, program.error_output);
  const auto missing = box.run({"work", "--master", "developmen", "--", "true"});
  CHECK(missing.error_output.find("development") != std::string::npos);
  CHECK(box.exists("masters/development/handoffs/to-development-subtask-t.json"));
}

TEST_CASE("a file that one side deleted is a conflict without markers: leaving it alone solves nothing") {
  Project box;
  box.configure({{"retry_backoff", "0s"}, {"file_conflicts", "off"}, {"max_attempts", 2}});
  box.start();
  box.drop_two("t");
  std::string mend;
  SUBCASE("left alone") { mend = "echo looked"; }
  SUBCASE("said to be right") { mend = "echo '{\"status\":\"completed\"}' > {result_file}"; }
  SUBCASE("decided") { mend = "printf 'of both\\n' > README.md; echo done"; }
  const std::string script =
      "case $(basename $PWD) in *-a2) " + mend +
      ";; t-a-*) rm README.md; echo deleted;; *) printf 'one\\nchanged\\nthree\\n' > README.md; echo changed;; esac";
  const bool is_solved = mend != "echo looked";
  box.work_until(script, [&] { return box.status("t") == (is_solved ? "completed" : "blocked"); });
  CHECK(box.feed("subtask_failed").size() == (is_solved ? 1 : 2));
  CHECK(box.feed("subtask_failed").back()["failure_class"] == "conflict");
  if (mend.starts_with("printf")) CHECK(box.merged("t", "README.md") == "of both");
}

TEST_CASE("an agent that goes to the common branch moves nothing there") {
  Project box;
  box.configure({{"max_attempts", 1}, {"checkpoints", {{"never", {{"commands", json::array({json::array({"false"})})}}}}}});
  box.start();
  box.drop("t.json", {{"id", "t"}, {"title", "Write w"}, {"assigned_to", "development"}, {"checkpoint", "never"}});
  box.require_handoff("development", "t");
  REQUIRE(box.work("git checkout --quiet baton/t/integration; echo w > w.txt; echo done").code == 0);
  box.require_status("t", "blocked");
  CHECK(box.git({"rev-parse", "baton/t/integration"}) == box.git({"rev-parse", "main"}));
  CHECK(box.list("worktrees").empty());
  const std::string rescue = box.git({"for-each-ref", "--format=%(refname)", "refs/baton/rescue"});
  CHECK(box.git({"show", rescue + ":w.txt"}) == "w");
}

TEST_CASE("an interrupt ends --once, too") {
  Project box;
  auto runner = halfway(box, "exec sleep 1000", {"--once"});
  REQUIRE(::kill(runner.pid(), SIGTERM) == 0);
  CHECK(box.require_end(runner).code == 128 + SIGTERM);
  CHECK(box.exists("masters/development/handoffs/to-development-subtask-t.json"));
}

TEST_CASE("an agent that goes on after TERM is told of, and killed") {
  Project box;
  auto runner = halfway(box, "trap '' TERM; echo $$ > " + box.path("agent.pid") + "; while :; do sleep 0.1; done");
  box.require_eventually("it is deaf", [&] { return box.read("agent.pid").ends_with('\n'); });
  const pid_t agent = std::stoi(box.read("agent.pid"));
  REQUIRE(::kill(runner.pid(), SIGINT) == 0);
  const std::string told = box.require_end(runner).output;
  CHECK_MESSAGE(told.find("t: its agent goes on after the signal TERM; it is killed in 8 s") != std::string::npos, told);
  // It was killed; its number is free when the system has taken note of that.
  box.require_eventually("it is gone", [&] { return ::kill(agent, 0) != 0; });
  CHECK(box.exists("masters/development/handoffs/to-development-subtask-t.json"));
}

TEST_CASE("several runners for one master: every handoff is done once, all work is in the branch") {
  Project box;
  box.configure({{"max_active_subtasks", 0}});
  box.start();
  constexpr int k_count = 12;
  json subtasks = json::array();
  for (int n = 0; n < k_count; ++n)
    subtasks.push_back(
        {{"subtask_id", "t-" + std::to_string(n)}, {"title", "File " + std::to_string(n)}, {"assigned_to", "development"}});
  box.drop("t.json", {{"id", "t"}, {"title", "Many files"}, {"subtasks", subtasks}});
  for (int n = 0; n < k_count; ++n) box.require_handoff("development", "t-" + std::to_string(n));
  std::vector<baton::platform::Process> runners;
  for (int n = 0; n < 3; ++n) {
    auto runner = box.start_runner(k_own_file, {"--jobs", "2", "--once"});
    runners.push_back(std::move(runner));
  }
  for (baton::platform::Process& runner : runners) {
    const auto exit = box.require_end(runner);
    CHECK_MESSAGE(exit.code == 0, exit.error_output);
  }
  box.require_status("t", "completed");
  for (int n = 0; n < k_count; ++n) {
    const std::string file = "t-" + std::to_string(n) + "-a1.txt";
    CHECK(box.merged("t", file) == "work of t-" + std::to_string(n) + "-a1");
  }
  CHECK(box.feed("subtask_failed").empty());
  CHECK(box.run({"worktree", "prune"}).code == 0);
  CHECK(box.list("worktrees").empty());
}

TEST_CASE("kill -9 between merge and verdict: the next runner keeps what passed and takes back what did not") {
  Project box;
  const std::string check = "while ! test -f ../../go; do sleep 0.05; done; test -f ../../pass";
  box.configure({{"retry_backoff", "0s"},
                 {"checkpoints", {{"late", {{"commands", json::array({json::array({"/bin/sh", "-c", check})})}}}}}});
  box.start();
  box.drop("t.json",
           {{"id", "t"},
            {"title", "Two steps"},
            {"subtasks",
             json::array({{{"subtask_id", "t-1"}, {"title", "First"}, {"assigned_to", "development"}, {"checkpoint", "late"}},
                          {{"subtask_id", "t-2"},
                           {"title", "Second"},
                           {"assigned_to", "development"},
                           {"dependencies", json::array({"t-1"})}}})}});
  box.require_handoff("development", "t-1");
  auto runner = box.start_runner(k_own_file);
  box.require_feed("checkpoint_started");
  CHECK(box.merged("t", "t-1-a1.txt") == "work of t-1-a1");  // merged, and not yet judged
  REQUIRE(::kill(runner.pid(), SIGKILL) == 0);
  SUBCASE("it passes") {
    box.put_plainly("pass", "");
    box.put_plainly("go", "");
    box.require_feed("checkpoint_passed");
    box.work_until(k_own_file, [&] { return box.status("t") == "completed"; });
    CHECK(box.merged("t", "t-1-a1.txt") == "work of t-1-a1");
  }
  SUBCASE("it does not pass") {
    box.put_plainly("go", "");
    box.require_feed("checkpoint_failed");
    box.put_plainly("pass", "");
    box.work_until(k_own_file, [&] { return box.status("t") == "completed"; });
    // Who mended it went on with the work that was taken back.
    CHECK(box.merged("t", "t-1-a1.txt") == "work of t-1-a1");
    CHECK(box.merged("t", "t-1-a2.txt") == "work of t-1-a2");
    CHECK(box.git({"for-each-ref", "--format=%(refname)", "refs/baton/rescue/t"}).find("t-1-a1") != std::string::npos);
  }
  CHECK(box.merged("t", "t-2-a1.txt") == "work of t-2-a1");
  for (const std::string& name : box.list("agents")) CHECK_MESSAGE(!name.ends_with(".merge"), name);
}

TEST_CASE("a later stage sees all of the earlier one, also what it does not depend on and what a checkpoint looked at") {
  Project box;
  box.configure({{"checkpoints", {{"quick", {{"commands", json::array({json::array({"true"})})}}}}}, {"view_interval", "1s"}});
  box.start();
  box.drop("t.json",
           {{"id", "t"},
            {"title", "Two stages"},
            {"subtasks",
             json::array({{{"subtask_id", "t-1"}, {"title", "One"}, {"assigned_to", "development"}},
                          {{"subtask_id", "t-2"}, {"title", "Two"}, {"assigned_to", "development"}, {"checkpoint", "quick"}},
                          {{"subtask_id", "t-3"},
                           {"title", "Three"},
                           {"assigned_to", "development"},
                           {"dependencies", json::array({"t-1"})}}})}});
  box.require_handoff("development", "t-1");
  box.require_handoff("development", "t-2");
  const std::string script =
      "case $(basename $PWD) in t-3-*) cat t-1-a1.txt t-2-a1.txt > both.txt;; *) " + k_own_file + ";; esac; echo ok";
  box.work_until(script, [&] { return box.status("t") == "completed"; });
  CHECK(box.merged("t", "both.txt") == "work of t-1-a1\nwork of t-2-a1");
}

TEST_CASE("done again from a stage on: a task of its own, on what was there before that stage") {
  Project box;
  box.start();
  box.drop("t.json", {{"id", "t"},
                      {"title", "Two steps"},
                      {"subtasks", json::array({{{"subtask_id", "t-1"}, {"title", "First"}, {"assigned_to", "development"}},
                                                {{"subtask_id", "t-2"},
                                                 {"title", "Second"},
                                                 {"description", "The second file."},
                                                 {"assigned_to", "development"},
                                                 {"dependencies", json::array({"t-1"})}}})}});
  box.require_handoff("development", "t-1");
  const auto refused = box.run({"redo", "t", "--from-stage", "2"});
  CHECK(refused.code == 5);
  box.work_until(k_own_file, [&] { return box.status("t") == "completed"; });
  CHECK(box.run({"redo", "t", "--from-stage", "3"}).code == 3);
  CHECK(box.run({"redo", "t"}).code == 2);
  const auto redone = box.run({"redo", "t", "--from-stage", "2"});
  REQUIRE_MESSAGE(redone.code == 0, redone.error_output);
  CHECK(redone.output == "t-r2\n");
  const json plan = box.plan("t-r2");
  REQUIRE(plan["subtasks"].size() == 1);
  CHECK(plan["subtasks"][0]["description"] == "The second file.");
  CHECK(box.merged("t-r2", "t-1-a1.txt") == "work of t-1-a1");
  box.work_until("echo better > second.txt; echo ok", [&] { return box.status("t-r2") == "completed"; });
  CHECK(box.merged("t-r2", "second.txt") == "better");
  CHECK(box.git({"ls-tree", "--name-only", "baton/t-r2/integration"}) == "README.md\nsecond.txt\nt-1-a1.txt");
  CHECK(box.merged("t", "t-2-a1.txt") == "work of t-2-a1");

  REQUIRE(box.stop() == 0);  // both wait, each on a branch of its own
  CHECK(box.run({"redo", "t", "--from-stage", "2"}).output == "t-r3\n");
  CHECK(box.run({"redo", "t", "--from-stage", "1"}).output == "t-r4\n");
  CHECK(box.git({"ls-tree", "--name-only", "baton/t-r3/integration"}) == "README.md\nt-1-a1.txt");
  CHECK(box.git({"ls-tree", "--name-only", "baton/t-r4/integration"}) == "README.md");
}

TEST_CASE("paused at once: agents end, their work is kept, and after resume it is handed out at no attempt") {
  Project box;
  box.start();
  box.drop("t.json", {{"id", "t"}, {"title", "Write w"}, {"assigned_to", "development"}});
  box.require_handoff("development", "t");
  auto runner = box.start_runner("echo half > half.txt; touch " + box.path("begun") + "; exec sleep 1000");
  box.require_eventually("the agent is at work", [&] { return box.exists("begun"); });
  box.require_status("t", "in_progress");
  const auto paused = box.run({"pause", "--now"});
  REQUIRE_MESSAGE(paused.code == 0, paused.error_output);
  box.require_eventually(
      "its work is kept",
      [&] {
        return !box.git({"for-each-ref", "refs/baton/rescue/t"}).empty();
      },
      60);
  CHECK_FALSE(box.exists(Sandbox::handoff_path("development", "t")));
  runner.signal_group(SIGTERM);
  box.require_end(runner);
  CHECK(box.run({"resume"}).code == 0);
  box.require_handoff("development", "t");
  CHECK(box.plan("t")["subtasks"][0]["attempt"] == 1);
  box.work_until("echo whole > w.txt; echo ok", [&] { return box.status("t") == "completed"; });
}

TEST_CASE(
    "completed tasks go into the branch that they began at when the settings say so; what was skipped is left to a person") {
  Project box;
  box.configure({{"retry_backoff", "0s"}, {"integrate", "merge"}, {"max_attempts", 1}});
  box.start();
  box.drop_two("t");
  const auto exit = box.work(k_own_file);
  REQUIRE_MESSAGE(exit.code == 0, (exit.output + exit.error_output));
  box.require_status("t", "completed");
  CHECK(exit.output.find("t: main was moved to its work") != std::string::npos);
  CHECK(box.git({"show", "main:t-a-a1.txt"}) == "work of t-a-a1");
  CHECK(fs::exists(box.path("../t-b-a1.txt")));
  CHECK(box.run({"report", "t"}).output.find("the work that counts, integrated; it began at main") != std::string::npos);

  box.drop_two("s");
  const std::string before = box.git({"rev-parse", "main"});
  box.work("case $PWD in *s-b*) exit 1;; esac; " + k_own_file);
  box.require_status("s", "blocked");
  REQUIRE(box.run({"skip", "s-b", "--reason", "by hand"}).code == 0);
  box.require_status("s", "completed");
  box.work(k_own_file);
  CHECK(box.git({"rev-parse", "main"}) == before);
}
