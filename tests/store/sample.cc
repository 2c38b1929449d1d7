#include "store/sample.h"

#include <doctest/doctest.h>

#include <sstream>

namespace baton::test {
namespace {

using List = std::vector<std::string>;

core::SubtaskSpec full_spec(const std::string& id) {
  core::SubtaskSpec spec;
  spec.id = id;
  spec.title = "Title of " + id;
  spec.description = "two\nlines, \"quotes\", ünïcode and a zero";
  spec.description.push_back('\0');
  spec.description += "byte";
  spec.assigned_to = "security";
  spec.worker_type = "audit";
  spec.dependencies = {"auth-001-design", "auth-002-backend"};
  spec.estimated_minutes = 17;
  spec.estimated_tokens = 5'000'000'000;
  spec.files_affected = {"src/a b.cc", "docs/back\\slash.md"};
  spec.success_criteria = "all endpoints answer";
  spec.estimated_complexity = "moderate";
  spec.orchestration_prompt = "be careful";
  spec.checkpoint = "\"the tests pass\"";
  spec.time_limit_ms = 1'200'000;
  spec.orchestrate = true;
  return spec;
}

class Text {
 public:
  template <class T>
  Text& add(const char* name, const T& value) {
    out_ << name << '=' << value << '\n';
    return *this;
  }
  Text& add(const char* name, const List& items) {
    out_ << name << '=';
    for (const std::string& item : items) out_ << '[' << item << ']';
    out_ << '\n';
    return *this;
  }
  std::string str() const { return out_.str(); }

