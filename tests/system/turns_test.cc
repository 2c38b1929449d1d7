// Several documents in one turn of the daemon: it is stopped, they are put, it goes on. What the first one ended, the next one
// sees.
#include <doctest/doctest.h>
#include <signal.h>

#include "system/sandbox.h"

using baton::test::json;
using baton::test::Sandbox;

namespace {

json simple(const std::string& id) { return {{"id", id}, {"title", "Fix typo in " + id}, {"assigned_to", "development"}}; }

/// Everything that `act` puts is found at one wake-up.
template <class Act>
void in_one_turn(Sandbox& box, Act act) {
  REQUIRE(::kill(box.pid(), SIGSTOP) == 0);
  act();
  REQUIRE(::kill(box.pid(), SIGCONT) == 0);
}

}  // namespace

TEST_CASE("a task that waits for one that ends in the same turn goes on") {
  Sandbox box;
  box.start();
  box.drop("first.json", simple("first"));
  box.require_handoff("development", "first");
  box.claim("development", "first");
  box.require_feed("subtask_claimed");
  in_one_turn(box, [&] {
    box.answer("development", "first", {{"status", "completed"}, {"result", {{"summary", "done"}}}});
    json second = simple("second");
    second["depends_on"] = {"first"};
    box.drop("second.json", second);
  });
  box.require_handoff("development", "second");
  CHECK(box.feed("attention_raised").empty());
}

TEST_CASE("a task that waits for one that is cancelled in the same turn is blocked by it") {
  Sandbox box;
  box.start();
  box.drop("first.json", simple("first"));
  box.require_handoff("development", "first");
  in_one_turn(box, [&] {
    box.put("orchestrator/commands/c.json", json{{"command", "cancel"}, {"task_id", "first"}}.dump());
    json second = simple("second");
    second["depends_on"] = {"first"};
    box.drop("second.json", second);
  });
  box.require_status("second", "blocked");
}

TEST_CASE("the same document again, in the turn in which its task ended, is that task") {
  Sandbox box;
  box.start();
  const json document = {{"id", "plan"},
                         {"title", "Two steps"},
                         {"subtasks", json::array({{{"subtask_id", "one"}, {"title", "One"}, {"assigned_to", "development"}},
                                                   {{"subtask_id", "two"}, {"title", "Two"}, {"assigned_to", "development"}}})}};
  for (const json& each : {simple("small"), document}) {
    const std::string id = each["id"];
    const std::string last = id == "plan" ? "two" : id;
    box.drop(id + ".json", each);
    if (id == "plan") {
      box.require_handoff("development", "one");
      box.complete("development", "one");
    }
    box.require_handoff("development", last);
    box.claim("development", last);
    box.require_feed("subtask_claimed", id == "plan" ? 2 : 1);
    box.require_eventually("all but the last is done", [&] { return id != "plan" || box.feed("subtask_completed").size() >= 2; });
    in_one_turn(box, [&] {
      box.answer("development", last, {{"status", "completed"}, {"result", {{"summary", "done"}}}});
      box.drop(id + ".json", each);
    });
    box.require_status(id, "completed");
    box.pass_by();
    CHECK(box.running());
  }
  CHECK(box.feed("task_rejected").empty());
  box.check_seq();
}
