// Worker specs: each counts once, and leaves active/ with its worker's end whatever falls in between.
#include <doctest/doctest.h>

#include "platform/child.h"
#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_active = "worker-specs/active/";
const std::string k_spec =
    R"({"worker_id": "w", "subtask_id": "t-1", "failure_reason": "out of tokens", "failure_class": "permanent"})";

/// Everything that lies in worker-specs/ is looked at.
void look(Run& run) {
  for (const char* folder : {"worker-specs/active", "worker-specs/completed", "worker-specs/failed"})
    for (const std::string& name : run.workshop.list(folder)) run.intake.look_again(std::string(folder) + "/" + name);
  run.take();
}

/// What a start does before it looks at anything.
void file(Run& run) {
  for (const std::string& path : run.inputs.file()) run.intake.look_again(path);
}

void order(Run& run, core::Verb verb) { static_cast<void>(run.tell(core::CommandArrived{{}, verb, "t-1", "again", {}})); }

core::SubtaskStatus status(Run& run) { return run.core.subtask("t-1")->status; }

/// Epoch 2, so much later than all that lies there was written.
void hand_out_later(Run& run) {
  static_cast<void>(run.turn([&](service::Turn& turn) {
    run.world.now.wall_ms += 3'600'000;
    turn.tell(core::CommandArrived{{}, core::Verb::release, "t-1", "again", {}});
  }));
}

/// It has just been written, and is seen to be.
void appear(Run& run, const std::string& name, const std::string& bytes) {
  run.workshop.drop(k_active + name, bytes);
  run.intake.notice({platform::Notice::What::appeared, "worker-specs/active", name, false});
  run.take();
}

std::string by(const std::string& worker) { return R"({"subtask_id": "t-1", "worker_id": ")" + worker + "\"}"; }

const auto k_handed_off = core::SubtaskStatus::handed_off;
const auto k_in_progress = core::SubtaskStatus::in_progress;
const auto k_failed = core::SubtaskStatus::failed;

}  // namespace

TEST_CASE("an ended worker's spec counts once, not again for the next epoch after a restart or a relist") {
  Workshop workshop;
  {
    Run run(workshop);
    run.task("t-1");
    workshop.drop("worker-specs/failed/w.json", k_spec);
    look(run);
    REQUIRE(status(run) == k_failed);
    order(run, core::Verb::retry);
    REQUIRE(status(run) == k_handed_off);
    run.intake.list_again();
    run.take();
    CHECK(status(run) == k_handed_off);
  }
  Run run(workshop);
  workshop.files.count_only([](Primitive primitive, const std::string&) { return primitive == Primitive::read; });
  workshop.files.restart_count();
  look(run);
  CHECK(workshop.files.count() == 0);  // known by its identity, not read
  CHECK(status(run) == k_handed_off);
  CHECK(run.core.subtask("t-1")->epoch == 2);
  workshop.drop("worker-specs/failed/w.json", k_spec);  // written anew: that is another answer
  look(run);
  CHECK(status(run) == k_failed);
}

TEST_CASE("a worker of an earlier handoff takes nothing from the next one: neither by its spec nor by its heartbeat") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  const std::string old_spec = R"({"worker_id": "w", "subtask_id": "t-1", "epoch": 1})";
  workshop.drop(k_active + "w.json", old_spec);
  look(run);
  REQUIRE(status(run) == k_in_progress);
  order(run, core::Verb::release);
  REQUIRE(run.core.subtask("t-1")->epoch == 2);
  workshop.drop(k_active + "w.json", old_spec);  // it did not notice
  workshop.put(k_active + "w.heartbeat", "");
  look(run);
  CHECK(status(run) == k_handed_off);
  CHECK(workshop.has("masters/development/handoffs/to-development-subtask-t-1.json"));
  CHECK_FALSE(workshop.has(k_active + "w.json"));
}

TEST_CASE("a handoff that is given back while its worker's spec is read stays where it was put") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  const std::string master = run.core.subtask("t-1")->spec.assigned_to;
  const std::string published = "masters/" + master + "/handoffs/to-" + master + "-subtask-t-1.json";
  workshop.drop(published, "{}");
  workshop.drop(k_active + "w.json", R"({"worker_id": "w", "subtask_id": "t-1"})");
  workshop.files.count_only([](Primitive primitive, const std::string&) { return primitive == Primitive::rename; });
  workshop.files.restart_count();
  workshop.files.before(1, [&] { workshop.remove(k_active + "w.json"); });
  look(run);
  CHECK(workshop.files.count() == 2);  // into claimed/ and back
  CHECK(workshop.has(published));
  CHECK(status(run) == k_handed_off);
}

