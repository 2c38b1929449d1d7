// Masters in all their habits: every form of a claim, every way of answering, and what is not an answer.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "system/sandbox.h"

using baton::test::json;
using baton::test::Sandbox;
namespace fs = std::filesystem;

namespace {

const std::string k_folder = "masters/development/handoffs/";
const std::string k_handoff = k_folder + "to-development-subtask-t.json";
const std::string k_claimed = k_folder + "claimed/to-development-subtask-t.json";
const std::string k_result = "from-development-subtask-t.json";

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
  CHECK(claims[0]["subtask_id"] == "t");
}

void require_report(Sandbox& box, const std::string& task_id = "t") {
  box.require_eventually("the report of " + task_id, [&] { return box.exists("orchestrator/reports/" + task_id + ".json"); });
}

void require_escalation(Sandbox& box, const std::string& reason) {
  box.require_eventually("the escalation", [&] { return box.exists("orchestrator/escalations/t.json"); });
  CHECK(box.document("orchestrator/escalations/t.json")["failure_reason"] == reason);
  box.require_status("t", "blocked");
}

/// The handoff with its status set where it lies.
void set_status(Sandbox& box, const std::string& relative, const json& members) {
  json handoff = box.document(relative);
  handoff.update(members);
  box.put(relative, handoff.dump(2));
}

const json k_done = {{"status", "completed"}, {"result", {{"summary", "fixed"}}}};

}  // namespace

TEST_CASE("claimed by rename, finished, filed") {
  Sandbox box;
  hand_out(box);
  box.claim("development", "t");
  require_claimed(box, "renamed");
  box.require_eventually("the view", [&] { return box.document("orchestrator/subtasks/t.json")["status"] == "in_progress"; });
  box.answer("development", "t", k_done);
  require_report(box);
  CHECK(box.exists(k_folder + "done/to-development-subtask-t.json"));
  CHECK(box.exists(k_folder + "done/" + k_result));
}

TEST_CASE("claimed as .json.processed") {
  Sandbox box;
  hand_out(box);
  box.move(k_handoff, k_handoff + ".processed");
  require_claimed(box, "processed");
  box.answer("development", "t", k_done);
  require_report(box);
  CHECK_FALSE(box.exists(k_handoff + ".processed"));
  CHECK(box.list(k_folder + "done").size() == 2);
}

TEST_CASE("claimed by its status, edited in place") {
  Sandbox box;
  hand_out(box);
  set_status(box, k_handoff, {{"status", "accepted"}});
  require_claimed(box, "status");
  CHECK(box.exists(k_handoff));
  box.answer("development", "t", k_done);
  require_report(box);
  CHECK_FALSE(box.exists(k_handoff));
}

TEST_CASE("completed inside the handoff") {
  Sandbox box;
  hand_out(box);
  set_status(box, k_handoff, {{"status", "completed"}, {"result", {{"summary", "fixed inside"}}}});
  require_report(box);
  CHECK(says(box.document("orchestrator/reports/t.json"), "fixed inside"));
}

TEST_CASE("failed inside the claimed handoff") {
  Sandbox box;
  hand_out(box);
  box.claim("development", "t");
  require_claimed(box, "renamed");
  set_status(box, k_claimed, {{"status", "failed"}, {"error", "no such file"}, {"failure_class", "permanent"}});
  require_escalation(box, "no such file");
}

TEST_CASE("an answer that is refused or misnamed is told to whoever waits for it") {
  Sandbox box;
  box.configure();
  hand_out(box);
  const auto attention = [&box] { return box.document("orchestrator/state/current.json")["attention"]; };
  box.answer("development", "t", {{"status", "maybe"}});
  box.require_eventually("attention", [&] { return says(attention(), "result_refused"); });
  CHECK(says(attention(), "lies in masters/development/handoffs/stale"));
  box.put(k_folder + "result-t.json", k_done.dump());
  box.require_feed("document_rejected", 2);
  CHECK(says(box.feed("document_rejected").back(), "a result is called " + k_result));
  box.answer("development", "t", k_done);
  require_report(box);
  box.require_eventually("no attention", [&] { return attention().empty(); });
  CHECK(box.feed("attention_cleared").size() == 1);
}

