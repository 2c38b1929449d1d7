// The seed's example task with its six subtasks in five stages, half done: what the tests of the writers start from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/model.h"

namespace sample {

inline constexpr std::int64_t k_created = 1'762'365'600'000;  // 2025-11-05T18:00:00Z
inline constexpr std::int64_t k_minute = 60'000;

inline baton::core::Subtask subtask(std::string id, std::string master, std::string type, int stage,
                                    std::vector<std::string> dependencies) {
  baton::core::Subtask record;
  record.spec.id = std::move(id);
  record.spec.title = "Title of " + record.spec.id;
  record.spec.description = "Description of " + record.spec.id;
  record.spec.assigned_to = std::move(master);
  record.spec.worker_type = std::move(type);
  record.spec.dependencies = std::move(dependencies);
  record.spec.estimated_minutes = 15;
  record.spec.estimated_tokens = 5000;
  record.spec.success_criteria = "It works";
  record.task_id = "task-1";
  record.stage = stage;
  record.created_at = k_created;
  return record;
}

inline void complete(baton::core::Subtask& record) {
  record.status = baton::core::SubtaskStatus::completed;
  record.attempt = record.tries = 1;
  record.epoch = 1;
  record.handed_off_at = k_created + k_minute;
  record.claimed_at = k_created + 2 * k_minute;
  record.completed_at = k_created + 12 * k_minute;
  record.worker_id = "dev-worker-1";
  record.outcome.summary = "Did " + record.spec.id;
  record.outcome.artifacts = {"docs/" + record.spec.id + ".md"};
  record.outcome.files_modified = {"src/shared.js", "src/" + record.spec.id + ".js"};
  record.outcome.tokens_used = record.spent_tokens = 1200;
  record.worked_ms = 10 * k_minute;
}

inline baton::core::Task task() {
  using namespace baton::core;
  Task task;
  task.spec.id = "task-1";
  task.spec.title = "Add authentication system with security audit";
  task.spec.description = "Users log in.\n\n# Not a heading of the report\nKeep sessions.";
  task.spec.priority = Priority::high;
  task.spec.context = R"({"repository": "x", "size": 1.50})";
  task.status = PlanStatus::in_progress;
  task.simple = false;
  task.planned = true;
  task.planner = PlannerKind::playbook;
  task.planner_name = "authentication";
  task.analysis = {7, true, Complexity::high, {"development", "security"}, {"development", "security"}, {"2 domains (+3)"}};
  task.estimate = {90, 120, 75'000, 8, true, {"development", "security"}, {"stage 4: auth-005-security waits for all"}};
  task.subtasks = {subtask("auth-001-design", "development", "planner", 1, {}),
                   subtask("auth-002-backend", "development", "implementation", 2, {"auth-001-design"}),
                   subtask("auth-003-frontend", "development", "implementation", 2, {"auth-001-design"}),
                   subtask("auth-004-tests", "development", "test", 3, {"auth-002-backend", "auth-003-frontend"}),
                   subtask("auth-005-security", "security", "audit", 4, {"auth-004-tests"}),
                   subtask("auth-006-docs", "development", "documentation", 5, {"auth-005-security"})};
  complete(task.subtasks[0]);
  for (std::size_t i : {1U, 2U}) {
    task.subtasks[i].status = SubtaskStatus::handed_off;
    task.subtasks[i].attempt = task.subtasks[i].tries = task.subtasks[i].epoch = 1;
    task.subtasks[i].handed_off_at = k_created + 13 * k_minute;
  }
  task.created_at = k_created;
  task.started_at = k_created + k_minute;
  task.updated_at = k_created + 13 * k_minute;
  return task;
}

inline baton::core::Task completed_task() {
  baton::core::Task task = sample::task();
  for (auto& record : task.subtasks) complete(record);
  task.status = baton::core::PlanStatus::completed;
  task.completed_at = k_created + 75 * k_minute;
  return task;
}

inline baton::core::Task simple_task() {
  baton::core::Task task = sample::task();
  task.simple = true;
  task.planner = baton::core::PlannerKind::routed;
  task.planner_name.clear();
  task.estimate = {15, 15, 5000, 1, false, {"development"}, {}};
  task.subtasks = {subtask("task-1", "development", "implementation", 1, {})};
  task.subtasks[0].attempt = task.subtasks[0].tries = task.subtasks[0].epoch = 1;
  return task;
}

}  // namespace sample
