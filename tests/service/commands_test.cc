// Requests in orchestrator/commands: each is answered once, and none is lost or taken for another one.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_folder = "orchestrator/commands/";
const std::string k_done = "orchestrator/commands/done/";
const std::string k_pause = R"({"command": "pause"})";
const std::string k_resume = R"({"command": "resume"})";

void look(Run& run) {
  for (const auto& entry : std::filesystem::directory_iterator(run.workshop.folder / "orchestrator/commands"))
    run.intake.look_again(k_folder + entry.path().filename().string());
  run.take();
}

}  // namespace

TEST_CASE("a request that is replaced before it is taken away is another request, and carried out too") {
  for (const bool taken : {false, true}) {
    CAPTURE(taken);
    Workshop workshop;
    Run run(workshop);
    workshop.drop(k_folder + "c.json", k_pause);
    workshop.files.count_only([](Primitive primitive, const std::string& path) {
      return primitive == Primitive::rename && path == k_folder + "c.json";
    });
    workshop.files.before(1, [&] { workshop.drop(k_folder + "c.json", k_resume); });
    if (taken) workshop.files.after(1, [&] { workshop.drop(k_folder + "c.json", R"({"command": "reload"})"); });
    look(run);
    workshop.files.clear();
    look(run);
    CHECK_FALSE(run.core.paused());
    CHECK(workshop.list("orchestrator/commands", true).empty());
    CHECK(workshop.document(k_done + "c.json")["command"] == "pause");
    CHECK(workshop.list("orchestrator/commands/done").size() == (taken ? 3 : 2));
  }
}

TEST_CASE("a crash at any step answers a request that nobody understands, and keeps its text") {
  const int stops = crash_everywhere([](Workshop& workshop) { workshop.drop(k_folder + "c.json", "{\"command\": "); }, look,
                                     [](Run& run) {
                                       for (const std::string& path : run.inputs.file()) run.intake.look_again(path);
                                       look(run);
                                       CHECK(run.workshop.list("orchestrator/commands", true).empty());
                                       CHECK(run.workshop.get(k_done + "c.json.request") == "{\"command\": ");
                                       CHECK(run.workshop.document(k_done + "c.json")["ok"] == false);
                                       CHECK(run.workshop.list("orchestrator/commands/done").size() == 2);
                                     });
  CHECK(stops >= 6);
}

TEST_CASE("an earlier answer is never overwritten") {
  Workshop workshop;
  Run run(workshop);
  for (const std::string& request : {k_pause, k_resume, k_pause}) {
    workshop.drop(k_folder + "c.json", request);
    look(run);
  }
  CHECK(workshop.document(k_done + "c.json")["command"] == "pause");
  CHECK(workshop.document(k_done + "c.json.1")["command"] == "resume");
  CHECK(workshop.document(k_done + "c.json.2")["command"] == "pause");
  CHECK(run.core.paused());
}

TEST_CASE("a folder that is no request is answered and kept, one of another name is left and reported once") {
  Workshop workshop;
  workshop.folder.folder(k_folder + "c.json");
  workshop.folder.folder(k_folder + "drafts");
  workshop.put(k_folder + "c.json/inside", "mine");
  for (int starts = 0; starts < 2; ++starts) {
    Run run(workshop);
    look(run);
    CHECK_FALSE(run.inputs.retry_due());
  }
  CHECK(workshop.get(k_done + "c.json.request/inside") == "mine");
  CHECK(workshop.document(k_done + "c.json")["message"].get<std::string>().find("it is a folder") != std::string::npos);
  CHECK(workshop.has(k_folder + "drafts"));
  const std::string feed = workshop.get("dashboard-events.jsonl");
  const auto at = feed.find("no command: left where it is");
  REQUIRE(at != std::string::npos);
  CHECK(feed.find("no command: left where it is", at + 1) == std::string::npos);
}

