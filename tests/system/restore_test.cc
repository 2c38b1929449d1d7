// A backup that takes the journal's place, over the real program.
#include <doctest/doctest.h>

#include <filesystem>

#include "system/sandbox.h"

using namespace baton::test;

namespace {

std::vector<std::string> kept(const Sandbox& box) {
  std::vector<std::string> names = box.list("orchestrator/state");
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("before-restore-"); });
  return names;
}

/// Makes a backup that knows of one task, which is handed out.
std::string back_up_early(Sandbox& box) {
  box.start();
  box.drop("early.json", json{{"id", "early"}, {"title", "Early"}});
  box.require_handoff("development", "early");
  std::string file = box.path("../backup.db");
  REQUIRE(box.run({"backup", file}).code == 0);
  return file;
}

}  // namespace

TEST_CASE("restored: what was asked since is unknown, what was answered since is open again, and the feed's numbers go on") {
  Sandbox box;
  const std::string file = back_up_early(box);
  box.claim("development", "early");
  box.complete("development", "early");
  box.require_status("early", "completed");
  box.drop("late.json", json{{"id", "late"}, {"title", "Late"}});
  box.require_handoff("development", "late");

  const auto refused = box.run({"restore", file});
  CHECK(refused.code == 5);
  CHECK(refused.error_output.find("stop the daemon first") != std::string::npos);
  REQUIRE(box.stop() == 0);
  const std::size_t lines = box.feed().size();
  const auto restored = box.run({"restore", file});
  REQUIRE_MESSAGE(restored.code == 0, restored.error_output);
  CHECK(restored.output.find("with 1 live task") != std::string::npos);
  REQUIRE(kept(box).size() == 1);
  CHECK(box.exists("orchestrator/state/" + kept(box).front() + "/journal.db"));

  box.start();
  box.require_eventually("early is open again", [&] { return box.status("early") == "in_progress"; });
  CHECK(box.feed().size() > lines);
  box.check_seq();
  box.play([&] { return box.status("early") == "completed"; });
  box.drop("late2.json", json{{"id", "late"}, {"title", "Late, dropped again"}});
  box.require_eventually("late is taken again", [&] { return box.plan("late")["task_title"] == "Late, dropped again"; });
  box.check_seq();
}

TEST_CASE("a damaged journal is kept, and the feed's numbers go on all the same") {
  Sandbox box;
  const std::string file = back_up_early(box);
  box.drop("late.json", json{{"id", "late"}, {"title", "Late"}});
  box.require_handoff("development", "late");
  REQUIRE(box.stop() == 0);
  SUBCASE("in the feed as it is") {}
  SUBCASE("in a feed that has just been rotated") {
    std::filesystem::rename(box.path("dashboard-events.jsonl"), box.path("dashboard-events.jsonl.1"));
  }
  const std::string damaged(8'192, 'x');
  box.put("orchestrator/state/journal.db", damaged);
  const auto restored = box.run({"restore", file});
  REQUIRE_MESSAGE(restored.code == 0, restored.error_output);
  REQUIRE(kept(box).size() == 1);
  CHECK(box.read("orchestrator/state/" + kept(box).front() + "/journal.db") == damaged);
  box.start();
  box.check_seq();
  box.play([&] { return box.status("early") == "completed"; });
  box.check_seq();
}

TEST_CASE("what is no backup changes nothing") {
  Sandbox box;
  box.start();
  box.drop("t.json", json{{"id", "t"}, {"title", "T"}});
  box.require_handoff("development", "t");
  REQUIRE(box.stop() == 0);
  box.put("../garbage.db", "this is no journal, whatever its name is");
  CHECK(box.run({"restore", box.path("../garbage.db")}).code == 8);
  CHECK(box.run({"restore", box.path("../no-such.db")}).code == 3);
  CHECK(kept(box).empty());
  CHECK_FALSE(std::filesystem::exists(box.path("orchestrator/state/.baton-restore")));
  box.start();
  box.play([&] { return box.status("t") == "completed"; });
  box.check_seq();
}
