// Feed lines, reason files, answers and the planner's request.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "protocol/validate.h"
#include "protocol/writers.h"
#include "sample_task.h"

using Json = nlohmann::ordered_json;
using baton::protocol::k_max_event_line;
using baton::protocol::Kind;
using baton::protocol::write_answer;
using baton::protocol::write_event;
using baton::protocol::write_planner_request;
using baton::protocol::write_reason;
using namespace baton::core;

namespace {

Json valid(Kind kind, const std::string& text) {
  for (const auto& problem : baton::protocol::problems(kind, nlohmann::json::parse(text)))
    FAIL_CHECK(baton::protocol::name(kind), " ", problem.pointer, ": ", problem.message);
  return Json::parse(text);
}

Json event(const FeedEntry& entry) {
  const std::string line = write_event(entry, 7, sample::k_created + 5);
  CHECK(line.size() <= k_max_event_line);
  CHECK(line.find('\n') == line.size() - 1);
  return valid(Kind::event, line);
}

FeedEntry entry_with(FieldValue value) { return {"result_stale", "task-1", "", "", {{"reason", std::move(value)}}}; }

}  // namespace

TEST_CASE("a feed line begins with the seed's fields") {
  const FeedEntry entry{"orchestration_started",
                        "task-1",
                        "s-1",
                        "w-1",
                        {{"subtasks", std::int64_t{6}}, {"again", false}, {"masters", std::vector<std::string>{"a"}}}};
  CHECK(
      write_event(entry, 7, sample::k_created + 5) ==
      R"({"timestamp":"2025-11-05T18:00:00Z","type":"orchestration_started","orchestration_id":"orch-task-1","seq":7,)"
      R"("epoch_ms":1762365600005,"task_id":"task-1","subtask_id":"s-1","worker_id":"w-1","subtasks":6,"again":false,"masters":["a"]})"
      "\n");
  CHECK(write_event({"daemon_started", "", "", "", {}}, 1, sample::k_created) ==
        R"({"timestamp":"2025-11-05T18:00:00Z","type":"daemon_started","seq":1,"epoch_ms":1762365600000})"
        "\n");
}

