// Two parts of a subtask: by the planner command when there is one, else in halves by its files.
#include "service/splits.h"

#include <doctest/doctest.h>

#include <sstream>

#include "service/arriving.h"
#include "service/job_site.h"

using namespace baton;
using namespace baton::test;

namespace {

struct Splitting : JobSite {
  explicit Splitting(const std::string& script) : JobSite(with_command(script)) {}

  static protocol::Config with_command(const std::string& script) {
    protocol::Config config;
    if (!script.empty())
      config.planner_command = {"/bin/sh", "-c", "cat > request; cp request request.$(ls | grep -c request); " + script};
    return config;
  }
  /// The subtask "s" of files a and b fails until it is to be split.
  void fail_twice() {
    core::TaskSpec spec;
    spec.id = spec.title = "t";
    spec.content_hash = "hash";
    core::SubtaskSpec& whole = spec.subtasks.emplace_back();
    whole.id = whole.title = "s";
    whole.assigned_to = "development";
    whole.files_affected = {"a", "b"};
    static_cast<void>(run->turn([&](service::Turn& turn) {
      turn.commit.documents["t"] = R"({"id": "t", "title": "t"})";
      core::TasksArrived arrived{{}, core::Source::drop, {}};
      arrived.tasks.push_back(service::arriving_task(run->world, std::move(spec)));
      turn.tell(std::move(arrived));
    }));
    for (int n = 0; n < 2; ++n) {
      core::ResultArrived failed;
      failed.subtask_id = "s";
      failed.error = "too much";
      static_cast<void>(run->tell(std::move(failed)));
      static_cast<void>(run->turn([&](service::Turn&) { run->world.now.boot_ms += 3'600'000; }));  // its wait is over
    }
    REQUIRE(run->core.subtask("s")->splitting);
  }
  bool is_split() {
    return eventually([&] { return run->core.subtask("s-a") != nullptr; });
  }
  json feed(const std::string& type) {
    std::istringstream lines(workshop.get("dashboard-events.jsonl"));
    for (std::string line; std::getline(lines, line);)
      if (const json entry = json::parse(line); entry["type"] == type) return entry;
    return nullptr;
  }
  std::vector<std::string> files(const std::string& id) { return run->core.subtask(id)->spec.files_affected; }
};

std::string answer(const std::string& subtasks) { return "echo '{\"subtasks\": [" + subtasks + "]}'"; }

const std::string k_one = R"({"title": "One", "files_affected": ["./b"]})";
const std::string k_other = R"({"title": "Other", "files_affected": ["a"]})";

}  // namespace

TEST_CASE("without a planner command: halves by files") {
  Splitting site("");
  site.fail_twice();
  CHECK(site.run->jobs.turn_due());
  CHECK(site.run->jobs.fds().empty());
  REQUIRE(site.is_split());
  CHECK(site.files("s-a") == std::vector<std::string>{"a"});
  CHECK(site.feed("subtask_split")["planner"] == "rules");
  CHECK_FALSE(site.feed("subtask_split").contains("note"));
}

TEST_CASE("the planner command is asked for two parts, and they are taken") {
  Splitting site(answer(k_one + "," + k_other));
  site.fail_twice();
  CHECK(site.rows() == 1);
  REQUIRE(site.is_split());
  const json request = site.workshop.document("request");
  CHECK(protocol::problems(protocol::Kind::planner_request, request).empty());
  CHECK(request["task"]["id"] == "t");
  CHECK(request["split"]["subtask"]["subtask_id"] == "s");
  CHECK(request["split"]["failure"]["error"] == "too much");
  CHECK(request["split"]["failure"]["attempts"] == 2);
  CHECK(site.run->core.subtask("s-a")->spec.title == "One");
  CHECK(site.files("s-a") == std::vector<std::string>{"b"});
  CHECK(site.files("s-b") == std::vector<std::string>{"a"});
  CHECK(site.feed("subtask_split")["planner"] == "command");
  CHECK_FALSE(site.feed("subtask_split").contains("note"));
  site.take();
  CHECK(site.rows() == 0);
}

TEST_CASE("an answer that breaks a rule comes back once, with all that is wrong") {
  Splitting site("[ -e request.2 ] || { " + answer(k_one) + "; exit; }; " + answer(k_one + "," + k_other));
  site.fail_twice();
  REQUIRE(site.is_split());
  const json second = site.workshop.document("request");
  CHECK(second["previous"]["problems"] == json::array({"there must be exactly 2 parts, and there are 1"}));
  CHECK(second["previous"]["answer"].get<std::string>().find("One") != std::string::npos);
  CHECK(site.feed("subtask_split")["planner"] == "command");
}

TEST_CASE("a planner command that gives no two parts: halves by files, and the feed says why") {
  const std::string commands = R"({"title": "Other", "files_affected": ["a"], "checkpoint": {"commands": [["rm", "-r", "x"]]}})";
  struct Case {
    std::string script, note;
  };
  const Case cases[] = {
      {"echo no idea >&2; exit 3", "exit code 3: no idea"},
      {"echo no idea", "the planner command gave no two parts: "},
      {answer(k_one + "," + k_other + "," + k_other), "exactly 2 parts"},
      {answer(k_one + "," + k_one), "both parts write b"},
      {answer(k_one + R"(, {"title": "Other", "files_affected": ["a", "c"]})"), "c is none of the files of s"},
      {answer(k_one + "," + commands), "commands"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.script);
    Splitting site(each.script);
    site.fail_twice();
    REQUIRE(site.is_split());
    CHECK(site.files("s-a") == std::vector<std::string>{"a"});
    CHECK(site.feed("subtask_split")["planner"] == "rules");
    CHECK_MESSAGE(site.feed("subtask_split")["note"].get<std::string>().find(each.note) != std::string::npos,
                  site.feed("subtask_split").dump());
    site.take();
    CHECK(site.rows() == 0);
  }
}

TEST_CASE("a planner command that is taken out of the settings meanwhile: halves by files") {
  Splitting site("echo nothing; rm -f request.1");
  site.fail_twice();
  site.workshop.config.planner_command.clear();
  REQUIRE(site.is_split());
  CHECK(site.feed("subtask_split")["note"].get<std::string>().find("no planner command is configured any more") !=
        std::string::npos);
}

TEST_CASE("parts that nobody waits for any more: their planner command is ended") {
  Splitting site("exec sleep 1000");
  site.fail_twice();
  CHECK_FALSE(site.run->jobs.fds().empty());
  static_cast<void>(site.run->tell(core::CommandArrived{{}, core::Verb::retry, "s", "", {}}));
  CHECK(site.run->core.subtask("s")->status == core::SubtaskStatus::handed_off);
  site.take();
  CHECK(site.run->jobs.fds().empty());
  site.take();
  CHECK(site.rows() == 0);
}
