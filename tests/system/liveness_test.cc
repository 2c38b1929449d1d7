// Workers that die, stop and stay silent, with real processes. Everything but the limits under test is made short.
#include <sys/resource.h>
#include <algorithm>

#include "system/agent.h"

using namespace baton::test;

TEST_CASE("a worker that is killed is seen at once, and its work is handed out again") {
  Sandbox box;
  hand_out(box, short_waits());
  const Agent agent;
  put_spec(box, "w1", agent.pid());
  box.require_feed("subtask_started");
  agent.signal(SIGKILL);
  box.require_feed("worker_exited");
  box.require_feed("worker_gone");
  require_epoch(box, 2);
  const json gone = box.feed("worker_gone")[0];
  CHECK(gone["worker_id"] == "w1");
  CHECK(gone["reason"] == "exited");
  CHECK(says(gone["evidence"], "its process " + std::to_string(agent.pid()) + " has exited"));
  CHECK(box.feed("subtask_failed")[0]["reason"] == "gone");
  CHECK(box.exists("worker-specs/failed/w1.json"));
  CHECK(box.document(k_handoff)["attempt"] == 2);
  box.pass_by();
  CHECK(box.feed("subtask_failed").size() == 1);  // its own spec in failed/ is no answer to the next epoch
}

TEST_CASE("a worker that stands still is ended, and only then its work is handed out again") {
  Sandbox box;
  hand_out(box, short_waits({{"heartbeat_timeout", "1s"}, {"zombie_after", "2s"}}));
  Agent agent(Agent::Habit::stubborn);
  put_spec(box, "w1", agent.pid());
  box.require_feed("zombie_detected");
  box.require_eventually("ended", [&] { return agent.has_ended(); });
  require_epoch(box, 2);
  const json zombie = box.feed("zombie_detected")[0];
  CHECK(zombie["reason"] == "no_progress");
  CHECK(zombie["pid"] == agent.pid());
  CHECK(says(zombie["evidence"], "CPU time of its process stood still"));
  CHECK(box.feed("heartbeat_missed").size() == 1);
  const json ended = box.feed("worker_ended")[0];
  CHECK(ended["killed"] == true);
  CHECK(ended["left"].empty());
  CHECK(ended["seq"] < box.feed("subtask_handed_off")[1]["seq"]);
  CHECK(box.exists("worker-specs/zombie/w1.json"));
  CHECK(box.feed("subtask_retried")[0]["reason"] == "Worker zombie detected, reassigning");
}

TEST_CASE("a worker that is stopped by a signal is found, and ended") {
  Sandbox box;
  hand_out(box, short_waits({{"heartbeat_timeout", "1s"}, {"zombie_after", "2s"}}));
  Agent agent;
  agent.stop();
  put_spec(box, "w1", agent.pid());
  require_entry(box, "zombie_detected", "stopped by a signal");
  box.require_eventually("ended", [&] { return agent.has_ended(); });
  require_epoch(box, 2);
}

TEST_CASE("past its time limit a worker is ended, however lively it is") {
  Sandbox box;
  box.configure(short_waits());
  box.start();
  box.drop("t.json", {{"title", "Fix typo in README.md"}, {"time_limit", "1s"}});
  box.require_handoff("development", "t");
  Agent agent;
  put_spec(box, "w1", agent.pid());
  require_entry(box, "zombie_detected", "time_limit");
  box.require_eventually("ended", [&] { return agent.has_ended(); });
  require_epoch(box, 2);
}

TEST_CASE("a cancelled task ends its worker") {
  Sandbox box;
  hand_out(box, short_waits());
  Agent agent;
  put_spec(box, "w1", agent.pid());
  box.require_feed("subtask_started");
  CHECK(box.run({"cancel", "t"}).code == 0);
  box.require_eventually("ended", [&] { return agent.has_ended(); });
  box.require_feed("worker_ended");
  CHECK(box.feed("worker_ended")[0]["killed"] == false);
}

