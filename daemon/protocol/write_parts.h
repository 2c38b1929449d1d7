// What several documents of the daemon have in common. Private to the writers.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model.h"
#include "core/orchestrator.h"
#include "protocol/json_write.h"
#include "protocol/writers.h"

namespace baton::protocol {

/// The title, or the first line of the description where there is none.
std::string title_of(const core::TaskSpec& spec);

/// "90-120 minutes": critical path to sum; "15 minutes" when both are the same.
std::string duration_estimate(const core::Estimate& estimate);
/// estimated_remaining and eta of a task that is under way.
void remaining_members(JsonWriter& out, const core::Task& task);

/// Ids of the subtasks that `wanted` is true for, in the order of the plan.
std::vector<std::string> ids_where(const core::Task& task, const std::function<bool(const core::Subtask&)>& wanted);

/// The members of a subtask, as its own document and the plan have them. REQUIRES: an object is open.
void subtask_members(JsonWriter& out, const core::Subtask& subtask, const Standing& standing);

/// {summary, artifacts, files_modified, tokens_used, data}
void outcome_object(JsonWriter& out, std::string_view name, const core::Outcome& outcome);

/// success_criteria, checkpoint and time_limit of a task as a whole, those that there are.
void wish_members(JsonWriter& out, const core::TaskSpec& spec);

/// {passed, reason, message, command, exit_code, output, took_ms, ended_at}. Nothing when none was run.
void check_object(JsonWriter& out, std::string_view name, const core::CheckResult& check);

/// Of a child task: whose subtask it does, and which.
void parent_members(JsonWriter& out, const core::TaskSpec& spec);
/// The child task of a subtask, and its report.
void child_members(JsonWriter& out, const core::Subtask& subtask);

/// What the completed dependencies of a subtask delivered, bounded.
void upstream_results(JsonWriter& out, const core::Task& task, const core::Subtask& subtask);

/// {score, complex, domains, reasons}
void analysis_object(JsonWriter& out, const core::Analysis& analysis);

/// Those that a person has to decide about.
std::vector<std::string> failed_ids(const core::Task& task);

/// What blocks this task, in a sentence for a person.
std::string escalation_sentence(const core::Task& task);

}  // namespace baton::protocol
