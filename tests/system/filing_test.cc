// What becomes of documents that were taken, and of those that are none: filed, moved back, left alone.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "system/sandbox.h"

using baton::test::json;
using baton::test::Sandbox;

namespace fs = std::filesystem;

namespace {

const json k_typo = {{"title", "Fix typo in README.md"}};

json typo(const std::string& file) { return {{"title", "Fix typo in " + file}, {"files_affected", {file}}}; }

/// `rm -rf`, again when the daemon was quicker in making what was removed.
void remove_tree(const Sandbox& box, const std::string& relative) {
  std::error_code error;
  do fs::remove_all(box.path(relative), error);
  while (error);
}

}  // namespace

TEST_CASE("a file moved back from accepted/ by hand is a new drop, and so is one from rejected/") {
  Sandbox box;
  box.start();
  box.drop("job.json", k_typo);
  box.play([&] { return box.exists("orchestrator/reports/job.json") && box.exists("task-queue.d/accepted/job.json"); });
  box.move("task-queue.d/accepted/job.json", "task-queue.d/job.json");
  box.require_handoff("development", "job-2");
  box.drop("bad.json", std::string("{"));
  box.require_refusal("bad.json");
  box.require_feed("task_rejected");
  box.move("task-queue.d/rejected/bad.json", "task-queue.d/bad.json");
  box.require_feed("task_rejected", 2);
  box.require_refusal("bad.json");
}

TEST_CASE("moved back from accepted/ while the daemon is down after a kill: a new drop all the same") {
  Sandbox box;
  box.configure({{"file_conflicts", "off"}});
  box.start();
  box.drop("scan.md", std::string("# Fix typo in README.md\n"));
  box.play([&] { return box.exists("orchestrator/reports/scan.json") && box.exists("task-queue.d/accepted/scan.md"); });
  // What was filed is forgotten by the journal when the loop has rested; until then the move would look like a crash before it.
  const auto rested = [&box] {
    std::ifstream stat("/proc/" + std::to_string(box.pid()) + "/stat");
    std::string line;
    std::getline(stat, line);
    return line;
  };
  std::string before = rested();
  int still = 0;
  box.require_eventually("the loop rests", [&] {
    still = rested() == before ? still + 1 : 0;
    before = rested();
    return still >= 200;
  });
  box.kill9();
  box.move("task-queue.d/accepted/scan.md", "task-queue.d/scan.md");
  box.start();
  box.require_handoff("development", "scan-2");
}

TEST_CASE("an agent's growing log in the drop folder is reported once") {
  Sandbox box;
  box.start();
  for (int n = 0; n < 5; ++n) {
    std::ofstream(box.path("task-queue.d/agent.log"), std::ios::app) << "line " << n << "\n";
    box.pass_by();
  }
  CHECK(box.feed("document_rejected").size() == 1);
}

TEST_CASE("names that are not ours are left; an unknown ending is reported once, also over a restart") {
  Sandbox box;
  const std::vector<std::string> private_names = {".hidden.json", "a.json~", "b.json.tmp", "c.json.swp", "d.json.part"};
  for (const std::string& name : private_names) box.put_plainly("task-queue.d/" + name, k_typo.dump());
  box.configure({{"file_conflicts", "off"}});
  box.start();
  for (const std::string& name : private_names) box.put_plainly("task-queue.d/x" + name, k_typo.dump());
  box.put_plainly("task-queue.d/.late.json", k_typo.dump());
  box.drop("notes.txt", std::string("hello"));
  box.require_feed("document_rejected");
  box.pass_by();
  box.kill9();
  box.start();
  box.pass_by();
  CHECK(box.feed("document_rejected").size() == 1);
  CHECK(box.read("task-queue.d/notes.txt") == "hello");
  for (const std::string& name : private_names) CHECK(box.exists("task-queue.d/" + name));
  CHECK(box.exists("task-queue.d/.late.json"));
  CHECK(box.feed("task_received").size() == 3);  // x.hidden.json is an ordinary name
}

TEST_CASE("a filing folder that was removed while the daemon runs is made when something is filed") {
  Sandbox box;
  box.start();
  remove_tree(box, "task-queue.d/accepted");
  box.drop("one.json", typo("one.md"));
  box.require_eventually("accepted", [&] { return box.exists("task-queue.d/accepted/one.json"); });
  remove_tree(box, "task-queue.d/rejected");
  box.drop("bad.json", std::string("{"));
  box.require_refusal("bad.json");
  remove_tree(box, "orchestrator/commands/done");
  CHECK(box.run({"pause"}).code == 0);
  CHECK(box.run({"resume"}).code == 0);
  remove_tree(box, "masters/development/handoffs/done");
  box.require_handoff("development", "one");
  box.complete("development", "one");
  box.require_eventually("done", [&] { return box.list("masters/development/handoffs/done").size() == 2; });
}