namespace {

std::string backup_to(const std::string& file) { return json{{"command", "backup"}, {"file", file}}.dump(); }

std::size_t live_tasks(const std::string& file) {
  auto copy = store::Store::open(file);
  REQUIRE_MESSAGE(copy.has_value(), copy.error().message);
  return copy->load()->live.size();
}

/// Rows of backups that are not answered.
std::size_t remembered(Run& run) {
  const store::Loaded loaded = run.store.load().value();
  return static_cast<std::size_t>(
      std::ranges::count_if(loaded.meta, [](const auto& row) { return row.first.starts_with("backup:"); }));
}

}  // namespace

TEST_CASE("a backup is made only when its request is remembered, and takes no name that is taken") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  const std::string file = workshop.folder / "copy.db";
  workshop.put("copy.db.partial", "a file of somebody");
  workshop.drop(k_folder + "c.json", backup_to(file));
  run.intake.look_again(k_folder + "c.json");
  static_cast<void>(run.turn([&](service::Turn& turn) { run.intake.take(turn); }));
  CHECK(remembered(run) == 1);
  CHECK_FALSE(workshop.has("copy.db"));
  run.take();
  CHECK(workshop.document(k_done + "c.json")["message"] == "the journal was copied to " + file);
  CHECK(workshop.document(k_done + "c.json")["ok"] == true);
  CHECK(workshop.get("copy.db.partial") == "a file of somebody");
  CHECK(remembered(run) == 0);
  CHECK(live_tasks(file) == 1);
  workshop.drop(k_folder + "again.json", backup_to(file));
  workshop.drop(k_folder + "nowhere.json", backup_to(workshop.folder / "missing/copy.db"));
  look(run);
  CHECK(workshop.document(k_done + "again.json")["message"] == "cannot copy the journal: " + file + " exists");
  CHECK(workshop.document(k_done + "nowhere.json")["message"].get<std::string>().find("No such file") != std::string::npos);
  CHECK(remembered(run) == 0);
  for (const std::string& name : workshop.list(".", true)) CHECK_FALSE(name.starts_with(".baton-backup-"));
}

TEST_CASE("killed after the copy had its name: the next run answers that it was made; another's file is not taken for it") {
  for (const bool somebody_elses : {false, true}) {
    CAPTURE(somebody_elses);
    Workshop workshop;
    const std::string file = workshop.folder / "copy.db";
    {
      Run run(workshop);
      run.task("t-1");
      workshop.drop(k_folder + "c.json", backup_to(file));
      run.intake.look_again(k_folder + "c.json");
      static_cast<void>(run.turn([&](service::Turn& turn) { run.intake.take(turn); }));
      service::Turn killed(run.world);
      run.backups.work(killed);
    }
    if (somebody_elses) workshop.put("copy.db", "a file of somebody");
    Run run(workshop);
    look(run);
    CHECK(workshop.document(k_done + "c.json")["ok"] == !somebody_elses);
    CHECK(remembered(run) == 0);
    if (!somebody_elses) CHECK(live_tasks(file) == 1);
  }
}

TEST_CASE("killed while it copied: what was half made is cleared, and the next run makes the copy") {
  Workshop workshop;
  const std::string file = workshop.folder / "copy.db";
  std::string mark;
  {
    Run run(workshop);
    run.task("t-1");
    workshop.drop(k_folder + "c.json", backup_to(file));
    run.intake.look_again(k_folder + "c.json");
    static_cast<void>(run.turn([&](service::Turn& turn) { run.intake.take(turn); }));
    const store::Loaded loaded = run.store.load().value();
    for (const auto& [name, value] : loaded.meta)
      if (value == file) mark = name.substr(std::string("backup:").size());
  }
  REQUIRE_FALSE(mark.empty());
  workshop.put(".baton-backup-" + mark, "half a copy");
  Run run(workshop);
  look(run);
  CHECK(workshop.document(k_done + "c.json")["ok"] == true);
  CHECK(live_tasks(file) == 1);
  CHECK_FALSE(workshop.has(".baton-backup-" + mark));
}
