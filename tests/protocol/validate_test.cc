#include "protocol/validate.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

using namespace baton;
using namespace baton::protocol;
using nlohmann::json;

namespace {

std::string first(Kind kind, const std::string& text) {
  const auto found = problems(kind, json::parse(text));
  return found.empty() ? "" : found.front().pointer + "|" + found.front().message + "|" + found.front().suggestion;
}

}  // namespace

TEST_CASE("kinds have names and a schema each") {
  std::set<std::string_view> names;
  for (const Kind kind : all_kinds()) {
    names.insert(name(kind));
    CHECK(!schema_text(kind).empty());
  }
  CHECK(names.size() == 21);
  CHECK(name(Kind::worker_spec) == "worker_spec");
}

TEST_CASE("problems are told in words") {
  CHECK(first(Kind::result, R"({"status": "completed"})") == "");
  CHECK(first(Kind::result, R"({"status": "complted"})") == "/status|unknown status \"complted\"|did you mean \"completed\"?");
  CHECK(first(Kind::result, R"({"status": "nothing like it"})") ==
        "/status|unknown status \"nothing like it\"|use completed, failed");
  CHECK(first(Kind::task, "{}") ==
        "|\"title\" or \"description\" is needed|title: What is to be done, in one line. A title or a description is needed.");
  CHECK(first(Kind::task, "[]") == "|the document must be an object, found a list|write it as {\"name\": value, ...}");
  CHECK(first(Kind::task, R"({"title": "x", "subtasks": [{"title": "y"}, {}]})") ==
        "/subtasks/1|\"title\" or \"description\" is needed in item 2 of subtasks|title: What is to be done, in one line.");
  CHECK(first(Kind::config, R"({"max_subtask": 1})") ==
        "/max_subtask|unknown key \"max_subtask\"|did you mean \"max_subtasks\"?");
  CHECK(first(Kind::config, R"({"max_subtasks": 0})")
            .starts_with("/max_subtasks|\"max_subtasks\" must be between 1 and 2000, found 0|"));
  CHECK(first(Kind::result, R"({"status": "failed", "epoch": -1})").find("must be between 0 and") != std::string::npos);
  CHECK(first(Kind::task, R"({"title": 5})").starts_with("/title|\"title\" must be a text, found the number 5|"));
  CHECK(first(Kind::task, R"({"title": "x", "context": true})")
            .find("\"context\" must be an object or a list or a text, found true") != std::string::npos);
  CHECK(first(Kind::task, R"({"title": "x", "files_affected": [null]})")
            .find("/files_affected/0|item 1 of files_affected must be a text, found nothing") == 0);
  CHECK(first(Kind::playbook, R"({"steps": []})") ==
        "/steps|\"steps\" has 0 items, at least 1 are needed|steps: The subtasks it makes.");
  CHECK(first(Kind::master, R"({"keywords": [""]})").starts_with("/keywords/0|item 1 of keywords is empty|"));
  CHECK(first(Kind::event, R"({"type": "X y", "timestamp": "2025-11-05T18:05:00Z", "seq": 1, "epoch_ms": 0})")
            .starts_with("/type|\"type\" is not allowed to be the text \"X y\"|"));
  CHECK(first(Kind::command, "{}").starts_with("|\"command\" is missing|command: "));
}

TEST_CASE("bounds hold at the bound and one past it") {
  json task{{"title", std::string(4096, 'x')}};
  CHECK(problems(Kind::task, task).empty());
  task["title"] = std::string(4097, 'x');
  CHECK(problems(Kind::task, task).front().message == "\"title\" is longer than 4096 characters");
  json steps = json::array();
  for (int i = 0; i < 2000; ++i) steps.push_back(json{{"title", "x"}});
  CHECK(problems(Kind::planner_answer, json{{"subtasks", steps}}).empty());
  steps.push_back(json{{"title", "x"}});
  CHECK(problems(Kind::planner_answer, json{{"subtasks", steps}}).front().message ==
        "\"subtasks\" has 2001 items, at most 2000 are allowed");
}

