#include "core/child_task.h"

#include <algorithm>
#include <set>

#include "base/ids.h"
#include "base/text.h"

namespace baton::core {
namespace {

constexpr std::size_t k_named = 5;         // subtasks in a sentence
constexpr std::size_t k_line_bytes = 500;  // of one subtask in the summary; its own document has all of it
constexpr std::size_t k_summary_bytes = 4'000;

void add_new(std::vector<std::string>& all, std::set<std::string>& seen, const std::vector<std::string>& more) {
  for (const std::string& item : more)
    if (seen.insert(item).second) all.push_back(item);
}

/// "3 of 4 subtasks were completed, 1 skipped."
std::string counted(const Task& child) {
  int completed = 0;
  int skipped = 0;
  for (const Subtask& each : child.subtasks) {
    completed += each.status == SubtaskStatus::completed;
    skipped += each.status == SubtaskStatus::skipped;
  }
  const std::string all = std::to_string(completed + skipped);
  return child.spec.id + ": " + std::to_string(completed) + " of " + all + " subtasks completed" +
         (skipped > 0 ? ", " + std::to_string(skipped) + " skipped" : "") + ".";
}

std::string line_of(const Subtask& subtask) {
  const std::string said =
      subtask.status == SubtaskStatus::skipped ? "skipped: " + subtask.skip_reason : std::string(subtask.outcome.summary);
  return "\n- " + text::ellipsis(text::printable(subtask.spec.title + (said.empty() ? "" : ": " + said)), k_line_bytes);
}

std::string summary_of(const Task& child) {
  std::string summary = counted(child);
  int left_out = 0;
  for (const Subtask& each : child.subtasks) {
    if (each.status != SubtaskStatus::completed && each.status != SubtaskStatus::skipped) continue;
    const std::string line = line_of(each);
    if (left_out > 0 || summary.size() + line.size() > k_summary_bytes)
      ++left_out;
    else
      summary += line;
  }
  if (left_out > 0) summary += "\n- and " + std::to_string(left_out) + " more: see its report";
  return summary;
}

}  // namespace

std::string child_id(const std::string& subtask_id, int number) {
  return fit_task_id(subtask_id + ".task" + (number == 1 ? "" : "-" + std::to_string(number)));
}

TaskSpec child_spec(const Task& parent, const Subtask& subtask) {
  const SubtaskSpec& asked = subtask.spec;
  TaskSpec spec;
  spec.title = asked.title;
  spec.description = asked.description;
  if (!asked.orchestration_prompt.empty())
    spec.description += (spec.description.empty() ? "" : "\n\n") + asked.orchestration_prompt;
  spec.success_criteria = asked.success_criteria;
  spec.checkpoint = asked.checkpoint;
  spec.files_affected = asked.files_affected;
  spec.time_limit_ms = asked.time_limit_ms;
  spec.orchestration_required = true;
  spec.priority = parent.spec.priority;
  spec.context = parent.spec.context;
  spec.metadata = parent.spec.metadata;
  spec.max_tokens = parent.spec.max_tokens;
  // Who may be asked for plans was said for all of it; subtasks that were brought along and playbooks were for the whole.
  if (parent.spec.planner == "command" || parent.spec.planner == "rules") spec.planner = parent.spec.planner;
  spec.source = Source::subtask;
  spec.parent_task_id = parent.spec.id;
  spec.parent_subtask_id = asked.id;
  return spec;
}

std::string hand_out_all(Plan& plan) {
  std::vector<std::string> ids;
  for (PlannedSubtask& planned : plan.subtasks) {
    if (!planned.spec.orchestrate) continue;
    planned.spec.orchestrate = false;
    ids.push_back(planned.spec.id);
  }
  if (ids.empty()) return "";
  const std::size_t more = ids.size() - std::min(ids.size(), k_named);
  ids.resize(ids.size() - more);
  return "orchestrate of " + text::join(ids, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "") +
         " has no effect: child tasks nest up to " + std::to_string(k_max_levels) + " levels";
}

Outcome outcome_of(const Task& child) {
  Outcome outcome;
  outcome.summary = summary_of(child);
  std::set<std::string> artifacts;
  std::set<std::string> files;
  for (const Subtask& each : child.subtasks) {
    outcome.tokens_used += each.spent_tokens;
    add_new(outcome.artifacts, artifacts, each.outcome.artifacts);
    add_new(outcome.files_modified, files, each.outcome.files_modified);
  }
  return outcome;
}

CheckResult last_check_of(const Task& child) {
  const CheckResult* last = &child.check;
  if (last->at == 0) return {};
  for (const Subtask& each : child.subtasks)
    if (each.spec.checkpoint == child.spec.checkpoint && each.check.at > last->at) last = &each.check;
  return *last;
}

std::string let_pass_of(const Task& child) {
  std::vector<std::string> reasons;
  for (const Subtask& each : child.subtasks)
    if (each.status == SubtaskStatus::skipped && each.spec.checkpoint == child.spec.checkpoint && is_fix(each))
      reasons.push_back(each.skip_reason);
  return text::join(reasons, "; ");
}

std::string failure_of(const Task& child) {
  return "its child task " + child.spec.id + " ended as " + std::string(name(child.status)) +
         (child.failure_reason.empty() ? "" : ": " + child.failure_reason);
}

}  // namespace baton::core
