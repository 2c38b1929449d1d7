// `archive` is asked for once and answered once, whatever comes in between.
#include "service/archive.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_request = "orchestrator/commands/c.json";
const std::string k_answer = "orchestrator/commands/done/c.json";

void end_tasks(Run& run, const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    run.task(id);
    run.complete(id);
  }
  run.write_views();
}

/// The request is taken, and nothing moved yet.
void ask(Run& run) {
  run.workshop.drop(k_request, R"({"command": "archive", "older_than": "0s"})");
  run.intake.look_again(k_request);
  static_cast<void>(run.turn([&](service::Turn& turn) { run.intake.take(turn); }));
}

void work(Run& run) {
  while (run.archive.more()) static_cast<void>(run.turn([&](service::Turn& turn) { run.archive.work(turn); }));
}

std::size_t remembered(Run& run) {
  const store::Loaded loaded = run.store.load().value();
  return static_cast<std::size_t>(
      std::ranges::count_if(loaded.meta, [](const auto& row) { return row.first.starts_with("archive:"); }));
}

}  // namespace

TEST_CASE("a listing while it works does not take the request again") {
  Workshop workshop;
  Run run(workshop);
  end_tasks(run, {"t-1", "t-2"});
  ask(run);
  CHECK(remembered(run) == 1);
  run.intake.look_again(k_request);
  run.take();
  work(run);
  CHECK(workshop.document(k_answer)["message"] == "2 tasks were moved to orchestrator/archive");
  CHECK(workshop.list("orchestrator/commands/done") == std::vector<std::string>{"c.json"});
  CHECK(workshop.list("orchestrator/commands", true).empty());
  CHECK(remembered(run) == 0);
}

TEST_CASE("another request of the same name is taken when the first one is answered") {
  Workshop workshop;
  Run run(workshop);
  end_tasks(run, {"t-1"});
  ask(run);
  workshop.drop(k_request, R"({"command": "pause"})");
  work(run);
  run.intake.look_again(k_request);
  run.take();
  CHECK(run.core.paused());
  CHECK(workshop.list("orchestrator/commands/done").size() == 2);
}

TEST_CASE("killed at any step: the next run goes on with the same tasks, and its answer counts them all") {
  for (int n = 1; n <= 6; ++n) {
    CAPTURE(n);
    Workshop workshop;
    {
      Run run(workshop);
      end_tasks(run, {"t-1", "t-2", "t-3"});
      ask(run);
      workshop.files.count_only([](Primitive primitive, const std::string&) { return primitive == Primitive::rename; });
      workshop.files.restart_count();
      workshop.files.after(n, [] { throw Crash{}; });
      service::Turn killed(run.world);
      const auto all = [&] {
        while (run.archive.more()) run.archive.work(killed);
      };
      CHECK_THROWS_AS(all(), Crash);
      workshop.files.clear();
    }
    Run next(workshop);
    end_tasks(next, {"t-4"});
    const auto later = std::filesystem::file_time_type::clock::now() + std::chrono::hours(1);
    std::filesystem::last_write_time(workshop.folder / "orchestrator/reports/t-4.json", later);  // it ended after the request
    next.intake.look_again(k_request);
    next.take();
    work(next);
    CHECK(workshop.document(k_answer)["message"] == "3 tasks were moved to orchestrator/archive");
    CHECK(workshop.list("orchestrator/reports") == std::vector<std::string>{"t-4.json", "t-4.md"});
    CHECK(remembered(next) == 0);
  }
}

TEST_CASE("a request that somebody took away after a kill leaves nothing in the journal") {
  Workshop workshop;
  {
    Run run(workshop);
    end_tasks(run, {"t-1"});
    ask(run);
  }
  workshop.remove(k_request);
  Run next(workshop);
  CHECK(remembered(next) == 1);
  ask(next);
  work(next);
  CHECK(remembered(next) == 0);
}

TEST_CASE("a child task is moved with the task that it was made for, and not before") {
  Workshop workshop;
  Run run(workshop);
  run.task("p", {"a!", "b"});
  run.take();
  const std::vector<core::Task> below = [&] {
    std::vector<core::Task> found;
    run.core.for_each_task([&](const core::Task& task) {
      if (core::is_child(task)) found.push_back(task);
    });
    return found;
  }();
  REQUIRE(below.size() == 1);
  const std::string child = below.front().spec.id;
  for (const core::Subtask& subtask : below.front().subtasks) run.complete(subtask.spec.id);
  run.write_views();
  REQUIRE(run.core.task(child) == nullptr);
  REQUIRE(workshop.has("orchestrator/reports/" + child + ".json"));
  ask(run);
  work(run);
  CHECK(workshop.document(k_answer)["message"] == "0 tasks were moved to orchestrator/archive");
  CHECK(workshop.has("orchestrator/reports/" + child + ".json"));
  CHECK(workshop.has("orchestrator/reports/" + child + ".md"));

  run.complete("b");
  run.write_views();
  REQUIRE(run.core.task("p") == nullptr);
  const auto later = std::filesystem::file_time_type::clock::now() + std::chrono::hours(1);
  const std::string report = workshop.folder / "orchestrator/reports/p.json";
  const auto ended = std::filesystem::last_write_time(report);
  std::filesystem::last_write_time(report, later);  // it ended after the request
  workshop.remove(k_answer);
  ask(run);
  work(run);
  CHECK(workshop.has("orchestrator/reports/" + child + ".json"));

  std::filesystem::last_write_time(report, ended);
  workshop.remove(k_answer);
  ask(run);
  work(run);
  CHECK(workshop.document(k_answer)["message"] == "2 tasks were moved to orchestrator/archive");
  CHECK(workshop.list("orchestrator/reports").empty());
}
