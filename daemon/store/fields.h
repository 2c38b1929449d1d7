// Which column holds which member. Each record is described once; binding, reading and the texts of the statements all follow
// from that, so that they cannot come apart. Columns that only make a row findable (key, id, live) are not listed here.
#pragma once

namespace baton::store {

/// core::SubtaskSpec without its id.
template <class Spec, class Visit>
void visit_subtask_spec(Spec& spec, Visit& visit) {
  visit("title", spec.title);
  visit("description", spec.description);
  visit("assigned_to", spec.assigned_to);
  visit("worker_type", spec.worker_type);
  visit("dependencies", spec.dependencies);
  visit("estimated_minutes", spec.estimated_minutes);
  visit("estimated_tokens", spec.estimated_tokens);
  visit("files_affected", spec.files_affected);
  visit("success_criteria", spec.success_criteria);
  visit("estimated_complexity", spec.estimated_complexity);
  visit("orchestration_prompt", spec.orchestration_prompt);
  visit("checkpoint", spec.checkpoint);
  visit("time_limit_ms", spec.time_limit_ms);
  visit("orchestrate", spec.orchestrate);
}

/// core::TaskSpec without its id and subtasks. What `ended()` asks for comes before the long texts.
template <class Spec, class Visit>
void visit_task_spec(Spec& spec, Visit& visit) {
  visit("content_hash", spec.content_hash);
  visit("type", spec.type);
  visit("assigned_to", spec.assigned_to);
  visit("orchestration_required", spec.orchestration_required);
  visit("priority", spec.priority);
  visit("mode", spec.mode);
  visit("files_affected", spec.files_affected);
  visit("depends_on", spec.depends_on);
  visit("playbook", spec.playbook);
  visit("planner", spec.planner);
  visit("time_limit_ms", spec.time_limit_ms);
  visit("max_tokens", spec.max_tokens);
  visit("approval_required", spec.approval_required);
  visit("created_at", spec.created_at);
  visit("source", spec.source);
  visit("parent_task_id", spec.parent_task_id);
  visit("parent_subtask_id", spec.parent_subtask_id);
  visit("title", spec.title);
  visit("success_criteria", spec.success_criteria);
  visit("checkpoint", spec.checkpoint);
  visit("description", spec.description);
  visit("context", spec.context);
  visit("metadata", spec.metadata);
}

template <class Check, class Visit>
void visit_check(Check& check, Visit& visit) {
  visit("check_passed", check.passed);
  visit("check_reason", check.reason);
  visit("check_message", check.message);
  visit("check_command", check.command);
  visit("check_exit_code", check.exit_code);
  visit("check_output", check.output);
  visit("check_took_ms", check.took_ms);
  visit("check_at", check.at);
}

/// What changes in a core::Subtask.
template <class Subtask, class Visit>
void visit_subtask(Subtask& subtask, Visit& visit) {
  visit("given_id", subtask.given_id);
  visit("stage", subtask.stage);
  visit("order_in_stage", subtask.order);
  visit("status", subtask.status);
  visit("attempt", subtask.attempt);
  visit("epoch", subtask.epoch);
  visit("tries", subtask.tries);
  visit("spent_tokens", subtask.spent_tokens);
  visit("worked_ms", subtask.worked_ms);
  visit("created_at", subtask.created_at);
  visit("ready_at", subtask.ready_at);
  visit("handed_off_at", subtask.handed_off_at);
  visit("claimed_at", subtask.claimed_at);
  visit("claimed_mono", subtask.claimed_mono);
  visit("started_at", subtask.started_at);
  visit("completed_at", subtask.completed_at);
  visit("claimed_how", subtask.claimed_how);
  visit("worker_id", subtask.worker_id);
  visit("undelivered", subtask.undelivered);
  visit("refused", subtask.refused);
  visit("verified", subtask.verified);
  visit_check(subtask.check, visit);
  visit("summary", subtask.outcome.summary);
  visit("artifacts", subtask.outcome.artifacts);
  visit("files_modified", subtask.outcome.files_modified);
  visit("tokens_used", subtask.outcome.tokens_used);
  visit("data", subtask.outcome.data);
  visit("worktree", subtask.outcome.worktree);
  visit("error", subtask.error);
  visit("failure_class", subtask.failure_class);
  visit("failure_cause", subtask.failure_cause);
  visit("evidence", subtask.evidence);
  visit("retry_count", subtask.retry_count);
  visit("retry_reason", subtask.retry_reason);
  visit("retry_modifications", subtask.retry_modifications);
  visit("retry_at", subtask.retry_at);
  visit("same_attempt", subtask.same_attempt);
  visit("splitting", subtask.splitting);
  visit("split_of", subtask.split_of);
  visit("skip_reason", subtask.skip_reason);
  visit("child_task", subtask.child_task);
  visit("program_checks", subtask.program_checks);
  visit("conflicts", subtask.conflicts);
}

/// core::MasterRecord without its name.
template <class Record, class Visit>
void visit_master(Record& record, Visit& visit) {
  visit("breaker", record.breaker);
  visit("failures", record.failures);
  visit("parkings", record.parkings);
  visit("first_failure_at", record.first_failure_at);
  visit("open_until", record.open_until);
  visit("parked_until", record.parked_until);
  visit("parked_reason", record.parked_reason);
  visit("paused", record.paused);
  visit("on_trial", record.on_trial);
}

template <class Record, class Visit>
void visit_worker(Record& record, Visit& visit) {
  visit("task_id", record.task_id);
  visit("worker_id", record.worker_id);
  visit("epoch", record.epoch);
  visit("host", record.host);
  visit("boot_id", record.boot_id);
  visit("first_seen", record.first_seen);
  visit("pid", record.pid);
  visit("start_ticks", record.start_ticks);
  visit("uid", record.uid);
  visit("spared", record.spared);
}

/// What changes in a core::Task, its plan included: a planner command may bring it long after the task was taken.
template <class Task, class Visit>
void visit_task(Task& task, Visit& visit) {
  visit("status", task.status);
  visit("simple", task.simple);
  visit("planned", task.planned);
  visit("planner", task.planner);
  visit("planner_name", task.planner_name);
  visit("score", task.analysis.score);
  visit("complex", task.analysis.complex);
  visit("complexity", task.analysis.complexity);
  visit("domains", task.analysis.domains);
  visit("masters", task.analysis.masters);
  visit("reasons", task.analysis.reasons);
  visit("critical_path_minutes", task.estimate.critical_path_minutes);
  visit("total_minutes", task.estimate.total_minutes);
  visit("tokens", task.estimate.tokens);
  visit("workers", task.estimate.workers);
  visit("parallelization_possible", task.estimate.parallelization_possible);
  visit("estimate_masters", task.estimate.masters);
  visit("bottlenecks", task.estimate.bottlenecks);
  visit("conflicts", task.conflicts);
  visit("awaits", task.awaits);
  visit("approved", task.approved);
  visit("paused", task.paused);
  visit("created_at", task.created_at);
  visit("started_at", task.started_at);
  visit("updated_at", task.updated_at);
  visit("completed_at", task.completed_at);
  visit("blocked_at", task.blocked_at);
  visit("blocking_subtask", task.blocking_subtask);
  visit("lost", task.lost);
  visit("program_checks", task.program_checks);
  visit("waived", task.waived);
  visit("failure_reason", task.failure_reason);
  visit("validating", task.validating);
  visit_check(task.check, visit);
}

}  // namespace baton::store
