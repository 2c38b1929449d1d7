#include "protocol/report_facts.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace baton::protocol {
namespace {

using core::Subtask;
using core::SubtaskStatus;

class Collected {
 public:
  void add(const std::vector<std::string>& more) {
    for (const std::string& item : more) {
      if (seen_.insert(item).second) list_.push_back(item);
    }
  }
  std::vector<std::string> take() { return std::move(list_); }

 private:
  std::set<std::string_view> seen_;  // into the task, which outlives this
  std::vector<std::string> list_;
};

std::string count_of(int number, std::string_view thing) {
  return std::to_string(number) + " " + std::string(thing) + (number == 1 ? "" : "s");
}

bool is_unverified(const Subtask& subtask) { return subtask.status == SubtaskStatus::completed && subtask.verified == false; }

/// "a (the tests are flaky), b"
std::string let_pass(const core::Task& task) {
  std::string text;
  for (const Subtask& subtask : task.subtasks)
    if (is_unverified(subtask) && core::is_fix(subtask))
      text +=
          (text.empty() ? "" : ", ") + subtask.spec.id + (subtask.skip_reason.empty() ? "" : " (" + subtask.skip_reason + ")");
  return text;
}

void count(ReportFacts& facts, const Subtask& subtask) {
  facts.attempts += subtask.tries;
  facts.tokens_used += subtask.spent_tokens;
  facts.worked_ms += subtask.worked_ms;
  if (subtask.status == SubtaskStatus::superseded) return;
  ++facts.subtasks;
  if (subtask.status == SubtaskStatus::completed) ++facts.completed;
  if (subtask.status == SubtaskStatus::skipped) ++facts.skipped;
  if (subtask.status == SubtaskStatus::failed || subtask.status == SubtaskStatus::zombie) ++facts.failed;
}

std::string counted(const ReportFacts& facts) {
  if (facts.subtasks == 0) return "No plan was made.";
  if (facts.completed == facts.subtasks) {
    return facts.subtasks == 1 ? "The work was completed." : "All " + count_of(facts.subtasks, "subtask") + " were completed.";
  }
  std::string text = std::to_string(facts.completed) + " of " + count_of(facts.subtasks, "subtask") + " completed";
  if (facts.skipped > 0) text += ", " + std::to_string(facts.skipped) + " skipped";
  if (facts.failed > 0) text += ", " + std::to_string(facts.failed) + " failed";
  return text + ".";
}

}  // namespace

ReportFacts report_facts(const core::Task& task) {
  ReportFacts facts;
  Collected artifacts, files;
  for (const Subtask& subtask : task.subtasks) {
    count(facts, subtask);
    artifacts.add(subtask.outcome.artifacts);
    files.add(subtask.outcome.files_modified);
  }
  facts.artifacts = artifacts.take();
  facts.files_modified = files.take();
  if (task.started_at != 0 && task.completed_at != 0)
    facts.elapsed_ms = std::max<std::int64_t>(0, task.completed_at - task.started_at);
  return facts;
}

std::string report_summary(const core::Task& task, const ReportFacts& facts) {
  std::string text = counted(facts);
  const auto unverified = std::ranges::count_if(
      task.subtasks, [](const Subtask& subtask) { return is_unverified(subtask) && !core::is_fix(subtask); });
  if (unverified > 0) text += " Completed while no program ran the check that was asked for: " + std::to_string(unverified) + ".";
  if (const std::string passed = let_pass(task); !passed.empty())
    text += " Completed although the check did not pass, which a person let pass: " + passed + ".";
  if (!task.failure_reason.empty() && task.status != core::PlanStatus::completed) text += " " + task.failure_reason;
  return text;
}

}  // namespace baton::protocol
