// Every sentence of docs/protocol.md, "What readers accept", against the readers: one row, one document.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "protocol/paths.h"
#include "protocol/queue_file.h"
#include "protocol/readers.h"

using namespace baton;
using namespace baton::protocol;

namespace {

template <class In>
struct Row {
  const char* document;
  std::function<bool(const In&)> holds;
};

template <class In, class Read>
void check_all(const std::vector<Row<In>>& rows, Read read) {
  for (const Row<In>& row : rows) {
    CAPTURE(row.document);
    const auto in = read(row.document);
    REQUIRE_MESSAGE(in.has_value(), in.error().message);
    CHECK(row.holds(*in));
  }
}

using Texts = std::vector<std::string>;
constexpr std::int64_t k_time = 1'762'365'600'000;  // 2025-11-05T18:00:00Z

}  // namespace

TEST_CASE("tasks of other tools") {
  const std::vector<Row<TaskIn>> rows = {
      {R"({"title": "x", "task_id": "a"})", [](auto& t) { return t.spec.id == "a"; }},
      {R"({"title": "x", "id": 14})", [](auto& t) { return t.spec.id == "14"; }},
      {R"({"title": "x", "dependencies": "a"})", [](auto& t) { return t.spec.depends_on == Texts{"a"}; }},
      {R"({"title": "x", "depends_on": ["", null, "null", "a"]})", [](auto& t) { return t.spec.depends_on == Texts{"a"}; }},
      {R"({"title": "x", "depends_on": ["orch-a"]})", [](auto& t) { return t.spec.depends_on == Texts{"a"}; }},
      {R"({"title": "x", "files_affected": [null, "./a.c"]})", [](auto& t) { return t.spec.files_affected == Texts{"a.c"}; }},
      {R"({"title": "x", "success_criteria": ["a", "", "b"]})", [](auto& t) { return t.spec.success_criteria == "a; b"; }},
      {R"({"title": "x", "to": "security"})", [](auto& t) { return t.spec.assigned_to == "security"; }},
      {R"({"title": "x", "to_master": "security"})", [](auto& t) { return t.spec.assigned_to == "security"; }},
      {R"({"title": "x", "to_agent": "Security-Agent"})", [](auto& t) { return t.spec.assigned_to == "security-agent"; }},
      {R"({"title": "x", "to": "orchestrator"})", [](auto& t) { return t.spec.assigned_to.empty(); }},
      {R"({"title": "x", "assigned_to": "\ndevelopment"})",
       [](auto& t) { return t.spec.assigned_to == "development" && t.warnings.size() == 1; }},
      {R"({"title": "x", "status": "null", "priority": "", "context": null})",
       [](auto& t) { return t.status.empty() && t.spec.context.empty() && t.spec.priority == core::Priority::medium; }},
      {R"({"title": "x", "priority": 1})", [](auto& t) { return t.spec.priority == core::Priority::critical; }},
      {R"({"title": "x", "priority": "HIGH"})", [](auto& t) { return t.spec.priority == core::Priority::high; }},
      {R"({"title": "x", "max_tokens": "5000"})", [](auto& t) { return t.spec.max_tokens == 5000; }},
      {R"({"title": "x", "orchestration_required": "True"})", [](auto& t) { return t.spec.orchestration_required == true; }},
      {R"({"title": "x", "context": {"requirements": ["a"]}})",
       [](auto& t) { return t.spec.context == R"({"requirements":["a"]})"; }},
      {R"({"title": "x", "context": {"requirements": {"a": 1}}})",
       [](auto& t) { return t.spec.context == R"({"requirements":{"a":1}})"; }},
      {R"({"title": "x", "context": {"requirements": "a"}})",
       [](auto& t) { return t.spec.context == R"({"requirements":"a"})"; }},
      {R"({"title": "x", "checkpoint": {"type": "manual", "validation": "works"}})",
       [](auto& t) { return t.spec.checkpoint == "\"works\""; }},
      {R"({"title": "x", "subtasks": [{"title": "a", "estimated_complexity": 3, "to_agent": "qa", "worker_type": "scan-worker"}]})",
       [](auto& t) {
         const auto& step = t.spec.subtasks.front();
         return step.estimated_complexity == "3" && step.assigned_to == "qa" && step.worker_type == "scan";
       }},
      {R"({"title": "x", "subtasks": [{"id": "a", "title": "a", "depends_on": [""], "estimated_tokens": "N/A"}]})",
       [](auto& t) {
         const auto& step = t.spec.subtasks.front();
         return step.id == "a" && step.dependencies.empty() && step.estimated_tokens == 0;
       }},
  };
  check_all<TaskIn>(rows, [](std::string_view bytes) -> Result<TaskIn> {
    TRY_VALUE(auto tasks, read_dropped_json(bytes));
    return tasks.front();
  });
}

TEST_CASE("times of other tools") {
  for (const char* stamp : {R"("2025-11-05T18:00:00Z")", R"("2025-11-05T18:00:00.000Z")", R"("2025-11-05T18:00:00.000000Z")",
                            R"("2025-11-05T12:00:00-06:00")", R"("2025-11-05T12:00:00-0600")", R"("2025-11-05T18:00:00")",
                            R"("2025-11-05 18:00:00")", "1762365600", "1762365600000", R"("1762365600")", "1762365600.0"})
    for (const char* name : {"created_at", "timestamp"}) {
      CAPTURE(stamp);
      const auto task = read_queue_entry(std::string(R"({"title": "x", ")") + name + "\": " + stamp + "}");
      REQUIRE_MESSAGE(task.has_value(), task.error().message);
      CHECK(task->spec.created_at == k_time);
    }
  CHECK(read_queue_entry(R"({"title": "x", "timestamp": "2025-11-05"})")->spec.created_at == k_time - 18 * 3'600'000);
  CHECK(read_queue_entry(R"({"title": "x", "timestamp": "2025-11-05"})")->warnings.size() == 1);
}

