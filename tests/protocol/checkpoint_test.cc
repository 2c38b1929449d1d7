// `checkpoint` in documents and `checkpoints` in config.json, and what is run for them.
#include "protocol/checkpoint.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "protocol/command_words.h"
#include "protocol/config.h"
#include "protocol/readers.h"

using namespace baton;
using namespace baton::protocol;
using nlohmann::json;

namespace {

using Words = std::vector<std::string>;
using Commands = std::vector<Words>;

Result<std::vector<TaskIn>> read(const std::string& checkpoint) {
  return read_dropped_json(R"({"title": "x", "checkpoint": )" + checkpoint + "}");
}

std::string taken(const std::string& checkpoint) {
  const auto tasks = read(checkpoint);
  REQUIRE_MESSAGE(tasks.has_value(), tasks.error().message);
  return tasks->front().spec.checkpoint;
}

Commands commands(const std::string& checkpoint) {
  const auto check = check_of(taken(checkpoint), {});
  return check ? check->commands : Commands();
}

Error refused(const std::string& checkpoint) {
  const auto tasks = read(checkpoint);
  REQUIRE_FALSE(tasks.has_value());
  return tasks.error();
}

Checks checks(const std::string& text) {
  const auto config = read_config(R"({"checkpoints": )" + text + "}");
  REQUIRE_MESSAGE(config.has_value(), config.error().message);
  return config->checkpoints;
}

}  // namespace

TEST_CASE("a line becomes the words that a shell would make of it") {
  const std::vector<std::pair<std::string, Words>> lines = {
      {"make", {"make"}},
      {"  pytest \t tests/test_auth.py  -v ", {"pytest", "tests/test_auth.py", "-v"}},
      {"a 'b c' \"d e\" f\\ g", {"a", "b c", "d e", "f g"}},
      {"a ''", {"a", ""}},
      {R"(python -c 'print("; x")')", {"python", "-c", "print(\"; x\")"}},
      {R"(a "\"\\\n")", {"a", "\"\\\\n"}},
      {"a b'c'\"d\"", {"a", "bcd"}},
      {"make A=b", {"make", "A=b"}},
      {"a b#c d~e", {"a", "b#c", "d~e"}},
  };
  for (const auto& each : lines) {
    const auto& line = each.first;
    const auto& words = each.second;
    CAPTURE(line);
    const auto split = split_command(line);
    REQUIRE_MESSAGE(split.has_value(), split.error().message);
    CHECK(*split == words);
  }
}

TEST_CASE("what only a shell understands is refused, with what to write instead") {
  for (const char* line :
       {"a | b", "a && b",  "a; b", "a > b", "a < b", "$HOME/a", "a `b`", "a \"$b\"", "a \"`b`\"", "ls *.c", "a ?",
        "a [b]", "a {b,c}", "(a)",  "!a",    "a\nb",  "~/a",     "a # b", "A=b make", "a 'b",      "a \"b",  "a\\"}) {
    CAPTURE(line);
    const auto split = split_command(line);
    REQUIRE_FALSE(split.has_value());
    CHECK(split.error().message.starts_with("the command "));
    CHECK(split.error().hint.find("[\"/bin/sh\", \"-c\", " + json(line).dump() + "]") != std::string::npos);
  }
  CHECK_FALSE(split_command("").has_value());
  CHECK_FALSE(split_command("'' a").has_value());
  CHECK(split_command("a | b").error().message == "the command holds \"|\", which only a shell understands: a | b");
}

TEST_CASE("commands of a document: program and arguments, or lines") {
  CHECK(commands(R"({"commands": [["npm", "test"], ["make", ""]]})") == Commands{{"npm", "test"}, {"make", ""}});
  CHECK(commands(R"({"commands": "npm test"})") == Commands{{"npm", "test"}});
  CHECK(commands(R"({"commands": ["npm test", ["make"], "make lint"]})") ==
        Commands{{"npm", "test"}, {"make"}, {"make", "lint"}});
  CHECK(commands(R"({"command": "npm test"})") == Commands{{"npm", "test"}});
  CHECK(commands(R"({"command": ["npm", "run", "a b"]})") == Commands{{"npm", "run", "a b"}});
  CHECK(commands(R"({"command": ["npm test", "make lint"]})") == Commands{{"npm", "test"}, {"make", "lint"}});
  CHECK(commands(R"({"type": "Command", "validation": "npm test"})") == Commands{{"npm", "test"}});
  CHECK(commands(R"("npm test")").empty());
}

