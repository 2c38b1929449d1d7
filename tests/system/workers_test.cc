// Workers in all their habits: specs that claim, end, and come back.
#include <doctest/doctest.h>

#include "system/sandbox.h"

using baton::test::json;
using baton::test::Sandbox;

namespace {

const std::string k_handoff = "masters/development/handoffs/to-development-subtask-t.json";
const std::string k_claimed = "masters/development/handoffs/claimed/to-development-subtask-t.json";
const json k_done = {{"status", "completed"}, {"result", {{"summary", "fixed"}}}};

bool says(const json& document, const std::string& words) { return document.dump().find(words) != std::string::npos; }

/// A simple task `t`, handed to development.
void hand_out(Sandbox& box) {
  box.start();
  box.drop("t.json", {{"title", "Fix typo in README.md"}});
  box.require_handoff("development", "t");
}

void require_claimed(Sandbox& box, const std::string& how) {
  box.require_feed("subtask_claimed");
  const auto claims = box.feed("subtask_claimed");
  REQUIRE(claims.size() == 1);
  CHECK(claims[0]["how"] == how);
}

void require_report(Sandbox& box) {
  box.require_eventually("the report", [&] { return box.exists("orchestrator/reports/t.json"); });
}

void require_escalation(Sandbox& box, const std::string& reason) {
  box.require_eventually("the escalation", [&] { return box.exists("orchestrator/escalations/t.json"); });
  CHECK(box.document("orchestrator/escalations/t.json")["failure_reason"] == reason);
  box.require_status("t", "blocked");
}

}  // namespace

TEST_CASE("claimed by a worker spec: the daemon moves the handoff; the spec in completed/ is the result") {
  Sandbox box;
  hand_out(box);
  box.put("worker-specs/active/w1.json", json{{"worker_id", "w1"}, {"subtask_id", "t"}, {"status", "running"}}.dump());
  require_claimed(box, "worker");
  box.require_eventually("moved", [&] { return box.exists(k_claimed) && !box.exists(k_handoff); });
  box.require_feed("subtask_started");
  box.put_plainly("worker-specs/active/w1.heartbeat", "");
  json spec = box.document("worker-specs/active/w1.json");
  spec["result"] = {{"summary", "fixed by w1"}};
  box.put("worker-specs/completed/w1.json", spec.dump());
  require_report(box);
  CHECK(says(box.document("orchestrator/reports/t.json"), "fixed by w1"));
  CHECK(box.feed("subtask_claimed").size() == 1);
}

TEST_CASE("a worker spec moved to failed/ fails its subtask with its reason") {
  Sandbox box;
  hand_out(box);
  const json spec = {
      {"worker_id", "w2"}, {"subtask_id", "t"}, {"failure_reason", "out of tokens"}, {"failure_class", "permanent"}};
  box.put("worker-specs/active/w2.json", spec.dump());
  box.require_feed("subtask_started");
  box.move("worker-specs/active/w2.json", "worker-specs/failed/w2.json");
  require_escalation(box, "out of tokens");
}

TEST_CASE("a spec in failed/ counts once: not again after a retry, a kill and a start") {
  Sandbox box;
  hand_out(box);
  const json spec = {
      {"worker_id", "w2"}, {"subtask_id", "t"}, {"failure_reason", "out of tokens"}, {"failure_class", "permanent"}};
  box.put("worker-specs/failed/w2.json", spec.dump());
  require_escalation(box, "out of tokens");
  CHECK(box.run({"retry", "t"}).code == 0);
  box.require_feed("subtask_handed_off", 2);
  box.kill9();
  box.start();
  box.pass_by();
  CHECK(box.feed("subtask_failed").size() == 1);
  CHECK(box.document(k_handoff)["epoch"] == 2);
}

TEST_CASE("a heartbeat after the end: the spec that came back goes to stale/") {
  Sandbox box;
  hand_out(box);
  const std::string spec = json{{"worker_id", "w1"}, {"subtask_id", "t"}}.dump();
  box.put("worker-specs/active/w1.json", spec);
  box.put_plainly("worker-specs/active/w1.heartbeat", "");
  box.require_feed("subtask_started");
  box.answer("development", "t", k_done);
  require_report(box);
  box.require_eventually("filed", [&] { return box.list("worker-specs/active").empty(); });
  CHECK(box.list("worker-specs/completed") == std::vector<std::string>{"w1.heartbeat", "w1.json"});
  box.put("worker-specs/active/w1.json", spec);
  box.require_eventually("filed again", [&] { return box.exists("worker-specs/stale/w1.json"); });
  CHECK(box.list("worker-specs/active").empty());
}

TEST_CASE("a spec of more than 1 MiB is refused, and nobody is told to raise a limit that is fixed") {
  Sandbox box;
  hand_out(box);
  const json spec = {{"worker_id", "w1"}, {"subtask_id", "t"}, {"notes", std::string(1 << 20, 'x')}};
  box.put("worker-specs/active/w1.json", spec.dump());
  box.require_eventually("the refusal", [&] { return box.exists("worker-specs/stale/w1.json.error.json"); });
  const json reason = box.document("worker-specs/stale/w1.json.error.json");
  CHECK(says(reason["message"], "at most 1048576 are read"));
  CHECK(says(reason["hint"], "this limit is fixed"));
  CHECK_FALSE(says(reason, "max_document_bytes"));
  CHECK(box.exists(k_handoff));
}

TEST_CASE("a spec that is early, or names nobody, is told once, stays, and counts when there is such a subtask") {
  Sandbox box;
  box.start();
  const std::string spec = json{{"worker_id", "w1"}, {"subtask_id", "t"}}.dump();
  box.put("worker-specs/active/w1.json", spec);
  box.require_feed("document_warning");
  CHECK(box.feed("document_warning")[0]["path"] == "worker-specs/active/w1.json");
  CHECK(box.feed("document_warning")[0]["worker_id"] == "w1");
  CHECK(box.feed("document_warning")[0]["reason"] ==
        "no subtask is called t; copy subtask_id from the handoff: left where it is");
  box.put("worker-specs/active/w1.json", spec);  // a sign of life is nothing to be told again
  box.drop("t.json", {{"title", "Fix typo in README.md"}});
  box.require_handoff("development", "t");
  CHECK(box.feed("document_warning").size() == 1);
  box.put_plainly("worker-specs/active/w1.heartbeat", "");
  require_claimed(box, "worker");

  box.put("worker-specs/active/w2.json", json{{"worker_id", "w2"}, {"subtask_id", "tt"}}.dump());
  box.require_feed("document_warning", 2);
  CHECK(box.feed("document_warning")[1]["reason"] ==
        "no subtask is called tt (did you mean \"t\"?); copy subtask_id from the handoff: left where it is");
  CHECK(box.exists("worker-specs/active/w2.json"));
}
