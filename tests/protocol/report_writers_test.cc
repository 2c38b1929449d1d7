// Report, its Markdown, the escalation, and the notification.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "protocol/markdown.h"
#include "protocol/validate.h"
#include "protocol/writers.h"
#include "sample_task.h"

using Json = nlohmann::ordered_json;
using baton::protocol::Kind;
using baton::protocol::write_escalation;
using baton::protocol::write_notification;
using baton::protocol::write_report;
using baton::protocol::write_report_markdown;
namespace markdown = baton::protocol::markdown;
using namespace baton::core;

namespace {

Json valid(Kind kind, const std::string& text) {
  for (const auto& problem : baton::protocol::problems(kind, nlohmann::json::parse(text)))
    FAIL_CHECK(baton::protocol::name(kind), " ", problem.pointer, ": ", problem.message);
  return Json::parse(text);
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

Task task_with_a_skip() {
  Task task = sample::completed_task();
  Subtask& docs = task.subtasks[5];
  docs.status = SubtaskStatus::skipped;
  docs.outcome = {};
  docs.spent_tokens = docs.worked_ms = 0;
  docs.skip_reason = "no time";
  task.subtasks[1].verified = false;
  task.subtasks[1].tries = 2;
  task.subtasks[1].error = "first attempt crashed";
  return task;
}

Task blocked_task() {
  Task task = sample::task();
  task.status = PlanStatus::blocked;
  task.blocking_subtask = "auth-002-backend";
  task.failure_reason = "Implementation worker failed 3 times";
  task.subtasks[1].status = SubtaskStatus::failed;
  task.subtasks[1].error = "no compiler";
  task.subtasks[1].worker_id = "w-7";
  task.blocked_at = sample::k_created + 14 * sample::k_minute;
  return task;
}

}  // namespace

TEST_CASE("the report says what was asked, delivered, used") {
  const Json report = valid(Kind::report, write_report(task_with_a_skip()));
  CHECK(report["task_id"] == "task-1");
  CHECK(report["status"] == "completed");
  CHECK(report["summary"] ==
        "5 of 6 subtasks completed, 1 skipped. Completed while no program ran the check that was asked for: 1.");
  CHECK(report["totals"] == Json::parse(R"({"subtasks": 6, "completed": 5, "skipped": 1, "failed": 0, "attempts": 7})"));
  CHECK(report["estimate"] ==
        Json::parse(R"({"duration": "90-120 minutes", "critical_path_minutes": 90, "total_minutes": 120, "tokens": 75000})"));
  CHECK(report["actual"] == Json::parse(R"({"elapsed_seconds": 4440, "worked_seconds": 3000, "tokens": 6000})"));
  CHECK(report["skipped"] == Json::parse(R"([{"subtask_id": "auth-006-docs", "reason": "no time"}])"));
  CHECK(report["artifacts"].size() == 5);
  CHECK(report["files_modified"].size() == 6);  // src/shared.js once
  CHECK(report["subtasks"][0]["summary"] == "Did auth-001-design");
  CHECK(report["subtasks"][0]["worked_seconds"] == 600);
  CHECK(report["subtasks"][1]["error"] == "first attempt crashed");
}

TEST_CASE("a report in which everything was completed, and one without a plan") {
  CHECK(valid(Kind::report, write_report(sample::completed_task()))["summary"] == "All 6 subtasks were completed.");
  Task task = sample::simple_task();
  sample::complete(task.subtasks[0]);
  task.status = PlanStatus::completed;
  CHECK(valid(Kind::report, write_report(task))["summary"] == "The work was completed.");
  task.subtasks.clear();
  task.status = PlanStatus::failed;
  task.failure_reason = "the plan has a cycle: a -> b -> a";
  const Json report = valid(Kind::report, write_report(task));
  CHECK(report["summary"] == "No plan was made. the plan has a cycle: a -> b -> a");
  CHECK(report["failure_reason"] == "the plan has a cycle: a -> b -> a");
  CHECK(contains(write_report_markdown(task), "**failed**"));
}

TEST_CASE("times that run backwards count as none") {
  Task task = sample::completed_task();
  task.completed_at = task.started_at - 1000;
  const Json report = valid(Kind::report, write_report(task));
  CHECK(report["actual"]["elapsed_seconds"] == 0);
}

TEST_CASE("what was tried before a retry counts") {
  Task task = sample::simple_task();
  sample::complete(task.subtasks[0]);
  task.status = PlanStatus::completed;
  Subtask& subtask = task.subtasks[0];
  subtask.attempt = 1;
  subtask.tries = 3;
  subtask.outcome.tokens_used = 100;
  subtask.spent_tokens = 12'100;
  subtask.worked_ms = 33 * sample::k_minute;
  const Json report = valid(Kind::report, write_report(task));
  CHECK(report["totals"]["attempts"] == 3);
  CHECK(report["actual"]["tokens"] == 12'100);
  CHECK(report["actual"]["worked_seconds"] == 1'980);
  CHECK(report["subtasks"][0]["attempts"] == 3);
  CHECK(report["subtasks"][0]["tokens_used"] == 12'100);
  CHECK(report["subtasks"][0]["worked_seconds"] == 1'980);
  const std::string text = write_report_markdown(task);
  CHECK(contains(text, "completed · 3 attempts · 33 min (estimated 15 min) · 12,100 tokens"));
  CHECK(contains(text, "| attempts | 1 | 3 |\n"));
}

TEST_CASE("the report for people") {
  const std::string text = write_report_markdown(task_with_a_skip());
  CHECK(text.starts_with(
      "# Add authentication system with security audit\n\n**completed** on 2025-11-05T19:15:00Z · task `task-1` · priority high"));
  CHECK(contains(text, "> Users log in.\n>\n> **Not a heading of the report**\n> Keep sessions.\n"));
  CHECK(contains(text, "| tokens | 75,000 | 6,000 |\n"));
  CHECK(contains(text, "| time from first handoff to the end | 90-120 minutes | 1 h 14 min |\n"));
  CHECK(contains(
      text,
      "### `auth-001-design` Title of auth-001-design\n\ndevelopment, planner · completed · 1 attempt · 10 min (estimated 15 min) · 1,200 tokens · worker `dev-worker-1`\n\n> Did auth-001-design\n"));
  CHECK(contains(text, "- artifact `docs/auth-001-design.md`\n- changed `src/shared.js`\n"));
  CHECK(contains(text, "not verified by a program"));
  CHECK(contains(text, "Its last failure:\n\n> first attempt crashed\n"));
  CHECK(contains(text, "Skipped, because:\n\n> no time\n"));
  CHECK(contains(text, "## Files changed\n\n- `src/shared.js`\n"));
}

TEST_CASE("nothing in a document can make the report say what it does not") {
  Task task = sample::completed_task();
  task.spec.title = "x\n# Report: failed\x1b[31m <script>";
  task.spec.description = "```\n# Top\nTitle\n===\n---\n<b>bold</b>\n![](http://x)\n| a | b |\n~~~\n\x1b[2J";
  task.subtasks[0].outcome.summary = "\r\n## Skipped\n* [x](javascript:1)";
  task.subtasks[0].outcome.artifacts = {"a`b`` \n# c"};
  const std::string text = write_report_markdown(task);
  for (const char c : text) CHECK((static_cast<unsigned char>(c) >= 0x20 || c == '\n'));
  int headings = 0;
  bool in_code = false;
  for (const std::string& each : baton::text::split(text, '\n')) {
    std::string_view line = each;
    if (line.starts_with("#")) ++headings;
    if (!line.starts_with(">")) CHECK_FALSE(in_code);  // code ends with its quotation
    while (line.starts_with(">") || line.starts_with(" ")) line.remove_prefix(1);
    if (line.starts_with("```")) in_code = !in_code;
    if (in_code) continue;
    for (const char* opening : {"~~~", "<", "![", "===", "#  "}) CHECK_MESSAGE(!line.starts_with(opening), line);
    CHECK(line.find("](") == std::string_view::npos);
  }
  CHECK(headings == 1 + 5 + 6);  // title, sections, subtasks
  CHECK(contains(text, "# x # Report: failed\\[31m \\<script\\>\n"));
  CHECK(contains(text, "> ```\n> # Top\n> Title\n"));
  CHECK(contains(text, "> **Skipped**\n> * [x]\\(javascript:1)\n"));
  CHECK(contains(text, "- artifact ``` a`b``  # c ```\n"));
}

TEST_CASE("Markdown of an author stays readable, and a quotation") {
  const auto quote = [](std::string_view text) { return markdown::quote(text); };
  CHECK(quote("Did `a<b>` and **that**:\n\n- one\n  - two `x`\n1. three") ==
        "> Did `a<b>` and **that**:\n>\n> - one\n>   - two `x`\n> 1. three\n");
  CHECK(quote("| a | b |\n|---|---|\n| 1 | R&D |") == "> | a | b |\n> |---|---|\n> | 1 | R&D |\n");
  CHECK(quote("a -> b, src/*.js, snake_case, __init__, ~5") == "> a -> b, src/\\*.js, snake_case, \\_\\_init\\_\\_, \\~5\n");
  CHECK(quote("- [x] done [1]") == "> - [x] done [1]\n");
  CHECK(quote("```c++\n\tif (a < b) # x\n\n```\nafter <b>") == "> ```c++\n>     if (a < b) # x\n>\n> ```\n> after \\<b>\n");
  CHECK(quote("~~~\n```\n~~~~") == "> ~~~\n> ```\n> ~~~\n");
}

TEST_CASE("what would pass for more than a quotation is escaped") {
  const auto quote = [](std::string_view text) { return markdown::quote(text); };
  CHECK(quote("# Top\n## All *done* ##\n#\n#1") == "> **Top**\n> \\## All \\*done\\* ##\n> \\#\n> #1\n");
  CHECK(quote("Title\n===\nx\n---\n* * *\n***") == "> Title\n> \\===\n> x\n> \\---\n> \\* * *\n> \\***\n");
  CHECK(quote("![i](http://x) [a]: b <script> &lt; &#60;") == "> ![i]\\(http://x) [a]\\: b \\<script> \\&lt; \\&#60;\n");
  CHECK(quote("foo`bar' <b>`` x") == "> foo\\`bar' \\<b>\\`\\` x\n");
  CHECK(quote("``` a`b <i>") == "> \\`\\`\\` a\\`b \\<i>\n");  // a backtick behind it: no fence
  CHECK(quote("      ```\n<b>") == "> ```\n> <b>\n> ```\n");   // what is open is closed
  CHECK(quote("```\n  ```\n<b>") == "> ```\n> ```\n> \\<b>\n");
  CHECK(quote("``` onload=\"x\"\na\n```") == "> ```\n> a\n> ```\n");
  CHECK(quote("C:\\temp \\<b> end\\") == "> C:\\temp \\<b> end\\\\\n");
  CHECK(quote("[!WARNING]") == "> \\[!WARNING]\n");
}

TEST_CASE("pieces of Markdown") {
  CHECK(markdown::line("a_b *c*\n#d") == "a_b \\*c\\* #d");
  CHECK(markdown::line("# a") == "\\# a");
  CHECK(markdown::quote(" \n ") == "");
  CHECK(markdown::quote("a\n        b") == "> a\n>    b\n");
  CHECK(markdown::code("a") == "`a`");
  CHECK(markdown::code("`") == "`` ` ``");
}

TEST_CASE("a huge text is cut in the Markdown only") {
  Task task = sample::completed_task();
  task.subtasks[0].outcome.summary = std::string(1'000'000, 'x');
  task.subtasks[1].outcome.artifacts.assign(2000, "a");
  const std::string text = write_report_markdown(task);
  CHECK(text.size() < 200'000);
  CHECK(contains(text, "- artifact 1500 more\n"));
  CHECK(valid(Kind::report, write_report(task))["subtasks"][0]["summary"].get<std::string>().size() == 1'000'000);
}

TEST_CASE("an escalation has the seed's words and three ways out") {
  const Json escalation = valid(Kind::escalation, write_escalation(blocked_task()));
  CHECK(escalation["orchestration_id"] == "orch-task-1");
  CHECK(escalation["orchestration_status"] == "blocked");
  CHECK(escalation["blocking_subtask"] == "auth-002-backend");
  CHECK(escalation["failure_reason"] == "Implementation worker failed 3 times");
  CHECK(escalation["attempts"] == 1);
  CHECK(escalation["evidence"]["error"] == "no compiler");
  CHECK(escalation["evidence"]["worker_id"] == "w-7");
  CHECK(escalation["created_at"] == "2025-11-05T18:14:00Z");  // since it is blocked, not since something last changed
  CHECK(escalation["failed_subtasks"].size() == 1);
  const Json& commands = escalation["commands"];
  REQUIRE(commands.size() == 3);
  CHECK(commands[0]["run"] == "baton retry auth-002-backend");
  CHECK(commands[1]["run"] == "baton skip auth-002-backend --reason \"...\"");
  CHECK(commands[2]["run"] == "baton cancel task-1");
  CHECK(commands[0]["or_write"] == "orchestrator/commands/retry-auth-002-backend.json");
  CHECK(commands[0]["content"] == Json::parse(R"({"command": "retry", "subtask_id": "auth-002-backend"})"));
}

TEST_CASE("an escalation names all that failed, and what resolves them at once") {
  Task task = blocked_task();
  task.subtasks[2].status = SubtaskStatus::failed;
  task.subtasks[2].error = "no browser";
  task.subtasks[2].failure_class = FailureClass::permanent;
  task.subtasks[2].tries = 4;
  const Json escalation = valid(Kind::escalation, write_escalation(task));
  CHECK(escalation["blocking_subtask"] == "auth-002-backend");
  const Json& failed = escalation["failed_subtasks"];
  REQUIRE(failed.size() == 2);
  CHECK(failed[0]["subtask_id"] == "auth-002-backend");
  CHECK(failed[1]["subtask_id"] == "auth-003-frontend");
  CHECK(failed[1]["error"] == "no browser");
  CHECK(failed[1]["failure_class"] == "permanent");
  CHECK(failed[1]["attempts"] == 4);
  CHECK(escalation["escalation"] ==
        "2 subtasks did not complete, auth-002-backend first: somebody has to retry them, skip them or cancel the task.");
  REQUIRE(escalation["commands"].size() == 5);
  CHECK(escalation["commands"][2]["run"] == "baton retry task-1");
  CHECK(escalation["commands"][2]["effect"] == "hands out all 2 that failed again, their attempts counted anew");
  CHECK(escalation["commands"][3]["run"] == "baton skip task-1 --reason \"...\"");
}

TEST_CASE("every command that an escalation offers is one that the daemon understands") {
  const Json escalation = Json::parse(write_escalation(blocked_task()));
  for (const Json& command : escalation["commands"]) {
    for (const auto& problem : baton::protocol::problems(Kind::command, nlohmann::json(command["content"])))
      FAIL_CHECK(problem.pointer, ": ", problem.message);
  }
}

TEST_CASE("blocked by another task: there is no subtask to skip") {
  Task task = blocked_task();
  task.blocking_subtask.clear();
  task.subtasks[1].status = SubtaskStatus::pending;
  task.spec.depends_on = {"task-0", "task-2"};
  task.lost = {"task-0"};
  const Json escalation = valid(Kind::escalation, write_escalation(task));
  CHECK(escalation["depends_on"] == Json::parse(R"(["task-0", "task-2"])"));
  CHECK(escalation["blocking_tasks"] == Json::parse(R"(["task-0"])"));
  CHECK(!escalation.contains("evidence"));
  REQUIRE(escalation["commands"].size() == 2);
  CHECK(escalation["commands"][0]["run"] == "baton skip task-1 --reason \"...\"");
  CHECK(escalation["escalation"] ==
        "A task that this one depends on did not complete: somebody has to decide what becomes of it.");
}

TEST_CASE("a notification of a blocked task brings its escalation along") {
  const Task task = blocked_task();
  const Attention about{task.spec.id, "", "blocked", "auth-002-backend failed: retry it"};
  const Json told = valid(Kind::notification, write_notification("n1", "/srv/c", about, &task, sample::k_created));
  CHECK(told["id"] == "n1");
  CHECK(told["reason"] == "blocked");
  CHECK(told["message"] == "auth-002-backend failed: retry it");
  CHECK(told["raised_at"] == "2025-11-05T18:00:00Z");
  CHECK(told["coordination"] == "/srv/c");
  CHECK(told["task_id"] == "task-1");
  CHECK(told["orchestration_id"] == "orch-task-1");
  CHECK(told["plan"] == "orchestrator/tasks/orch-task-1.json");
  CHECK(told["escalation"] == Json::parse(write_escalation(task)));
}

TEST_CASE("a notification of something that is no task's matter says just that") {
  const Attention about{"", "", "master_parked", "api_key=sk-ant-REDACTED is over its limit", "development"};
  const std::string text = write_notification("n2", "/srv/c", about, nullptr, sample::k_created);
  const Json told = valid(Kind::notification, text);
  CHECK(told["master"] == "development");
  CHECK_FALSE(told.contains("task_id"));
  CHECK_FALSE(told.contains("escalation"));
  CHECK_FALSE(contains(text, "abcdefghijklmnop"));  // no secret leaves by mail
}

TEST_CASE("a notification of a task that is not blocked has no escalation") {
  const Task task = sample::task();
  const Json told =
      valid(Kind::notification, write_notification("n3", "/srv/c", {task.spec.id, "", "awaiting_approval", "waits"}, &task, 1));
  CHECK(told["title"] == "Add authentication system with security audit");
  CHECK_FALSE(told.contains("escalation"));
}

TEST_CASE("a check that ran and did not pass is told as such, and why a person let it pass") {
  Task task = task_with_a_skip();
  for (Subtask& subtask : task.subtasks) subtask.verified.reset();
  Subtask& subtask = task.subtasks[0];
  subtask.verified = false;
  subtask.check = {false, "exit_code", "it ended with exit code 2", {"make", "test"}, 2, "1 failed", 1'500, sample::k_created};
  subtask.skip_reason = "the tests are flaky";
  const Json report = valid(Kind::report, write_report(task));
  CHECK(
      report["summary"] ==
      "5 of 6 subtasks completed, 1 skipped. Completed although the check did not pass, which a person let pass: auth-001-design "
      "(the tests are flaky).");
  CHECK(report["subtasks"][0]["verified"] == false);
  CHECK(report["subtasks"][0]["checkpoint_result"]["passed"] == false);
  CHECK(report["subtasks"][0]["skip_reason"] == "the tests are flaky");
  CHECK(report["skipped"].size() == 1);
  const std::string text = write_report_markdown(task);
  CHECK(contains(text, "its check did not pass, and a person let it pass"));
  CHECK_FALSE(contains(text, "not verified by a program"));
  CHECK(contains(text, "did not pass: it ended with exit code 2"));
  CHECK(contains(text, "Let pass, because:\n\n> the tests are flaky\n"));
}