TEST_CASE("a spec that said nothing new when it came says nothing after a restart either") {
  Workshop workshop;
  {
    Run run(workshop);
    run.task("t-1");
    core::ResultArrived result;
    result.subtask_id = "t-1";
    result.error = "no";
    static_cast<void>(run.tell(result));
    workshop.drop("worker-specs/failed/w.json", k_spec);
    look(run);
    order(run, core::Verb::retry);
    REQUIRE(status(run) == k_handed_off);
  }
  Run run(workshop);
  look(run);
  CHECK(status(run) == k_handed_off);
}

TEST_CASE("a worker's files leave active/ when its subtask has ended, wherever a crash falls") {
  const int stops = crash_everywhere(
      [](Workshop& workshop) {
        Run run(workshop);
        run.task("t-1", {"t-1-a", "t-1-b<t-1-a"});
        workshop.drop(k_active + "w.json", R"({"worker_id": "w", "subtask_id": "t-1-a"})");
        workshop.put(k_active + "w.pid", "1");
        workshop.put(k_active + "w.heartbeat", "");
        look(run);
        REQUIRE(run.core.subtask("t-1-a")->worker_id == "w");
      },
      [](Run& run) { run.complete("t-1-a"); },
      [](Run& run) {
        file(run);
        look(run);
        if (run.core.subtask("t-1-a")->status == core::SubtaskStatus::completed) {
          CHECK(run.workshop.list("worker-specs/active").empty());
          CHECK(run.workshop.list("worker-specs/completed") == std::vector<std::string>{"w.heartbeat", "w.json", "w.pid"});
        } else {
          CHECK(run.workshop.list("worker-specs/active").size() == 3);
        }
      });
  CHECK(stops >= 8);
}

TEST_CASE("a released worker's spec is no claim of the next epoch, wherever a crash falls") {
  const int stops = crash_everywhere(
      [](Workshop& workshop) {
        Run run(workshop);
        run.task("t-1");
        workshop.drop(k_active + "w.json", R"({"worker_id": "w", "subtask_id": "t-1"})");
        look(run);
      },
      [](Run& run) { order(run, core::Verb::release); },
      [](Run& run) {
        file(run);
        look(run);
        const int epoch = run.core.subtask("t-1")->epoch;
        CHECK(status(run) == (epoch == 1 ? k_in_progress : k_handed_off));
        CHECK(run.workshop.has(epoch == 1 ? k_active + "w.json" : "worker-specs/stale/w.json"));
      });
  CHECK(stops >= 4);
}

TEST_CASE("a spec that comes back after it was filed goes to stale/, also when its whole task has ended") {
  for (const bool with_more : {true, false}) {
    CAPTURE(with_more);
    Workshop workshop;
    Run run(workshop);
    run.task("t-1", with_more ? std::vector<std::string>{"t-1-a", "t-1-b<t-1-a"} : std::vector<std::string>{"t-1-a"});
    const std::string spec = R"({"worker_id": "w", "subtask_id": "t-1-a"})";
    workshop.drop(k_active + "w.json", spec);
    look(run);
    run.complete("t-1-a");
    REQUIRE(workshop.has("worker-specs/completed/w.json"));
    workshop.drop(k_active + "w.json", spec);
    look(run);
    CHECK(workshop.list("worker-specs/active").empty());
    CHECK(workshop.has("worker-specs/stale/w.json"));
  }
}

TEST_CASE("a spec that should have been filed is filed when it is seen; one of an older epoch to stale/") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1", {"t-1-a", "t-1-b<t-1-a"});
  run.complete("t-1-a");
  workshop.drop(k_active + "v.json", R"({"worker_id": "v", "subtask_id": "t-1-a"})");
  workshop.drop(k_active + "u.json", R"({"worker_id": "u", "subtask_id": "t-1-a", "epoch": 7})");
  workshop.drop(k_active + "x.json", R"({"worker_id": "x", "subtask_id": "of-somebody-else"})");
  look(run);
  CHECK(workshop.list("worker-specs/active") == std::vector<std::string>{"x.json"});
  CHECK(workshop.has("worker-specs/completed/v.json"));
  CHECK(workshop.has("worker-specs/stale/u.json"));
}

