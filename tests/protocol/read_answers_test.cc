// Results, handoffs, worker specs, commands and planner answers become records.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "protocol/example_files.h"
#include "protocol/readers.h"

using namespace baton;
using namespace baton::protocol;

namespace {

std::string example(const char* path) { return test::file_text(test::examples_folder() / path); }

}  // namespace

TEST_CASE("a full result") {
  const auto result = read_result(example("result/valid/full.json"));
  REQUIRE(result.has_value());
  CHECK(result->subtask_id == "auth-002-backend");
  CHECK(result->from == "development");
  CHECK(result->epoch == 1);
  CHECK(result->completed);
  CHECK(result->outcome.summary == "Endpoints are there.");
  CHECK(result->outcome.artifacts == std::vector<std::string>{"server/auth.js"});
  CHECK(result->outcome.files_modified == std::vector<std::string>{"server/auth.js"});
  CHECK(result->outcome.tokens_used == 8100);
  CHECK(result->outcome.data == R"({"tests":{"passed":12}})");
  CHECK(result->failure_class == core::FailureClass::transient);
}

TEST_CASE("results of other generations") {
  const auto older = read_result(example("result/valid/older-names.json"));
  REQUIRE(older.has_value());
  CHECK(older->completed);
  CHECK(older->subtask_id == "task-7");
  CHECK(older->epoch == 2);
  CHECK(older->outcome.summary == "done");
  CHECK(older->outcome.tokens_used == 8100);
  CHECK(older->outcome.artifacts == std::vector<std::string>{"a.md", "{\"n\":1}"});
  const auto beside = read_result(example("result/valid/body-beside.json"));
  CHECK(beside->outcome.summary == "All is well");
  CHECK(beside->outcome.files_modified == std::vector<std::string>{"a.c"});
  CHECK(read_result(example("result/valid/words-as-body.json"))->outcome.summary == "All is well");
  const auto limited = read_result(example("result/valid/rate-limited.json"));
  CHECK(!limited->completed);
  CHECK(limited->error == "429");
  CHECK(limited->failure_class == core::FailureClass::rate_limited);
  CHECK(read_result(example("result/valid/failed.json"))->failure_class == core::FailureClass::permanent);
  const auto details = read_result(R"({"status": "completed", "summary": {"phases": 3}})");
  CHECK(details->outcome.summary.empty());
  CHECK(details->outcome.data == R"({"details":{"phases":3}})");
  CHECK(read_result(R"({"status": "failed", "error": {"message": "no disk", "code": 7}})")->error == "no disk");
  CHECK(read_result(R"({"status": "failed", "error": ["a"]})")->error == "[\"a\"]");
}

TEST_CASE("what else a result holds keeps its digits") {
  const auto result = read_result(
      R"({"status": "done", "results": {"message": "ok", "z": 123456789012345678901234567890, "a": {"y": 1.50, "x": 1}}})");
  REQUIRE(result.has_value());
  CHECK(result->outcome.data == R"({"a":{"y":1.50,"x":1},"z":123456789012345678901234567890})");
  CHECK(read_result(R"({"status": "done", "result": {"summary": {"n": 1.50}}})")->outcome.data == R"({"details":{"n":1.50}})");
  CHECK(read_handoff(R"({"status": "done", "result": {"n": 1.50}})")->result.outcome.data == R"({"n":1.50})");
}

TEST_CASE("a result must say how it ended") {
  const auto result = read_result(R"({"result": {"summary": "x"}})");
  CHECK(result.error().message == "\"status\" is missing");
  CHECK(result.error().hint == "add \"status\": \"completed\" or \"status\": \"failed\"");
}

TEST_CASE("what a handoff's status says") {
  const auto says = [](const std::string& status) {
    const auto handoff = read_handoff("{\"subtask_id\": \"a\", \"epoch\": 3, \"status\": " + status + "}");
    REQUIRE_MESSAGE(handoff.has_value(), handoff.error().message);
    CHECK(handoff->subtask_id == "a");
    CHECK(handoff->epoch == 3);
    return handoff->says;
  };
  using Says = HandoffIn::Says;
  for (const char* word : {"null", "\"\"", "\"pending\"", "\"pending_pickup\""}) CHECK(says(word) == Says::pending);
  for (const char* word : {"\"accepted\"", "\"picked-up\"", "\"In Progress\"", "\"processed\""})
    CHECK(says(word) == Says::claimed);
  for (const char* word : {"\"completed\"", "\"done\""}) CHECK(says(word) == Says::completed);
  for (const char* word : {"\"failed\"", "\"killed\""}) CHECK(says(word) == Says::failed);
  const auto killed = read_handoff(R"({"status": "killed"})");
  CHECK(killed->result.error == "killed");
  CHECK(killed->result.failure_class == core::FailureClass::transient);
  CHECK(!killed->result.completed);
  const auto done = read_handoff(R"({"subtask_id": "a", "status": "completed", "results": {"summary": "ok"}})");
  CHECK(done->result.completed);
  CHECK(done->result.outcome.summary == "ok");
  CHECK(read_handoff(R"({"status": "acepted"})").error().hint == "did you mean \"accepted\"?");
}