TEST_CASE("results and handoffs of other tools") {
  const std::vector<Row<ResultIn>> results = {
      {R"({"status": "completed", "task_id": "a"})", [](auto& r) { return r.subtask_id == "a"; }},
      {R"({"status": "completed", "from_master": " QA "})", [](auto& r) { return r.from == "qa"; }},
      {R"({"status": "completed", "from_agent": "qa", "to_agent": "x"})", [](auto& r) { return r.from == "qa"; }},
      {R"({"status": "Completed", "results": {"summary": "s"}})", [](auto& r) { return r.outcome.summary == "s"; }},
      {R"({"status": "completed", "result": {"confidence": "N/A", "tokens_used": "12"}})",
       [](auto& r) { return r.outcome.tokens_used == 12 && r.outcome.data == R"({"confidence":"N/A"})"; }},
      {R"({"status": "failed", "failure_reason": "no disk"})", [](auto& r) { return r.error == "no disk"; }},
      {R"({"status": "completed", "result": {"artifacts": [null, "a"]}})",
       [](auto& r) { return r.outcome.artifacts == Texts{"a"}; }},
  };
  check_all<ResultIn>(results, read_result);
  const std::vector<Row<HandoffIn>> handoffs = {
      {R"({"subtask_id": "a"})", [](auto& h) { return h.says == HandoffIn::Says::pending; }},
      {R"({"task_data": {"subtask_id": "a"}})", [](auto& h) { return h.subtask_id == "a"; }},
      {R"({"task": {"subtask_id": "a"}, "status": "in-progress"})",
       [](auto& h) { return h.subtask_id == "a" && h.says == HandoffIn::Says::claimed; }},
  };
  check_all<HandoffIn>(handoffs, read_handoff);
  CHECK(paths::classify_handoff("to-qa-subtask-a.json.processed", "qa").kind == paths::NameKind::processed_handoff);
}

TEST_CASE("worker specs of other tools") {
  const std::vector<Row<WorkerIn>> rows = {
      {R"({"task_id": "a", "last_heartbeat": "2025-11-05T18:00:00Z"})", [](auto& w) { return w.subtask_id == "a"; }},
      {R"({"heartbeat": {"last_heartbeat": "2025-11-05T18:00:00Z"}})", [](auto& w) { return !w.has_result; }},
      {R"({"execution": {"last_heartbeat": null, "error": "gone"}})", [](auto& w) { return w.result.error == "gone"; }},
      {R"({"token_budget": 1, "timeout_minutes": 5})", [](auto& w) { return w.worker_id.empty(); }},
      {R"({"token_allocation": "1", "time_limit_minutes": "5"})", [](auto& w) { return w.worker_id.empty(); }},
      {R"({"parent_master": "qa"})", [](auto& w) { return w.master == "qa"; }},
      {R"({"created_by": "qa"})", [](auto& w) { return w.master == "qa"; }},
      {R"({"log_file": "logs/w.log"})", [](auto& w) { return w.output_file == "logs/w.log"; }},
      {R"({"output": "w.log", "output_file": ["a"]})", [](auto& w) { return w.output_file == "w.log"; }},
      {R"({"output": "two\nlines"})", [](auto& w) { return w.output_file.empty(); }},
      {R"({"output": {"summary": "s"}, "verdict": "pass"})", [](auto& w) { return w.output_file.empty(); }},
      {R"({"master": "qa", "worker_id": "other-than-the-file"})", [](auto& w) { return w.worker_id == "other-than-the-file"; }},
  };
  check_all<WorkerIn>(rows, read_worker_spec);
}

TEST_CASE("queue files of other tools") {
  for (const char* queue :
       {R"({"tasks": [{}]})", R"({"version": 1, "updated_at": "u", "tasks": [{}]})",
        R"({"tasks": [{}], "metadata": {}, "updated_at": "u"})", R"({"tasks": [{}], "stats": {}, "updated_at": "u"})", "[{}]"}) {
    CAPTURE(queue);
    const auto file = parse_queue(queue);
    REQUIRE(file.has_value());
    CHECK(file->entries.size() == 1);
  }
  for (const char* other : {R"({"id": "a", "title": "x"})", "7", "\"x\"", "{}", "", " ", "{\"tasks\": [", "{\"tasks\": []} {}"})
    CHECK_MESSAGE(!parse_queue(other).has_value(), other);
}

TEST_CASE("what is no document is refused with a reason, never a crash") {
  for (const char* bytes :
       {"", "{", "x", "\"", "{} {}", "{\"title\": \"x\"", "{\"title\": \"x\"}\n{\"title\": \"y\"}", "[]", "null"}) {
    CAPTURE(bytes);
    const auto tasks = read_dropped_json(bytes);
    REQUIRE(!tasks.has_value());
    CHECK(!tasks.error().message.empty());
    CHECK(!read_result(bytes).has_value());
    CHECK(!read_command(bytes).has_value());
  }
}
