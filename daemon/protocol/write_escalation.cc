#include "base/time.h"
#include "protocol/paths.h"
#include "protocol/write_parts.h"
#include "protocol/writers.h"

namespace baton::protocol {
namespace {

using core::Subtask;
using core::Task;

const Subtask* blocking_subtask(const Task& task) {
  for (const Subtask& subtask : task.subtasks) {
    if (subtask.spec.id == task.blocking_subtask) return &subtask;
  }
  return nullptr;
}

// spec: "Failure Handling", option 2: what the escalation says first.
void seed_members(JsonWriter& out, const Task& task) {
  out.member("orchestration_id", paths::orchestration_id(task.spec.id));
  out.member("task_id", task.spec.id);
  parent_members(out, task.spec);
  out.member("orchestration_status", "blocked");
  out.member("blocking_subtask", task.blocking_subtask);
  out.member("failure_reason", task.failure_reason);
  out.member("escalation", escalation_sentence(task));
  out.member("created_at", format_utc(task.blocked_at != 0 ? task.blocked_at : task.updated_at));
}

void evidence(JsonWriter& out, const Subtask& subtask) {
  out.member("attempts", subtask.tries);
  out.begin_object("evidence");
  out.member("title", subtask.spec.title);
  out.member("assigned_to", subtask.spec.assigned_to);
  out.member("status", core::name(subtask.status));
  out.member("error", subtask.error);
  out.member("failure_class", core::name(subtask.failure_class));
  out.member("cause", core::name(subtask.failure_cause));
  if (!subtask.evidence.empty()) out.member("observed", subtask.evidence);
  check_object(out, "checkpoint_result", subtask.check);
  out.member("epoch", subtask.epoch);
  out.member_if("worker_id", subtask.worker_id);
  out.member_if("claimed_how", subtask.claimed_how);
  out.time_if("handed_off_at", subtask.handed_off_at);
  out.time_if("claimed_at", subtask.claimed_at);
  out.time_if("started_at", subtask.started_at);
  out.time_if("completed_at", subtask.completed_at);
  out.member("subtask_file", paths::subtask(subtask.spec.id));
  child_members(out, subtask);
  out.end_object();
}

// The blocking one is the first that failed; others that were out may have followed.
void failed_subtasks(JsonWriter& out, const Task& task) {
  out.begin_array("failed_subtasks");
  for (const Subtask& subtask : task.subtasks) {
    if (subtask.status != core::SubtaskStatus::failed) continue;
    out.begin_object();
    out.member("subtask_id", subtask.spec.id);
    out.member("title", subtask.spec.title);
    out.member("assigned_to", subtask.spec.assigned_to);
    out.member("attempts", subtask.tries);
    out.member("error", subtask.error);
    out.member("failure_class", core::name(subtask.failure_class));
    out.member("subtask_file", paths::subtask(subtask.spec.id));
    out.end_object();
  }
  out.end_array();
}

// The same request three ways: what it does, the command line, the file that does it without one.
void command(JsonWriter& out, std::string_view verb, std::string_view subject_name, std::string_view subject,
             std::string_view effect, bool with_reason) {
  out.begin_object();
  out.member("effect", effect);
  out.member("run", "baton " + std::string(verb) + " " + std::string(subject) + (with_reason ? " --reason \"...\"" : ""));
  out.member("or_write", paths::join(paths::k_commands, std::string(verb) + "-" + std::string(subject) + ".json"));
  out.begin_object("content");
  out.member("command", verb);
  out.member(subject_name, subject);
  if (with_reason) out.member("reason", "...");
  out.end_object();
  out.end_object();
}

void commands(JsonWriter& out, const Task& task) {
  const std::size_t failed = failed_ids(task).size();
  out.begin_array("commands");
  if (task.blocking_subtask.empty()) {
    command(out, "skip", "task_id", task.spec.id, "goes on without the task it depends on", true);
  } else {
    command(out, "retry", "subtask_id", task.blocking_subtask, "hands the subtask out again, its attempts counted anew", false);
    command(out, "skip", "subtask_id", task.blocking_subtask, "goes on without it; the report says so", true);
  }
  if (failed > 1) {
    const std::string all = "all " + std::to_string(failed) + " that failed";
    command(out, "retry", "task_id", task.spec.id, "hands out " + all + " again, their attempts counted anew", false);
    command(out, "skip", "task_id", task.spec.id, "goes on without " + all + "; the report says so", true);
  }
  command(out, "cancel", "task_id", task.spec.id, "ends the whole task", false);
  out.end_array();
}

}  // namespace

std::string write_escalation(const Task& task) {
  JsonWriter out(JsonWriter::without_secrets());
  out.begin_object();
  seed_members(out, task);
  out.member("schema_version", 1);
  out.member("title", title_of(task.spec));
  if (const Subtask* subtask = blocking_subtask(task)) {
    evidence(out, *subtask);
    failed_subtasks(out, task);
  } else {
    out.member("depends_on", task.spec.depends_on);
    out.member("blocking_tasks", task.lost);
  }
  out.member("plan", paths::plan(task.spec.id));
  commands(out, task);
  out.end_object();
  return out.take_line();
}

}  // namespace baton::protocol