TEST_CASE("a handoff edited by somebody who keeps it open, and ended otherwise: the daemon rests afterwards") {
  Sandbox box;
  box.configure();
  hand_out(box);
  std::ofstream writer(box.path(k_handoff), std::ios::app);
  writer << " " << std::flush;
  std::ofstream(box.path(k_handoff), std::ios::app) << " ";
  box.pass_by();
  CHECK(box.run({"cancel", "t"}).code == 0);
  box.require_status("t", "cancelled");
  const auto switches = [&box] {
    std::ifstream status("/proc/" + std::to_string(box.pid()) + "/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("voluntary_ctxt_switches:")) return line;
    return std::string();
  };
  // Our looks come every 5 ms at the soonest: so many of them outlast a daemon that wakes each second.
  std::string before;
  int still = 0;
  box.require_eventually("it rests", [&] {
    still = switches() == before ? still + 1 : 0;
    before = switches();
    return still >= 250;
  });
}

TEST_CASE("claimed by taking the file away") {
  Sandbox box;
  hand_out(box);
  fs::remove(box.path(k_handoff));
  require_claimed(box, "removed");
  box.answer("development", "t", k_done);
  require_report(box);
}

TEST_CASE("taken away or claimed while the daemon is down") {
  Sandbox box;
  hand_out(box);
  box.drop("u.json", {{"title", "Fix typo in CHANGES.md"}});
  box.require_handoff("development", "u");
  box.kill9();
  fs::remove(box.path(k_handoff));
  box.claim("development", "u");
  box.start();
  box.require_feed("subtask_claimed", 2);
  CHECK(box.feed("subtask_handed_off").size() == 2);
  CHECK_FALSE(box.exists(k_handoff));
}

TEST_CASE("what was to be filed when the daemon was killed is filed at the next start, under the epoch it had") {
  Sandbox box;
  hand_out(box);
  const std::string handoff = box.read(k_handoff);
  box.claim("development", "t");
  box.complete("development", "t");
  require_report(box);
  box.require_eventually("it is filed", [&] { return box.exists(k_folder + "done/to-development-subtask-t.json"); });
  box.kill9();
  box.put(k_claimed, handoff);
  box.start();
  box.require_eventually("it is filed, too", [&] { return box.exists(k_folder + "done/to-development-subtask-t.json.e1"); });
  CHECK_FALSE(box.exists(k_claimed));
}

TEST_CASE("moved back is released: the same epoch, no attempt used") {
  Sandbox box;
  hand_out(box);
  box.claim("development", "t");
  require_claimed(box, "renamed");
  box.move(k_claimed, k_handoff);
  box.require_feed("subtask_handed_off", 2);
  CHECK(box.exists(k_handoff));
  box.claim("development", "t");
  box.require_feed("subtask_claimed", 2);
  box.answer("development", "t", k_done);
  require_report(box);
  const json subtask = box.document("orchestrator/subtasks/t.json");
  CHECK(subtask["epoch"] == 1);
  CHECK(subtask["attempt"] == 1);
}

TEST_CASE("a result without a claim counts; its short id is understood") {
  Sandbox box;
  box.start();
  box.drop("auth.json", {{"id", "auth"}, {"title", "Add authentication system with security audit and documentation"}});
  box.require_handoff("development", "auth-001-design");
  box.answer("development", "auth-001", k_done);
  box.require_handoff("development", "auth-002-backend");
  box.require_eventually("filed", [&] { return box.exists(k_folder + "done/from-development-subtask-auth-001.json"); });
  CHECK_FALSE(box.exists(Sandbox::handoff_path("development", "auth-001-design")));
}

TEST_CASE("what is no answer: wrong master, unknown subtask, broken JSON, an epoch that never was") {
  Sandbox box;
  hand_out(box);
  box.answer("security", "t", k_done);
  box.require_eventually("wrong master",
                         [&] { return box.exists("masters/security/handoffs/stale/from-security-subtask-t.json.error.json"); });
  CHECK(says(box.document("masters/security/handoffs/stale/from-security-subtask-t.json.error.json"), "handed to development"));
  box.answer("development", "nobody", k_done);
  box.require_eventually("unknown", [&] { return box.exists(k_folder + "stale/from-development-subtask-nobody.json"); });
  box.put(k_folder + k_result, "{\"status\": \"completed\"");
  box.require_eventually("broken", [&] { return box.exists(k_folder + "stale/" + k_result); });
  json future = k_done;
  future["epoch"] = 7;
  box.answer("development", "t", future);
  box.require_eventually("future", [&] { return box.exists(k_folder + "stale/" + k_result + ".1"); });
  box.require_feed("document_rejected", 4);
  box.require_status("t", "in_progress");
  CHECK(box.exists(k_handoff));
  box.answer("development", "t", k_done);
  require_report(box);
}

TEST_CASE("the same answer again is filed silently, another one is stale; also when the task has ended") {
  Sandbox box;
  box.start();
  box.drop(
      "pair.json",
      {{"id", "pair"},
       {"title", "Two steps"},
       {"subtasks",
        json::array({json{{"subtask_id", "t"}, {"title", "One"}, {"assigned_to", "development"}},
                     json{{"subtask_id", "u"}, {"title", "Two"}, {"assigned_to", "development"}, {"dependencies", {"t"}}}})}});
  box.require_handoff("development", "t");
  box.answer("development", "t", k_done);
  box.require_handoff("development", "u");
  box.require_eventually("filed", [&] { return box.exists(k_folder + "done/" + k_result); });
  box.answer("development", "t", k_done);
  box.require_eventually("the same again", [&] { return box.exists(k_folder + "done/" + k_result + ".1"); });
  CHECK(box.feed("result_stale").empty());
  box.answer("development", "t", {{"status", "failed"}, {"error", "changed my mind"}, {"failure_class", "permanent"}});
  box.require_eventually("another one", [&] { return box.exists(k_folder + "stale/" + k_result); });
  box.require_feed("result_stale");
  CHECK(box.feed("result_stale")[0]["reason"] == "already_answered");
  box.complete("development", "u");
  require_report(box, "pair");
  box.answer("development", "t", k_done);
  box.require_eventually("silently, after the end", [&] { return box.exists(k_folder + "done/" + k_result + ".2"); });
  box.answer("development", "t", {{"status", "failed"}, {"error", "too late"}, {"failure_class", "permanent"}});
  box.require_feed("result_stale", 2);
  box.require_status("pair", "completed");
  CHECK(box.feed("subtask_completed").size() == 2);
  CHECK(box.feed("document_rejected").empty());
}

TEST_CASE("after a release the next handoff fences the old one") {
  Sandbox box;
  hand_out(box);
  box.claim("development", "t");
  require_claimed(box, "renamed");
  const auto released = box.run({"release", "t", "--reason", "the agent is gone"});
  CHECK_MESSAGE(released.code == 0, released.error_output);
  box.require_handoff("development", "t");
  CHECK(box.document(k_handoff)["epoch"] == 2);
  CHECK(box.document(k_handoff)["attempt"] == 1);
  CHECK_FALSE(box.exists(k_claimed));
  json old = k_done;
  old["epoch"] = 1;
  box.answer("development", "t", old);
  box.require_feed("result_stale");
  CHECK(box.feed("result_stale")[0]["reason"] == "old_epoch");
  CHECK(box.exists(k_handoff));
  json current = k_done;
  current["epoch"] = 2;
  box.answer("development", "t", current);
  require_report(box);
}

TEST_CASE("a result for a cancelled task goes to stale/, and so does its handoff") {
  Sandbox box;
  hand_out(box);
  CHECK(box.run({"cancel", "t"}).code == 0);
  box.require_status("t", "cancelled");
  box.require_eventually("withdrawn", [&] { return box.exists(k_folder + "stale/to-development-subtask-t.json"); });
  box.answer("development", "t", k_done);
  box.require_feed("result_stale");
  box.require_eventually("filed", [&] { return box.exists(k_folder + "stale/" + k_result + ".error.json"); });
  box.require_status("t", "cancelled");
}
