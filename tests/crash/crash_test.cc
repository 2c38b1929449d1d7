// kill -9 at random moments, hundreds of times, against an oracle: whatever the kills were, the world ends as it does without
// them. BATON_CRASH_KILLS = how many kills (default 40), BATON_CRASH_SEED = the seed of the moments (printed, so that a failing
// run can be repeated as far as the machine's own timing allows).
#include <doctest/doctest.h>
#include <poll.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "system/sandbox.h"

using baton::test::json;
using baton::test::Sandbox;

namespace {

constexpr int k_kills_per_world = 20;

long setting(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::atol(text) : otherwise;
}

/// What users hand in: every way in, every kind of plan, one file that is refused.
void hand_in(Sandbox& box, int part) {
  switch (part) {
    case 0:
      box.drop("auth.json", {{"id", "auth-task"}, {"title", "Add authentication system with security audit and documentation"}});
      return;
    case 1:
      box.drop("three.json", json::array({{{"title", "Fix typo in README.md"}},
                                          {{"title", "List all repositories in the portfolio"}, {"priority", "high"}},
                                          {{"id", "third"}, {"title", "Run npm audit"}, {"depends_on", {"auth-task"}}}}));
      return;
    case 2: {
      json queue = box.document("task-queue.json");
      if (!queue.is_object()) queue = {{"tasks", json::array()}};
      queue["tasks"].push_back({{"id", "queued"}, {"title", "Fix bug in server.js line 42"}});
      queue["tasks"].push_back({{"title", "Scan repository for security vulnerabilities"}});
      box.put("task-queue.json", queue.dump(1));
      return;
    }
    case 3: box.drop("prompt.md", std::string("# Fix typo in NEWS.md\n\nIt says teh.\n")); return;
    case 4: box.drop("broken.json", std::string("{\"title\": ")); return;
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
constexpr int k_parts = 6;
constexpr std::size_t k_tasks = 8;

/// A master that remembers which handoffs it was given.
class Master {
 public:
  explicit Master(Sandbox& box) : box_(box) {}
  void work() {
    for (const std::string& name : box_.list("masters")) look(name);
  }

 private:
  void look(const std::string& master) {
    const std::string folder = "masters/" + master + "/handoffs";
    for (const std::string& name : box_.list(folder)) {
      if (!name.starts_with("to-")) continue;
      const json handoff = box_.document(folder + "/" + name);
      std::error_code lost;
      std::filesystem::rename(box_.path(folder + "/" + name), box_.path(folder + "/claimed/" + name), lost);
      if (lost) continue;
      REQUIRE_MESSAGE(handoff.is_object(), name);
      const std::string subtask_id = handoff["subtask_id"];
      REQUIRE_MESSAGE(given_.insert(subtask_id).second, "handed out twice: " << subtask_id);
      box_.complete(master, subtask_id, "did " + subtask_id);
    }
  }
  Sandbox& box_;
  std::set<std::string> given_;
};

bool finished(const Sandbox& box) {
  std::size_t reports = 0;
  for (const std::string& name : box.list("orchestrator/reports")) reports += name.ends_with(".json") ? 1 : 0;
  return reports == k_tasks && box.exists("task-queue.d/rejected/broken.json.error.json");
}

/// The end of a world, without what depends on the moment.
json outcome(const Sandbox& box) {
  json world;
  for (const std::string& name : box.list("orchestrator/tasks")) {
    if (!name.starts_with("orch-")) continue;
    const json plan = box.document("orchestrator/tasks/" + name);
    json& task = world["plans"][name];
    task["status"] = plan["status"];
    task["stages"] = plan["execution_plan"];
    for (const json& subtask : plan["subtasks"])
      task["subtasks"].push_back(
          {subtask["subtask_id"], subtask["status"], subtask["attempt"], subtask["epoch"], subtask["result"]["summary"]});
  }
  for (const json& entry : box.feed()) {
    const std::string type = entry["type"];
    // A claim that was seen only together with its result is not told of by itself.
    if (type.starts_with("daemon_") || type == "subtask_claimed") continue;
    const std::string key = type + " " + entry.value("task_id", "") + " " + entry.value("subtask_id", "");
    json& count = world["feed"][key];
    count = count.is_null() ? 1 : count.get<int>() + 1;
  }
  for (const char* folder :
       {"task-queue.d", "task-queue.d/accepted", "task-queue.d/rejected", "orchestrator/reports", "orchestrator/subtasks",
        "masters/development/handoffs", "masters/development/handoffs/claimed", "masters/development/handoffs/done",
        "masters/security/handoffs/done", "masters/development/handoffs/stale"})
    world["folders"][folder] = box.list(folder);
  for (const json& entry : box.document("task-queue.json")["tasks"])
    world["queue"][entry["id"].get<std::string>()] = entry["status"];
  return world;
}

void settle(Sandbox& box) {
  box.require_eventually("the queue file says so", [&] {
    const json queue = box.document("task-queue.json");
    for (const json& entry : queue["tasks"])
      if (entry.value("status", "") != "completed") return false;
    return true;
  });
  box.require_eventually("plans are final", [&] {
    for (const std::string& name : box.list("orchestrator/tasks"))
      if (name.starts_with("orch-") && box.document("orchestrator/tasks/" + name)["status"] != "completed") return false;
    return true;
  });
  CHECK(box.stop() == 0);
  box.check_seq();
}

json undisturbed() {
  Sandbox box;
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

json disturbed(int kills, std::mt19937_64& random) {
  Sandbox box;
  Master master(box);
  int part = 0;
  for (int kill = 0; kill < kills; ++kill) {
    box.launch();
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(random() % 60'000);
    do {
      if (part < k_parts && random() % 8 == 0) hand_in(box, part++);
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