TEST_CASE("what is kept of a checkpoint is what is run, and nothing else") {
  const std::string text =
      taken(R"({"description": "tests pass", "commands": [["a"]], "cwd": "./server/", "timeout": "90s", "why": 1})");
  CHECK(json::parse(text) ==
        json::parse(R"({"description": "tests pass", "commands": [["a"]], "cwd": "server", "timeout": "1m30s"})"));
  const auto check = check_of(text, {});
  REQUIRE(check.has_value());
  CHECK(check->description == "tests pass");
  CHECK(check->cwd == "server");
  CHECK(check->timeout_ms == 90'000);
  CHECK(check->from == Check::From::document);
  CHECK(check_of(taken(R"({"commands": [["a"]], "cwd": "a/.."})"), {})->cwd == ".");
  CHECK(check_of(taken(R"({"commands": [["a"]]})"), {})->timeout_ms == k_check_timeout_ms);
}

TEST_CASE("subtasks have checkpoints like tasks") {
  const auto tasks = read_dropped_json(
      R"({"title": "x", "subtasks": [{"title": "a", "checkpoint": "done"}, {"title": "b", "checkpoint": {"commands": [["c"]]}}]})");
  REQUIRE(tasks.has_value());
  const core::TaskSpec& spec = tasks->front().spec;
  CHECK(spec.subtasks[0].checkpoint == "\"done\"");
  CHECK(check_of(spec.subtasks[1].checkpoint, {})->commands == Commands{{"c"}});
  CHECK(commands_of(spec) == "/subtasks/1/checkpoint/commands");
  CHECK(commands_of(read(R"({"commands": [["a"]]})")->front().spec) == "/checkpoint/commands");
  CHECK(commands_of(read(R"("words")")->front().spec).empty());
}

TEST_CASE("what cannot be run is refused at its place") {
  CHECK(refused(R"({"commands": []})").message == "\"commands\" has 0 items, at least 1 are needed");
  CHECK(refused(R"({"commands": [[]]})").place.pointer == "/checkpoint/commands/0");
  CHECK(refused(R"({"commands": [["", "a"]]})").message == "the command names no program");
  CHECK(refused(R"({"commands": [["a", "b\u0000c"]]})").place.pointer == "/checkpoint/commands/0/1");
  CHECK(refused(R"({"commands": [["a"]], "cwd": "../x"})").place.pointer == "/checkpoint/cwd");
  CHECK(refused(R"({"commands": [["a"]], "cwd": "/x"})").place.pointer == "/checkpoint/cwd");
  CHECK(refused(R"({"commands": [["a"]], "timeout": "soon"})").place.pointer == "/checkpoint/timeout");
  CHECK(refused(R"({"commands": [["a"]], "timeout": "999ms"})").message == "timeout must be between 1s and 1d, found 999ms");
  CHECK(taken(R"({"commands": [["a"]], "timeout": "1s"})").find("1s") != std::string::npos);
  CHECK(refused(R"({"commands": [["a"], "b && c"]})").place.pointer == "/checkpoint/commands/1");
  CHECK(refused(R"({"command": "a | b"})").place.pointer == "/checkpoint/command");
  CHECK(refused(R"({"command": ["a", "b\u0000"]})").place.pointer == "/checkpoint/command/1");
  const Error ambiguous = refused(R"({"commands": ["npm", "test"]})");
  CHECK(ambiguous.message == "a list of words may be one command or several");
  CHECK(ambiguous.hint == R"(write [["npm","test"]] for one)");
}

TEST_CASE("commands of a planner's answer are never run") {
  const auto answer = read_planner_answer(R"([{"title": "A", "checkpoint": {"commands": [["true"]]}}])");
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().message == "commands of a planner's answer are never run");
  CHECK(answer.error().place.pointer == "/0/checkpoint/commands");
  CHECK_FALSE(read_planner_answer(R"([{"title": "A", "checkpoint": {"command": "true"}}])").has_value());
  CHECK(read_planner_answer(R"([{"title": "A", "checkpoint": "tests pass"}])")->front().checkpoint == "\"tests pass\"");
}

TEST_CASE("words that are a name in config.json stand for its commands") {
  const Checks named =
      checks(R"({" tests pass ": [["npm", "test"]], "linted": {"commands": ["make lint"], "cwd": "web", "timeout": "2m"}})");
  const auto tests = check_of("\"tests pass\"", named);
  REQUIRE(tests.has_value());
  CHECK(tests->commands == Commands{{"npm", "test"}});
  CHECK(tests->description == "tests pass");
  CHECK(tests->from == Check::From::config);
  CHECK(tests->timeout_ms == k_check_timeout_ms);
  const auto linted = check_of("\" linted\"", named);
  REQUIRE(linted.has_value());
  CHECK(linted->commands == Commands{{"make", "lint"}});
  CHECK(linted->cwd == "web");
  CHECK(linted->timeout_ms == 120'000);
  CHECK_FALSE(check_of("\"looks good\"", named).has_value());
  CHECK_FALSE(check_of("", named).has_value());
  // A document's own commands are those that run, whatever it calls them.
  CHECK(check_of(R"({"description":"linted","commands":[["true"]],"timeout":"10m"})", named)->commands == Commands{{"true"}});
}

TEST_CASE("a name in config.json is as strict as a document") {
  const auto message = [](const std::string& text) { return read_config(R"({"checkpoints": )" + text + "}").error().message; };
  CHECK(message(R"({"a": []})").find("commands") != std::string::npos);
  CHECK(message(R"({"a": {"cwd": "b"}})") == "\"commands\" is missing in \"a\"");
  CHECK(message(R"({"a": {"commands": [["b"]], "shell": true}})") == "unknown key \"shell\"");
  CHECK(message(R"({"a": "b | c"})") == "the command holds \"|\", which only a shell understands: b | c");
  CHECK(message(R"({"a": 1})") == "\"a\" must be a list or an object, found the number 1");
  CHECK(read_config(R"({"checkpoints": {"a/b": {"commands": [["b"]], "cwd": ".."}}})").error().place.pointer ==
        "/checkpoints/a~1b/cwd");
}

TEST_CASE("people are told the words, or the commands when there are none") {
  CHECK(checkpoint_in_words("").empty());
  CHECK(checkpoint_in_words(R"("it \"works\"")") == "it \"works\"");
  CHECK(checkpoint_in_words(taken(R"({"description": "tests pass", "commands": [["a"]]})")) == "tests pass");
  CHECK(checkpoint_in_words(taken(R"({"commands": [["npm", "test"], ["make"]]})")) == "npm test\nmake");
}
