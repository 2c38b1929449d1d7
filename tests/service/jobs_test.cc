#include "service/jobs.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

#include <chrono>
#include <fstream>

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
  void ask(const std::string& id = "t-1") {
    core::TaskSpec spec;
    spec.id = id;
    spec.title = "Add authentication system with security audit and documentation";
    spec.content_hash = "hash of " + id;
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
  /// One turn with what is ready; waits for something to be.
  void turn() {
    std::vector<struct ::pollfd> fds;
    for (const int fd : run->jobs.fds()) fds.push_back({fd, POLLIN, 0});
    ::poll(fds.data(), fds.size(), 100);
    static_cast<void>(run->turn([&](service::Turn& turn) { run->jobs.take(turn); }));
    run->jobs.release_ended();
  }
  bool eventually(const std::function<bool()>& condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition() && std::chrono::steady_clock::now() < give_up) turn();
    return condition();
  }
  int planned() const {
    int n = 0;
    run->core.for_each_task([&n](const core::Task& task) { n += task.planned; });
    return n;
  }

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
  const std::vector<std::string> scripts = {"cat >/dev/null; echo x >> count; echo nonsense", "cat >/dev/null; echo x >> count",
                                            "echo broken >&2; exit 3", "head -c 1100000 /dev/zero | tr '\\0' ' '",
                                            "exec /no/such/program"};
  for (const std::string& script : scripts) {
    CAPTURE(script);
    Planning planning(script);
    planning.ask();
    planning.wait();
    REQUIRE(planning.task() != nullptr);
    CHECK(planning.task()->planner == core::PlannerKind::rules);
    CHECK(planning.task()->subtasks.size() >= 1);
    if (script.find("count") != std::string::npos) CHECK(planning.workshop.get("count") == "x\nx\n");
    CHECK(planning.run->jobs.fds().empty());
  }
}

TEST_CASE("a planner may say much on standard error") {
  Planning planning("head -c 100000 /dev/zero | tr '\\0' 'x' >&2; echo \"" + k_good + "\"");
  planning.ask();
  planning.wait();
  CHECK(planning.task()->planner == core::PlannerKind::command);
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

TEST_CASE("so many planners at once and no more; the next takes the place of the first that ends") {
  Planning planning("while [ ! -e go ]; do sleep 0.01; done; echo \"" + k_good + "\"");
  for (std::size_t n = 0; n < service::k_max_planners + 2; ++n) planning.ask("t-" + std::to_string(n));
  CHECK(planning.run->jobs.fds().size() == service::k_max_planners);
  CHECK(planning.run->store.load()->jobs.size() == service::k_max_planners + 2);
  static_cast<void>(planning.run->tell(core::CommandArrived{{}, core::Verb::cancel, "t-0", "", {}}));
  static_cast<void>(planning.run->tell(core::CommandArrived{{}, core::Verb::cancel, "t-5", "", {}}));
  planning.run->jobs.release_ended();
  planning.turn();
  CHECK(planning.run->jobs.fds().size() == service::k_max_planners);
  planning.workshop.put("go", "");
  CHECK(planning.eventually([&] { return planning.planned() == 4; }));
  planning.turn();
  CHECK(planning.run->jobs.fds().empty());
  CHECK(planning.run->store.load()->jobs.empty());
}

TEST_CASE("out of descriptors: the planner is asked when there are some, and no rule takes its place") {
  Planning planning("echo \"" + k_good + "\"");
  struct ::rlimit before {};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int next = ::fcntl(0, F_DUPFD_CLOEXEC, 0);
  REQUIRE(next >= 0);
  ::close(next);
  planning.run->world.now = {};
  {
    const struct ::rlimit few = {static_cast<rlim_t>(next) + 2, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
    planning.ask();
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  }
  CHECK_FALSE(planning.task()->planned);
  CHECK(planning.run->jobs.fds().empty());
  CHECK_FALSE(planning.run->jobs.turn_due());
  REQUIRE(planning.run->jobs.next_deadline().has_value());
  CHECK(planning.eventually([&] { return planning.task()->planned; }));
  CHECK(planning.task()->planner == core::PlannerKind::command);
}

TEST_CASE("the mark of a planner is in the journal before it starts, and the next run ends all that carries it") {
  Planning planning("setsid sh -c 'echo $$ > helper; exec sleep 1000' & wait");
  bool first = true;
  planning.workshop.files.count_only([](Primitive primitive, const std::string&) { return primitive == Primitive::append; });
  planning.workshop.files.after(1, [&] {  // the feed of the turn that asks: committed, and not yet started
    first = false;
    CHECK(planning.run->store.load()->jobs.size() == 1);
    CHECK(planning.run->jobs.fds().empty());
  });
  planning.ask();
  planning.workshop.files.clear();
  CHECK_FALSE(first);
  REQUIRE(planning.eventually([&] { return planning.workshop.get("helper").ends_with('\n'); }));
  const std::string helper = "/proc/" + std::to_string(std::stoi(planning.workshop.get("helper"))) + "/environ";
  const auto lives = [&helper] {
    std::ifstream environment(helper);
    return environment.get() != EOF;
  };
  planning.run.reset();  // the planner dies with it, its helper does not
  CHECK(lives());
  Run next(planning.workshop);
  next.jobs.restore(next.loaded.jobs, next.loaded.meta);
  for (int n = 0; n < 3'000 && lives(); ++n) ::poll(nullptr, 0, 10);
  CHECK_FALSE(lives());
  CHECK(next.jobs.turn_due());
}