TEST_CASE("after a kill of the daemon its workers are found again, and those that died meanwhile are seen at once") {
  Sandbox box;
  hand_out(box, short_waits());
  box.drop("u.json", {{"title", "Fix typo in INSTALL.md"}});
  box.require_handoff("development", "u");
  const Agent lives;
  const Agent dies;
  put_spec(box, "w1", lives.pid());
  json other = spec_of("w2", dies.pid());
  other["subtask_id"] = "u";
  box.put("worker-specs/active/w2.json", other.dump());
  box.require_feed("subtask_started", 2);
  box.kill9();
  dies.signal(SIGKILL);
  box.start();
  require_entry(box, "worker_exited", "while the daemon was away");
  CHECK(box.feed("worker_exited").size() == 1);
  CHECK(box.feed("worker_exited")[0]["worker_id"] == "w2");
  lives.signal(SIGKILL);
  box.require_feed("worker_exited", 2);
  require_epoch(box, 2);
  CHECK(box.document(k_handoff)["attempt"] == 2);
}

TEST_CASE("numbers that are no worker's harm nobody") {
  Sandbox box;
  hand_out(box, short_waits());
  for (const pid_t pid : {0, 1, -1, box.pid(), ::getpid()}) {
    CAPTURE(pid);
    const std::string worker = "w" + std::to_string(box.feed("document_warning").size());
    put_spec(box, worker, pid);
    require_entry(box, "document_warning", "worker-specs/active/" + worker + ".json");
    CHECK(box.run({"release", "t"}).code == 0);
    box.require_handoff("development", "t");
  }
  CHECK(box.running());
  CHECK(box.feed("worker_exited").empty());
  CHECK(box.feed("worker_ended").empty());
}

TEST_CASE("the process of another user is watched, and never signalled") {
  if (::geteuid() != 0) return;  // nobody else can be played
  Sandbox box;
  hand_out(box, short_waits({{"heartbeat_timeout", "1s"}, {"zombie_after", "2s"}}));
  Agent agent(Agent::Habit::obedient, 65534);
  put_spec(box, "w1", agent.pid());
  require_entry(box, "document_warning", "would not be ended: it belongs to user 65534");
  require_entry(box, "attention_raised", "baton release t");
  CHECK(box.feed("worker_ended").empty());
  CHECK_FALSE(agent.has_ended());
  agent.signal(SIGKILL);
  require_epoch(box, 2);
}

TEST_CASE("two workers of one subtask: the first counts as long as it lives") {
  Sandbox box;
  hand_out(box, short_waits({{"exit_grace", "1h"}}));
  const Agent first;
  const Agent second;
  put_spec(box, "w1", first.pid());
  box.require_feed("subtask_started");
  put_spec(box, "w2", second.pid());
  require_entry(box, "document_warning", "t is worked on by w1, which lives");
  first.signal(SIGKILL);
  box.require_feed("worker_exited");
  put_spec(box, "w2", second.pid());
  box.require_eventually("taken over", [&] {
    const json subtask = box.document("orchestrator/subtasks/t.json");
    return subtask.is_object() && subtask.value("worker_id", "") == "w2";
  });
}

TEST_CASE("specs of others, under other names, or from the future are told and harm nothing") {
  Sandbox box;
  hand_out(box, short_waits());
  const Agent agent;
  json foreign = spec_of("w1", agent.pid());
  foreign["master"] = "security";
  box.put("worker-specs/active/w1.json", foreign.dump());
  require_entry(box, "document_warning", "was handed to development, not to security");
  CHECK(box.feed("subtask_claimed").empty());
  json named = spec_of("w9", agent.pid());
  named["started_at"] = "2999-01-01T00:00:00Z";
  named["last_heartbeat"] = "2999-01-01T00:00:00Z";
  box.put("worker-specs/active/w2.json", named.dump());
  require_entry(box, "document_warning", "a worker is called as its file is");
  require_entry(box, "document_warning", "lies in the future");
  box.require_feed("subtask_started");
  CHECK(box.feed("subtask_started")[0]["worker_id"] == "w2");
}

TEST_CASE("the daemon may hold a descriptor for each of many workers") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit low{256, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
  Sandbox box;
  box.start();
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit daemons{};
  REQUIRE(::prlimit(box.pid(), RLIMIT_NOFILE, nullptr, &daemons) == 0);
  CHECK(daemons.rlim_cur == std::min<rlim_t>(before.rlim_max, 65'536));
}

TEST_CASE("a heartbeat that is a symbolic link is no heartbeat") {
  Sandbox box;
  hand_out(box, short_waits());
  const Agent agent;
  put_spec(box, "w1", agent.pid());
  box.require_feed("subtask_started");
  REQUIRE(::symlink("/etc/hostname", box.path("worker-specs/active/w1.heartbeat").c_str()) == 0);
  require_entry(box, "document_warning", "it is no regular file");
}
