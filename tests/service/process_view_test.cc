// processes.json: who is in it, when it is written, and that nobody else writes it. With real processes; time is what the test
// says.
#include "service/process_view.h"

#include <doctest/doctest.h>
#include <signal.h>

#include "platform/child.h"
#include "platform/live_process.h"
#include "protocol/validate.h"
#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_file = "orchestrator/state/processes.json";
constexpr std::int64_t k_later_ms = 1'000'000;  // longer than any pause of the view

struct Site {
  Workshop workshop;
  Run run{workshop, platform::boot_id().value()};
  service::ProcessView view{run.world};
  std::int64_t now = 0;

  /// What is written when all pauses are over; null: nothing is.
  json take() {
    now = std::max(now, platform::now().boot_ms) + k_later_ms;
    const auto document = view.take(now);
    if (!document) return {};
    json parsed = json::parse(*document);
    for (const auto& problem : protocol::problems(protocol::Kind::processes, parsed))
      FAIL_CHECK(problem.pointer, ": ", problem.message);
    return parsed["processes"];
  }
  /// Told to the core by the worker's own files.
  void spec(const json& spec) {
    workshop.drop("worker-specs/active/w1.json", spec.dump());
    run.intake.look_again("worker-specs/active/w1.json");
    told([&](service::Turn& turn) { run.intake.take(turn); });
  }
  void told(const std::function<void(service::Turn&)>& fill) {
    static_cast<void>(run.turn([&](service::Turn& turn) {
      fill(turn);
      view.changed(turn.changes);
    }));
  }
  void complete(const std::string& subtask_id) {
    told([&](service::Turn& turn) {
      core::ResultArrived result;
      result.subtask_id = subtask_id;
      result.completed = true;
      turn.tell(std::move(result));
    });
  }
  bool is_due() const { return view.next_deadline() && *view.next_deadline() <= platform::now().boot_ms; }
};

/// Stands still, so that none of its figures moves by itself.
void stop(const Child& child) {
  child.wait_for("ready");
  REQUIRE(::kill(child.pid(), SIGSTOP) == 0);
  REQUIRE(becomes_true([&] { return platform::read_process(child.pid())->state == 'T'; }));
}

}  // namespace

TEST_CASE("a worker comes with its process and what it says of itself, and is written again only when something changed") {
  Site site;
  CHECK(site.take() == json::array());
  CHECK(site.take().is_null());
  CHECK_FALSE(site.view.next_deadline().has_value());
  const Child child("mkfifo f; exec 3<>f; : >ready; read x <&3");
  stop(child);
  site.run.task("t-1");
  json spec{{"subtask_id", "t-1"},   {"pid", child.pid()}, {"progress_percent", 40}, {"current_step", "thinks"},
            {"tokens_used", "1200"}, {"cost_usd", 0.25},   {"worktree", "trees/a"},  {"output_file", "a.log"}};
  site.spec(spec);
  const json shown = site.take();
  REQUIRE(shown.size() == 1);
  const json& row = shown[0];
  CHECK(row["worker_id"] == "w1");
  CHECK(row["subtask_id"] == "t-1");
  CHECK(row["task_id"] == "t-1");
  CHECK(row["master"] == "development");
  CHECK(row["pid"] == child.pid());
  CHECK(row["process_state"] == "stopped");
  CHECK(row["process_count"] == 1);
  CHECK(row["rss_bytes"] > 0);
  CHECK(row["progress_percent"] == 40);
  CHECK(row["current_step"] == "thinks");
  CHECK(row["tokens_used"] == 1200);
  CHECK(row["cost_usd"] == 0.25);
  CHECK(row["worktree"] == "trees/a");
  CHECK(row["output_file"] == "a.log");
  CHECK(row.contains("started_at"));
  CHECK(site.take().is_null());

  spec["tokens_used"] = 1300;
  site.spec(spec);
  CHECK(site.take()[0]["tokens_used"] == 1300);
}

