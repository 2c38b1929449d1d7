// What is understood of a task, but hardly meant like that: told in the feed, whichever way the task comes.
#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

#include "service/queue_site.h"
#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_slip = "\"all test pas\" is taken for words, no program looks at it (did you mean \"all tests pass\"?)";

/// Where commands have a name.
struct Site {
  Site() {
    protocol::Check check;
    check.commands = {{"true"}};
    workshop.config.checkpoints["all tests pass"] = check;
  }
  Workshop workshop;
};

void drop(Run& run, const std::string& name, const std::string& bytes) {
  run.workshop.drop("task-queue.d/" + name, bytes);
  run.intake.notice({platform::Notice::What::appeared, "task-queue.d", name, false});
  for (int n = 0; n < 8; ++n) run.take();
}

std::vector<json> warnings(const Workshop& workshop) {
  std::vector<json> found;
  std::istringstream feed(workshop.get("dashboard-events.jsonl"));
  for (std::string line; std::getline(feed, line);)
    if (json entry = json::parse(line); entry["type"] == "document_warning") found.push_back(std::move(entry));
  return found;
}

}  // namespace

TEST_CASE("a checkpoint that is a slip away from a name with commands is told, and where it stands") {
  Site site;
  Run run(site.workshop);
  drop(run, "t.json",
       R"({"title": "Two things", "checkpoint": "all is well", "subtasks": [{"title": "a", "checkpoint": "all tests pass"},
                                                 {"title": "b", "checkpoint": "all test pas"}]})");
  const std::vector<json> told = warnings(site.workshop);
  REQUIRE(told.size() == 1);
  CHECK(told[0]["reason"] == "/subtasks/1/checkpoint: " + k_slip);
  CHECK(told[0]["task_id"] == "t");
  CHECK(told[0]["path"] == "task-queue.d/t.json");
}

TEST_CASE("the same of the queue file, and what else is hardly meant in an entry: once each") {
  Site site;
  Run run(site.workshop);
  site.workshop.drop(k_queue, queue_of({R"({"id": "t", "title": "x", "checkpoint": "all test pas", "aproval": true})"}));
  look(run);
  site.workshop.drop(k_queue, site.workshop.get(k_queue) + "\n");
  look(run);
  const std::vector<json> told = warnings(site.workshop);
  REQUIRE(told.size() == 2);
  CHECK(told[0]["reason"] == "/aproval: nobody reads \"aproval\" (did you mean \"approval\"?)");
  CHECK(told[1]["reason"] == "/checkpoint: " + k_slip);
  CHECK(told[1]["path"] == k_queue);
}

TEST_CASE("without names in the settings, and with commands of its own, a checkpoint is no slip") {
  Workshop plain;
  {
    Run run(plain);
    drop(run, "t.json", R"({"title": "x", "checkpoint": "all test pas"})");
  }
  CHECK(warnings(plain).empty());
  Site site;
  Run run(site.workshop);
  drop(run, "t.json", R"({"title": "x", "checkpoint": {"description": "all test pas", "commands": [["true"]]}})");
  CHECK(warnings(site.workshop).empty());
}
