#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "protocol/example_files.h"
#include "protocol/queue_file.h"
#include "protocol/readers.h"

using namespace baton;
using namespace baton::protocol;
using nlohmann::json;

namespace {

TaskIn only(std::string_view bytes) {
  auto tasks = read_dropped_json(bytes);
  REQUIRE_MESSAGE(tasks.has_value(), tasks.error().message);
  REQUIRE(tasks->size() == 1);
  return tasks->front();
}

TaskIn entry(std::string_view bytes) {
  auto task = read_queue_entry(bytes);
  REQUIRE_MESSAGE(task.has_value(), task.error().message);
  return *task;
}

}  // namespace

TEST_CASE("a full task becomes a full spec") {
  const std::string bytes = test::file_text(test::examples_folder() / "task/valid/full.json");
  const TaskIn task = only(bytes);
  CHECK(task.spec.id == "auth");
  CHECK(task.spec.title == "Add authentication");
  CHECK(task.spec.description == "With sessions.");
  CHECK(task.spec.type == "feature");
  CHECK(task.spec.orchestration_required == true);
  CHECK(task.spec.assigned_to == "development");
  CHECK(task.spec.priority == core::Priority::high);
  CHECK(task.spec.mode == core::ExecutionMode::eager);
  CHECK(task.spec.files_affected == std::vector<std::string>{"server/auth.js", "client/login.jsx"});
  CHECK(task.spec.success_criteria == "users can log in; tests pass");
  CHECK(task.spec.context == R"({"requirements":["JWT"]})");
  CHECK(task.spec.metadata == R"({"asked_by":"mia"})");
  CHECK(task.spec.depends_on == std::vector<std::string>{"base"});
  CHECK(task.spec.playbook == "authentication");
  CHECK(task.spec.planner == "playbook");
  CHECK(task.spec.checkpoint == "\"all tests pass\"");
  CHECK(task.spec.time_limit_ms == 90 * 60'000);
  CHECK(task.spec.approval_required);
  CHECK(task.spec.max_tokens == 60'000);
  CHECK(task.spec.created_at == 1'762'365'600'000);
  CHECK(task.spec.source == core::Source::drop);
  CHECK(task.spec.content_hash.size() == 32);
  CHECK(task.status == "pending");
  CHECK(task.warnings.empty());
  CHECK(task.document + "\n" == bytes);
}

TEST_CASE("older names and spellings mean the same") {
  const TaskIn task = only(test::file_text(test::examples_folder() / "task/valid/older-names.json"));
  CHECK(task.spec.id == "task-7");
  CHECK(task.spec.priority == core::Priority::high);
  CHECK(task.spec.depends_on == std::vector<std::string>{"task-6"});
  CHECK(task.spec.max_tokens == 5000);
  CHECK(task.spec.assigned_to == "security-master");
  CHECK(task.spec.description.empty());
  CHECK(task.spec.success_criteria.empty());
  CHECK(task.spec.created_at == 1'762'365'600'000);
  CHECK(task.status == "pending");
  CHECK(task.warnings.size() == 1);
}

TEST_CASE("what is not said has its default") {
  const TaskIn task = only(R"({"title": "x"})");
  CHECK(task.spec.id.empty());
  CHECK(task.spec.priority == core::Priority::medium);
  CHECK(task.spec.mode == core::ExecutionMode::staged);
  CHECK(!task.spec.orchestration_required.has_value());
  CHECK(task.spec.context.empty());
  CHECK(task.spec.checkpoint.empty());
  CHECK(!task.spec.approval_required);
  CHECK(task.status.empty());
}

TEST_CASE("priorities are words or numbers") {
  const auto priority = [](const std::string& value) {
    return only("{\"title\": \"x\", \"priority\": " + value + "}").spec.priority;
  };
  CHECK(priority("1") == core::Priority::critical);
  CHECK(priority("2") == core::Priority::high);
  CHECK(priority("\"3\"") == core::Priority::medium);
  CHECK(priority("4") == core::Priority::low);
  CHECK(priority("5") == core::Priority::low);
  CHECK(priority("\"Critical\"") == core::Priority::critical);
  CHECK(!read_dropped_json(R"({"title": "x", "priority": 0})").has_value());
}

TEST_CASE("subtasks are read with their older names") {
  const TaskIn task = only(test::file_text(test::examples_folder() / "task/valid/explicit-subtasks.json"));
  REQUIRE(task.spec.subtasks.size() == 3);
  CHECK(task.spec.subtasks[0].id == "design");
  CHECK(task.spec.subtasks[0].assigned_to == "development");
  CHECK(task.spec.subtasks[0].estimated_minutes == 15);
  CHECK(task.spec.subtasks[1].dependencies == std::vector<std::string>{"design"});
  CHECK(task.spec.subtasks[1].files_affected == std::vector<std::string>{"src/login.js"});
  CHECK(task.spec.subtasks[1].worker_type == "implementation");
  CHECK(task.spec.subtasks[2].title == "Document it");
}

TEST_CASE("a subtask may ask for a task of its own") {
  const TaskIn task = only(test::file_text(test::examples_folder() / "task/valid/orchestrated.json"));
  REQUIRE(task.spec.subtasks.size() == 3);
  CHECK_FALSE(task.spec.subtasks[0].orchestrate);
  CHECK(task.spec.subtasks[1].orchestrate);
  CHECK(task.spec.subtasks[2].orchestrate);
}

TEST_CASE("one at a time, a subtask that brings the prompt for its orchestration is orchestrated unless it says not to be") {
  const auto orchestrated = [](const std::string& mode) {
    const TaskIn task = only(json{
        {"title", "Build the shop"},
        {"execution_mode", mode},
        {"subtasks",
         {{{"title", "Models"}, {"orchestration_prompt", "Make the models, all phases"}},
          {{"title", "Login"}, {"orchestration_prompt", "Make the login"}, {"orchestrate", false}},
          {{"title", "Open"}}}}}.dump());
    std::vector<bool> answer;
    for (const auto& each : task.spec.subtasks) answer.push_back(each.orchestrate);
    return answer;
  };
  CHECK(orchestrated("sequential") == std::vector<bool>{true, false, false});
  CHECK(orchestrated("staged") == std::vector<bool>{false, false, false});
}

TEST_CASE("a checkpoint without commands is a criterion in words") {
  CHECK(only(R"({"title": "x", "checkpoint": {"description": "tests pass"}})").spec.checkpoint == "\"tests pass\"");
  CHECK(only(R"({"title": "x", "checkpoint": {"type": "manual", "validation": "looks good"}})").spec.checkpoint ==
        "\"looks good\"");
}

TEST_CASE("a list is read as a whole, each task with its own bytes") {
  const std::string bytes = "{\"tasks\": [ {\"title\": \"one\"},\n {\"title\" : \"two\"} ]}";
  const auto tasks = read_dropped_json(bytes);
  REQUIRE(tasks.has_value());
  REQUIRE(tasks->size() == 2);
  CHECK((*tasks)[0].document == "{\"title\": \"one\"}");
  CHECK((*tasks)[1].document == "{\"title\" : \"two\"}");
  CHECK((*tasks)[0].spec.content_hash != (*tasks)[1].spec.content_hash);
  CHECK(read_dropped_json(R"({"tasks": []})").error().message == "the list holds no task");
  std::string many = "[{\"title\": \"x\"}";
  for (int i = 0; i < 1'000; ++i) many += ",{\"title\": \"x\"}";
  CHECK(read_dropped_json(many + "]").error().message == "the list holds 1001 tasks, at most 1000 are taken from one file");
}

TEST_CASE("the content hash leaves out what the daemon writes") {
  const TaskIn before = entry(R"({"id": "a", "title": "x", "status": "pending"})");
  const TaskIn after =
      entry(R"({"id": "a", "title": "x", "status": "completed", "updated_at": "2025-11-05T18:00:00Z", "report": "r"})");
  CHECK(before.spec.content_hash == after.spec.content_hash);
  CHECK(after.stamp == "2025-11-05T18:00:00Z");
  CHECK(after.status == "completed");
  CHECK(entry(R"({"id": "a", "title": "y"})").spec.content_hash != before.spec.content_hash);
}

TEST_CASE("a queue may hold the words of others, but no slip of pending or queued") {
  for (const char* word :
       {"assigned", "worker_spawned", "completed", "failed", "in-progress", "archived", "cancelled_on_restart", "waiting"}) {
    CAPTURE(word);
    std::string normal(word);
    for (char& c : normal)
      if (c == '-') c = '_';
    CHECK(entry(std::string("{\"title\": \"x\", \"status\": \"") + word + "\"}").status == normal);
  }
  for (const char* slip : {"pendign", "pening", "Pendng", "queud", "quequed"}) {
    const auto result = read_queue_entry(std::string("{\"title\": \"x\", \"status\": \"") + slip + "\"}");
    CAPTURE(slip);
    REQUIRE(!result.has_value());
    CHECK(result.error().hint.starts_with("did you mean \""));
    CHECK(result.error().place.pointer == "/status");
  }
  CHECK(read_queue_entry(R"({"title": "x", "status": "pendign"})").error().message == "unknown status \"pendign\"");
  CHECK(read_queue_entry(R"({"title": "x", "status": 7})").error().message == "\"status\" must be a text, found the number 7");
}

TEST_CASE("a dropped file has no foreign status") {
  CHECK(read_dropped_json(R"({"title": "x", "status": "worker_spawned"})").error().hint == "use pending, or leave it out");
  CHECK(read_dropped_json(R"({"title": "x", "status": "pendign"})").error().hint == "did you mean \"pending\"?");
  for (const char* word :
       {"assigned", "orchestrating", "waiting", "in-progress", "completed", "failed", "blocked", "cancelled"}) {
    const auto refused =
        read_dropped_json("{\"tasks\": [{\"title\": \"x\"}, {\"title\": \"y\", \"status\": \"" + std::string(word) + "\"}]}");
    CAPTURE(word);
    REQUIRE(!refused.has_value());
    CHECK(refused.error().message.ends_with("a dropped task is taken up, whatever was"));
    CHECK(refused.error().hint.starts_with("take the status out, or use pending"));
    CHECK(refused.error().place.pointer == "/tasks/1/status");
  }
  for (const char* word : {"pending", "queued", "Pending", "null", ""})
    CHECK(read_dropped_json("{\"title\": \"x\", \"status\": \"" + std::string(word) + "\"}").has_value());
}

TEST_CASE("time stamps that cannot be read are a warning only") {
  const TaskIn task = only(R"({"title": "x", "created_at": "yesterday"})");
  CHECK(task.spec.created_at == 0);
  REQUIRE(task.warnings.size() == 1);
  CHECK(task.warnings.front().starts_with("created_at was ignored: "));
  CHECK(only(R"({"title": "x", "created_at": "2025-11-05T18:00:00"})").warnings.front() ==
        "created_at has no time zone, UTC was taken");
}

TEST_CASE("what is carried keeps its digits and its order") {
  const TaskIn task = only(R"({"title": "x", "context": {"z": 123456789012345678901234567890, "a": [1.50, -0, 1E2]},
    "m": 1, "metadata": [ 0.10, "\u00e9" ]})");
  CHECK(task.spec.context == R"({"z":123456789012345678901234567890,"a":[1.50,-0,1E2]})");
  CHECK(task.spec.metadata == R"([0.10,"\u00e9"])");
  const auto tasks =
      read_dropped_json(R"({"tasks": [{"title": "x"}, {"title": "y", "context": {"b": 1.0, "a": 2}, "metadata": null}]})");
  REQUIRE(tasks.has_value());
  CHECK(tasks->back().spec.context == R"({"b":1.0,"a":2})");
  CHECK(tasks->back().spec.metadata.empty());
  CHECK(only("\xEF\xBB\xBF{\"title\": \"x\", \"context\": {\"b\": 1.0, \"a\": 2}}").spec.context == R"({"b":1.0,"a":2})");
  CHECK(only(R"({"title": "x", "context": "1.50"})").spec.context == "\"1.50\"");
}

TEST_CASE("an error found after reading gets its place, with the author's own names") {
  const auto located_at = [](const char* pointer, const std::string& bytes, const std::string& task) {
    return located(Error{ErrorCode::refused, "m", "h", {pointer, 0, 0}}, bytes, task, core::Source::drop);
  };
  const std::string list =
      "{\"tasks\": [\n {\"title\": \"a\"},\n {\"task_id\": 7, \"dependencies\": \"b\",\n  \"subtasks\": [\"A\",\n"
      "   {\"title\": \"B\", \"master\": \"m\", \"depends_on\": [\"\", \"zz\"]}]}]}";
  const Error error = located_at("/subtasks/1/dependencies/0", list, "/tasks/1");
  CHECK(error.place == Place{"/tasks/1/subtasks/1/depends_on/1", 5, 53});
  CHECK(error.code == ErrorCode::refused);
  CHECK(error.message == "m");
  CHECK(error.hint == "h");
  CHECK(located_at("/subtasks/1/assigned_to", list, "/tasks/1").place == Place{"/tasks/1/subtasks/1/master", 5, 29});
  CHECK(located_at("/subtasks/0/dependencies", list, "/tasks/1").place.line == 4);
  CHECK(located_at("/depends_on", list, "/tasks/1").place == Place{"/tasks/1/dependencies", 3, 33});
  CHECK(located_at("/id", list, "/tasks/1").place == Place{"/tasks/1/task_id", 3, 14});
  CHECK(located_at("", list, "/tasks/1").place == Place{"/tasks/1", 3, 2});
  CHECK(located_at("/assigned_to", R"([{"title": "a"}])", "/0").place == Place{"/0/assigned_to", 1, 2});
  CHECK(located_at("/x", "not json", "").place == Place{"/x", 0, 0});
}
