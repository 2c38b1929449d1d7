#include "service/handoff_files.h"

#include <doctest/doctest.h>

#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_folder = "masters/development/handoffs";
const std::string k_name = "to-development-subtask-t-1.json";
const std::string k_staged = "." + k_name + ".e1";

/// What a start does with the handoffs of one master.
service::HandoffFiles::Lying restore(Run& run) {
  auto lying = run.handoffs.restore("development");
  REQUIRE_MESSAGE(lying.has_value(), lying.error().message);
  static_cast<void>(run.turn([&](service::Turn& turn) {
    for (const core::HandoffDelivery& failure : lying->failed) turn.tell(failure);
  }));
  return *lying;
}

/// Until the core has nothing more to try again.
void deliver_again(Run& run) {
  for (int n = 0; n < 3; ++n) {
    static_cast<void>(run.turn([&](service::Turn& turn) {
      run.publisher.report_failures(turn);
      if (const auto next = run.core.next_deadline(run.world.now)) run.world.now.boot_ms = std::max(run.world.now.boot_ms, *next);
    }));
  }
}

std::string status(const core::Subtask* subtask) { return std::string(core::name(subtask->status)); }

}  // namespace

TEST_CASE("a handoff appears exactly once, wherever a crash falls between staging and publishing") {
  const int stops = crash_everywhere([](Workshop&) {}, [](Run& run) { run.task("t-1"); },
                                     [](Run& run) {
                                       if (run.core.task("t-1") == nullptr) {  // before the commit
                                         const auto lying = restore(run);
                                         CHECK(lying.waiting.empty());
                                         CHECK(run.workshop.list(k_folder, true).empty());
                                         run.task("t-1");
                                       } else {
                                         restore(run);
                                       }
                                       CHECK(run.workshop.list(k_folder, true) == std::vector<std::string>{k_name});
                                       CHECK(run.workshop.document(k_folder + "/" + k_name)["epoch"] == 1);
                                       CHECK(status(run.core.subtask("t-1")) == "handed_off");
                                     });
  CHECK(stops >= 4);
}

TEST_CASE("an answered handoff goes to done/, wherever a crash falls") {
  const int stops = crash_everywhere(
      [](Workshop& workshop) {
        Run run(workshop);
        run.task("t-1", {"a", "b<a"});
        run.claim("a");
      },
      [](Run& run) { run.complete("a"); },
      [](Run& run) {
        restore(run);
        CHECK(status(run.core.subtask("a")) ==
              (run.workshop.has(k_folder + "/to-development-subtask-b.json") ? "completed" : "in_progress"));
        const bool claimed = run.workshop.has(k_folder + "/claimed/to-development-subtask-a.json");
        const bool done = run.workshop.has(k_folder + "/done/to-development-subtask-a.json");
        CHECK(claimed != done);
      });
  CHECK(stops >= 4);
}

TEST_CASE("a claim of the epoch before is never one of the next, in whatever way it was made and wherever a crash falls") {
  for (const std::string& claimed : {k_folder + "/" + k_name + ".processed", k_folder + "/claimed/" + k_name,
                                     k_folder + "/claimed/" + k_name + ".processed"}) {
    CAPTURE(claimed);
    const int stops = crash_everywhere(
        [&](Workshop& workshop) {
          Run run(workshop);
          run.task("t-1");
          workshop.move(k_folder + "/" + k_name, claimed);
          static_cast<void>(run.tell(core::HandoffClaimed{"t-1", 0, "processed"}));
        },
        [](Run& run) {
          static_cast<void>(run.tell(core::CommandArrived{{}, core::Verb::release, "t-1", "", {}}));
        },
        [](Run& run) {
          restore(run);
          for (const char* folder : {"", "/claimed"})
            for (const std::string& name : run.workshop.list(k_folder + folder))
              run.intake.look_again(k_folder + folder + "/" + name);
          run.take();
          const core::Subtask* subtask = run.core.subtask("t-1");
          CHECK(status(subtask) == (subtask->epoch == 1 ? "in_progress" : "handed_off"));
        });
    CHECK(stops >= 6);
  }
}

