// `baton work` where master.json says that its agents need no worktree.
#include <doctest/doctest.h>
#include <signal.h>

#include "system/project.h"

using namespace baton::test;

TEST_CASE("without a worktree the agent works in the workspace") {
  Sandbox box;
  box.put("masters/development/master.json",
          json{{"agent", json::array({"/bin/sh", "-c", "echo $WHO > hello.txt; cat > prompt.txt; echo wrote it"})},
               {"env", {{"WHO", "agent"}}},
               {"worktree", false}}
              .dump());
  box.start();
  box.drop("t.json",
           {{"id", "t"}, {"title", "Say hello"}, {"description", "With {braces} as they are"}, {"assigned_to", "development"}});
  box.require_handoff("development", "t");
  REQUIRE(box.run({"work", "--master", "development", "--once"}).code == 0);
  box.require_status("t", "completed");
  CHECK(box.read("../hello.txt") == "agent\n");
  CHECK(box.read("../prompt.txt").find("With {braces} as they are") != std::string::npos);
  box.require_eventually("its report stands", [&] { return box.exists("orchestrator/reports/t.json"); });
  CHECK(box.document("orchestrator/reports/t.json")["subtasks"][0]["summary"] == "wrote it");
}

TEST_CASE("while the daemon stands still a runner goes on with what was handed out, and every answer counts once") {
  Project box;
  box.put("masters/development/master.json", R"({"worktree": false})");
  box.start();
  for (const std::string id : {"a", "b", "c"}) {
    box.drop(id + ".json", {{"id", id}, {"title", "Say " + id}, {"assigned_to", "development"}});
    box.require_handoff("development", id);
  }
  REQUIRE(::kill(box.pid(), SIGSTOP) == 0);
  auto runner = box.start_runner("touch did-$(basename {prompt_file} .md)", {"--once"});
  const auto answer = [](const std::string& id) {
    return "masters/development/handoffs/from-development-subtask-" + id + ".json";
  };
  for (const std::string id : {"a", "b", "c"}) {
    box.require_eventually(id + " was done, and its answer lies there",
                           [&] { return box.exists("../did-" + id + "-a1") && box.exists(answer(id)); });
  }
  REQUIRE(::kill(box.pid(), SIGCONT) == 0);
  const auto exit = box.require_end(runner);
  CHECK_MESSAGE(exit.code == 0, exit.output, exit.error_output);
  for (const std::string id : {"a", "b", "c"}) {
    box.require_status(id, "completed");
    const std::string told = id + ": completed\n";
    const auto at = exit.output.find(told);
    CHECK_MESSAGE(at != std::string::npos, exit.output);
    CHECK(exit.output.find(told, at + 1) == std::string::npos);
  }
  CHECK(box.feed("subtask_completed").size() == 3);
  CHECK(box.list("masters/development/handoffs/stale").empty());
  box.check_seq();
}
