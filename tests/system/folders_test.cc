// Folders that are replaced, views that are edited, feeds and journals that are deleted while the daemon runs.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "system/sandbox.h"

using baton::test::json;
using baton::test::Sandbox;
namespace fs = std::filesystem;

namespace {

const std::string k_feed = "dashboard-events.jsonl";
const std::string k_journal = "orchestrator/state/journal.db";

json typo(const std::string& file) { return {{"title", "Fix typo in " + file}, {"files_affected", {file}}}; }

void append(const Sandbox& box, const std::string& relative, const std::string& bytes) {
  std::ofstream file(box.path(relative), std::ios::binary | std::ios::app);
  file << bytes;
}

/// `rm -rf`, again when the daemon was quicker in making what was removed.
void remove_tree(const Sandbox& box, const std::string& relative) {
  std::error_code error;
  do fs::remove_all(box.path(relative), error);
  while (error);
}

}  // namespace

TEST_CASE("the drop folder is removed and made again: drops are taken as before") {
  Sandbox box;
  box.start();
  box.drop("one.json", typo("one.md"));
  box.require_eventually("filed", [&] { return box.exists("task-queue.d/accepted/one.json"); });
  for (int i = 0; i < 5; ++i) {
    const std::string name = "again" + std::to_string(i);
    remove_tree(box, "task-queue.d");
    fs::create_directories(box.path("task-queue.d"));
    box.drop(name + ".json", typo(name + ".md"));
    box.require_handoff("development", name);
    box.require_eventually("filed", [&] { return box.exists("task-queue.d/accepted/" + name + ".json"); });
  }
  CHECK(box.feed("config_reloaded").empty());  // everything was listed again, and nothing of it is a setting
}

TEST_CASE("a master's handoff folder is replaced: claims are noticed, new handoffs and results go through") {
  Sandbox box;
  box.start();
  box.drop("one.json", typo("one.md"));
  box.require_handoff("development", "one");
  remove_tree(box, "masters/development/handoffs");
  fs::create_directories(box.path("masters/development/handoffs/claimed"));
  box.require_feed("subtask_claimed");
  CHECK(box.feed("subtask_claimed")[0]["how"] == "removed");
  box.complete("development", "one");
  box.require_status("one", "completed");
  box.drop("two.json", typo("two.md"));
  box.claim("development", "two");
  box.require_feed("subtask_claimed", 2);
  box.complete("development", "two");
  box.require_status("two", "completed");
}

TEST_CASE("folders that disappear for good are made again when they are needed") {
  Sandbox box;
  box.start();
  for (const char* folder : {"masters/development/handoffs", "orchestrator/reports", "orchestrator/tasks",
                             "orchestrator/subtasks", "task-queue.d/accepted", "orchestrator/commands"})
    remove_tree(box, folder);
  box.drop("one.json", typo("one.md"));
  box.require_handoff("development", "one");
  box.complete("development", "one");
  box.require_eventually("the report", [&] { return box.exists("orchestrator/reports/one.json"); });
  box.require_status("one", "completed");
  box.require_eventually("filed", [&] { return box.exists("task-queue.d/accepted/one.json"); });
  box.require_eventually("commands again", [&] { return box.exists("orchestrator/commands"); });
  CHECK(box.run({"pause"}).code == 0);
}

TEST_CASE("a whole subtree swapped by rename, as git checkout does: the new one is the truth") {
  Sandbox box;
  box.start();
  box.drop("one.json", typo("one.md"));
  box.require_handoff("development", "one");
  fs::copy(box.path("masters"), box.path("masters.new"), fs::copy_options::recursive);
  const std::string result = "masters.new/development/handoffs/from-development-subtask-one.json";
  box.put(result, R"({"status": "completed", "result": {"summary": "from the other tree"}})");
  box.move("masters", "masters.old");
  box.move("masters.new", "masters");
  box.require_status("one", "completed");
  box.drop("two.json", typo("two.md"));
  box.require_handoff("development", "two");
}

