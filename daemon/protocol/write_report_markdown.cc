#include <string>

#include "base/text.h"
#include "base/time.h"
#include "protocol/checkpoint.h"
#include "protocol/markdown.h"
#include "protocol/paths.h"
#include "protocol/redact.h"
#include "protocol/report_facts.h"
#include "protocol/write_parts.h"
#include "protocol/writers.h"

namespace baton::protocol {
namespace {

using core::Subtask;
using core::SubtaskStatus;
using core::Task;

constexpr std::size_t k_max_listed = 500;        // lines of one list
constexpr std::size_t k_max_quoted = 64 * 1024;  // bytes of one text; the JSON report has all of it
constexpr std::int64_t k_second = 1'000;
constexpr std::int64_t k_minute = 60 * k_second;

// As a person says it: "8 s", "12 min", "1 h 5 min".
std::string spoken(std::int64_t ms) {
  if (ms < k_minute) return std::to_string((ms + k_second / 2) / k_second) + " s";
  const std::int64_t minutes = (ms + k_minute / 2) / k_minute;
  if (minutes < 60) return std::to_string(minutes) + " min";
  const std::int64_t rest = minutes % 60;
  return std::to_string(minutes / 60) + " h" + (rest == 0 ? "" : " " + std::to_string(rest) + " min");
}

std::string thousands(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3;) text.insert(at -= 3, 1, ',');
  return text;
}

// What others wrote, as far as it may be shown.
std::string line(std::string_view text) { return markdown::line(redacted(text)); }
std::string code(std::string_view text) { return markdown::code(redacted(text)); }
std::string quoted(std::string_view text) { return markdown::quote(text::ellipsis(redacted(text), k_max_quoted)); }

void list_of_files(std::string& out, std::string_view heading, const std::vector<std::string>& files) {
  if (files.empty()) return;
  out += "\n## " + std::string(heading) + "\n\n";
  for (std::size_t i = 0; i < files.size() && i < k_max_listed; ++i) out += "- " + code(files[i]) + "\n";
  if (files.size() > k_max_listed) out += "- and " + std::to_string(files.size() - k_max_listed) + " more\n";
}

void heading(std::string& out, const Task& task, const ReportFacts& facts) {
  out += "# " + line(title_of(task.spec)) + "\n\n";
  out += "**" + std::string(core::name(task.status)) + "**";
  if (task.completed_at != 0) out += " on " + format_utc(task.completed_at);
  out += " · task " + code(task.spec.id) + " · priority " + std::string(core::name(task.spec.priority));
  if (!task.planner_name.empty()) out += " · playbook " + line(task.planner_name);
  if (core::is_child(task)) out += " · does " + code(task.spec.parent_subtask_id) + " of " + code(task.spec.parent_task_id);
  out += "\n\n" + line(report_summary(task, facts)) + "\n";
  if (!task.waived.empty()) out += "\nA person let it go on, although it " + line(task.waived) + "\n";
}

void asked(std::string& out, const Task& task) {
  out += "\n## What was asked\n\n";
  const std::string text = quoted(task.spec.description);
  out += text.empty() ? quoted(task.spec.title) : text;
  if (!task.spec.success_criteria.empty()) out += "\nDone when:\n\n" + quoted(task.spec.success_criteria);
  if (!task.spec.checkpoint.empty())
    out += (task.check.at != 0 || (task.simple && task.subtasks.size() == 1 && task.subtasks.front().check.at != 0)
                ? "\nGood when:\n\n"
                : "\nGood when (nobody but the masters looked):\n\n") +
           quoted(checkpoint_in_words(task.spec.checkpoint));
  if (task.spec.time_limit_ms > 0) out += "\nTime allowed: " + spoken(task.spec.time_limit_ms) + "\n";
}

void figures(std::string& out, const Task& task, const ReportFacts& facts) {
  const auto row = [&](std::string_view what, const std::string& estimated, const std::string& actual) {
    out += "| " + std::string(what) + " | " + estimated + " | " + actual + " |\n";
  };
  out += "\n## Figures\n\n| | estimated | actual |\n|---|---|---|\n";
  row("time from first handoff to the end", duration_estimate(task.estimate), spoken(facts.elapsed_ms));
  row("time worked", std::to_string(task.estimate.total_minutes) + " min", spoken(facts.worked_ms));
  row("tokens", thousands(task.estimate.tokens), thousands(facts.tokens_used));
  row("subtasks", std::to_string(facts.subtasks),
      std::to_string(facts.completed) + " completed, " + std::to_string(facts.skipped) + " skipped");
  row("attempts", std::to_string(facts.subtasks), std::to_string(facts.attempts));
}

// One line of what there is to know: "development, planner · completed · 1 attempt · 3 min (estimated 15 min) · 4,100 tokens".
std::string facts_line(const Subtask& subtask) {
  std::string text = line(subtask.spec.assigned_to) + ", " + line(subtask.spec.worker_type) + " · " +
                     std::string(core::name(subtask.status)) + " · " + std::to_string(subtask.tries) +
                     (subtask.tries == 1 ? " attempt" : " attempts");
  if (subtask.worked_ms > 0) text += " · " + spoken(subtask.worked_ms);
  if (subtask.spec.estimated_minutes > 0) text += " (estimated " + std::to_string(subtask.spec.estimated_minutes) + " min)";
  if (subtask.spent_tokens > 0) text += " · " + thousands(subtask.spent_tokens) + " tokens";
  if (!subtask.worker_id.empty()) text += " · worker " + code(subtask.worker_id);
  if (!subtask.child_task.empty())
    text += " · done by task " + code(subtask.child_task) + ", see " + code(paths::report_md(subtask.child_task));
  if (subtask.status == SubtaskStatus::completed && subtask.verified == false)
    text += core::is_fix(subtask) ? " · its check did not pass, and a person let it pass" : " · not verified by a program";
  return text + "\n";
}

void labelled_files(std::string& out, std::string_view label, const std::vector<std::string>& files) {
  for (std::size_t i = 0; i < files.size() && i < k_max_listed; ++i)
    out += "- " + std::string(label) + " " + code(files[i]) + "\n";
  if (files.size() > k_max_listed)
    out += "- " + std::string(label) + " " + std::to_string(files.size() - k_max_listed) + " more\n";
}

/// What was run, and of a failure what it printed.
void check_section(std::string& out, const core::CheckResult& check) {
  if (check.at == 0) return;
  out += "\nChecked with " + code(text::join(check.command, " ")) + ": ";
  out += check.passed ? "passed, " + spoken(check.took_ms) + "\n" : "did not pass: " + line(check.message) + "\n";
  if (const std::string text = quoted(check.output); !check.passed && !text.empty()) out += "\n" + text;
}

void subtask_section(std::string& out, const Subtask& subtask) {
  out += "\n### " + code(subtask.spec.id) + " " + line(subtask.spec.title) + "\n\n" + facts_line(subtask);
  if (const std::string text = quoted(subtask.outcome.summary); !text.empty()) out += "\n" + text;
  check_section(out, subtask.check);
  if (!subtask.error.empty()) out += "\nIts last failure:\n\n" + quoted(subtask.error);
  if (subtask.status == SubtaskStatus::skipped) {
    const std::string reason = quoted(subtask.skip_reason);
    out += reason.empty() ? "\nSkipped; no reason was given.\n" : "\nSkipped, because:\n\n" + reason;
  }
  if (subtask.status == SubtaskStatus::completed && !subtask.skip_reason.empty())
    out += "\nLet pass, because:\n\n" + quoted(subtask.skip_reason);
  if (!subtask.outcome.artifacts.empty() || !subtask.outcome.files_modified.empty()) out += "\n";
  labelled_files(out, "artifact", subtask.outcome.artifacts);
  labelled_files(out, "changed", subtask.outcome.files_modified);
}

}  // namespace

std::string write_report_markdown(const Task& task) {
  const ReportFacts facts = report_facts(task);
  std::string out;
  out.reserve(2048);
  heading(out, task, facts);
  asked(out, task);
  figures(out, task, facts);
  if (!task.subtasks.empty()) out += "\n## What was delivered\n";
  for (const Subtask& subtask : task.subtasks) subtask_section(out, subtask);
  if (task.check.at != 0) out += "\n### The final validation\n";
  check_section(out, task.check);
  if (task.simple) return out;
  list_of_files(out, "Artifacts", facts.artifacts);
  list_of_files(out, "Files changed", facts.files_modified);
  return out;
}

}  // namespace baton::protocol
