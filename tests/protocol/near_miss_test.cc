// Names that are one slip away from one that is read, subjects that are empty, and answers with words around them.
#include "protocol/near_miss.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "protocol/readers.h"

using namespace baton;
using namespace baton::protocol;
using nlohmann::json;

namespace {

std::vector<std::string> places(Kind kind, const char* document) {
  std::vector<std::string> all;
  for (const Problem& problem : near_misses(kind, json::parse(document)))
    all.push_back(problem.pointer + " " + problem.suggestion);
  return all;
}

}  // namespace

TEST_CASE("one letter more, less, another, or two exchanged") {
  for (const char* slip : {"aproval", "approvall", "approvel", "apporval", "Approval_"}) {
    INFO(slip);
    const json task{{"title", "x"}, {slip, "required"}};
    const auto problems = near_misses(Kind::task, task);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].pointer == "/" + std::string(slip));
    CHECK(problems[0].suggestion == "did you mean \"approval\"?");
  }
  CHECK(near_misses(Kind::task, json{{"title", "x"}, {"aprovel", 1}}).empty());  // two slips may be another word
}

TEST_CASE("other people's members are theirs, and older names are known") {
  CHECK(places(Kind::task, R"({"title":"x","created_by":"me","assigned_at":1,"owner":"y","files":[],"tags":[],"url":"u"})")
            .empty());
  CHECK(places(Kind::task, R"({"task_id":"t","dependencies":[],"subtasks":[{"id":"a","title":"A","master":"qa","files":[]}]})")
            .empty());
  CHECK(places(Kind::playbook, R"({"match":{"any":["x"]},"steps":[]})").empty());
}

TEST_CASE("in lists too") {
  CHECK(places(Kind::task, R"({"tasks":[{"title":"a"},{"title":"b","dependsOn":["a"]}]})") ==
        std::vector<std::string>{"/tasks/1/dependsOn did you mean \"depends_on\"?"});
  CHECK(places(Kind::task, R"({"title":"x","subtasks":[{"title":"A","worker_typ":"test"}]})") ==
        std::vector<std::string>{"/subtasks/0/worker_typ did you mean \"worker_type\"?"});
  CHECK(places(Kind::playbook, R"({"match_ayn":["x"],"steps":[]})") ==
        std::vector<std::string>{"/match_ayn did you mean \"match_any\"?"});
}

TEST_CASE("a task with such a name is taken, with a warning") {
  const auto tasks = read_dropped_json(R"({"title": "x", "aproval": "required"})");
  REQUIRE(tasks.has_value());
  CHECK_FALSE(tasks->front().spec.approval_required);
  REQUIRE(tasks->front().warnings.size() == 1);
  CHECK(tasks->front().warnings[0] == "/aproval: nobody reads \"aproval\" (did you mean \"approval\"?)");
}

TEST_CASE("only a command that names nothing is about everything") {
  CHECK(read_command(R"({"command":"pause"})").has_value());
  CHECK(read_command(R"({"command":"cancel","subtask_id":"a","task_id":null})").has_value());
  for (const char* empty : {R"({"command":"pause","task_id":""})", R"({"command":"pause","task_id":null})",
                            R"({"command":"resume","subtask_id":" "})"}) {
    INFO(empty);
    const auto command = read_command(empty);
    REQUIRE_FALSE(command.has_value());
    CHECK(command.error().message.find("is empty") != std::string::npos);
  }
  const auto other = read_command(R"({"command":"pause","task":"auth"})");
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().message == "nobody reads \"task\"");
  CHECK(other.error().hint == "name a task_id, subtask_id, orchestration_id or master");
}

TEST_CASE("a planner may talk around its answer") {
  const auto size_of = [](const char* answer) {
    const auto steps = read_planner_answer(answer);
    return steps ? static_cast<int>(steps->size()) : -1;
  };
  CHECK(size_of("Here is the plan:\n\n```json\n[{\"title\": \"A\"}, {\"title\": \"B\"}]\n```\nShall I go on?\n") == 2);
  CHECK(size_of("```json\n[{\"title\": \"A\"}]\n```\n\n```json\n[]\n```") == 1);
  CHECK(size_of("[{\"title\": \"A\", \"description\": \"use\\n```sh\\nmake\\n```\"}]") == 1);
  CHECK(size_of("```json\n[{\"title\": \"A\"}]") == -1);
  CHECK(size_of("There is nothing to do.") == -1);
}