TEST_CASE("a line is never longer than 4096 bytes, whatever stands in it") {
  const std::size_t bare = write_event(entry_with(std::string()), 7, sample::k_created + 5).size();
  SUBCASE("at the bound nothing is cut") {
    const std::string text(k_max_event_line - bare, 'x');
    const std::string line = write_event(entry_with(text), 7, sample::k_created + 5);
    CHECK(line.size() == k_max_event_line);
    CHECK(Json::parse(line)["reason"] == text);
  }
  SUBCASE("one past it the text is cut and says so") {
    const Json line = event(entry_with(std::string(k_max_event_line - bare + 1, 'x')));
    CHECK(line["reason"].get<std::string>().ends_with("…"));
    CHECK(line["reason"].get<std::string>().size() > 2000);
  }
  SUBCASE("the short texts stay when a long one is cut") {
    FeedEntry entry = entry_with(std::string(100'000, 'x'));
    entry.fields.emplace_back("path", "masters/development/handoffs");
    const Json line = event(entry);
    CHECK(line["path"] == "masters/development/handoffs");
  }
  SUBCASE("control characters take six bytes each") { CHECK(event(entry_with(std::string(10'000, '\x01'))).contains("reason")); }
  SUBCASE("long lists") {
    const Json line = event(entry_with(std::vector<std::string>(2'000, std::string(50, 'x'))));
    CHECK(line["reason"].back().get<std::string>().ends_with(" more"));
  }
  SUBCASE("many fields") {
    FeedEntry entry = entry_with(std::string());
    for (int i = 0; i < 400; ++i) entry.fields.emplace_back("field_" + std::to_string(i), std::int64_t{1});
    CHECK(event(entry).contains("field_1"));
  }
  SUBCASE("everything at once") {
    FeedEntry entry{std::string(9000, 't'), std::string(9000, 'i'), std::string(9000, 's'), std::string(9000, '\x02'), {}};
    for (int i = 0; i < 20; ++i)
      entry.fields.emplace_back(std::string(5000, 'k'), std::vector<std::string>(50, std::string(500, '\x03')));
    const std::string line = write_event(entry, 7, sample::k_created);
    CHECK(line.size() <= k_max_event_line);
    CHECK(Json::parse(line)["seq"] == 7);
  }
}

TEST_CASE("names that are not UTF-8 are percent-escaped") {
  CHECK(event(entry_with(std::string("a\xff"
                                     "b.json")))["reason"] == "a%FFb.json");
  CHECK(event(entry_with(std::vector<std::string>{"\xfe"}))["reason"][0] == "%FE");
}

TEST_CASE("a reason file says what, where, and what to write instead") {
  const baton::Error error{
      baton::ErrorCode::invalid, "unknown status \"pendign\"", "did you mean \"pending\"?", {"/status", 3, 13}};
  const Json reason = valid(Kind::reason, write_reason("t\xff.json", error, sample::k_created));
  CHECK(reason ==
        Json::parse(R"({"schema_version": 1, "file": "t%FF.json", "code": "invalid", "message": "unknown status \"pendign\"",
      "hint": "did you mean \"pending\"?", "pointer": "/status", "line": 3, "column": 13, "rejected_at": "2025-11-05T18:00:00Z"})"));
  const Json bare = valid(Kind::reason, write_reason("t", baton::Error{}, sample::k_created));
  CHECK(bare["message"] == "refused");
  CHECK(bare["code"] == "io");
  CHECK(!bare.contains("line"));
  CHECK(!bare.contains("hint"));
}

TEST_CASE("every kind of failure has its word") {
  using baton::ErrorCode;
  const std::pair<ErrorCode, const char*> rows[] = {
      {ErrorCode::usage, "usage"},         {ErrorCode::not_found, "not_found"}, {ErrorCode::no_daemon, "no_daemon"},
      {ErrorCode::refused, "refused"},     {ErrorCode::waiting, "waiting"},     {ErrorCode::invalid, "invalid"},
      {ErrorCode::timed_out, "timed_out"}, {ErrorCode::no_space, "no_space"},   {ErrorCode::io, "io"}};
  for (const auto& [code, word] : rows) CHECK(Json::parse(write_reason("f", {code, "m", "", {}}, 1))["code"] == word);
}

TEST_CASE("an answer is the request with what came of it") {
  const baton::platform::Identity identity{9223372036854775807U, 1762365600000000001, 42};
  const std::string text = write_answer("{\"command\": \"retry\", \"n\": 1.0, \"ok\": \"mine\", \"subtask_id\": \"s\"}", false,
                                        "no such subtask", identity, sample::k_created);
  const Json answer = valid(Kind::answer, text);
  CHECK(answer == Json::parse(R"({"command": "retry", "n": 1.0, "subtask_id": "s", "ok": false, "message": "no such subtask",
      "request": {"inode": 9223372036854775807, "mtime_ns": 1762365600000000001, "size": 42}, "answered_at": "2025-11-05T18:00:00Z"})"));
  CHECK(text.find("\"n\": 1.0,") != std::string::npos);
  SUBCASE("a request that is no object is answered all the same") {
    for (const char* request : {"", "{", "[1]", "\xff", "7"})
      CHECK(valid(Kind::answer, write_answer(request, false, "m", identity, sample::k_created)).size() == 4);
  }
  SUBCASE("a byte order mark is no part of it") {
    CHECK(Json::parse(write_answer("\xEF\xBB\xBF{\"command\": \"pause\"}", true, "m", identity, 1))["command"] == "pause");
  }
}

TEST_CASE("the planner reads the task, the masters, and the schema of its answer") {
  Catalogue catalogue;
  catalogue.masters["security"] = {"security", "audits", {"security"}, {"cve"}, 2};
  catalogue.masters["development"] = {"development", "", {}, {}, 0};
  const Task task = sample::task();
  const std::string text = write_planner_request(task.spec, task.analysis, catalogue, "", {});
  const Json request = valid(Kind::planner_request, text);
  CHECK(request["task"]["id"] == "task-1");
  CHECK(request["task"]["title"] == "Add authentication system with security audit");
  CHECK(request["masters"][1] ==
        Json::parse(
            R"({"name": "security", "description": "audits", "domains": ["security"], "keywords": ["cve"], "max_active": 2})"));
  CHECK(request["limits"] == Json::parse(R"({"max_subtasks": 50, "max_stages": 10})"));
  CHECK(request["answer_schema"] == Json::parse(baton::protocol::schema_text(Kind::planner_answer)));
  CHECK(!request.contains("previous"));
  const Json again =
      valid(Kind::planner_request, write_planner_request(task.spec, task.analysis, catalogue, "[]", {"no subtasks"}));
  CHECK(again["previous"] == Json::parse(R"({"answer": "[]", "problems": ["no subtasks"]})"));
}

TEST_CASE("asked for the parts of a subtask, the planner reads which one, why it failed, and what holds for the answer") {
  Catalogue catalogue;
  catalogue.masters["development"] = {"development", "", {}, {}, 0};
  Task task = sample::task();
  Subtask& whole = task.subtasks[1];
  whole.spec.files_affected = {"src/a.js", "src/b.js"};
  whole.error = "too much";
  whole.failure_cause = FailureCause::zombie;
  whole.evidence = {"no heartbeat for 20m"};
  whole.tries = 1;
  const Json request = valid(Kind::planner_request, write_planner_request(task.spec, task.analysis, catalogue, "", {}, &whole));
  CHECK(request["limits"] == Json::parse(R"({"max_subtasks": 2, "max_stages": 1})"));
  CHECK(request["split"]["parts"] == 2);
  CHECK(request["split"]["rule"].get<std::string>().find("exactly two subtasks") != std::string::npos);
  CHECK(request["split"]["subtask"]["subtask_id"] == whole.spec.id);
  CHECK(request["split"]["subtask"]["files_affected"] == Json::parse(R"(["src/a.js", "src/b.js"])"));
  CHECK(request["split"]["failure"] ==
        Json::parse(R"({"error": "too much", "cause": "zombie", "attempts": 1, "evidence": ["no heartbeat for 20m"]})"));
}
