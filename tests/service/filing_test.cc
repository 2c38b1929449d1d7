// Where documents go: under names that are free, into folders that are made when they are missing.
#include "service/filing.h"

#include <doctest/doctest.h>

#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_task = R"({"id": "t-1", "title": "Fix typo in README.md"})";

/// Everything in the drop folder is looked at.
void look(Run& run) {
  for (const std::string& name : run.workshop.list("task-queue.d")) run.intake.look_again("task-queue.d/" + name);
  run.take();
}

}  // namespace

TEST_CASE("filing makes its folder anew when somebody removed it") {
  struct Case {
    const char* folder;
    const char* path;
    const char* bytes;
    const char* filed;
  };
  for (const Case& each :
       {Case{"task-queue.d/accepted", "task-queue.d/t.json", k_task.c_str(), "task-queue.d/accepted/t.json"},
        Case{"task-queue.d/rejected", "task-queue.d/t.json", "{", "task-queue.d/rejected/t.json.error.json"},
        Case{"orchestrator/commands/done", "orchestrator/commands/c.json", "{\"command\": \"pause\"}",
             "orchestrator/commands/done/c.json"},
        Case{"orchestrator/commands/done", "orchestrator/commands/c.json", "{", "orchestrator/commands/done/c.json.request"},
        Case{"masters/development/handoffs/stale", "masters/development/handoffs/from-development-subtask-x.json", "{",
             "masters/development/handoffs/stale/from-development-subtask-x.json"},
        Case{"masters/development/handoffs/done", "masters/development/handoffs/from-development-subtask-w.json",
             "{\"status\": \"completed\"}", "masters/development/handoffs/done/from-development-subtask-w.json"},
        Case{"worker-specs/stale", "worker-specs/active/w.json", "{", "worker-specs/stale/w.json"}}) {
    CAPTURE(each.filed);
    Workshop workshop;
    Run run(workshop);
    run.task("w");
    workshop.remove(each.folder);
    workshop.drop(each.path, each.bytes);
    run.intake.look_again(each.path);
    run.take();
    CHECK(workshop.has(each.filed));
    CHECK_FALSE(workshop.has(each.path));
    CHECK_FALSE(run.inputs.retry_due());
  }
}

TEST_CASE("numbers of names: the first without, and room for the ending of a reason where a name is long") {
  CHECK(service::numbered("t.json", 0) == "t.json");
  CHECK(service::numbered("t.json", 12) == "t.json.12");
  const std::string longest(255, 'n');
  CHECK(service::numbered(longest, 0) == longest);
  CHECK(service::numbered(longest, 1) == std::string(242, 'n') + ".1");
  std::string umlauts;
  while (umlauts.size() < 254) umlauts += "\u00fc";
  CHECK(service::numbered("x" + umlauts, 1).size() == 243);
  CHECK(service::numbered(umlauts, 1).size() == 244);
}

TEST_CASE("two refused files of the longest name keep their own reasons") {
  Workshop workshop;
  Run run(workshop);
  const std::string longest = std::string(250, 'n') + ".json";
  for (const char* bytes : {"[", "{"}) {
    workshop.drop("task-queue.d/.d", bytes);
    workshop.move("task-queue.d/.d", "task-queue.d/" + longest);
    look(run);
  }
  CHECK(workshop.list("task-queue.d").empty());
  CHECK(workshop.list("task-queue.d/rejected").size() == 4);
  CHECK(workshop.get("task-queue.d/rejected/" + longest) == "[");
}

TEST_CASE("nothing is overwritten: taken names get a number, and each refused file keeps its own reason") {
  Workshop workshop;
  Run run(workshop);
  for (const char* bytes : {"[", "{", "nothing"}) {
    workshop.drop("task-queue.d/t.json", bytes);
    look(run);
  }
  const std::string folder = "task-queue.d/rejected/";
  CHECK(workshop.get(folder + "t.json") == "[");
  CHECK(workshop.get(folder + "t.json.1") == "{");
  CHECK(workshop.get(folder + "t.json.2") == "nothing");
  CHECK(workshop.list(folder).size() == 6);
  CHECK(workshop.get(folder + "t.json.error.json") != workshop.get(folder + "t.json.2.error.json"));
}