TEST_CASE("a worker's files that cannot be filed are filed later, into a folder that is made anew") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1", {"t-1-a", "t-1-b<t-1-a"});
  workshop.drop(k_active + "w.json", R"({"worker_id": "w", "subtask_id": "t-1-a"})");
  look(run);
  workshop.remove("worker-specs/completed");
  workshop.files.count_only(
      [](Primitive primitive, const std::string& path) { return primitive == Primitive::rename && path.starts_with(k_active); });
  workshop.files.fail_all(Error{ErrorCode::io, "no", {}, {}});
  run.complete("t-1-a");
  CHECK(run.publisher.owes());
  CHECK(workshop.has(k_active + "w.json"));
  workshop.files.clear();
  CHECK(run.publisher.retry().has_value());
  CHECK(workshop.list("worker-specs/active").empty());
  CHECK(workshop.has("worker-specs/completed/w.json"));
}

TEST_CASE("who comes late is told of once, however often it writes") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1", {"t-1-a", "t-1-b<t-1-a"});
  run.complete("t-1-a");
  for (const std::string& more : {std::string(), std::string(" "), std::string("  ")}) {
    workshop.drop(k_active + "v.json", R"({"worker_id": "v", "subtask_id": "t-1-a"})" + more);
    run.intake.look_again(k_active + "v.json");
    run.take();
    CHECK_FALSE(workshop.has(k_active + "v.json"));
  }
  const std::string feed = workshop.get("dashboard-events.jsonl");
  const std::string words = "epoch 1 of t-1-a is over (t-1-a is completed): it goes to completed/";
  REQUIRE(feed.find(words) != std::string::npos);
  CHECK(feed.find("t-1-a is over") == feed.rfind("t-1-a is over"));
}

TEST_CASE("specs of rivals are filed with the handoff that they were about, and are no claim of the next one") {
  Workshop workshop;
  auto run = std::make_unique<Run>(workshop);
  run->task("t-1");
  run->task("t-2");
  appear(*run, "w1.json", by("w1"));
  appear(*run, "w2.json", by("w2"));
  appear(*run, "w3.json", by("w3"));
  workshop.drop(k_active + "w3.json", R"({"subtask_id": "t-2", "worker_id": "w3"})");  // not seen yet: it is about another one
  REQUIRE(run->core.worker("t-1")->worker_id == "w1");
  hand_out_later(*run);
  file(*run);
  CHECK(workshop.list("worker-specs/active") == std::vector<std::string>{"w3.json"});
  CHECK(workshop.list("worker-specs/stale") == std::vector<std::string>{"w1.json", "w2.json"});
  run = nullptr;
  run = std::make_unique<Run>(workshop);
  look(*run);
  CHECK(status(*run) == k_handed_off);
  CHECK(run->core.subtask("t-1")->epoch == 2);
}

TEST_CASE("a spec without epoch that is only found is no claim of a handoff that went out after it was written") {
  Workshop workshop;
  auto run = std::make_unique<Run>(workshop);
  run->task("t-1");
  workshop.drop(k_active + "w.json", by("w"));
  hand_out_later(*run);
  for (const bool restarted : {false, true}) {
    CAPTURE(restarted);
    if (restarted) {
      run = nullptr;
      run = std::make_unique<Run>(workshop);
    }
    look(*run);
    CHECK(status(*run) == k_handed_off);
    CHECK(workshop.has(k_active + "w.json"));
    CHECK(workshop.get("dashboard-events.jsonl").find("written before epoch 2 of t-1 was handed out") != std::string::npos);
  }
  appear(*run, "w.heartbeat", "");
  CHECK(status(*run) == k_in_progress);
  CHECK(run->core.subtask("t-1")->worker_id == "w");
}

TEST_CASE("it is one when its process lives, or when it was written while the daemon was down") {
  const Child child("exec sleep 1000");
  for (const bool lives : {false, true}) {
    CAPTURE(lives);
    Workshop workshop;
    {
      Run run(workshop, platform::boot_id().value());
      run.task("t-1");
      if (lives) {
        workshop.drop(k_active + "w.json", json{{"subtask_id", "t-1"}, {"pid", child.pid()}}.dump());
        hand_out_later(run);
      }
    }
    if (!lives) workshop.drop(k_active + "w.json", by("w"));
    Run run(workshop, platform::boot_id().value());
    look(run);
    CHECK(status(run) == k_in_progress);
  }
}
