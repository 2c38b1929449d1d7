#include "service/jobs.h"

#include <doctest/doctest.h>
#include <poll.h>

#include <chrono>

#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

/// A workshop whose planner command is this shell script.
struct Planning {
  explicit Planning(const std::string& script) {
    workshop.config.planner_command = {"/bin/sh", "-c", script};
    run.emplace(workshop);
  }
  /// Pumps until the task is planned.
  void wait() {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < give_up) {
      static_cast<void>(run->turn([&](service::Turn& turn) { run->jobs.take(turn); }));
      run->jobs.release_ended();
      if (task() == nullptr || task()->planned) return;
      std::vector<struct ::pollfd> fds;
      for (const int fd : run->jobs.fds()) fds.push_back({fd, POLLIN, 0});
      ::poll(fds.data(), fds.size(), 100);
    }
    FAIL("no plan within 30 s");
  }
  void ask() {
    core::TaskSpec spec;
    spec.id = "t-1";
    spec.title = "Add authentication system with security audit and documentation";
    spec.content_hash = "h";
    spec.planner = "command";
    spec.orchestration_required = true;
    static_cast<void>(run->turn([&](service::Turn& turn) {
      core::TasksArrived arrived{{}, core::Source::drop, {}};
      core::ArrivedTask one;
      one.plan = run->core.plan(spec);
      one.spec = spec;
      arrived.tasks.push_back(std::move(one));
      turn.tell(std::move(arrived));
    }));
  }
  const core::Task* task() const { return run->core.task("t-1"); }
  std::string feed() const { return workshop.get("dashboard-events.jsonl"); }

  Workshop workshop;
  std::optional<Run> run;
};

const std::string k_good = R"({\"subtasks\": [{\"subtask_id\": \"one\", \"title\": \"One\", \"assigned_to\": \"development\"},)"
                           R"( {\"subtask_id\": \"two\", \"title\": \"Two\", \"dependencies\": [\"one\"]}]})";

}  // namespace

TEST_CASE("the planner command is asked and its plan is taken") {
  Planning planning("cat > request.json; echo \"" + k_good + "\"");
  planning.ask();
  REQUIRE(planning.task() != nullptr);
  CHECK_FALSE(planning.task()->planned);
  CHECK(planning.run->jobs.fds().size() > 0);
  CHECK(planning.run->jobs.next_deadline().has_value());
  planning.wait();
  REQUIRE(planning.task() != nullptr);
  CHECK(planning.task()->planner == core::PlannerKind::command);
  REQUIRE(planning.task()->subtasks.size() == 2);
  CHECK(planning.task()->subtasks[0].spec.id == "one");
  CHECK(planning.run->jobs.fds().empty());
  CHECK_FALSE(planning.run->jobs.next_deadline().has_value());
  CHECK(planning.workshop.get("request.json").find("authentication") != std::string::npos);
}

TEST_CASE("an invalid answer gets one round of repair, with what was wrong") {
  Planning planning(
      "cat > request; n=$(cat count 2>/dev/null || echo 0); echo $((n+1)) > count; if [ $n = 0 ]; then echo nonsense; "
      "else echo \"" +
      k_good + "\"; fi");
  planning.ask();
  planning.wait();
  CHECK(planning.workshop.get("count") == "2\n");
  CHECK(planning.workshop.get("request").find("nonsense") != std::string::npos);
  CHECK(planning.task()->planner == core::PlannerKind::command);
}

TEST_CASE("two invalid answers, a failure, too much output or no program: the rules plan instead") {
  const std::vector<std::string> scripts = {"cat >/dev/null; echo x >> count; echo nonsense", "echo broken >&2; exit 3",
                                            "head -c 1100000 /dev/zero | tr '\\0' ' '", "exec /no/such/program"};
  for (const std::string& script : scripts) {
    CAPTURE(script);
    Planning planning(script);
    planning.ask();
    planning.wait();
    REQUIRE(planning.task() != nullptr);
    CHECK(planning.task()->planner == core::PlannerKind::rules);
    CHECK(planning.task()->subtasks.size() >= 1);
    if (script.find("nonsense") != std::string::npos) CHECK(planning.workshop.get("count") == "x\nx\n");
  }
}

TEST_CASE("a planner that does not answer in time is ended") {
  Planning planning("exec sleep 1000");
  planning.workshop.config.planner_timeout_ms = 1;
  planning.ask();
  planning.wait();
  CHECK(planning.task()->planner == core::PlannerKind::rules);
  CHECK(planning.run->jobs.fds().empty());
}

TEST_CASE("a planner that is stopped answers no more") {
  Planning planning("exec sleep 1000");
  planning.ask();
  CHECK_FALSE(planning.run->jobs.fds().empty());
  static_cast<void>(planning.run->tell(core::CommandArrived{{}, core::Verb::cancel, "t-1", "", {}}));
  CHECK(planning.run->jobs.fds().empty());
  CHECK(planning.task() == nullptr);
}
