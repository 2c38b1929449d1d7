// How much of a task is left, as everybody can read it.
#include <doctest/doctest.h>

#include "base/time.h"
#include "platform/loop.h"
#include "system/sandbox.h"

using baton::test::json;
using baton::test::Sandbox;

namespace {

/// What a document says of the rest of a task.
json rest_in(const json& document) {
  json rest = json::object();
  for (const char* member : {"estimated_remaining", "eta"})
    if (document.contains(member)) rest[member] = document[member];
  return rest;
}

json only_task_in(const json& state) {
  const json tasks = state.is_object() ? state["current_orchestrations"] : json();
  return tasks.size() == 1 ? tasks[0] : json::object();
}

/// Of the task `m`, as files and command line tell it.
void require_remaining(Sandbox& box, int minutes, bool begun = true) {
  json rest;
  box.require_eventually(std::to_string(minutes) + " minutes are left", [&] {
    const json plan = box.plan("m");
    if (!plan.is_object()) return false;
    rest = {{"estimated_remaining", std::to_string(minutes) + " minutes"}};
    const std::int64_t as_of = baton::parse_timestamp(plan["updated_at"].get<std::string>())->wall_ms;
    if (begun) rest["eta"] = baton::format_utc(as_of + minutes * 60'000);
    return rest_in(plan["progress"]) == rest && rest_in(only_task_in(box.document("orchestrator/state/current.json"))) == rest;
  });
  CHECK(rest_in(only_task_in(json::parse(box.run({"--json", "status"}).output)["data"])) == rest);
  CHECK(rest_in(json::parse(box.run({"--json", "status", "m"}).output)["data"]["progress"]) == rest);
}

}  // namespace

TEST_CASE("what is left of a task is told by its estimates, then by how those of finished work held") {
  Sandbox box;
  box.start();
  json first{{"subtask_id", "a"}, {"title", "Do a"}, {"assigned_to", "development"}, {"estimated_duration_minutes", 20}};
  json second{{"subtask_id", "b"}, {"title", "Do b"}, {"assigned_to", "development"}, {"estimated_duration_minutes", 30}};
  second["dependencies"] = {"a"};
  box.drop("m.json", json{{"id", "m"}, {"title", "Two"}, {"approval", "required"}, {"subtasks", json::array({first, second})}});
  require_remaining(box, 50, false);
  CHECK(box.run({"approve", "m"}).code == 0);
  box.claim("development", "a");
  box.require_feed("subtask_claimed");
  require_remaining(box, 50);
  const std::int64_t claimed_ms = box.feed("subtask_claimed")[0]["epoch_ms"];
  box.require_eventually("the clock has gone on", [&] { return baton::platform::now().wall_ms > claimed_ms + 1'000; });
  box.complete("development", "a");
  require_remaining(box, 3);  // a took hardly any time, which bends an estimate to a tenth
  box.claim("development", "b");
  box.complete("development", "b");
  box.require_status("m", "completed");
  CHECK(rest_in(box.plan("m")["progress"]).empty());
}
