// Worker files and results that nobody should write: each is told, and harms nothing.
#include <fcntl.h>
#include <sys/stat.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "system/agent.h"

using namespace baton::test;

namespace {

namespace fs = std::filesystem;

const fs::path k_corpus = fs::path(BATON_SOURCE_DIR) / "../shared/corpus/real/worker-specs";

std::string text_of(const fs::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

/// How often it was said, in any entry of this type.
int said(const Sandbox& box, const std::string& type, const std::string& words) {
  int times = 0;
  for (const json& entry : box.feed(type)) times += says(entry, words) ? 1 : 0;
  return times;
}

void put_into_future(const std::string& path) {
  const timespec ahead{4'000'000'000, 0};
  const timespec times[2]{ahead, ahead};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0);
}

}  // namespace

TEST_CASE("a spec for a finished subtask is told once, filed, and changes nothing") {
  Sandbox box;
  hand_out(box, short_waits());
  box.complete("development", "t");
  box.require_status("t", "completed");
  const Agent agent;
  for (int n = 0; n < 3; ++n) {
    put_spec(box, "late", agent.pid());
    box.require_eventually("filed", [&] { return box.list("worker-specs/active").empty(); });
  }
  require_entry(box, "document_warning", "epoch 1 of t is over (t is completed)");
  box.pass_by();
  CHECK(said(box, "document_warning", "epoch 1 of t is over") == 1);
  CHECK(box.feed("document_warning")[0]["worker_id"] == "late");
  CHECK(box.feed("document_warning")[0]["path"] == "worker-specs/active/late.json");
  CHECK(box.feed("subtask_completed").size() == 1);
  CHECK(box.feed("subtask_started").empty());
  CHECK(box.status("t") == "completed");
}

TEST_CASE("a spec of an older epoch is told, filed, and claims nothing; nor does one of an epoch to come") {
  Sandbox box;
  hand_out(box, short_waits());
  box.answer("development", "t", {{"status", "failed"}, {"error", "no"}});
  require_epoch(box, 2);
  const Agent agent;
  json spec = spec_of("old", agent.pid());
  spec["epoch"] = 1;
  box.put("worker-specs/active/old.json", spec.dump());
  require_entry(box, "document_warning", "epoch 1 of t is over (t is at epoch 2): it goes to stale/");
  box.require_eventually("filed", [&] { return box.exists("worker-specs/stale/old.json"); });
  spec["epoch"] = 7;
  box.put("worker-specs/active/ahead.json", spec.dump());
  require_entry(box, "document_warning", "t is at epoch 2, and has no epoch 7: left where it is");
  box.pass_by();
  CHECK(box.exists(k_handoff));
  CHECK(box.exists("worker-specs/active/ahead.json"));
  CHECK(box.feed("subtask_claimed").empty());
}

TEST_CASE("a result for an older epoch is told and put aside, and the subtask still waits") {
  Sandbox box;
  hand_out(box, short_waits());
  box.answer("development", "t", {{"status", "failed"}, {"epoch", 1}, {"error", "no"}});
  require_epoch(box, 2);
  box.answer("development", "t", {{"status", "completed"}, {"epoch", 1}, {"result", {{"summary", "too late"}}}});
  box.require_feed("result_stale");
  const json stale = box.feed("result_stale")[0];
  CHECK(stale["reason"] == "old_epoch");
  CHECK(stale["subtask_id"] == "t");
  const std::string name = "masters/development/handoffs/stale/from-development-subtask-t.json";
  box.require_eventually("put aside", [&] { return box.exists(name) && box.exists(name + ".error.json"); });
  CHECK(box.status("t") == "in_progress");
  CHECK(box.document(k_handoff)["epoch"] == 2);
  box.answer("development", "t", {{"status", "completed"}, {"epoch", 2}, {"result", {{"summary", "in time"}}}});
  box.require_status("t", "completed");
  box.require_eventually("the report", [&] { return says(box.document("orchestrator/reports/t.json"), "in time"); });
}

TEST_CASE("a heartbeat that is a symbolic link is told, and is no sign of life") {
  Sandbox box;
  hand_out(box, short_waits({{"heartbeat_timeout", "1s"}, {"zombie_after", "2s"}}));
  const Agent agent;
  put_spec(box, "w1", agent.pid());
  box.require_feed("subtask_started");
  const std::string link = box.path("worker-specs/active/w1.heartbeat");
  box.require_eventually("condemned", [&] {
    fs::remove(link);
    fs::create_symlink("/proc/self/status", link);
    return !box.feed("zombie_detected").empty();
  });
  CHECK(says(box.feed("zombie_detected")[0]["evidence"], "no heartbeat since it was first seen"));
  CHECK(said(box, "document_warning", "it is no regular file") >= 1);
}

TEST_CASE("a heartbeat from the future is told, and counts as of when it was seen") {
  Sandbox box;
  hand_out(box, short_waits({{"heartbeat_timeout", "1s"}, {"zombie_after", "2s"}}));
  Agent agent;
  put_spec(box, "w1", agent.pid());
  box.require_feed("subtask_started");
  SUBCASE("while the daemon runs") {}
  SUBCASE("found by a start") { box.kill9(); }
  box.put_plainly("worker-specs/active/.w1.heartbeat", "");
  put_into_future(box.path("worker-specs/active/.w1.heartbeat"));
  box.move("worker-specs/active/.w1.heartbeat", "worker-specs/active/w1.heartbeat");
  if (!box.running()) box.start();
  require_entry(box, "document_warning", "its time lies in the future");
  box.require_feed("zombie_detected");
  CHECK(said(box, "document_warning", "its time lies in the future") == 1);
  CHECK(says(box.feed("zombie_detected")[0]["evidence"], "no heartbeat for"));
  require_epoch(box, 2);
}

TEST_CASE("two specs with one id: the name of the file is the worker's, which is told once") {
  Sandbox box;
  hand_out(box, short_waits());
  const Agent first;
  put_spec(box, "w1", first.pid());
  box.require_feed("subtask_started");
  json copy = spec_of("w1", first.pid());
  for (int n = 0; n < 3; ++n) {
    copy["progress_percent"] = n;
    box.put("worker-specs/active/w2.json", copy.dump());
    box.pass_by();
  }
  CHECK(said(box, "document_warning", "it says that it is w1; a worker is called as its file is") == 1);
  CHECK(said(box, "document_warning", "t is worked on by w1, which lives") == 1);
  box.require_eventually("its document names the worker", [&] {
    const json subtask = box.document("orchestrator/subtasks/t.json");
    return subtask.is_object() && subtask.value("worker_id", "") == "w1";
  });
  first.signal(SIGKILL);
  box.require_feed("worker_exited");
  CHECK(box.feed("worker_exited")[0]["worker_id"] == "w1");
}

TEST_CASE("the real worker specs of another system: each is understood or told once, and nothing is harmed") {
  if (!fs::exists(k_corpus)) {
    MESSAGE("skipped: the corpus is not here");
    return;
  }
  Sandbox box;
  hand_out(box, short_waits());
  const std::vector<std::string> known{"eui-infrastructure", "task-1762366072", "task-1762896271"};
  for (const std::string& id : known) {
    box.drop(id + ".json", {{"title", "Fix typo in " + id + ".md"}, {"assigned_to", "development"}});
    box.require_handoff("development", id);
  }
  std::map<std::string, std::string> subtask_of;  // by worker
  for (const auto& file : fs::directory_iterator(k_corpus)) {
    const std::string bytes = text_of(file.path());
    const std::string worker = file.path().stem().string();
    const json spec = json::parse(bytes, nullptr, false);
    subtask_of[worker] = spec.is_object() ? spec.value("task_id", "") : "";
    box.put("worker-specs/active/" + worker + ".json", bytes);
  }
  REQUIRE(subtask_of.size() == 24);
  const auto speaks_of = [&](const std::string& type, const std::string& worker) {
    int entries = 0;
    for (const json& entry : box.feed(type))
      if (entry.value("worker_id", "") == worker || entry.value("path", "").ends_with("/" + worker + ".json")) ++entries;
    return entries;
  };
  int claimed = 0, refused = 0, unknown = 0;
  for (const auto& each : subtask_of) {
    const std::string &worker = each.first, &subtask_id = each.second;
    CAPTURE(worker);
    const auto is_told = [&] {
      return speaks_of("subtask_started", worker) + speaks_of("document_warning", worker) +
             speaks_of("document_rejected", worker);
    };
    box.require_eventually(worker + " is understood or told", [&] { return is_told() > 0; });
    claimed += speaks_of("subtask_started", worker);
    refused += speaks_of("document_rejected", worker);
    unknown += !subtask_id.empty() && said(box, "document_warning", "no subtask is called " + subtask_id) > 0 ? 1 : 0;
  }
  CHECK(claimed == 3);
  CHECK(refused == 3);
  CHECK(unknown == 17);
  box.pass_by();
  std::map<std::string, int> times;
  for (const json& entry : box.feed("document_warning"))
    CHECK(++times[entry.value("path", "") + entry.value("worker_id", "") + entry.value("reason", "")] == 1);
  CHECK(box.list("worker-specs/stale").size() == 6);  // three that are no JSON, each with its reason
  box.complete("development", "t");
  box.require_status("t", "completed");
  box.check_seq();
}
