// Workers that die, stop and stay silent, with real processes. Everything but the limits under test is made short.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <algorithm>
#include <chrono>
#include <filesystem>

#include "base/text.h"
#include "platform/loop.h"
#include "system/agent.h"

using namespace baton::test;
namespace fs = std::filesystem;

TEST_CASE("a worker that is killed is seen at once, and its work is handed out again") {
  Sandbox box;
  // Nothing but its end can tell of it: whatever looks by the clock does so in hours.
  hand_out(box, short_waits({{"heartbeat_timeout", "12h"}, {"zombie_after", "24h"}, {"rescan", "12h"}}));
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

TEST_CASE("a worker that baton's own commands wrote dies as visibly as any other") {
  Sandbox box;
  hand_out(box, short_waits());
  const Agent loop;
  const Agent agent;
  REQUIRE(box.run({"claim", "--master", "development", "--worker", "w1", "--pid", std::to_string(loop.pid())}).code == 0);
  REQUIRE(box.run({"heartbeat", "w1", "--pid", std::to_string(agent.pid())}).code == 0);
  box.require_eventually("watched", [&] {
    const json subtask = box.document("orchestrator/subtasks/t.json");
    return subtask.is_object() && subtask.contains("worker") && subtask["worker"].value("pid", 0) == agent.pid();
  });
  loop.signal(SIGKILL);  // it is the agent that counts now
  agent.signal(SIGKILL);
  box.require_feed("worker_gone");
  CHECK(box.feed("worker_exited").size() == 1);
  CHECK(box.feed("worker_exited")[0]["pid"] == agent.pid());
  require_epoch(box, 2);
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
  CHECK(box.feed("worker_exited")[0]["seq"] == box.feed("daemon_started")[1]["seq"].get<int>() + 1);
  lives.signal(SIGKILL);
  box.require_feed("worker_exited", 2);
  require_epoch(box, 2);
  CHECK(box.document(k_handoff)["attempt"] == 2);
}

TEST_CASE("a restart condemns nobody who is heard again, however long ago its last heartbeat was") {
  Sandbox box;
  hand_out(box, short_waits({{"heartbeat_timeout", "2s"}, {"zombie_after", "6s"}}));
  box.drop("u.json", {{"title", "Fix typo in INSTALL.md"}});
  box.claim("development", "u");
  box.put("worker-specs/active/w1.json", json{{"worker_id", "w1"}, {"subtask_id", "t"}}.dump());
  box.require_feed("subtask_claimed", 2);
  const std::string heartbeat = box.path("worker-specs/active/w1.heartbeat");
  box.put_plainly("worker-specs/active/w1.heartbeat", "");
  box.kill9();
  for (const std::string& path : {heartbeat, box.path("worker-specs/active/w1.json")})
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
  box.start();
  box.require_eventually("who stays silent is condemned", [&] {
    REQUIRE(::utimensat(AT_FDCWD, heartbeat.c_str(), nullptr, 0) == 0);  // as touch does
    return !box.feed("zombie_detected").empty();
  });
  CHECK(box.feed("zombie_detected").size() == 1);
  CHECK(box.feed("zombie_detected")[0]["subtask_id"] == "u");
}

TEST_CASE("a worker that comes after the verdict is told, and its files go with its subtask") {
  Sandbox box;
  hand_out(box, short_waits({{"heartbeat_timeout", "1s"}, {"zombie_after", "2s"}}));
  box.claim("development", "t");
  require_entry(box, "zombie_detected", "never_seen");
  const Agent agent;
  put_spec(box, "w1", agent.pid());
  require_entry(box, "document_warning", "t was given up before w1 was seen");
  box.put_plainly("worker-specs/active/w1.heartbeat", "");
  box.pass_by();
  CHECK(box.feed("document_warning").size() == 1);
  box.complete("development", "t");
  box.require_status("t", "completed");
  box.require_eventually("filed", [&] { return box.exists("worker-specs/completed/w1.json"); });
}

TEST_CASE("numbers that are no worker's harm nobody") {
  Sandbox box;
  hand_out(box, short_waits());
  for (const pid_t pid : {0, 1, -1, box.pid(), ::getpid()}) {
    CAPTURE(pid);
    const std::string worker = "w" + std::to_string(box.feed("document_warning").size());
    put_spec(box, worker, pid);
    require_entry(box, "document_warning", "worker-specs/active/" + worker + ".json");
    const std::string said = box.feed("document_warning").back()["reason"];
    CHECK_MESSAGE((said.starts_with(std::to_string(pid) + " is no pid") || says(said, " " + std::to_string(pid) + " ")), said);
    CHECK(box.run({"release", "t"}).code == 0);
    box.require_handoff("development", "t");
  }
  CHECK(box.running());
  CHECK(box.feed("worker_exited").empty());
  CHECK(box.feed("worker_ended").empty());
}

TEST_CASE("the process of another user, or one that another user's spec names, is watched, and never signalled") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can play another user");
    return;
  }
  constexpr uid_t k_other = 65534;
  for (const bool is_process : {true, false}) {
    CAPTURE(is_process);
    const std::string why =
        is_process ? "it belongs to user 65534" : "worker-specs/active/w1.json belongs to user 65534, the process to user 0";
    Sandbox box;
    hand_out(box, short_waits({{"heartbeat_timeout", "1s"}, {"zombie_after", "2s"}}));
    Agent agent(Agent::Habit::obedient, is_process ? k_other : ::getuid());
    box.put("worker-specs/active/.w1", spec_of("w1", agent.pid()).dump());
    if (!is_process) REQUIRE(::lchown(box.path("worker-specs/active/.w1").c_str(), k_other, k_other) == 0);
    box.move("worker-specs/active/.w1", "worker-specs/active/w1.json");
    require_entry(box, "document_warning", "would not be ended: " + why);
    require_entry(box, "attention_raised", "baton release t");
    const auto waited = box.run({"wait", "t"});
    CHECK(waited.code == 6);
    CHECK(waited.output.find(why) != std::string::npos);
    box.kill9();
    box.start();
    box.pass_by();
    CHECK(box.feed("zombie_detected").size() == 1);
    CHECK(box.feed("attention_raised").size() == 2);  // stalled and zombie: a restart repeats neither
    CHECK(box.run({"wait", "t"}).code == 6);
    CHECK(box.feed("worker_ended").empty());
    CHECK_FALSE(agent.has_ended());
    agent.signal(SIGKILL);
    require_epoch(box, 2);
  }
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
  box.put("worker-specs/active/.w2", named.dump());
  fs::last_write_time(box.path("worker-specs/active/.w2"), fs::file_time_type::clock::now() + std::chrono::hours(24));
  box.move("worker-specs/active/.w2", "worker-specs/active/w2.json");
  require_entry(box, "document_warning", "a worker is called as its file is");
  for (const char* time : {"its started_at", "its last_heartbeat", "its time"})
    require_entry(box, "document_warning", std::string(time) + " lies in the future");
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

