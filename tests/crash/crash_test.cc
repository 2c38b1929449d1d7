// kill -9 at random moments, hundreds of times, against an oracle: whatever the kills were, the world ends as it does without
// them. BATON_CRASH_KILLS = how many kills (default 40), BATON_CRASH_SEED = the seed of the moments (printed, so that a failing
// run can be repeated as far as the machine's own timing allows).
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "crash/oracle.h"
#include "system/sandbox.h"

using namespace baton::test;

namespace {

constexpr int k_kills_per_world = 20;

long setting(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::atol(text) : otherwise;
}

const json k_asked = {{"id", "asked"},
                      {"title", "Prepare the autumn conference and audit every talk for security"},
                      {"orchestration_required", true},
                      {"planner", "command"}};

/// The planner command answers after a moment, so that some kills find it at work.
void prepare(Sandbox& box) {
  box.put("orchestrator/planner.sh", R"(#!/bin/sh
cat >/dev/null
i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done
cat <<'END'
{"subtasks": [{"subtask_id": "p1", "title": "First", "assigned_to": "development"},
              {"subtask_id": "p2", "title": "Second", "assigned_to": "security", "dependencies": ["p1"]}]}
END
)");
  REQUIRE(::chmod(box.path("orchestrator/planner.sh").c_str(), 0700) == 0);
  // What a child task is planned by: without it the planner command would be asked, whose ids are those of another task.
  box.put("orchestrator/playbooks/cellar.json",
          json{{"match_any", {"cellar"}},
               {"slug", "cellar"},
               {"steps",
                {{{"role", "dig"}, {"title", "Dig it"}, {"master", "development"}},
                 {{"role", "vault"}, {"title", "Vault it"}, {"master", "inventory"}, {"dependencies", {"dig"}}}}}}
              .dump());
  box.configure({{"planner", {{"command", {box.path("orchestrator/planner.sh")}}, {"timeout", "30s"}}}});
}

/// What users hand in: every way in, every kind of plan, one file that is refused.
void hand_in(Sandbox& box, int part) {
  switch (part) {
    case 0:
      box.drop("auth.json", {{"id", "auth-task"}, {"title", "Add authentication system with security audit and documentation"}});
      return;
    case 1:
      // It waits for one of the same file: whether one that was handed in before has ended by now is a matter of the kills.
      box.drop("three.json", json::array({{{"id", "typo"}, {"title", "Fix typo in README.md"}},
                                          {{"title", "List all repositories in the portfolio"}, {"priority", "high"}},
                                          {{"id", "third"}, {"title", "Run npm audit"}, {"depends_on", {"typo"}}}}));
      return;
    case 2: {
      json queue = box.document("task-queue.json");
      if (!queue.is_object()) queue = {{"tasks", json::array()}};
      queue["tasks"].push_back({{"id", "queued"}, {"title", "Fix bug in server.js line 42"}});
      queue["tasks"].push_back({{"title", "Scan repository for security vulnerabilities"}});
      queue["tasks"].push_back(
          {{"id", "theirs"}, {"title", "Of another program"}, {"status", "reviewing"}, {"owner", "somebody else"}});
      box.put("task-queue.json", queue.dump(1));
      return;
    }
    case 3: box.drop("prompt.md", std::string("# Fix typo in NEWS.md\n\nIt says teh.\n")); return;
    case 4: box.drop("broken.json", std::string("{\"title\": ")); return;
    case 5: box.drop("flaky.json", json{{"id", "flaky"}, {"title", "Fix typo in mirrors.txt"}}); return;
    case 6: box.drop("asked.json", k_asked); return;
    case 7:
      box.drop(
          "house.json",
          {{"id", "house"},
           {"title", "Build the house"},
           {"execution_mode", "sequential"},
           {"subtasks",
            {{{"subtask_id", "house-1"}, {"title", "Build the cellar"}, {"orchestrate", true}, {"assigned_to", "development"}},
             {{"subtask_id", "house-2"}, {"title", "Build the walls"}, {"assigned_to", "development"}}}}});
      return;
    default: {
      json eager = {{"id", "eager"}, {"title", "Numbers"}, {"execution_mode", "eager"}, {"subtasks", json::array()}};
      for (int i = 0; i < 12; ++i) {
        json subtask = {
            {"subtask_id", "n" + std::to_string(i)}, {"title", "Number " + std::to_string(i)}, {"assigned_to", "development"}};
        if (i >= 3) subtask["dependencies"] = {"n" + std::to_string(i - 3)};
        eager["subtasks"].push_back(subtask);
      }
      box.drop("eager.json", eager);
    }
  }
}
constexpr int k_parts = 9;
constexpr std::size_t k_tasks = 12;  // the cellar of the house is a task of its own

bool finished(const Sandbox& box) {
  std::size_t reports = 0;
  for (const std::string& name : box.list("orchestrator/reports")) reports += name.ends_with(".json") ? 1 : 0;
  return reports == k_tasks && box.exists("task-queue.d/rejected/broken.json.error.json");
}

json undisturbed() {
  Sandbox box;
  prepare(box);
  box.start();
  Master master(box);
  for (int part = 0; part < k_parts; ++part) hand_in(box, part);
  box.require_eventually("the end", [&] {
    master.work();
    return finished(box);
  });
  settle(box);
  return outcome(box);
}

std::size_t starts(const Sandbox& box) { return box.feed("daemon_started").size(); }

/// Four kills of five count from the first commit of the run, or a program that starts slowly would never do anything; the fifth
/// finds it starting.
json disturbed(int kills, std::mt19937_64& random) {
  Sandbox box;
  prepare(box);
  Master master(box);
  int part = 0;
  for (int kill = 0; kill < kills; ++kill) {
    const std::size_t before = starts(box);
    box.launch();
    if (random() % 5 != 0) box.require_eventually("it is at work", [&] { return starts(box) > before; });
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(random() % 60'000);
    do {
      if (part < k_parts && random() % 60 == 0) hand_in(box, part++);
      if (random() % 2 == 0) master.work();
      ::poll(nullptr, 0, 1);
    } while (std::chrono::steady_clock::now() < end);
    REQUIRE_MESSAGE(box.running(), box.log());
    box.kill9();
  }
  box.start();
  while (part < k_parts) hand_in(box, part++);
  box.require_eventually(
      "the end",
      [&] {
        master.work();
        return finished(box);
      },
      60);
  settle(box);
  return outcome(box);
}

}  // namespace

TEST_CASE("kill -9 at random moments: nothing lost, nothing twice, no gap in seq") {
  const auto seed = static_cast<std::uint64_t>(setting("BATON_CRASH_SEED", static_cast<long>(std::random_device{}())));
  const int kills = static_cast<int>(setting("BATON_CRASH_KILLS", 40));
  MESSAGE("BATON_CRASH_SEED=" << seed << " BATON_CRASH_KILLS=" << kills);
  std::mt19937_64 random(seed);
  const json expected = undisturbed();
  for (int done = 0; done < kills; done += k_kills_per_world) {
    const json found = disturbed(std::min(k_kills_per_world, kills - done), random);
    REQUIRE_MESSAGE(found == expected, json::diff(expected, found).dump(1));
  }
}