TEST_CASE("who comes or goes is shown without waiting for the next figures") {
  Site site;
  site.workshop.config.view_interval_ms = 0;
  static_cast<void>(site.take());
  const Child child("mkfifo f; exec 3<>f; : >ready; read x <&3");
  stop(child);
  site.run.task("t-1");
  site.spec({{"subtask_id", "t-1"}, {"pid", child.pid()}});
  CHECK(site.is_due());
  CHECK(site.take().size() == 1);
  CHECK_FALSE(site.is_due());
  site.complete("t-1");
  CHECK(site.take() == json::array());
  CHECK_FALSE(site.view.next_deadline().has_value());
}

TEST_CASE("after a look that took long the next one waits, but not without end") {
  Site site;
  site.run.task("t-1");
  site.spec({{"subtask_id", "t-1"}, {"host", "far.example.org"}});
  const auto deadline_after = [&](std::int64_t begin) { return site.view.next_deadline().value() - begin; };
  const std::int64_t begin = platform::now().boot_ms;
  site.view.pause_until(begin - 7'200'000);
  REQUIRE(site.view.take(begin - 3'600'000));  // an hour has passed when it is done
  CHECK(deadline_after(begin) >= 30'000);
  CHECK(deadline_after(platform::now().boot_ms) <= 30'000);
  site.complete("t-1");  // somebody goes
  CHECK(deadline_after(begin) >= 10'000);
  CHECK(deadline_after(platform::now().boot_ms) <= 10'000);
}

TEST_CASE("a process that has ended, and one that only has the number, are told as ended") {
  Site site;
  Child child("mkfifo f; exec 3<>f; : >ready; read x <&3");
  stop(child);
  site.run.task("t-1");
  site.spec({{"subtask_id", "t-1"}, {"pid", child.pid()}});
  CHECK(site.take()[0]["process_state"] == "stopped");
  REQUIRE(::kill(child.pid(), SIGKILL) == 0);
  REQUIRE(becomes_true([&] { return platform::read_process(child.pid())->state == 'Z'; }));
  CHECK(site.take()[0]["process_state"] == "ended");
  REQUIRE(becomes_true([&] { return child.process().pump().has_value(); }));
  const json gone = site.take();  // it may be the same
  CHECK((gone.is_null() || gone[0]["process_state"] == "ended"));
}

TEST_CASE("workers on other hosts and those without a process are in it without figures") {
  Site site;
  site.run.task("t-1");
  site.spec({{"subtask_id", "t-1"}, {"host", "far.example.org"}, {"pid", 1234}});
  const json row = site.take()[0];
  CHECK(row["host"] == "far.example.org");
  CHECK_FALSE(row.contains("pid"));
  CHECK_FALSE(row.contains("process_state"));
}

TEST_CASE("what looks like a secret is no step that is shown") {
  Site site;
  site.run.task("t-1");
  site.spec({{"subtask_id", "t-1"}, {"current_step", "curl -H 'Authorization: Bearer abcdefghijklmnop'"}});
  CHECK(site.take().dump().find("abcdefgh") == std::string::npos);
}

TEST_CASE("the list stands from the start; what somebody edits or removes is put back and told") {
  for (const bool removed : {false, true}) {
    CAPTURE(removed);
    Workshop workshop;
    Run run(workshop);
    run.write_views();
    CHECK(workshop.document(k_file)["processes"] == json::array());
    removed ? workshop.remove(k_file) : workshop.drop(k_file, R"({"processes": 7})");
    run.world.now.boot_ms -= k_later_ms;  // so that it is due
    run.views.noticed(k_file);            // our own
    run.views.noticed(k_file);
    service::Turn turn(run.world);
    CHECK(becomes_true([&] {
      run.write_due({}, turn);
      return workshop.has(k_file) && workshop.document(k_file)["processes"] == json::array();
    }));
    CHECK(turn.changes.effects.size() == 1);
  }
}