 private:
  std::ostringstream out_;
};

std::string describe(const core::SubtaskSpec& s) {
  Text text;
  text.add("id", s.id).add("title", s.title).add("description", s.description).add("assigned_to", s.assigned_to);
  text.add("worker_type", s.worker_type).add("dependencies", s.dependencies).add("minutes", s.estimated_minutes);
  text.add("tokens", s.estimated_tokens).add("files", s.files_affected).add("criteria", s.success_criteria);
  text.add("complexity", s.estimated_complexity).add("prompt", s.orchestration_prompt).add("checkpoint", s.checkpoint);
  text.add("time_limit", s.time_limit_ms).add("orchestrate", s.orchestrate);
  return text.str();
}

std::string describe(const core::TaskSpec& s) {
  Text text;
  text.add("id", s.id).add("title", s.title).add("description", s.description).add("type", s.type);
  text.add("criteria", s.success_criteria).add("assigned_to", s.assigned_to);
  text.add("required", s.orchestration_required ? (*s.orchestration_required ? "true" : "false") : "not said");
  text.add("priority", core::name(s.priority)).add("mode", core::name(s.mode)).add("files", s.files_affected);
  text.add("depends_on", s.depends_on).add("playbook", s.playbook).add("planner", s.planner).add("checkpoint", s.checkpoint);
  text.add("context", s.context).add("metadata", s.metadata).add("time_limit", s.time_limit_ms).add("max_tokens", s.max_tokens);
  text.add("approval", s.approval_required).add("created_at", s.created_at).add("source", core::name(s.source));
  text.add("hash", s.content_hash).add("parent", s.parent_task_id).add("parent_subtask", s.parent_subtask_id);
  for (const core::SubtaskSpec& given : s.subtasks) text.add("given", describe(given));
  return text.str();
}

std::string describe(const core::Analysis& a, const core::Estimate& e) {
  Text text;
  text.add("score", a.score).add("complex", a.complex).add("complexity", core::name(a.complexity)).add("domains", a.domains);
  text.add("masters", a.masters).add("reasons", a.reasons).add("critical", e.critical_path_minutes).add("total", e.total_minutes);
  text.add("tokens", e.tokens).add("workers", e.workers).add("parallel", e.parallelization_possible).add("masters", e.masters);
  text.add("bottlenecks", e.bottlenecks);
  return text.str();
}

std::string describe(const core::CheckResult& check) {
  Text text;
  text.add("passed", check.passed).add("why", check.reason).add("message", check.message).add("command", check.command);
  text.add("exit_code", check.exit_code).add("output", check.output).add("took", check.took_ms).add("at", check.at);
  return text.str();
}

}  // namespace

core::Subtask full_subtask(const std::string& id, const std::string& task_id) {
  core::Subtask s;
  s.spec = full_spec(id);
  s.task_id = task_id;
  s.given_id = "backend";
  s.stage = 2;
  s.order = 3;
  s.status = core::SubtaskStatus::validating;
  s.attempt = 4;
  s.epoch = 5;
  s.tries = 9;
  s.spent_tokens = 6'000'000'000;
  s.worked_ms = 7'000'000'001;
  s.created_at = 1'762'365'600'001;
  s.ready_at = 1'762'365'600'002;
  s.handed_off_at = 1'762'365'600'003;
  s.claimed_at = 1'762'365'600'004;
  s.claimed_mono = 86'400'000;
  s.started_at = 1'762'365'600'005;
  s.completed_at = 1'762'365'600'006;
  s.claimed_how = "renamed";
  s.worker_id = "worker-7";
  s.undelivered = true;
  s.refused = "masters/development/handoffs/stale: it has no \"status\"";
  s.verified = false;
  s.check = {true, "signal", "it was ended by SIGKILL", {"make", "a b", ""}, 3, "out\nput", 4'321, 1'762'365'600'020};
  s.outcome = {"did\nit", {"report.md", "multi\nline\\n", ""}, {"src/a.cc"}, 12'345, "{\"coverage\":91}", "auth-002-a1"};
  s.error = "compiler said\n\"no\"";
  s.failure_class = core::FailureClass::rate_limited;
  s.conflicts = 5;
  s.retry_count = 6;
  s.retry_reason = "worker gone";
  s.retry_modifications = "only the first half";
  s.retry_at = 1'700'000'999'000;
  s.same_attempt = true;
  s.splitting = true;
  s.split_of = "auth-003";
  s.failure_cause = core::FailureCause::zombie;
  s.evidence = {"no heartbeat for 21m", "CPU time stood still at 12.4 s"};
  s.skip_reason = "not needed";
  s.child_task = id + ".task";
  s.program_checks = true;
  return s;
}

core::Task full_task(const std::string& id) {
  core::Task t;
  t.spec.id = id;
  t.spec.title = "Add authentication system";
  t.spec.description = std::string(10'000, 'x') + "\nend";
  t.spec.type = "feature";
  t.spec.success_criteria = "users can log in";
  t.spec.assigned_to = "development";
  t.spec.orchestration_required = false;
  t.spec.priority = core::Priority::critical;
  t.spec.mode = core::ExecutionMode::eager;
  t.spec.files_affected = {"server/routes/auth.js"};
  t.spec.depends_on = {"task-1", "task-2"};
  t.spec.subtasks = {full_spec("given-1"), full_spec("")};
  t.spec.playbook = "authentication";
  t.spec.planner = "playbook";
  t.spec.checkpoint = "\"it builds\"";
  t.spec.context = "{\"requirements\":[\"jwt\"]}";
  t.spec.metadata = "{\"ticket\":17}";
  t.spec.time_limit_ms = 3'600'000;
  t.spec.max_tokens = 90'000'000'000;
  t.spec.approval_required = true;
  t.spec.created_at = 1'762'365'600'000;
  t.spec.source = core::Source::queue;
  t.spec.content_hash = "0123456789abcdef0123456789abcdef";
  t.spec.parent_task_id = "whole";
  t.spec.parent_subtask_id = "whole-2";
  t.status = core::PlanStatus::blocked;
  t.simple = false;
  t.planned = true;
  t.planner = core::PlannerKind::given;
  t.planner_name = "authentication";
  t.analysis = {9, true, core::Complexity::high, {"development", "security"}, {"development"}, {"+3: two domains\nand more", ""}};
  t.estimate = {65, 90, 75'000, 8, true, {"development", "security"}, {"stage 3: audit\nwaits"}};
  t.conflicts = {{"src/a\nb.cc", {"auth-002", "auth-003"}}, {"", {}}, {"back\\slash", {"x"}}};
  t.subtasks = {full_subtask(id + "-2", id), full_subtask(id + "-1", id), full_subtask(id + "-3", id)};
  t.awaits = {"task-2"};
  t.approved = true;
  t.paused = true;
  t.created_at = 1'762'365'600'010;
  t.started_at = 1'762'365'600'011;
  t.updated_at = 1'762'365'600'012;
  t.completed_at = 1'762'365'600'013;
  t.blocked_at = 1'762'365'600'014;
  t.blocking_subtask = id + "-2";
  t.lost = {"task-1", "task-0"};
  t.failure_reason = "failed 3 times";
  t.waived = "depends on a, which ended as failed: not needed";
  t.validating = true;
  t.program_checks = true;
  t.check = {true, "signal", "it was ended by SIGKILL", {"make", "a b", ""}, 3, "out\nput", 4'321, 1'762'365'600'020};
  return t;
}

core::Task simple_task(const std::string& id) {
  core::Task task;
  task.spec.id = id;
  task.spec.title = "Fix the bug in dashboard/server/index.js line 42";
  task.spec.content_hash = "hash of " + id;
  task.status = core::PlanStatus::in_progress;
  task.planned = true;
  task.analysis.domains = {"development"};
  task.analysis.reasons = {"one domain", "one file"};
  core::Subtask& subtask = task.subtasks.emplace_back();
  subtask.spec.id = id;
  subtask.spec.title = task.spec.title;
  subtask.spec.assigned_to = "development";
  subtask.task_id = id;
  return task;
}

std::string describe(const core::Subtask& s) {
  Text text;
  text.add("spec", describe(s.spec)).add("task_id", s.task_id).add("given_id", s.given_id).add("stage", s.stage);
  text.add("order", s.order).add("status", core::name(s.status)).add("attempt", s.attempt).add("epoch", s.epoch);
  text.add("created_at", s.created_at).add("ready_at", s.ready_at).add("handed_off_at", s.handed_off_at);
  text.add("claimed_at", s.claimed_at)
      .add("claimed_mono", s.claimed_mono)
      .add("started_at", s.started_at)
      .add("completed_at", s.completed_at);
  text.add("claimed_how", s.claimed_how).add("worker_id", s.worker_id).add("progress", s.progress_percent);
  text.add("undelivered", s.undelivered)
      .add("refused", s.refused)
      .add("verified", s.verified ? (*s.verified ? "true" : "false") : "not said")
      .add("summary", s.outcome.summary);
  text.add("check", describe(s.check));
  text.add("artifacts", s.outcome.artifacts).add("modified", s.outcome.files_modified).add("used", s.outcome.tokens_used);
  text.add("data", s.outcome.data)
      .add("worktree", s.outcome.worktree)
      .add("error", s.error)
      .add("class", core::name(s.failure_class));
  text.add("tries", s.tries).add("conflicts", s.conflicts).add("spent", s.spent_tokens).add("worked", s.worked_ms);
  text.add("retry_count", s.retry_count).add("retry_reason", s.retry_reason).add("skip_reason", s.skip_reason);
  text.add("child_task", s.child_task).add("program_checks", s.program_checks);
  text.add("cause", core::name(s.failure_cause)).add("evidence", s.evidence).add("modifications", s.retry_modifications);
  text.add("retry_at", s.retry_at).add("same_attempt", s.same_attempt).add("splitting", s.splitting).add("split_of", s.split_of);
  return text.str();
}

std::string describe(const core::Task& t) {
  Text text;
  text.add("spec", describe(t.spec)).add("status", core::name(t.status)).add("simple", t.simple).add("planned", t.planned);
  text.add("planner", core::name(t.planner)).add("planner_name", t.planner_name).add("plan", describe(t.analysis, t.estimate));
  for (const core::Conflict& conflict : t.conflicts) text.add("file", conflict.file).add("subtasks", conflict.subtasks);
  text.add("awaits", t.awaits).add("approved", t.approved).add("paused", t.paused).add("created_at", t.created_at);
  text.add("started_at", t.started_at).add("updated_at", t.updated_at).add("completed_at", t.completed_at);
  text.add("blocked_at", t.blocked_at).add("lost", t.lost);
  text.add("blocking", t.blocking_subtask).add("reason", t.failure_reason).add("waived", t.waived);
  text.add("validating", t.validating).add("program_checks", t.program_checks).add("check", describe(t.check));
  for (const core::Subtask& subtask : t.subtasks) text.add("subtask", describe(subtask));
  return text.str();
}

store::Store open_store(const std::string& path) {
  Result<store::Store> store = store::Store::open(path);
  REQUIRE_MESSAGE(store.has_value(), store.error().message);
  return std::move(*store);
}

void commit_new(store::Store& store, const core::Task& task) {
  store::Commit commit;
  commit.created = {&task};
  const Result<> done = store.commit(commit);
  REQUIRE_MESSAGE(done.has_value(), done.error().message);
}

}  // namespace baton::test