TEST_CASE("a view edited by hand is put back, and reported once") {
  Sandbox box;
  box.configure();
  box.start();
  box.drop("one.json", typo("one.md"));
  box.require_handoff("development", "one");
  box.require_status("one", "in_progress");
  box.require_eventually("the view", [&] { return box.exists("orchestrator/subtasks/one.json"); });
  const std::string plan = "orchestrator/tasks/orch-one.json";
  const std::string before = box.read(plan);
  box.put(plan, "{\"status\": \"completed\"}");
  box.require_eventually("put back", [&] { return box.read(plan) == before; });
  box.require_feed("view_restored");
  const std::string subtask = box.read("orchestrator/subtasks/one.json");
  fs::remove(box.path("orchestrator/subtasks/one.json"));
  box.require_eventually("put back", [&] { return box.read("orchestrator/subtasks/one.json") == subtask; });
  box.put(plan, "{\"status\": \"failed\"}");  // at most once a minute: it stands until the plan changes
  box.complete("development", "one");
  box.require_status("one", "completed");
  CHECK(box.feed("view_restored").size() == 2);
}

TEST_CASE("the feed: foreign lines are kept, a torn tail is closed, also before a start") {
  Sandbox box;
  box.start();
  append(box, k_feed, "{\"type\": \"deploy\", \"by\": \"somebody\"}\n");
  box.drop("one.json", typo("one.md"));
  box.require_handoff("development", "one");
  append(box, k_feed, "{\"type\": \"torn\", \"seq\": 100000}");  // no newline; a seq of others is never trusted
  box.drop("two.json", typo("two.md"));
  box.require_handoff("development", "two");
  box.require_feed("subtask_handed_off", 2);
  box.kill9();
  append(box, k_feed, "{\"type\": \"torn again\"}");
  box.start();
  box.drop("three.json", typo("three.md"));
  box.require_feed("subtask_handed_off", 3);
  CHECK(box.feed("deploy").size() == 1);
  CHECK(box.feed("torn").size() == 1);
  CHECK(box.feed("torn again").size() == 1);
  std::int64_t expected = 1;
  for (const json& entry : box.feed()) {
    if (!entry.contains("seq") || entry["type"] == "torn") continue;
    CHECK(entry["seq"] == expected++);
  }
}

TEST_CASE("the feed is rotated by size and seq goes on, over a restart too") {
  Sandbox box;
  box.configure({{"events_max_bytes", "64KiB"}, {"events_keep", 20}, {"file_conflicts", "off"}});
  box.start();
  const auto rotated = [&box](int n) { return box.exists(k_feed + "." + std::to_string(n)); };
  int dropped = 0;
  const auto fill = [&](int until) {
    box.require_eventually("rotated", [&] {
      for (int i = 0; i < 20; ++i, ++dropped)
        box.drop("r" + std::to_string(dropped) + ".json", typo("r" + std::to_string(dropped) + ".md"));
      box.require_handoff("development", "r" + std::to_string(dropped - 1));
      return rotated(until);
    });
  };
  fill(2);
  box.kill9();
  box.start();
  fill(3);
  CHECK(box.stop() == 0);
  CHECK(static_cast<int>(box.feed("task_received").size()) == dropped);
  box.check_seq();
}

TEST_CASE("the feed is deleted while the daemon runs: it goes on in a new one") {
  Sandbox box;
  box.start();
  box.drop("one.json", typo("one.md"));
  box.require_feed("subtask_handed_off");
  const auto last = box.feed().back()["seq"].get<std::int64_t>();
  // What was written last may still be wanted by the journal; after a sync a deletion takes nothing but the past away.
  box.pass_by();
  fs::remove(box.path(k_feed));
  box.drop("two.json", typo("two.md"));
  box.require_handoff("development", "two");
  box.require_feed("subtask_handed_off");
  CHECK(box.feed().front()["seq"].get<std::int64_t>() > last);
  CHECK(box.stop() == 0);
  box.start();
  box.drop("three.json", typo("three.md"));
  box.require_handoff("development", "three");
  std::int64_t before = last;
  for (const json& entry : box.feed()) {
    CHECK(entry["seq"].get<std::int64_t>() > before);
    before = entry["seq"].get<std::int64_t>();
  }
}