TEST_CASE("a claim is noticed only by what can be looked at, later if not now") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  workshop.files.count_only([](Primitive primitive, const std::string&) { return primitive == Primitive::stat; });
  workshop.files.fail_all(Error{ErrorCode::io, "Too many open files", {}, {}});
  run.intake.notice({platform::Notice::What::gone, k_folder, k_name});
  run.take();
  CHECK(status(run.core.subtask("t-1")) == "handed_off");
  REQUIRE(run.intake.next_deadline().has_value());
  workshop.files.clear();
  CHECK(workshop.has(k_folder + "/" + k_name));
  workshop.remove(k_folder + "/" + k_name);
  run.intake.notice({platform::Notice::What::gone, k_folder, k_name});
  run.take();
  CHECK(run.core.subtask("t-1")->claimed_how == "removed");
}

TEST_CASE("the notice of our own publishing is worth no look, whatever appears there later is") {
  const platform::Notice appeared{platform::Notice::What::appeared, k_folder, k_name, false};
  for (const bool lost : {false, true}) {
    CAPTURE(lost);
    Workshop workshop;
    Run run(workshop);
    run.task("t-1");
    if (lost) {
      run.intake.notice({platform::Notice::What::list_all, "", ""});
      run.take();
    } else {
      workshop.files.restart_count();
      run.intake.notice(appeared);
      run.take();
      CHECK(workshop.files.count() == 0);
    }
    json handoff = workshop.document(k_folder + "/" + k_name);
    handoff["status"] = "claimed";
    workshop.drop(k_folder + "/" + k_name, handoff.dump());
    run.intake.notice(appeared);
    run.take();
    CHECK(status(run.core.subtask("t-1")) == "in_progress");
  }
}

TEST_CASE("what vanished while notices were lost is found by listing") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  run.task("t-2");
  workshop.remove(k_folder + "/" + k_name);
  run.intake.notice({platform::Notice::What::list_all, "", ""});
  run.take();
  CHECK(run.core.subtask("t-1")->claimed_how == "removed");
  CHECK(status(run.core.subtask("t-2")) == "handed_off");
}

TEST_CASE("what lies in the way goes to stale/ with the epoch, and keeps its bytes") {
  Workshop workshop;
  Run run(workshop);
  workshop.put(k_folder + "/" + k_name, "an older one");
  workshop.put(k_folder + "/stale/" + k_name, "the oldest");
  run.task("t-1");
  CHECK(workshop.get(k_folder + "/stale/" + k_name) == "the oldest");
  CHECK(workshop.get(k_folder + "/stale/" + k_name + ".e0") == "an older one");
  CHECK(workshop.document(k_folder + "/" + k_name)["subtask_id"] == "t-1");
  CHECK(run.handoffs.is_known(k_folder + "/" + k_name, workshop.identity(k_folder + "/" + k_name)));
  workshop.drop(k_folder + "/" + k_name, workshop.get(k_folder + "/" + k_name));
  CHECK_FALSE(run.handoffs.is_known(k_folder + "/" + k_name, workshop.identity(k_folder + "/" + k_name)));
}

TEST_CASE("names aside: the name, then the epoch, then a number") {
  Workshop workshop;
  Run run(workshop);
  for (int i = 0; i < 4; ++i) {
    workshop.put("x", std::to_string(i));
    REQUIRE(run.handoffs.move_aside("x", k_folder + "/stale", "n.json", 3).has_value());
  }
  CHECK(workshop.get(k_folder + "/stale/n.json") == "0");
  CHECK(workshop.get(k_folder + "/stale/n.json.e3") == "1");
  CHECK(workshop.get(k_folder + "/stale/n.json.e3.1") == "2");
  CHECK(workshop.get(k_folder + "/stale/n.json.e3.2") == "3");
  const auto missing = run.handoffs.move_aside("nothing", k_folder + "/stale", "n.json", 3);
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code == ErrorCode::not_found);
}

TEST_CASE("folders that somebody removed are made again") {
  Workshop workshop;
  Run run(workshop);
  workshop.remove(k_folder);
  run.task("t-1");
  CHECK(workshop.has(k_folder + "/" + k_name));
  run.complete("t-1");
  CHECK(workshop.list(k_folder + "/done") == std::vector<std::string>{k_name});
}