TEST_CASE("a heartbeat that is a symbolic link is no heartbeat, however often it and what it leads to are renewed") {
  Sandbox box;
  hand_out(box, short_waits({{"heartbeat_timeout", "1s"}, {"zombie_after", "2s"}}));
  Agent agent;
  put_spec(box, "w1", agent.pid());
  box.require_feed("subtask_started");
  box.require_eventually("condemned", [&] {
    box.put_plainly("../beat", "");
    fs::create_symlink(box.path("../beat"), box.path("worker-specs/active/.w1.heartbeat"));
    box.move("worker-specs/active/.w1.heartbeat", "worker-specs/active/w1.heartbeat");
    return !box.feed("zombie_detected").empty();
  });
  require_entry(box, "document_warning", "it is no regular file");
  box.require_eventually("ended", [&] { return agent.has_ended(); });
}

TEST_CASE("while the daemon itself stood still nobody was silent; the verdict and its evidence are explained") {
  constexpr std::int64_t k_zombie_after_ms = 12'000, k_away_s = 14;  // longer than that, and than the loop forgives itself
  Sandbox box;
  hand_out(box, short_waits({{"heartbeat_timeout", "1s"}, {"zombie_after", "12s"}, {"kill_grace", "1h"}}));
  const Agent agent(Agent::Habit::stubborn);  // the verdict stands until it has ended
  put_spec(box, "w1", agent.pid());
  box.require_feed("heartbeat_missed");
  const auto explained = [&] { return box.run({"explain", "t"}).output; };
  CHECK_MESSAGE(explained().find("CPU time of its process stood still") != std::string::npos, explained());
  REQUIRE(::kill(box.pid(), SIGSTOP) == 0);
  const std::int64_t stopped_ms = baton::platform::now().mono_ms;
  box.require_eventually("the clock has gone on",
                         [&] { return baton::platform::now().mono_ms >= stopped_ms + k_away_s * 1'000; });
  REQUIRE(::kill(box.pid(), SIGCONT) == 0);
  box.require_feed("zombie_detected");
  const std::int64_t silent_ms = box.feed("zombie_detected")[0]["epoch_ms"].get<std::int64_t>() -
                                 box.feed("subtask_started")[0]["epoch_ms"].get<std::int64_t>();
  CHECK(silent_ms >= k_zombie_after_ms + k_away_s * 1'000 - 1'000);
  const auto evidence = box.feed("zombie_detected")[0]["evidence"].get<std::vector<std::string>>();
  const std::string verdict = "it made no progress for too long: " + baton::text::join(evidence, "; ");
  box.require_eventually("explained: " + verdict, [&] { return explained().find(verdict) != std::string::npos; });
  agent.signal(SIGKILL);
  require_epoch(box, 2);
}
