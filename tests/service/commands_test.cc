// Requests in orchestrator/commands: each is answered once, and none is lost or taken for another one.
#include <doctest/doctest.h>

#include <filesystem>

#include "service/backup.h"
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

TEST_CASE("a backup has its name only when it is whole, takes no name that is taken, and clears what a killed one left") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  const std::string file = workshop.folder / "copy.db";
  workshop.put("copy.db.partial", "half a copy");
  REQUIRE(service::backup(run.store, file).has_value());
  CHECK_FALSE(workshop.has("copy.db.partial"));
  auto copy = store::Store::open(file);
  REQUIRE(copy.has_value());
  CHECK(copy->load()->live.size() == 1);
  const auto again = service::backup(run.store, file);
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error().code == ErrorCode::refused);
  CHECK(again.error().message == "cannot copy the journal: " + file + " exists");
  const auto nowhere = service::backup(run.store, workshop.folder / "missing/copy.db");
  REQUIRE_FALSE(nowhere.has_value());
  CHECK(nowhere.error().code == ErrorCode::not_found);
}