TEST_CASE("a handoff that cannot be staged is undelivered, and delivered when it can be") {
  Workshop workshop;
  Run run(workshop);
  workshop.files.count_only([](Primitive, const std::string& path) { return path.starts_with(k_folder); });
  workshop.files.fail_all(Error{ErrorCode::io, "cannot write: Permission denied", {}, {}});
  run.task("t-1");
  REQUIRE(run.core.subtask("t-1") != nullptr);
  CHECK(run.core.subtask("t-1")->undelivered);
  CHECK(workshop.list(k_folder, true).empty());
  workshop.files.clear();
  deliver_again(run);
  CHECK_FALSE(run.core.subtask("t-1")->undelivered);
  CHECK(workshop.list(k_folder, true) == std::vector<std::string>{k_name});
}

TEST_CASE("a handoff that cannot be published is undelivered, and delivered when it can be") {
  Workshop workshop;
  Run run(workshop);
  workshop.files.count_only(
      [](Primitive primitive, const std::string& path) { return primitive == Primitive::rename && path.starts_with(k_folder); });
  workshop.files.fail(1, Error{ErrorCode::io, "cannot rename: Permission denied", {}, {}});
  run.task("t-1");
  CHECK(run.publisher.more());
  static_cast<void>(run.turn([&](service::Turn& turn) { run.publisher.report_failures(turn); }));
  CHECK(run.core.subtask("t-1")->undelivered);
  deliver_again(run);
  CHECK_FALSE(run.core.subtask("t-1")->undelivered);
  CHECK(workshop.list(k_folder, true) == std::vector<std::string>{k_name});
}

TEST_CASE("a start that cannot publish what is staged says so to the core") {
  Workshop workshop;
  {
    Run run(workshop);
    workshop.files.count_only([](Primitive primitive, const std::string& path) {
      return primitive == Primitive::rename && path.starts_with(k_folder);
    });
    workshop.files.fail(1, Error{ErrorCode::io, "no", {}, {}});
    run.task("t-1");
  }
  CHECK(workshop.list(k_folder, true) == std::vector<std::string>{k_staged});
  Run run(workshop);
  workshop.files.clear();
  workshop.files.restart_count();
  workshop.files.fail(1, Error{ErrorCode::io, "no", {}, {}});
  const auto lying = restore(run);
  CHECK(lying.failed.size() == 1);
  CHECK(run.core.subtask("t-1")->undelivered);
  workshop.files.clear();
  deliver_again(run);
  CHECK(workshop.list(k_folder, true) == std::vector<std::string>{k_name});
}

TEST_CASE("a start lists what lies in the folders") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1", {"a", "b"});
  run.claim("a");
  workshop.put(k_folder + "/from-development-subtask-a.json", "{}");
  workshop.put(k_folder + "/to-development-subtask-z.json.processed", "{}");
  workshop.put(k_folder + "/README", "");
  workshop.put(k_folder + "/.to-development-subtask-z.json.e4", "{}");
  const auto lying = restore(run);
  CHECK(lying.waiting == std::set<std::string>{"to-development-subtask-b.json"});
  CHECK(lying.claimed == std::set<std::string>{"to-development-subtask-a.json"});
  CHECK(lying.results == std::set<std::string>{"from-development-subtask-a.json"});
  CHECK(lying.processed == std::set<std::string>{"to-development-subtask-z.json.processed"});
  CHECK_FALSE(workshop.has(k_folder + "/.to-development-subtask-z.json.e4"));
  CHECK_FALSE(run.handoffs.restore("nobody").has_value());
}

TEST_CASE("a handoff that was lost is written again with the same bytes") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  const std::string bytes = workshop.get(k_folder + "/" + k_name);
  CHECK(bytes == run.handoffs.bytes_of(*run.core.subtask("t-1")));
  workshop.remove(k_folder + "/" + k_name);
  REQUIRE(run.handoffs.publish_again("t-1").has_value());
  CHECK(workshop.get(k_folder + "/" + k_name) == bytes);
  run.claim("t-1");
  REQUIRE(run.handoffs.publish_again("t-1").has_value());
  CHECK_FALSE(workshop.has(k_folder + "/" + k_name));
}