TEST_CASE("worker specs") {
  const auto running = read_worker_spec(example("worker_spec/valid/running.json"));
  REQUIRE(running.has_value());
  CHECK(running->worker_id == "w-1");
  CHECK(running->subtask_id == "auth-002-backend");
  CHECK(running->epoch == 1);
  CHECK(running->progress_percent == 40);
  CHECK(running->current_step == "tests");
  CHECK(running->master == "development");
  CHECK(!running->has_result);
  const auto completed = read_worker_spec(example("worker_spec/valid/completed.json"));
  CHECK(completed->has_result);
  CHECK(completed->result.completed);
  CHECK(completed->result.outcome.summary == "ok");
  CHECK(completed->result.outcome.tokens_used == 6500);
  CHECK(completed->result.worker_id == "w-2");
  CHECK(completed->result.from == "security-master");
  const auto failed = read_worker_spec(example("worker_spec/valid/failed.json"));
  CHECK(failed->has_result);
  CHECK(!failed->result.completed);
  CHECK(failed->result.error == "launch failed");
  CHECK(read_worker_spec(example("worker_spec/valid/beyond.json"))->progress_percent == 100);
  CHECK(read_worker_spec(example("worker_spec/valid/smallest.json"))->progress_percent == -1);
  CHECK(read_worker_spec(R"({"results": {"status": "failure"}})")->has_result);
  CHECK(read_worker_spec(R"({"created_by": "Some Body!"})")->master.empty());
}

TEST_CASE("commands") {
  const auto read = [](const char* bytes) {
    const auto command = read_command(bytes);
    REQUIRE_MESSAGE(command.has_value(), command.error().message);
    return *command;
  };
  CHECK(read(R"({"command": "retry", "subtask_id": "a"})").verb == core::Verb::retry);
  CHECK(read(R"({"command": "skip", "subtask_id": "a", "reason": "r"})").reason == "r");
  CHECK(read(R"({"command": "cancel", "orchestration_id": "orch-t"})").subject == "t");
  CHECK(read(R"({"command": "release", "task_id": "t", "subtask_id": "s"})").subject == "s");
  CHECK(read(R"({"command": "release", "subtask_id": "orch-s"})").subject == "orch-s");
  CHECK(read(R"({"command": "cancel", "task_id": "orch-t"})").subject == "t");
  CHECK(read(R"({"command": "pause"})").subject.empty());
  CHECK(read(R"({"command": "resume", "task_id": "t"})").verb == core::Verb::resume);
  CHECK(read(R"({"command": "approve", "task_id": "t"})").verb == core::Verb::approve);
  CHECK(read(R"({"command": "reject", "task_id": "t"})").verb == core::Verb::reject);
  CHECK(read(R"({"command": "reload"})").other == CommandIn::Other::reload);
  CHECK(read(R"({"command": "backup", "file": "/x"})").file == "/x");
}

TEST_CASE("planner answers") {
  const auto bare = read_planner_answer(R"([{"id": "a", "title": "A"}, "B"])");
  REQUIRE(bare.has_value());
  CHECK((*bare)[0].id == "a");
  CHECK((*bare)[1].title == "B");
  CHECK(read_planner_answer(example("planner_answer/valid/fenced.json"))->size() == 1);
  CHECK(!read_planner_answer("``` ```").has_value());
  CHECK(!read_planner_answer("```").has_value());
  const auto bad = read_planner_answer("[{\"title\": \"A\"},\n {\"estimated_minutes\": 1}]");
  CHECK(bad.error().place == Place{"/1", 2, 2});
}

TEST_CASE("an answer that breaks its schema in several places is told all of them; else what its refusal says") {
  const std::string bytes = "```\n[{\"title\": \"A\", \"worker_type\": \"" + std::string(65, 'x') +
                            "\"}, {\"title\": \"B\", \"estimated_tokens\": -1}, {\"worker_type\": \"test\"}]\n```";
  const auto refused = read_planner_answer(bytes);
  REQUIRE_FALSE(refused.has_value());
  const auto problems = problems_of_answer(bytes, refused.error());
  REQUIRE(problems.size() >= 3);
  const auto tells = [&](std::string_view pointer) {
    return std::ranges::any_of(problems, [&](const std::string& each) { return each.starts_with(pointer); });
  };
  CHECK(tells("/0/worker_type: "));
  CHECK(tells("/1/estimated_tokens: "));
  CHECK(tells("/2: "));
  CHECK(problems_of_answer("[{\"title\": \"A\"}]", Error{ErrorCode::invalid, "a cycle", "take it out", {"/subtasks/0", 1, 1}}) ==
        std::vector<std::string>{"/subtasks/0: a cycle; take it out"});
  CHECK(problems_of_answer("no JSON", Error{ErrorCode::invalid, "not JSON", "", {}}) == std::vector<std::string>{"not JSON"});
}
