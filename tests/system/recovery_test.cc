// What follows when work does not succeed: masters that are given less, work that is split, handoffs that nobody takes.
#include <filesystem>

#include "system/agent.h"

using namespace baton::test;
namespace fs = std::filesystem;

namespace {

void fail(Sandbox& box, const std::string& subtask_id, const json& more = json::object()) {
  json answer{{"status", "failed"}, {"error", "no"}};
  answer.update(more);
  box.answer("development", subtask_id, answer);
}

std::int64_t seq_of(const json& entry) { return entry["seq"].get<std::int64_t>(); }

/// The seq of the handoff of this epoch; 0: it was not handed out.
std::int64_t handed_off(const Sandbox& box, const std::string& subtask_id, int epoch) {
  for (const json& entry : box.feed("subtask_handed_off"))
    if (entry["subtask_id"] == subtask_id && entry["epoch"] == epoch) return seq_of(entry);
  return 0;
}

/// As a person types it, in the workspace.
baton::platform::Exit type(const Sandbox& box, const std::string& line) {
  baton::platform::SpawnRequest request;
  request.argv = {"/bin/sh", "-c", "PATH='" + fs::path(BATON_PROGRAM).parent_path().string() + "':$PATH; " + line};
  request.cwd = fs::path(box.root()).parent_path();
  request.unset_environment = {"BATON_*"};
  auto process = baton::platform::Process::spawn(request);
  REQUIRE(process.has_value());
  std::optional<baton::platform::Exit> exit;
  REQUIRE(Sandbox::eventually([&] { return (exit = process->pump()).has_value(); }));
  return *exit;
}

json attention(const Sandbox& box, const std::string& reason) {
  for (const json& each : box.document("orchestrator/state/current.json").value("attention", json::array()))
    if (each["reason"] == reason) return each;
  return {};
}

/// By two failures, of `t` and of another task. REQUIRES: breaker_failures 1.
void open_breaker(Sandbox& box) {
  box.drop("u.json", {{"title", "Fix typo in INSTALL.md"}});
  box.require_handoff("development", "u");
  fail(box, "t");
  box.require_feed("breaker_degraded");
  fail(box, "u");
  box.require_feed("breaker_opened");
}

}  // namespace

TEST_CASE("a master that fails again and again is given nothing, then one to see, and all when that succeeds") {
  Sandbox box;
  hand_out(box, short_waits({{"breaker_failures", 1}, {"breaker_reset", "2s"}, {"max_attempts", 9}}));
  open_breaker(box);
  box.drop("v.json", {{"title", "Fix typo in CHANGES.md"}});
  box.require_feed("breaker_half_open");
  box.play([&] { return box.status("t") == "completed" && box.status("u") == "completed" && box.status("v") == "completed"; });
  box.require_feed("breaker_closed");
  const std::int64_t opened = seq_of(box.feed("breaker_opened")[0]);
  const std::int64_t half_open = seq_of(box.feed("breaker_half_open")[0]);
  const std::int64_t closed = seq_of(box.feed("breaker_closed")[0]);
  int while_open = 0, to_see = 0;
  for (const json& entry : box.feed("subtask_handed_off")) {
    while_open += seq_of(entry) > opened && seq_of(entry) < half_open ? 1 : 0;
    to_see += seq_of(entry) > half_open && seq_of(entry) < closed ? 1 : 0;
  }
  CHECK(while_open == 0);
  CHECK(to_see == 1);
  box.require_eventually("withdrawn", [&] { return attention(box, "breaker").is_null(); });
}