TEST_CASE("the journal is deleted while the daemon runs: it is written anew, and a restart loses nothing") {
  Sandbox box;
  box.configure();
  box.start();
  box.drop("one.json", typo("one.md"));
  box.claim("development", "one");
  box.require_feed("subtask_claimed");
  for (const char* ending : {"", "-wal", "-shm"}) fs::remove(box.path(k_journal + ending));
  box.require_feed("journal_rewritten");
  CHECK(box.exists(k_journal));
  box.drop("two.json", typo("two.md"));
  box.require_handoff("development", "two");
  box.kill9();
  box.start();
  box.require_status("one", "in_progress");
  box.complete("development", "one");
  box.require_status("one", "completed");
  CHECK(box.feed("task_received").size() == 2);
  CHECK(box.feed("subtask_handed_off").size() == 2);
  CHECK(box.feed("journal_rewritten").size() == 1);
  CHECK(box.stop() == 0);
  box.check_seq();
}

TEST_CASE("the whole state folder is deleted while the daemon runs") {
  Sandbox box;
  box.configure();
  box.start();
  box.drop("one.json", typo("one.md"));
  box.require_handoff("development", "one");
  remove_tree(box, "orchestrator/state");
  box.require_feed("journal_rewritten");
  box.drop("two.json", typo("two.md"));
  box.require_handoff("development", "two");
  box.require_eventually("the state", [&] { return box.exists("orchestrator/state/current.json"); });
  box.require_eventually("the lock", [&] { return box.exists("orchestrator/state/daemon.lock"); });
  const auto second = box.run({"daemon"});
  CHECK(second.code == 5);
  CHECK(second.error_output.find(std::to_string(box.pid())) != std::string::npos);
  CHECK(box.run({"pause"}).code == 0);
  CHECK(box.run({"resume"}).code == 0);
  box.kill9();
  box.start();
  CHECK(box.feed("task_received").size() == 2);
  CHECK(box.run({"daemon"}).code == 5);
  box.check_seq();
}

TEST_CASE("the coordination folder itself is moved away: the daemon ends and says so; a start there goes on") {
  Sandbox box;
  box.start();
  box.drop("t.json", json{{"title", "Fix typo in README.md"}});
  box.require_handoff("development", "t");
  fs::rename(box.root(), box.root() + "-elsewhere");
  REQUIRE(Sandbox::eventually([&] { return !box.running(); }));
  CHECK(box.log().find("was moved or deleted") != std::string::npos);
  fs::rename(box.root() + "-elsewhere", box.root());
  box.start();
  box.play([&] { return box.exists("orchestrator/reports/t.json"); });
  CHECK(box.stop() == 0);
  box.check_seq();
}