TEST_CASE("several problems are all told, at most 20") {
  json document{{"status", "x"}, {"epoch", -1}, {"error", 7}};
  CHECK(problems(Kind::result, document).size() == 3);
  json keywords = json::array();
  for (int i = 0; i < 50; ++i) keywords.push_back(i);
  CHECK(problems(Kind::master, json{{"keywords", keywords}}).size() == 20);
}

TEST_CASE("an error points at its place in the bytes") {
  const std::string text = "{\n \"status\": \"failed\",\n \"epoch\": -1\n}";
  const auto result = validate(Kind::result, json::parse(text), text);
  REQUIRE(!result.has_value());
  CHECK(result.error().code == ErrorCode::invalid);
  CHECK(result.error().place == Place{"/epoch", 3, 11});
  CHECK(validate(Kind::result, json::parse(text)).error().place == Place{"/epoch", 0, 0});
  CHECK(validate(Kind::result, json{{"status", "failed"}}).has_value());
}

TEST_CASE("a document from outside cannot break the words") {
  const json document{{"a/b~c", 1}, {"it's", 2}};
  CHECK(first(Kind::config, document.dump()).find("unknown key") != std::string::npos);
  CHECK(first(Kind::config, R"({"a/b~c": 1})").starts_with("/a~1b~0c|unknown key \"a/b~c\"|known are "));
  CHECK(first(Kind::result, "{\"status\": \"\\u001b[31mred\"}").find('\x1b') == std::string::npos);
  CHECK(first(Kind::state, "{}").find("is missing") != std::string::npos);
}

TEST_CASE("the kind of a file is told by its place, then by its content") {
  const auto kind = [](const char* path, const char* text) { return guess_kind(path, json::parse(text)); };
  CHECK(kind("coordination/orchestrator/tasks/orch-a.json", "{}") == Kind::plan);
  CHECK(kind("orchestrator/subtasks/a.json", "{}") == Kind::subtask);
  CHECK(kind("orchestrator/commands/x.json", "{}") == Kind::command);
  CHECK(kind("orchestrator/commands/done/x.json", "{}") == Kind::answer);
  CHECK(kind("orchestrator/reports/a.json", "{}") == Kind::report);
  CHECK(kind("orchestrator/escalations/a.json", "{}") == Kind::escalation);
  CHECK(kind("orchestrator/playbooks/a.json", "{}") == Kind::playbook);
  CHECK(kind("orchestrator/config.json", "{}") == Kind::config);
  CHECK(kind("orchestrator/state/current.json", "{}") == Kind::state);
  CHECK(kind("masters/development/master.json", "{}") == Kind::master);
  CHECK(kind("masters/d/handoffs/to-d-subtask-a.json", "{}") == Kind::handoff);
  CHECK(kind("masters/d/handoffs/from-d-subtask-a.json", "{}") == Kind::result);
  CHECK(kind("worker-specs/active/w.json", "{}") == Kind::worker_spec);
  CHECK(kind("task-queue.d/t.json", "{}") == Kind::task);
  CHECK(kind("task-queue.d/rejected/t.json.error.json", "{}") == Kind::reason);
  CHECK(kind("t.json", R"({"title": "x"})") == Kind::task);
  CHECK(kind("t.json", R"([{"title": "x"}])") == Kind::task);
  CHECK(kind("p.json", R"({"steps": []})") == Kind::playbook);
  CHECK(kind("p.json", R"({"subtasks": []})") == Kind::planner_answer);
  CHECK(kind("t.json", R"({"title": "x", "subtasks": []})") == Kind::task);
  CHECK(kind("w.json", R"({"worker_id": "w"})") == Kind::worker_spec);
  CHECK(!kind("x.json", R"({"x": 1})").has_value());
  CHECK(!kind("x.json", "7").has_value());
}