TEST_CASE("an escalation says what was seen of the last worker, and its commands resolve it as they stand there") {
  const std::string escalation = "orchestrator/escalations/t.json";
  for (const bool dies : {true, false}) {
    CAPTURE(dies);
    const std::string verdict = dies ? "worker_gone" : "zombie_detected";
    Sandbox box;
    hand_out(box, short_waits({{"heartbeat_timeout", "1s"}, {"zombie_after", "2s"}, {"max_attempts", 2}}));
    for (int attempt = 1; attempt <= 2; ++attempt) {
      require_epoch(box, attempt);
      const Agent agent;
      put_spec(box, "w" + std::to_string(attempt), agent.pid());
      box.require_feed("subtask_started", static_cast<std::size_t>(attempt));
      if (dies) agent.signal(SIGKILL);
      box.require_feed(verdict, static_cast<std::size_t>(attempt));
    }
    box.require_eventually("escalated", [&] { return box.exists(escalation); });
    const json told = box.document(escalation);
    const json seen = box.feed(verdict)[1]["evidence"];
    CHECK(told["attempts"] == 2);
    CHECK(told["evidence"]["cause"] == (dies ? "gone" : "zombie"));
    CHECK(told["evidence"]["worker_id"] == "w2");
    CHECK(told["evidence"].value("observed", json()) == seen);
    CHECK(says(told["failure_reason"], seen[0]));
    const json& commands = told["commands"];
    REQUIRE(commands.size() == 3);
    CHECK(commands[0]["run"] == "baton retry t");
    CHECK(commands[1]["run"] == "baton skip t --reason \"...\"");
    CHECK(commands[2]["run"] == "baton cancel t");
    if (dies) {
      const auto typed = type(box, commands[0]["run"]);
      CHECK_MESSAGE(typed.code == 0, typed.error_output);
      require_epoch(box, 3);
      CHECK(box.document(k_handoff)["attempt"] == 1);
      box.complete("development", "t");
    } else {
      json request = commands[1]["content"];
      box.put(commands[1]["or_write"], request.dump());  // the reason is for a person to find
      const std::string answer =
          "orchestrator/commands/done/" + fs::path(commands[1]["or_write"].get<std::string>()).filename().string();
      box.require_eventually("answered", [&] { return box.exists(answer); });
      CHECK(box.document(answer)["ok"] == false);
      request["reason"] = "done by hand";
      box.put("orchestrator/commands/skip-for-good.json", request.dump());
    }
    box.require_eventually("resolved", [&] { return !box.exists(escalation) && box.exists("orchestrator/reports/t.json"); });
    if (!dies) CHECK(says(box.document("orchestrator/reports/t.json")["subtasks"][0]["error"], seen[0]));
  }
}

TEST_CASE("a rate limit parks its master and costs no attempt") {
  Sandbox box;
  hand_out(box, short_waits());
  fail(box, "t", {{"failure_class", "rate_limited"}, {"retry_after", "2s"}});
  box.require_feed("master_parked");
  box.drop("u.json", {{"title", "Fix typo in INSTALL.md"}});
  require_epoch(box, 2);
  box.require_eventually("the other as well", [&] { return handed_off(box, "u", 1) > 0; });
  CHECK(box.document(k_handoff)["attempt"] == 1);
  std::int64_t over = 0;
  for (const json& entry : box.feed("attention_cleared"))
    if (entry["reason"] == "master_parked") over = seq_of(entry);
  REQUIRE(over > 0);
  CHECK(handed_off(box, "t", 2) > over);
  CHECK(handed_off(box, "u", 1) > over);
}

TEST_CASE("the work of a zombie on two files is split in two, and completes with both") {
  Sandbox box;
  box.configure(short_waits({{"heartbeat_timeout", "1s"}, {"zombie_after", "2s"}}));
  box.start();
  box.drop("big.json",
           {{"title", "Big"},
            {"subtasks",
             {{{"subtask_id", "one"},
               {"title", "Change both"},
               {"assigned_to", "development"},
               {"files_affected", {"src/a.c", "src/b.c"}}},
              {{"subtask_id", "after"}, {"title", "Look at both"}, {"assigned_to", "development"}, {"dependencies", {"one"}}}}}});
  box.require_handoff("development", "one");
  Agent still;
  json spec = spec_of("w1", still.pid());
  spec["subtask_id"] = "one";
  box.put("worker-specs/active/w1.json", spec.dump());
  box.require_feed("subtask_split");
  box.require_eventually("ended", [&] { return still.has_ended(); });
  const json split = box.feed("subtask_split")[0];
  CHECK(split["into"].size() == 2);
  CHECK(split["reason"] == "Worker zombie detected, reassigning");
  CHECK(seq_of(box.feed("worker_ended")[0]) < seq_of(split));
  std::vector<std::string> files;
  for (const auto& part : split["into"]) {
    box.require_handoff("development", part);
    const json handoff = box.document(Sandbox::handoff_path("development", part));
    REQUIRE(handoff["task"]["files_affected"].size() == 1);
    files.push_back(handoff["task"]["files_affected"][0]);
    CHECK(handoff["attempt"] == 2);
  }
  CHECK(files == std::vector<std::string>{"src/a.c", "src/b.c"});
  CHECK(handed_off(box, "after", 1) == 0);
  box.play([&] { return box.status("big") == "completed"; });
  CHECK(box.document("orchestrator/subtasks/one.json")["status"] == "superseded");
}