TEST_CASE("a damaged journal stops the start with a message, and is kept as it is") {
  Sandbox box;
  box.start();
  box.drop("one.json", typo("one.md"));
  box.require_handoff("development", "one");
  CHECK(box.stop() == 0);
  const std::string whole = box.read(k_journal);
  for (const std::string& ruined : {std::string(), std::string(5'000, '#'), whole.substr(0, whole.size() / 2)}) {
    box.put_plainly(k_journal, ruined);
    const auto refused = box.run({"daemon"});
    CHECK(refused.code == 8);
    CHECK(refused.error_output.find("it is kept as it is") != std::string::npos);
    CHECK(box.read(k_journal) == ruined);
  }
  box.put_plainly(k_journal, whole);
  box.start();
  box.complete("development", "one");
  box.require_status("one", "completed");
  CHECK(box.feed("task_received").size() == 1);
  box.check_seq();
}

TEST_CASE("the feed becomes a symlink or a folder: moved aside, and the daemon goes on") {
  for (const bool folder : {false, true}) {
    CAPTURE(folder);
    Sandbox box;
    box.configure();
    box.start();
    box.pass_by();
    const auto spoil = [&](const std::string& to) {
      box.move(k_feed, to);
      folder ? static_cast<void>(fs::create_directory(box.path(k_feed))) : fs::create_symlink(to, box.path(k_feed));
    };
    spoil("first.jsonl");
    box.drop("one.json", typo("one.md"));
    box.require_handoff("development", "one");
    box.require_eventually("a file again", [&] { return fs::is_regular_file(fs::symlink_status(box.path(k_feed))); });
    box.require_feed("subtask_handed_off");
    CHECK(box.stop() == 0);
    spoil("second.jsonl");
    box.start();
    box.complete("development", "one");
    box.require_feed("orchestration_completed");
    CHECK(box.feed("document_rejected").size() == 1);
    CHECK(box.exists(k_feed + ".aside"));
    CHECK(box.exists(k_feed + ".aside.1"));
    CHECK(box.stop() == 0);
  }
}

TEST_CASE("one view that cannot be written holds back no other, and is told in the state") {
  Sandbox box;
  box.configure();
  box.start();
  fs::create_directory(box.path("orchestrator/tasks/orch-aaa.json"));
  box.drop("aaa.json", typo("aaa.md"));
  box.drop("bbb.json", typo("bbb.md"));
  box.require_status("bbb", "in_progress");
  const auto told = [&] {
    const json state = box.document("orchestrator/state/current.json");
    return state.is_object() && state.dump().find("view_unwritable") != std::string::npos;
  };
  box.require_eventually("told", told);
  fs::remove(box.path("orchestrator/tasks/orch-aaa.json"));
  box.require_status("aaa", "in_progress");
  box.require_eventually("no longer told", [&] { return !told(); });
  CHECK(box.feed("attention_raised").size() == 1);
  CHECK(box.feed("attention_cleared").size() == 1);
}

TEST_CASE("state, reports and the second name of a plan are put back; a report that was removed stays away") {
  Sandbox box;
  box.configure();
  box.start();
  box.drop("one.json", typo("one.md"));
  box.drop("two.json", typo("two.md"));
  box.complete("development", "one");
  box.require_status("one", "completed");
  box.require_status("two", "in_progress");
  fs::remove(box.path("orchestrator/state/current.json"));
  box.require_eventually("the state", [&] { return box.document("orchestrator/state/current.json").is_object(); });
  CHECK(box.run({"status"}).code == 0);
  const std::string report = box.read("orchestrator/reports/one.json");
  REQUIRE_FALSE(report.empty());
  box.put("orchestrator/reports/one.json", "{\"status\": \"failed\"}");
  box.require_eventually("the report", [&] { return box.read("orchestrator/reports/one.json") == report; });
  const std::string link = box.path("orchestrator/tasks/two.json");
  fs::remove(link);
  box.require_eventually("the link", [&] { return fs::is_symlink(link) && fs::read_symlink(link) == "orch-two.json"; });
  fs::remove(box.path("orchestrator/reports/one.md"));
  box.pass_by();
  box.put("orchestrator/subtasks/two.json", "{}");
  box.require_eventually("a later one", [&] { return box.document("orchestrator/subtasks/two.json")["subtask_id"] == "two"; });
  CHECK_FALSE(box.exists("orchestrator/reports/one.md"));
}

TEST_CASE("what baton init laid down is wiped while the daemon runs: a person is told, until it is back") {
  Sandbox box;
  box.configure();
  box.start();
  box.pass_by();
  for (const char* name : {".gitignore", "orchestrator/config.json", "orchestrator/playbooks", "masters"}) remove_tree(box, name);
  const auto attention = [&] {
    const json state = box.document("orchestrator/state/current.json");
    return state.is_object() ? state["attention"].dump() : std::string();
  };
  box.require_eventually("told", [&] {
    const std::string all = attention();
    return all.find("incomplete") != std::string::npos && all.find(".gitignore") != std::string::npos &&
           all.find("playbooks") != std::string::npos && all.find("baton init") != std::string::npos;
  });
  CHECK(box.run({"init", fs::path(box.root()).parent_path().string()}).code == 0);
  box.require_eventually("no longer told", [&] { return attention().find("incomplete") == std::string::npos; });
}
