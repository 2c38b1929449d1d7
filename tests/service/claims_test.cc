// Answers written into handoffs by hand, claimed or not: each version is read once, however late it can be.
#include <doctest/doctest.h>
#include <fcntl.h>

#include "platform/fd.h"
#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_folder = "masters/development/handoffs";
const std::string k_name = "to-development-subtask-t-1.json";
const std::string k_claimed = k_folder + "/claimed/" + k_name;

/// The handoff at `path`, answered inside.
std::string answered(const Workshop& workshop, const std::string& path, int epoch = 1) {
  json handoff = workshop.document(path);
  handoff["status"] = "completed";
  handoff["epoch"] = epoch;
  handoff["result"] = {{"summary", "did it"}};
  return handoff.dump();
}

void list_all(Run& run) {
  run.intake.notice({platform::Notice::What::list_all, "", ""});
  run.take();
}

int count(const Workshop& workshop, const std::string& text) {
  const std::string feed = workshop.get("dashboard-events.jsonl");
  int n = 0;
  for (auto at = feed.find(text); at != std::string::npos; at = feed.find(text, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("an answer in a claimed handoff that its writer keeps open counts when it is closed") {
  Workshop workshop;
  workshop.config.settle_ms = 0;
  Run run(workshop);
  run.task("t-1");
  run.claim("t-1");
  workshop.drop(k_claimed, answered(workshop, k_claimed));
  platform::Fd writer(::open((workshop.folder / k_claimed).c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(writer);
  run.intake.notice({platform::Notice::What::appeared, k_folder + "/claimed", k_name, false});
  run.take();
  REQUIRE(run.core.subtask("t-1") != nullptr);
  CHECK(run.intake.next_deadline().has_value());
  writer = platform::Fd();
  run.take();
  CHECK(run.core.task("t-1") == nullptr);
  CHECK(workshop.has(k_folder + "/done/" + k_name));
}

TEST_CASE("an answer that was written into a claimed handoff while nobody looked is found by listing") {
  for (const bool restarted : {false, true}) {
    CAPTURE(restarted);
    Workshop workshop;
    auto run = std::make_unique<Run>(workshop);
    run->task("t-1");
    run->claim("t-1");
    if (restarted) run.reset();
    workshop.drop(k_claimed, answered(workshop, k_claimed));
    if (restarted) run = std::make_unique<Run>(workshop);
    list_all(*run);
    CHECK(run->core.task("t-1") == nullptr);
  }
}

TEST_CASE("claimed handoffs are read after everything else that was listed") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  run.claim("t-1");
  workshop.drop(k_claimed, answered(workshop, k_claimed));
  run.intake.look_again(k_claimed);
  for (int n = 0; n < 256; ++n) run.intake.look_again("task-queue.d/" + std::to_string(n) + ".json");
  static_cast<void>(run.turn([&](service::Turn& turn) { run.intake.take(turn); }));
  CHECK(run.core.task("t-1") != nullptr);
  run.take();
  CHECK(run.core.task("t-1") == nullptr);
}

TEST_CASE("each version of an edited handoff is read once, however often the folders are listed") {
  for (const std::string& path : {k_folder + "/" + k_name, k_claimed}) {
    CAPTURE(path);
    Workshop workshop;
    Run run(workshop);
    run.task("t-1");
    if (path == k_claimed) run.claim("t-1");
    workshop.drop(path, answered(workshop, path, 7));
    list_all(run);
    CHECK(count(workshop, "\"document_rejected\"") == 1);
    workshop.files.count_only(
        [&](Primitive primitive, const std::string& each) { return primitive == Primitive::read && each == path; });
    workshop.files.restart_count();
    list_all(run);
    CHECK(workshop.files.count() == 0);
    CHECK(count(workshop, "\"document_rejected\"") == 1);
    workshop.drop(path, answered(workshop, path));
    list_all(run);
    CHECK(run.core.task("t-1") == nullptr);
  }
}