TEST_CASE("a handoff that nobody takes is reported once, and the report is withdrawn when it is taken") {
  Sandbox box;
  hand_out(box, short_waits({{"claim_timeout", "1s"}}));
  box.require_feed("handoff_unclaimed");
  CHECK(box.feed("handoff_unclaimed")[0]["master"] == "development");
  box.require_eventually("attention", [&] { return !attention(box, "unclaimed").is_null(); });
  box.drop("u.json", {{"title", "Fix typo in INSTALL.md"}});
  box.require_handoff("development", "u");
  CHECK(box.document(k_handoff)["epoch"] == 1);  // it is not retried
  box.claim("development", "t");
  box.require_eventually("withdrawn", [&] { return attention(box, "unclaimed").is_null(); });
  CHECK(box.feed("handoff_unclaimed").size() == 1);
}

TEST_CASE("a master whose workers are not watched: a person is told, and nobody is condemned") {
  Sandbox box;
  box.put("masters/development/master.json", json{{"liveness", "none"}}.dump());
  hand_out(box, short_waits({{"heartbeat_timeout", "1s"}, {"zombie_after", "1s"}}));
  Agent still;
  put_spec(box, "w1", still.pid());
  require_entry(box, "attention_raised", "overdue");
  box.pass_by();
  CHECK(box.feed("zombie_detected").empty());
  CHECK(box.feed("worker_ended").empty());
  CHECK_FALSE(still.has_ended());
  CHECK(box.document("orchestrator/subtasks/t.json")["status"] == "in_progress");
  box.complete("development", "t");
  box.require_status("t", "completed");
  box.require_eventually("withdrawn", [&] { return attention(box, "overdue").is_null(); });
}

TEST_CASE("a worker on another host: only its heartbeats count, which is said, and nobody here is ended for it") {
  Sandbox box;
  hand_out(box, short_waits({{"heartbeat_timeout", "1s"}, {"zombie_after", "3s"}}));
  Agent same_number;  // a process here with the number of the worker there
  json spec = spec_of("w1", same_number.pid());
  spec["host"] = "elsewhere.example";
  box.put("worker-specs/active/w1.json", spec.dump());
  box.drop("u.json", {{"title", "Fix typo in INSTALL.md"}});
  box.require_handoff("development", "u");
  Agent still;
  json other = spec_of("w2", still.pid());
  other["subtask_id"] = "u";
  box.put("worker-specs/active/w2.json", other.dump());
  box.require_eventually("the other is condemned", [&] {
    box.put_plainly("worker-specs/active/w1.heartbeat", "");
    return !box.feed("zombie_detected").empty();
  });
  CHECK(box.feed("zombie_detected")[0]["subtask_id"] == "u");
  require_entry(box, "zombie_detected", "it runs on another host: only its heartbeats can be seen");
  require_entry(box, "attention_raised", "it runs on elsewhere.example, where it cannot be ended from here");
  CHECK_FALSE(same_number.has_ended());
  same_number.signal(SIGKILL);
  box.pass_by();
  for (const json& entry : box.feed("worker_exited")) CHECK(entry["worker_id"] != "w1");
  CHECK(box.run({"release", "t"}).code == 0);
  require_epoch(box, 2);
}

TEST_CASE("what keeps work from a master survives the daemon") {
  Sandbox box;
  hand_out(box, short_waits({{"breaker_failures", 1}, {"breaker_reset", "1h"}, {"max_attempts", 9}}));
  std::string reason;
  SUBCASE("an open breaker") {
    reason = "breaker";
    open_breaker(box);
  }
  SUBCASE("a rate limit") {
    reason = "master_parked";
    fail(box, "t", {{"failure_class", "rate_limited"}, {"retry_after", "1h"}});
    box.require_feed("master_parked");
  }
  box.kill9();
  box.start();
  CHECK_FALSE(attention(box, reason).is_null());
  box.drop("v.json", {{"title", "Fix typo in CHANGES.md"}});
  box.drop("w.json", {{"title", "Fix typo in NEWS.md"}, {"assigned_to", "security"}});
  box.require_handoff("security", "w");
  box.require_eventually("it waits", [&] { return box.status("v") == "in_progress"; });
  CHECK_FALSE(box.exists(Sandbox::handoff_path("development", "v")));
  CHECK_FALSE(box.exists(Sandbox::handoff_path("development", "t")));
}
